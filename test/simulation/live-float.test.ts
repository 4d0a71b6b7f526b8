import { describe, expect, test } from '@jest/globals';
import { bookFloat, type FloatBooked, type FloatDirection } from '../../src/app/manual-entries/float-entry.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { CODES, PARTS } from './support/day-harness.js';
import { BOTH_WAYS } from './support/days.js';
import { type LiveHarness, liveHome } from './support/live-harness.js';

/** A float change by another process, as a worker of the running bot books it. */
async function adjust(live: LiveHarness, direction: FloatDirection, amount: string): Promise<FloatBooked> {
  const clock = { now: () => live.home.now() };
  const state = new EngineState(CODES);
  await foldJournal(live.journal, state);
  const identity = composeBotIdentity(PARTS);
  const appender = new EngineAppender({ journal: live.journal, clock, identity, actor: 'system:worker', state });
  const request = { direction, amount, reason: 'by hand', requestId: `${direction}-${amount.replace('.', '-')}` };
  return bookFloat({ state, appender, journal: live.journal, clock }, request, 'user:accountant');
}

/** A session with float changes at their times, each asked for twice. */
async function sessionWith(changes: Readonly<Record<string, readonly [FloatDirection, string]>>): Promise<LiveHarness> {
  const live = liveHome({ settings: BOTH_WAYS });
  const life = await live.start();
  for (const [clock, [direction, amount]] of Object.entries(changes)) {
    life.pacer.plan(live.at(clock), async () => {
      const booked = await adjust(live, direction, amount);
      expect(booked).toMatchObject({ countsFrom: 'next session', repeated: false });
      expect(await adjust(live, direction, amount)).toEqual({ ...booked, repeated: true });
      life.session.followed();
    });
  }
  await life.session.run();
  return live;
}

async function traded(live: LiveHarness): Promise<readonly string[]> {
  const orders = await live.eventsOf('OrderIntended');
  return orders.map(({ occurredAt, data }) => `${occurredAt} ${data.symbol} ${data.side} ${data.quantity}`);
}

describe('the float changes while a session is open and holds positions (ACC-30)', () => {
  test('an injection moves no order, no loss limit and no comparison of that session', async () => {
    const plain = await sessionWith({});
    const live = await sessionWith({ '15:00:10.500': ['inject', '50000.00'], '16:30:10.500': ['inject', '0.01'] });
    expect(await live.eventsOf('FloatAdjusted')).toHaveLength(3);
    expect((await traded(plain)).length).toBeGreaterThan(0);
    expect(await traded(live)).toEqual(await traded(plain));
    for (const type of [
      'KillSwitchTripped',
      'RiskLimitBreached',
      'BooksMismatchFound',
      'ReconciliationMismatchFound',
    ] as const) {
      expect([type, await live.eventsOf(type)]).toEqual([type, []]);
    }
    expect((await live.eventsOf('ReconciliationCompleted')).length).toBeGreaterThan(0);
  });

  test('a return is no loss of the day: the kill switch stays armed, and open positions are closed by their rules', async () => {
    const live = await sessionWith({ '15:00:10.500': ['return', '90000.00'] });
    expect(await live.eventsOf('KillSwitchTripped')).toEqual([]);
    expect(await live.eventsOf('ReconciliationMismatchFound')).toEqual([]);
    expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).not.toContain('kill');
    expect((await live.eventsOf('PositionClosed')).length).toBe((await live.eventsOf('PositionOpened')).length);
  });
});
