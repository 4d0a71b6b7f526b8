import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import type { CommandOutcome } from '../../src/app/live/commands.js';
import { STREAMS } from '../../src/events/streams.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { parseSymbol } from '../../src/events/names.js';
import { parseUtcText } from '../../src/kernel/time.js';
import type { ReplayedFeed } from '../../src/ports/market-data.js';
import { BOTH_WAYS, DAY } from './support/days.js';
import { disturbedFeed, halted } from './support/disturbed-feed.js';
import { type Life, type LiveHarness, liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const BY_HAND = { reason: 'by hand', actor: 'user:admin' } as const;

/** Runs the day with an action at each given time. */
async function run(
  live: LiveHarness,
  plan: Readonly<Record<string, (life: Life) => unknown>>,
): Promise<{ readonly life: Life; readonly ended: string }> {
  const life = await live.start();
  for (const [clock, act] of Object.entries(plan)) life.pacer.plan(live.at(clock), () => act(life));
  return { life, ended: await life.session.run() };
}

function reported(): { readonly outcomes: CommandOutcome[]; take: (asked: Promise<CommandOutcome>) => void } {
  const outcomes: CommandOutcome[] = [];
  return { outcomes, take: (asked) => void asked.then((outcome) => outcomes.push(outcome)) };
}

async function entriesAfter(live: LiveHarness, clock: string): Promise<number> {
  const orders = await live.eventsOf('OrderIntended');
  return orders.filter(({ data, occurredAt }) => {
    return data.purpose === 'entry' && parseUtcText(occurredAt) >= live.at(clock);
  }).length;
}

describe('kill (RUN-16)', () => {
  test('it closes everything immediately, ends in stopped after the broker confirms, and no order follows', async () => {
    const live = liveHome();
    await run(live, { '15:00:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor) });
    const states = await live.eventsOf('BotStateChanged');
    const at = states.findIndex(({ data }) => data.to === 'emergency_closing_positions');
    expect(states[at]?.meta.actor).toBe('user:admin');
    expect(states.slice(at + 1).map(({ data }) => data.to)).toEqual(['stopped']);
    expect(await entriesAfter(live, '15:00:10')).toBe(0);
    const exits = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.exitReason === 'kill');
    expect(exits.map(({ data }) => data.symbol)).toEqual(['TLRX', 'QRVS']);
    const closed = await live.eventsOf('PositionClosed');
    expect(closed.map(({ data, occurredAt }) => [data.exitReason, occurredAt.slice(11, 19)])).toEqual([
      ['kill', '15:00:10'],
      ['kill', '15:00:10'],
    ]);
    expect(await live.eventsOf('KillSwitchTripped')).toEqual([]);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('before the session: nothing is traded all day', async () => {
    const live = liveHome();
    const life = await live.start();
    void life.session.kill(BY_HAND.reason, BY_HAND.actor);
    await life.session.run();
    expect(await live.eventsOf('OrderIntended')).toEqual([]);
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
  });

  test('a start is enough to trade the rest of the day', async () => {
    const live = liveHome();
    const { outcomes, take } = reported();
    await run(live, {
      '15:00:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '16:00:00.250': ({ commands }) => take(commands.put({ kind: 'start', ...BY_HAND })),
    });
    expect(outcomes).toEqual([{ outcome: 'obeyed', reason: 'the bot is in idle' }]);
    const traded = (await live.eventsOf('PositionClosed')).map(({ data }) => [data.symbol, data.exitReason]);
    expect(traded).toEqual([
      ['QRVS', 'kill'],
      ['TLRX', 'kill'],
      ['ZYNK', 'timeout'],
      ['NOVQ', 'timeout'],
    ]);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('closes everything also after main has put the bot into error in the session', async () => {
    const live = liveHome({ settings: BOTH_WAYS });
    const { outcomes, take } = reported();
    await run(live, {
      '15:00:10.500': async ({ session, pacer }) => {
        await live.appender(pacer).changeBotState('error', 'set by a test');
        session.followed();
      },
      '15:00:20.500': ({ session }) => take(session.kill(BY_HAND.reason, BY_HAND.actor)),
    });
    expect(outcomes).toEqual([{ outcome: 'obeyed', reason: 'emergency close' }]);
    expect((await live.states()).slice(-3)).toEqual(['error', 'emergency_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('closes everything also while all trades are disabled', async () => {
    const live = liveHome({ settings: BOTH_WAYS });
    await run(live, {
      '15:00:10.500': (life) => {
        life.settings = parseSettings({ ...BOTH_WAYS, DISABLE_ALL_TRADES: 'true' });
        void life.commands.put({ kind: 'reload' });
      },
      '15:00:20.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
    });
    const closed = await live.eventsOf('PositionClosed');
    expect(closed.map(({ data }) => [data.symbol, data.exitReason])).toEqual([
      ['QRVS', 'kill'],
      ['TLRX', 'kill'],
    ]);
    expect((await live.states()).at(-1)).toBe('stopped');
  });

  test('a position still open at the market close ends in error and is named', async () => {
    const feed = ['QRVS', 'TLRX'].reduce<ReplayedFeed>(
      (before, symbol) => disturbedFeed(before, DAY, halted(parseSymbol(symbol), '15:00', '21:00')),
      marketOf(1),
    );
    const live = liveHome({ feed, settings: BOTH_WAYS });
    await run(live, { '15:00:20.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor) });
    const last = (await live.eventsOf('BotStateChanged')).at(-1);
    expect(last?.data.to).toBe('error');
    expect(last?.data.reason).toMatch(/^the session closed with positions open: QRVS \d+(\.\d+)? short, TLRX /);
  });
});

describe('a kill by the daily loss limit (TRD-41)', () => {
  /** Trips at the first loss of a dollar, is reset and started at these times. */
  async function resetAndStarted(seed: number, resetAt: string, startAt: string) {
    const feed = marketOf(seed);
    const live = liveHome({ feed, settings: { ...BOTH_WAYS, DAILY_LOSS_LIMIT: '0.0001' } });
    const { outcomes, take } = reported();
    await run(live, {
      [`${resetAt}:00.500`]: ({ commands }) => take(commands.put({ kind: 'start', ...BY_HAND })),
      [`${resetAt}:30.500`]: async ({ session, pacer }) => {
        await live
          .appender(pacer, 'user:admin')
          .append(STREAMS.risk, [
            { type: 'KillSwitchReset', data: { reason: 'looked at' }, correlationId: 'risk', causationId: null },
          ]);
        session.followed();
      },
      [`${startAt}:00.500`]: ({ commands }) => take(commands.put({ kind: 'start', ...BY_HAND })),
    });
    return { live, outcomes };
  }

  test('a start needs a reset; the loss before the reset does not trip it again', async () => {
    const { live, outcomes } = await resetAndStarted(8, '20:50', '20:52');
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'obeyed']);
    expect(outcomes[0]?.reason).toContain('reset it first');
    expect(await live.eventsOf('KillSwitchTripped')).toHaveLength(1);
    expect((await live.states()).slice(-3)).toEqual(['stopped', 'started', 'idle']);
    await expectGoodBooks(live.home, { trades: 1 });
  });

  test('after a reset and a start the later strategies enter again, and a further loss trips it again', async () => {
    const { live } = await resetAndStarted(11, '16:00', '16:02');
    expect(await entriesAfter(live, '16:02:00')).toBeGreaterThan(0);
    const strategies = (await live.eventsOf('StrategyStarted')).map(({ data }) => data.strategy);
    expect(strategies).toEqual(['open', 'mid', 'close']);
    const tripped = await live.eventsOf('KillSwitchTripped');
    expect(tripped.map(({ occurredAt }) => occurredAt.slice(11, 16))).toEqual(['14:52', '20:53']);
    await expectGoodBooks(live.home, { trades: 3 });
  });
});

describe('stop (RUN-11)', () => {
  test('positions close one by one, the oldest first; then the bot is stopped', async () => {
    const live = liveHome();
    const { outcomes, take } = reported();
    await run(live, { '15:00:10.500': ({ commands }) => take(commands.put({ kind: 'stop', ...BY_HAND })) });
    expect(outcomes).toEqual([{ outcome: 'obeyed', reason: 'the bot is in graceful_closing_positions' }]);
    expect((await live.states()).slice(-2)).toEqual(['graceful_closing_positions', 'stopped']);
    const story = (await live.events()).filter(
      (event) =>
        (event.type === 'OrderIntended' && event.data.exitReason === 'manual') || event.type === 'PositionClosed',
    );
    expect(story.map(({ type, data }) => [type, 'symbol' in data ? data.symbol : ''])).toEqual([
      ['OrderIntended', 'TLRX'],
      ['PositionClosed', 'TLRX'],
      ['OrderIntended', 'QRVS'],
      ['PositionClosed', 'QRVS'],
    ]);
    const ended = await live.eventsOf('StrategyEnded');
    expect(ended.map(({ data }) => [data.strategy, data.reason])).toEqual([['open', 'the bot was stopped']]);
    expect(await entriesAfter(live, '15:00:10')).toBe(0);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a kill overrides a stop', async () => {
    const live = liveHome();
    await run(live, {
      '15:00:10.500': ({ commands }) => void commands.put({ kind: 'stop', ...BY_HAND }),
      '15:00:10.550': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
    });
    expect((await live.states()).slice(-3)).toEqual([
      'graceful_closing_positions',
      'emergency_closing_positions',
      'stopped',
    ]);
    expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.exitReason).sort()).toEqual([
      'kill',
      'manual',
    ]);
    await expectGoodBooks(live.home, { trades: 2 });
  });
});

describe('commands not allowed in the bot state (RUN-11)', () => {
  test('they are refused with the reason and recorded as an error', async () => {
    const live = liveHome();
    const { outcomes, take } = reported();
    await run(live, {
      '14:45:00.500': ({ commands }) => take(commands.put({ kind: 'start', ...BY_HAND })),
      '15:00:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '15:10:00.500': ({ commands }) => take(commands.put({ kind: 'stop', ...BY_HAND })),
      '15:11:00.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
    });
    expect(outcomes).toEqual([
      { outcome: 'refused', reason: 'the bot cannot go from analyzing to started' },
      { outcome: 'refused', reason: 'the bot cannot go from stopped to graceful_closing_positions' },
    ]);
    const errors = await live.eventsOf('ErrorRecorded');
    expect(errors.map(({ data, meta }) => [data.errorCode, data.context, meta.actor])).toEqual([
      ['BOT_STATE_TRANSITION', { from: 'analyzing', to: 'started' }, 'user:admin'],
      ['BOT_STATE_TRANSITION', { from: 'stopped', to: 'graceful_closing_positions' }, 'user:admin'],
      ['COMMAND_REFUSED', {}, 'user:admin'],
    ]);
  });

  test('a start with failing self-checks is refused with all of them', async () => {
    const bad = (module: string) => ({ module, ok: false, cause: 'is broken', remedy: 'Fix it.' });
    const live = liveHome({ hooks: { checks: () => [bad('risk'), bad('watchdog')] } });
    const { outcomes, take } = reported();
    await run(live, {
      '15:00:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '16:00:00.500': ({ commands }) => take(commands.put({ kind: 'start', ...BY_HAND })),
    });
    expect(outcomes).toEqual([
      {
        outcome: 'refused',
        reason: 'self-checks failed: risk: is broken Fix it.; watchdog: is broken Fix it.',
      },
    ]);
    expect((await live.states()).at(-1)).toBe('stopped');
  });
});

describe('shutdown (RUN-4)', () => {
  test('it closes in order and ends the session early, and the next process continues the day', async () => {
    const live = liveHome();
    const { ended } = await run(live, {
      '15:00:10.500': ({ pacer, commands }) =>
        void commands.put({ kind: 'shutdown', reason: 'SIGTERM', deadline: (pacer.now() + 25_000) as never }),
    });
    expect(ended).toBe('shutdown');
    expect((await live.states()).slice(-2)).toEqual(['graceful_closing_positions', 'stopped']);
    expect(await live.eventsOf('SessionClosed')).toEqual([]);
    const appender = live.appender({ now: () => live.home.now() });
    for (const to of ['shutdown_triggered', 'shutdown', 'started', 'idle'] as const) {
      await appender.changeBotState(to, 'the service goes down and comes back');
    }
    const life = await live.start({ startsAt: '16:30:00.700' });
    expect(await life.session.run()).toBe('closed');
    expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.symbol)).toEqual([
      'TLRX',
      'QRVS',
      'ZYNK',
      'NOVQ',
    ]);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('at the deadline it exits with open positions, and the next process closes them', async () => {
    const live = liveHome({ profile: { latencyMs: 40_000 } });
    const { ended } = await run(live, {
      '15:00:10.500': ({ pacer, commands }) =>
        void commands.put({ kind: 'shutdown', reason: 'SIGTERM', deadline: (pacer.now() + 5_000) as never }),
    });
    expect(ended).toBe('shutdown');
    expect((await live.states()).at(-1)).toBe('graceful_closing_positions');
    expect(live.home.now()).toBeLessThanOrEqual(live.at('15:00:16'));
    const life = await live.start({ startsAt: '15:02:00.700' });
    await life.session.run();
    expect((await live.states()).at(-1)).toBe('stopped');
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a stopped bot does not change', async () => {
    const live = liveHome();
    const { ended } = await run(live, {
      '15:00:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '15:30:00.500': ({ pacer, commands }) =>
        void commands.put({ kind: 'shutdown', reason: 'SIGTERM', deadline: (pacer.now() + 5_000) as never }),
    });
    expect(ended).toBe('shutdown');
    expect((await live.states()).at(-1)).toBe('stopped');
  });
});

describe('settings changed during a session (RUN-30)', () => {
  test('hot keys apply immediately, cold keys wait, and the bot returns to its state', async () => {
    const live = liveHome();
    const { outcomes, take } = reported();
    await run(live, {
      '15:00:10.500': (life) => {
        life.settings = parseSettings({ ...BOTH_WAYS, MAX_OPEN_POSITIONS: '1', MAX_TRADES: '2', WEIGHTS: '0.5,0.5' });
        take(life.commands.put({ kind: 'reload' }));
      },
    });
    expect(outcomes).toEqual([
      {
        outcome: 'obeyed',
        reason: 'in force now: MAX_OPEN_POSITIONS; from the next session: MAX_TRADES, WEIGHTS',
      },
    ]);
    const states = await live.states();
    const at = states.indexOf('updating');
    expect(states.slice(at - 1, at + 2)).toEqual(['monitoring', 'updating', 'monitoring']);
    const blocked = await live.eventsOf('TradeBlocked');
    expect(blocked.map(({ data }) => [data.symbol, data.limit])).toContainEqual(['ZYNK', 'MAX_OPEN_POSITIONS']);
    // the worker that saved them journals the change; the engine does not record it again
    expect(await live.eventsOf('ConfigChanged')).toHaveLength(1);
    await expectGoodBooks(live.home, { trades: 3 });
  });

  test('settings that cannot be read or do not fit pending changes are ignored', async () => {
    const live = liveHome();
    const { outcomes, take } = reported();
    await run(live, {
      '15:00:10.500': (life) => {
        life.settings = parseSettings({ ...BOTH_WAYS, MIN_PRICE: '3' });
        take(life.commands.put({ kind: 'reload' }));
      },
    });
    expect(outcomes).toEqual([
      { outcome: 'obeyed', reason: 'in force now: MIN_PRICE; from the next session: nothing' },
    ]);
  });

  test('a session resumed after a crash is not refused because of other settings', async () => {
    const live = liveHome();
    const first = await live.start();
    first.pacer.plan(live.at('15:00:10.500'), () => {
      throw new Error('the process dies');
    });
    await expect(first.session.run()).rejects.toThrow('the process dies');
    const second = await live.start({ startsAt: '15:01:00.100', settings: { ...BOTH_WAYS, MAX_OPEN_POSITIONS: '2' } });
    expect(await second.session.run()).toBe('closed');
    await expectGoodBooks(live.home, { trades: 4 });
  });
});

describe('while a test runs (RUN-35)', () => {
  test('no entry is made, and positions are managed', async () => {
    const live = liveHome();
    const run_ = { runId: 'T-1', test: 'all' };
    await run(live, {
      '14:52:00.500': async ({ session, pacer }) => {
        await live
          .appender(pacer)
          .append('processes' as never, [
            { type: 'TestRunStarted', data: { ...run_, by: null }, correlationId: 'test', causationId: null },
          ]);
        session.followed();
      },
      '17:20:00.500': async ({ session, pacer }) => {
        await live.appender(pacer).append('processes' as never, [
          {
            type: 'TestRunEnded',
            data: { ...run_, ok: true, results: [] },
            correlationId: 'test',
            causationId: null,
          },
        ]);
        session.followed();
      },
    });
    const closed = await live.eventsOf('PositionClosed');
    expect(closed[0]).toMatchObject({ data: { symbol: 'TLRX' }, occurredAt: expect.stringMatching(/T15:30/) });
    const entries = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry');
    expect(
      entries.filter(({ occurredAt }) => occurredAt > '2026-01-06T14:52' && occurredAt < '2026-01-06T17:20'),
    ).toEqual([]);
    expect(entries.length).toBeGreaterThan(1);
    await expectGoodBooks(live.home, { trades: 2 });
  });
});
