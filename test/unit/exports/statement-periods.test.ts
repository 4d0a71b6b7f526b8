import { describe, expect, test } from '@jest/globals';
import { positionText } from '../../../src/adapters/journal-common/position.js';
import { daysPeriod, sessionPeriod } from '../../../src/app/exports/statement-periods.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import type { Position, RecordedEvent } from '../../../src/events/event.js';
import { parseDateText, type DateText, type UtcText } from '../../../src/kernel/time.js';
import { CODES } from '../support/fills.js';

const date = (text: string): DateText => parseDateText(text);

interface Entry {
  readonly position: Position;
  readonly occurredAt: string;
}

/** Sessions of Friday and Monday; entries in both, after each close, and on both days of the weekend. */
const ENTRIES: readonly Entry[] = [
  { position: positionText(10), occurredAt: '2013-10-11T14:00:00.000Z' },
  { position: positionText(30), occurredAt: '2013-10-11T21:00:00.000Z' },
  { position: positionText(31), occurredAt: '2013-10-12T19:59:00.000Z' },
  { position: positionText(32), occurredAt: '2013-10-13T03:59:59.999Z' },
  { position: positionText(33), occurredAt: '2013-10-13T04:00:00.000Z' },
  { position: positionText(40), occurredAt: '2013-10-14T14:00:00.000Z' },
  { position: positionText(60), occurredAt: '2013-10-14T22:00:00.000Z' },
];

const journal = {
  readAll: ({ after, limit = 1_000 }: { after?: Position; limit?: number } = {}) =>
    Promise.resolve(
      ENTRIES.filter(({ position }) => after === undefined || position > after)
        .slice(0, limit)
        .map((entry) => ({
          ...entry,
          recordedAt: entry.occurredAt.replace(/\d\d\.\d{3}Z$/, '01.000Z'),
        })) as unknown as RecordedEvent[],
    ),
};

function sessions(): EngineState {
  const state = new EngineState(CODES);
  state.sessionEnds.set(date('2013-10-11'), {
    closesAt: '2013-10-11T20:00:00.000Z' as UtcText,
    position: positionText(20),
  });
  state.sessionEnds.set(date('2013-10-14'), {
    closesAt: '2013-10-14T20:00:00.000Z' as UtcText,
    position: positionText(50),
  });
  state.lastPosition = positionText(70);
  return state;
}

describe('the statement of a session', () => {
  test('the first begins with the books, at the close of the trading day before', () => {
    expect(sessionPeriod(sessions(), date('2013-10-11'))).toEqual({
      range: { from: '2013-10-10T20:00:00.000Z', to: '2013-10-11T20:00:00.000Z' },
      entries: { after: null, upTo: positionText(20) },
    });
  });

  test('the next begins where the one before ends, whatever was booked between them', () => {
    expect(sessionPeriod(sessions(), date('2013-10-14'))).toEqual({
      range: { from: '2013-10-11T20:00:00.000Z', to: '2013-10-14T20:00:00.000Z' },
      entries: { after: positionText(20), upTo: positionText(50) },
    });
  });

  test('a date without a session has none', () => {
    expect(() => sessionPeriod(sessions(), date('2013-10-12'))).toThrow(
      expect.objectContaining({ code: 'STATEMENT_OF_NO_SESSION' }),
    );
  });
});

describe('the statement of a range of days', () => {
  const period = (from: string, to: string) => daysPeriod({ journal, state: sessions() }, date(from), date(to));

  test('days follow each other without a gap, from close to close', async () => {
    const days = ['2013-10-11', '2013-10-12', '2013-10-13', '2013-10-14', '2013-10-15'];
    const periods = await Promise.all(days.map((day) => period(day, day)));
    expect(periods.map(({ entries: { after, upTo } }) => [Number(after), Number(upTo)])).toEqual([
      [0, 20],
      [20, 32],
      [32, 33],
      [33, 50],
      [50, 60],
    ]);
    for (const [index, { range }] of periods.entries()) {
      if (index > 0) expect(range.from).toBe(periods[index - 1]?.range.to);
      expect(range.to).toBe(`${days[index] ?? ''}T20:00:00.000Z`);
    }
  });

  test('a longer range is its days together, whatever was booked after it', async () => {
    expect(await period('2013-10-11', '2013-10-14')).toEqual({
      range: { from: '2013-10-10T20:00:00.000Z', to: '2013-10-14T20:00:00.000Z' },
      entries: { after: null, upTo: positionText(50) },
    });
    expect((await period('2013-10-01', '2013-10-31')).entries).toEqual({ after: null, upTo: positionText(60) });
  });

  test('without any session an entry is on the day in New York on which it happened', async () => {
    const state = new EngineState(CODES);
    const alone = async (day: string): Promise<readonly number[]> => {
      const { entries } = await daysPeriod({ journal, state }, date(day), date(day));
      return [Number(entries.after), Number(entries.upTo)];
    };
    expect([await alone('2013-10-11'), await alone('2013-10-12'), await alone('2013-10-14')]).toEqual([
      [0, 30],
      [30, 32],
      [33, 60],
    ]);
  });

  test('in an open session a range ends at the last entry so far, not at a close that has not come', async () => {
    const state = sessions();
    state.sessionEnds.delete(date('2013-10-14'));
    state.session = { opened: { date: date('2013-10-14') }, closed: undefined } as unknown as EngineState['session'];
    const now = await daysPeriod({ journal, state }, date('2013-10-12'), date('2013-10-31'));
    expect(now).toEqual({
      range: { from: '2013-10-11T20:00:00.000Z', to: '2013-10-14T22:00:01.000Z' },
      entries: { after: positionText(20), upTo: positionText(60) },
    });
    // the day before is over and ends as ever
    expect((await daysPeriod({ journal, state }, date('2013-10-11'), date('2013-10-11'))).range.to).toBe(
      '2013-10-11T20:00:00.000Z',
    );
  });

  test('in an open session without an entry a range ends where the session before ended', async () => {
    const state = sessions();
    state.session = { opened: { date: date('2013-10-15') }, closed: undefined } as unknown as EngineState['session'];
    const quiet = { readAll: () => Promise.resolve([]) };
    expect(await daysPeriod({ journal: quiet, state }, date('2013-10-14'), date('2013-10-15'))).toMatchObject({
      range: { to: '2013-10-14T20:00:00.000Z' },
      entries: { upTo: positionText(50) },
    });
  });

  test('a range that ends before the books begin is refused with the way out', async () => {
    await expect(period('2013-09-01', '2013-09-30')).rejects.toMatchObject({ code: 'NO_ENTRIES' });
  });
});
