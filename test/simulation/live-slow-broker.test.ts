import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { BOTH_WAYS } from './support/days.js';
import { LiveHarness, type LiveOptions } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';
import { SlowBroker } from './support/slow-broker.js';

const BY_HAND = ['by hand', 'user:admin'] as const;
/** The second entry of the day, short QRVS at 14:56; the first, long TLRX, is held by then. */
const SECOND = 'TEST_US_SIM_B01-20260106-2';

function home(slow: SlowBroker, options: Partial<LiveOptions> = {}): LiveHarness {
  return new LiveHarness({
    feed: marketOf(1),
    settings: BOTH_WAYS,
    wrapBroker: slow.wrapBroker,
    wrapPacer: slow.wrapPacer,
    ...options,
  });
}

function ticks(count: number): Promise<void> {
  return count === 0
    ? Promise.resolve()
    : new Promise((resolve) => setImmediate(() => void ticks(count - 1).then(resolve)));
}

/** Turns the event loop until the condition holds; false when it never does. */
async function turnsUntil(holds: () => boolean): Promise<boolean> {
  for (let turns = 0; turns < 20_000; turns += 1) {
    if (holds()) return true;
    await ticks(1);
  }
  return false;
}

const submittedAfter = (slow: SlowBroker, time: number): number =>
  slow.calls.filter(({ method, at }) => method === 'submit' && at > time).length;

describe('a kill while the broker does not respond (RUN-16)', () => {
  test('a pending submit does not delay the kill: everything else is closed immediately, and a late response is processed', async () => {
    const slow = new SlowBroker();
    const live = home(slow);
    const life = await live.start();
    slow.slowFor((method, id) => method === 'submit' && id === SECOND);
    let killedAt = 0;
    let closedBeforeAnswer = false;
    slow.onSlow = () => {
      killedAt = performance.now();
      void life.session.kill(...BY_HAND);
      // the answer comes after all, when everything else is long done
      void turnsUntil(() => submittedAfter(slow, killedAt) === 1).then(async (closed) => {
        closedBeforeAnswer = closed;
        await ticks(50);
        slow.answer();
        slow.release();
      });
    };
    await life.session.run();
    const after = slow.calls.filter(({ at }) => at > killedAt);
    expect(after.slice(0, 3).map(({ method, id }) => [method, id.slice(-1)])).toEqual([
      ['cancel', '2'],
      ['submit', '3'],
      ['orderByClientId', '2'],
    ]);
    expect(closedBeforeAnswer).toBe(true);
    const second = (await live.events()).filter(({ stream }) => stream === `order-${SECOND}`).map(({ type }) => type);
    expect(second.slice(0, 3)).toEqual(['OrderIntended', 'OrderUnresolved', 'OrderCancelRequested']);
    expect(second).toContain('OrderResolved');
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 1 });
  });

  test('a silent broker: cancels and closing orders are sent independently of each other', async () => {
    const slow = new SlowBroker();
    const live = home(slow);
    const life = await live.start();
    slow.onSlow = () => undefined;
    let killedAt = 0;
    let closedBeforeAnswer = false;
    life.pacer.plan(live.at('15:00:10.500'), () => {
      slow.slowFor(() => true);
      killedAt = performance.now();
      void life.session.kill(...BY_HAND);
      slow.release();
      void turnsUntil(() => submittedAfter(slow, killedAt) === 2).then((closed) => {
        closedBeforeAnswer = closed;
        slow.slowFor(() => false);
        slow.answer();
        slow.release();
      });
    });
    await life.session.run();
    expect(submittedAfter(slow, killedAt)).toBe(2);
    expect(closedBeforeAnswer).toBe(true);
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('an entry that reaches the broker after its cancel was refused is still cancelled or closed', async () => {
    const slow = new SlowBroker();
    slow.losesTime = true;
    const live = home(slow);
    const life = await live.start();
    slow.slowFor((method, id) => method === 'submit' && id === SECOND);
    slow.onSlow = () => {
      void life.session.kill(...BY_HAND);
      void ticks(50).then(() => {
        slow.answer();
        slow.release();
      });
    };
    await life.session.run();
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 1 });
  });

  test('an entry never answered stays in doubt, and the bot ends in error that names it', async () => {
    const slow = new SlowBroker();
    slow.losesTime = true;
    const live = home(slow);
    const life = await live.start();
    slow.slowFor((_, id) => id === SECOND);
    slow.onSlow = () => {
      void life.session.kill(...BY_HAND);
      slow.release();
    };
    await life.session.run();
    const last = (await live.eventsOf('BotStateChanged')).at(-1);
    expect(last?.data).toMatchObject({ to: 'error' });
    expect(last?.data.reason).toContain(`${SECOND} unresolved`);
  });
});

