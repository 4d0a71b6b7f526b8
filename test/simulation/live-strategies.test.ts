import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { strategiesToRun } from '../../src/strategies/registry.js';
import type { Filter, Strategy } from '../../src/strategies/strategy.js';
import { GENEROUS_BUDGET } from './support/budgets.js';
import { BOTH_WAYS } from './support/days.js';
import { changed, LiveHarness } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const STRATEGIES = strategiesToRun(parseSettings(BOTH_WAYS));

function spin(): never {
  for (let turns = 0; ; turns += 1) if (turns < 0) throw new Error('never');
}

/** The day with the open strategy changed so. */
function withOpen(methods: (open: Strategy) => Partial<Strategy>): LiveHarness {
  const strategies = STRATEGIES.map((strategy) =>
    (strategy.name as string) === 'open' ? changed(strategy, methods(strategy)) : strategy,
  );
  return new LiveHarness({
    feed: marketOf(1),
    settings: BOTH_WAYS,
    strategies,
    budget: GENEROUS_BUDGET,
  });
}

async function failures(live: LiveHarness): Promise<readonly (readonly [string, string])[]> {
  return (await live.eventsOf('StrategyFailed')).map(({ data }) => [data.strategy, data.code] as const);
}

describe('a strategy that never returns (RUN-16)', () => {
  const methods: readonly (readonly [string, Partial<Strategy>])[] = [
    ['analyze', { analyze: spin }],
    ['signal', { signal: spin }],
    ['selfCheck', { selfCheck: spin }],
  ];
  test.each(methods)('in %s it fails alone: the others trade, and the day closes', async (_, looping) => {
    const live = withOpen(() => looping);
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    expect(await failures(live)).toEqual([['open', 'STRATEGY_TIMEOUT']]);
    const traded = (await live.eventsOf('PositionClosed')).map(({ data }) => data.strategy);
    expect(traded).toContain('mid');
    expect(traded).not.toContain('open');
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('in its filters it fails alone too', async () => {
    const looping: Filter = {
      name: 'looping',
      enabled: () => true,
      selfCheck: () => ({ module: 'looping', ok: true, cause: '', remedy: '' }),
      judge: spin,
    };
    const live = withOpen(() => ({ filters: [looping] }));
    const { session } = await live.start();
    await session.run();
    expect(await failures(live)).toEqual([['open', 'STRATEGY_TIMEOUT']]);
  });

  test('in window() it gets no window', async () => {
    const live = withOpen(() => ({ window: spin }));
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    expect(await failures(live)).toEqual([['open', 'WINDOW_OUTSIDE_SESSION']]);
  });

  test('while it holds positions, their stops and the end of their window still apply', async () => {
    const live = withOpen((open) => ({
      manage: (position, market, context) =>
        position.entryAt < '2026-01-06T14:55' && (market.of(position.symbol).lastBarEnd ?? 0) >= live.at('15:05:00')
          ? spin()
          : open.manage(position, market, context),
    }));
    const { session } = await live.start();
    await session.run();
    expect(await failures(live)).toEqual([['open', 'STRATEGY_TIMEOUT']]);
    const closed = (await live.eventsOf('PositionClosed')).map(({ data, occurredAt }) => [
      data.symbol,
      data.exitReason,
      occurredAt.slice(11, 16),
    ]);
    expect(closed.slice(0, 2)).toEqual([
      ['QRVS', 'timeout', '15:30'],
      ['TLRX', 'timeout', '15:30'],
    ]);
    expect((await live.eventsOf('TrailingStopMoved')).some(({ occurredAt }) => occurredAt > '2026-01-06T15:06')).toBe(
      true,
    );
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('a kill that arrives meanwhile takes effect immediately afterwards', async () => {
    const kill: { now: () => void } = { now: () => undefined };
    const live = withOpen(() => ({
      analyze: () => {
        setImmediate(() => kill.now());
        return spin();
      },
    }));
    const life = await live.start();
    kill.now = () => void life.session.kill('by hand', 'user:admin');
    await life.session.run();
    const [failed] = await live.eventsOf('StrategyFailed');
    const [killed] = (await live.eventsOf('BotStateChanged')).filter(({ data }) => data.to.startsWith('emergency'));
    expect(failed?.occurredAt.slice(11, 16)).toBe('14:50');
    expect(killed?.occurredAt).toMatch(/^2026-01-06T14:5[01]:00/);
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
  });
});

test('a strategy that throws fails alone with its message', async () => {
  const live = withOpen(() => ({
    signal: () => {
      throw new RangeError('no such level');
    },
  }));
  const { session } = await live.start();
  await session.run();
  expect((await live.eventsOf('StrategyFailed')).map(({ data }) => [data.code, data.message])).toEqual([
    ['STRATEGY_THREW', 'it failed: no such level'],
  ]);
  await expectGoodBooks(live.home, { trades: 2 });
});
