import { describe, expect, test } from '@jest/globals';
import { surplusCopies } from '../../src/app/backup/retention.js';
import { epochMs, DAY_MS, parseUtcText, toUtcText } from '../../src/kernel/time.js';

const FIRST = parseUtcText('2013-01-01T21:00:00.000Z');
const copyOf = (day: number) => ({ name: `d${day}`, createdAt: toUtcText(epochMs(FIRST + day * DAY_MS)) });
const days = (count: number) => [...Array(count).keys()].map(copyOf);

/** One backup a day, with surplus backups deleted each time. */
function keptAfter(count: number): readonly string[] {
  let kept: readonly ReturnType<typeof copyOf>[] = [];
  for (const copy of days(count)) {
    const all = [...kept, copy];
    const gone = surplusCopies(all);
    kept = all.filter(({ name }) => !gone.includes(name));
  }
  return kept.map(({ createdAt }) => createdAt.slice(0, 10));
}

describe('which journal backups are deleted (OUT-6)', () => {
  test('none of the first seven days', () => {
    expect(surplusCopies(days(7))).toEqual([]);
    expect(surplusCopies([])).toEqual([]);
  });

  test('after a year: seven days, the last of four weeks and the last of twelve months remain', () => {
    expect(keptAfter(365)).toEqual([
      ...['2013-01-31', '2013-02-28', '2013-03-31', '2013-04-30', '2013-05-31', '2013-06-30', '2013-07-31'],
      ...['2013-08-31', '2013-09-30', '2013-10-31', '2013-11-30', '2013-12-15', '2013-12-22'],
      ...['2013-12-25', '2013-12-26', '2013-12-27', '2013-12-28', '2013-12-29', '2013-12-30', '2013-12-31'],
    ]);
  });

  test('only the last of a day remains, and the newest of all always remains', () => {
    const twice = [copyOf(0), { name: 'later', createdAt: toUtcText(epochMs(FIRST + 1_000)) }];
    expect(surplusCopies(twice)).toEqual(['d0']);
    expect(surplusCopies([copyOf(5)])).toEqual([]);
  });
});
