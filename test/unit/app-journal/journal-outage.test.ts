import { expect, test } from '@jest/globals';
import { JournalOutage } from '../../../src/app/journal/journal-outage.js';
import { journalError } from '../../../src/kernel/errors.js';
import { epochMs } from '../../../src/kernel/time.js';
import { MemorySpool } from '../../support/journal-away.js';

const ANSWER_WITHIN_MS = 3_000;

/** A journal that refuses its first calls, and an outage of it in which nothing is kept: the disk is full. */
function refusing(calls: number): {
  readonly outage: JournalOutage;
  readonly asked: () => number;
  readonly pauses: number[];
} {
  let asked = 0;
  const answer = (): Promise<never[]> => {
    asked += 1;
    if (asked > calls) return Promise.resolve([]);
    return unreachable('the server cannot be reached');
  };
  const pauses: number[] = [];
  const outage = new JournalOutage({
    journal: { append: answer as never, readAll: answer, readStream: answer },
    spool: new MemorySpool(),
    clock: { now: () => epochMs(0) },
    changed: () => undefined,
    time: {
      after: (ms, act) => {
        if (ms >= ANSWER_WITHIN_MS) return () => undefined;
        pauses.push(ms);
        setImmediate(act);
        return () => undefined;
      },
    },
  });
  outage.endsBy(async (end) => {
    await end.bring();
    end.back();
    end.forget();
  });
  return { outage, asked: () => asked, pauses };
}

test('an outage in which nothing is kept ends when the journal answers, with a pause before each attempt', async () => {
  const { outage, asked, pauses } = refusing(6);
  expect(await outage.read<string>(() => unreachable('no answer'))).toBeUndefined();
  expect(outage.away).toMatchObject({ cause: 'no answer' });
  await outage.over();
  expect(asked()).toBe(8);
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 2_000]);
});

function unreachable(message: string): Promise<never> {
  return Promise.reject(journalError('retry', { code: 'JOURNAL_UNREACHABLE', message, remedy: 'Wait.' }));
}