describe('without a kill', () => {
  test('an unanswered submit delays the session by at most API_TIMEOUT', async () => {
    const slow = new SlowBroker();
    const live = home(slow);
    const life = await live.start();
    slow.slowFor((method, id) => method === 'submit' && id === SECOND);
    slow.onSlow = () => slow.release();
    expect(await life.session.run()).toBe('closed');
    const second = (await live.events()).filter(({ stream }) => stream === `order-${SECOND}`);
    expect(second.map(({ type }) => type).slice(0, 3)).toEqual(['OrderIntended', 'OrderUnresolved', 'OrderResolved']);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('a stop with a silent broker continues order by order', async () => {
    const slow = new SlowBroker();
    const live = home(slow);
    const life = await live.start();
    life.pacer.plan(live.at('15:00:10.500'), () => {
      slow.slowFor((method) => method === 'submit');
      slow.onSlow = () => slow.release();
      void life.commands.put({ kind: 'stop', reason: 'by hand', actor: 'user:admin' });
    });
    await life.session.run();
    expect((await live.states()).slice(-2)).toEqual(['graceful_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a cancel that is never answered holds up neither the stop of the bot nor the exit of another position', async () => {
    const slow = new SlowBroker();
    slow.losesTime = true;
    const live = home(slow, { profile: { nativeStop: true }, settings: { ...BOTH_WAYS, API_TIMEOUT: '30' } });
    const life = await live.start();
    const cancels = (): number => slow.calls.filter(({ method }) => method === 'cancel').length;
    const stopAt = live.at('15:00:10.500');
    let first = '';
    life.pacer.plan(stopAt, () => {
      const stops = [...life.state.liveOrders.values()].filter(({ intent }) => intent.orderType === 'stop');
      first = stops[0]?.intent.clientOrderId ?? '';
      expect(stops).toHaveLength(2);
      slow.slowFor((method, id) => method === 'cancel' && id === first);
      slow.onSlow = () => {
        slow.release();
        // a loop of cancels must end as a failure, not as a test that hangs
        if (cancels() > 40) slow.slowFor(() => false);
      };
      void life.commands.put({ kind: 'stop', reason: 'by hand', actor: 'user:admin' });
    });
    life.pacer.plan(live.at('15:10:00.000'), () => {
      slow.slowFor(() => false);
    });
    await life.session.run();
    const closed = await live.eventsOf('PositionClosed');
    const other = closed.find(({ data }) => data.exitReason === 'manual');
    expect(other?.occurredAt).toMatch(/T15:0[0-2]:/);
    // once in 30 s of ten minutes
    const repeats = slow.calls.filter(({ method, id }) => method === 'cancel' && id === first);
    expect(repeats.length).toBeLessThan(25);
    expect((await live.states()).slice(-2)).toEqual(['graceful_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a question for an order that is never answered holds up nothing: a stop of the bot closes at once', async () => {
    const slow = new SlowBroker();
    const live = home(slow, { profile: { nativeStop: true }, settings: { ...BOTH_WAYS, API_TIMEOUT: '30' } });
    const life = await live.start();
    const [silentFrom, stopAt] = [live.at('14:55:00.000'), live.at('15:00:10.500')];
    life.pacer.plan(silentFrom, () => {
      slow.onSlow = () => slow.release();
      slow.slowFor((method) => method === 'orderByClientId');
    });
    life.pacer.plan(stopAt, () => {
      // each of the two stops is asked for once a minute
      expect(slow.unanswered).toBeGreaterThan(4);
      expect(slow.unanswered).toBeLessThan(15);
      void life.commands.put({ kind: 'stop', reason: 'by hand', actor: 'user:admin' });
    });
    await life.session.run();
    const closed = (await live.eventsOf('PositionClosed')).filter(({ data }) => data.exitReason === 'manual');
    expect(closed).toHaveLength(2);
    for (const { occurredAt } of closed) expect(occurredAt).toMatch(/T15:00:1[0-4]/);
    await expectGoodBooks(live.home, { trades: 2 });
  });
});

test('a broker that hangs while the day is prepared or closed does not delay a kill', async () => {
  // after those of the preparation, of the first comparison and of the last look comes that of the close
  for (const [nth, states] of [
    [1, ['idle', 'emergency_closing_positions', 'stopped']],
    [5, ['idle', 'emergency_closing_positions']],
  ] as const) {
    const slow = new SlowBroker();
    const live = home(slow, { settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '390' } });
    const life = await live.start();
    let asked = 0;
    slow.slowFor((method) => {
      if (method !== 'account') return false;
      asked += 1;
      return asked === nth;
    });
    let shown: string | undefined;
    slow.onSlow = () => {
      void life.session.kill(...BY_HAND);
      void ticks(20).then(() => {
        shown = life.state.botState;
        slow.answer();
        slow.release();
      });
    };
    expect(await life.session.run()).toBe('closed');
    expect(shown).toBe('emergency_closing_positions');
    expect((await live.states()).slice(-states.length)).toEqual(states);
  }
});
