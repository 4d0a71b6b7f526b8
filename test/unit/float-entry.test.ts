import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { bookFloat, type FloatBooked } from '../../src/app/manual-entries/float-entry.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import type { SessionRun } from '../../src/domain/session/session-run.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { parseUtcText } from '../../src/kernel/time.js';
import { TEST_PARTS } from '../support/provision.js';
import { CODES } from './support/fills.js';

const CLOSES_AT = '2024-03-01T21:00:00.000Z';

/** An injection at `now`, after a session of 1 March 2024. */
async function injectedAt(now: string, session: { readonly closed: boolean }): Promise<FloatBooked> {
  const clock = new VirtualClock(parseUtcText(now));
  const state = new EngineState(CODES);
  const journal = new MemoryJournal({ clock });
  const appender = new EngineAppender({
    ...{ journal, clock, state },
    ...{ identity: composeBotIdentity(TEST_PARTS), actor: 'system:engine' },
  });
  const opened = { date: '2024-03-01', closesAt: CLOSES_AT };
  state.session = { opened, closed: session.closed ? {} : undefined } as unknown as SessionRun;
  const request = { direction: 'inject', amount: '500.00', reason: 'more capital', requestId: 'request-1' } as const;
  return bookFloat({ state, appender, journal, clock }, request, 'user:local');
}

describe('a float change says from when it counts', () => {
  test.each([
    ['in a session', '2024-03-01T16:00:00.000Z', false, 'next session'],
    ['on the weekend after it', '2024-03-02T12:00:00.000Z', true, 'now'],
    ['after the hours of a session whose process died', '2024-03-01T22:00:00.000Z', false, 'now'],
  ])('%s', async (_, now, closed, countsFrom) => {
    expect(await injectedAt(now, { closed })).toMatchObject({ amount: '500.00', countsFrom, repeated: false });
  });
});
