import { expect, test } from '@jest/globals';
import { compareSessions } from '../../../src/app/web-queries/compare-sessions.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { parseDateText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';
import { recorded } from '../support/events.js';

/** Whatever a report of a session reads of an event. */
const DATA = {
  ...{ strategy: 'open', symbol: 'SPY', code: 'A_CODE', figures: {}, reason: 'a test', clientOrderId: 'B01-1' },
  ...{ purpose: 'exit', candidates: [], screenedOut: [], grossPnl: '1.00', netPnl: '1.00', fees: '0.00' },
};

/** A journal whose session of each date has these types, one event each. */
function journalOf(sessions: Readonly<Record<string, readonly string[]>>): Pick<Journal, 'readAll' | 'readStream'> {
  const opens = (date: string): object => ({ date, opensAt: `${date}T14:30:00.000Z` });
  const events = Object.entries(sessions).flatMap(([date, types], day) =>
    ['SessionOpened', ...types].map((type, at): RecordedEvent => {
      const placed = { at: `${date}T14:30:00.000Z`, position: day * 100 + at + 1 };
      const event = recorded('StrategySkipped', { strategy: 'open', code: 'A_CODE', figures: {} } as never, placed);
      return { ...event, type, data: at === 0 ? opens(date) : DATA } as unknown as RecordedEvent;
    }),
  );
  const isOf = (stream: string) => (event: RecordedEvent) =>
    event.type === 'SessionOpened' && stream.endsWith(event.data.date);
  return {
    readStream: (stream) => Promise.resolve(events.filter(isOf(stream))),
    readAll: ({ after } = {}) => Promise.resolve(events.filter(({ position }) => position > (after ?? ''))),
  };
}

const dates = { a: parseDateText('2026-01-05'), b: parseDateText('2026-01-06') };

test.each([
  ...['StrategyStarted', 'StrategySkipped', 'StrategyFailed', 'CandidatesRanked', 'CandidateRejected'],
  ...['SignalTriggered', 'EnhancementBlocked', 'TradeBlocked', 'OrderIntended', 'OrderFilled', 'OrderRejected'],
  ...['OrderCancelled', 'OrderExpired', 'PositionOpened', 'PositionClosed'],
  ...['RiskLimitBreached', 'KillSwitchTripped', 'DefenseModeEntered'],
])('a session with %s differs from one without', async (type) => {
  const journal = journalOf({ [dates.a]: ['TradeBlocked', type], [dates.b]: ['TradeBlocked'] });
  expect(await compareSessions(journal, dates)).toMatchObject({ equal: 1, first: { a: { type }, b: null } });
});

test('what follows from the market or the machine is no difference', async () => {
  const journal = journalOf({
    [dates.a]: ['TrailingStopMoved', 'ProcessStarted', 'TradeBlocked'],
    [dates.b]: ['TradeBlocked'],
  });
  expect(await compareSessions(journal, dates)).toMatchObject({ equal: 1, first: null });
});
