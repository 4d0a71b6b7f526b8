import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { FileMarketRecorder } from '../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../src/adapters/market-recorder/recorded-feed.js';
import { marketOf } from './support/market.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { parseSymbol } from '../../src/events/names.js';
import { parseDateText } from '../../src/kernel/time.js';
import { strategiesToRun } from '../../src/strategies/registry.js';
import type { Filter } from '../../src/strategies/strategy.js';
import { deathAt, runThroughDeaths } from './support/crash.js';
import type { DayHarness } from './support/day-harness.js';
import { BOTH_WAYS, DAY, home, NEXT_DAY, played, timeOf } from './support/days.js';
import { disturbedFeed, halted, silent, unmatched } from './support/disturbed-feed.js';
import { brokerFacts, expectGoodBooks } from './support/oracle.js';

const feed = (): SyntheticFeed => marketOf(1);

async function failure(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
}

describe('market data (TRD-5, RUN-42)', () => {
  test('five silent minutes are an outage, reported once; the first minute with data ends it', async () => {
    const day = await played({ feed: disturbedFeed(feed(), DAY, silent('15:10', '15:24')) });
    await expectGoodBooks(day, { trades: 3 });
    const [lost] = await day.eventsOf('MarketDataLost');
    const [restored] = await day.eventsOf('MarketDataRestored');
    expect(await day.eventsOf('MarketDataLost')).toHaveLength(1);
    expect(lost?.data.since).toBe('2026-01-06T15:10:00.000Z');
    expect([lost, restored].map((event) => timeOf(event as never))).toEqual(['15:15:00', '15:25:00']);
    expect(restored?.data.gapSeconds).toBe(15 * 60);
  });

  test('nothing enters without data, and positions are closed by time as soon as data returns', async () => {
    const day = await played({ feed: disturbedFeed(feed(), DAY, silent('14:55', '15:45')) });
    await expectGoodBooks(day, { trades: 3 });
    const entries = (await day.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry').map(timeOf);
    expect(entries.filter((at) => at > '14:55:00' && at < '15:45:00')).toEqual([]);
    const [closed] = await day.eventsOf('PositionClosed');
    expect(timeOf(closed as never) >= '15:45:00').toBe(true);
  });
});

describe('self-checks (RUN-21, TRD-24)', () => {
  test('a broker that fails its check blocks the session with one error, and the journal lists every check', async () => {
    const day = home({ profile: { latencyMs: 0 }, settings: { SHORT_TYPE_OPEN: 'LongPut' } });
    expect(await failure(day.run(DAY))).toMatchObject({ code: 'SELF_CHECK_FAILED', callerMust: 'refuse' });
    const [checked] = await day.eventsOf('SelfCheckCompleted');
    expect(checked?.data.ok).toBe(false);
    expect(checked?.data.checks.filter(({ ok }) => !ok).map(({ module }) => module)).toEqual([
      'broker.broker.sim',
      'strategy open: short type',
    ]);
    expect(checked?.data.checks.filter(({ ok }) => ok).length).toBeGreaterThan(3);
    expect(await day.eventsOf('SessionOpened')).toEqual([]);
    const { profile: _, ...healthy } = day.options;
    day.options = healthy;
    await day.run(DAY);
    expect(await day.eventsOf('SelfCheckCompleted')).toHaveLength(2);
    await expectGoodBooks(day, { trades: 1 });
  });

  test('a strategy that fails its check is skipped with the reason, and the others run', async () => {
    const day = await played({ settings: { SHORT_TYPE_OPEN: 'LongPut' } });
    await expectGoodBooks(day, { trades: 2 });
    const failed = (await day.eventsOf('StrategyFailed')).map(({ data }) => data);
    expect(failed).toEqual([
      expect.objectContaining({
        strategy: 'open',
        code: 'SELF_CHECK_FAILED',
        message: expect.stringContaining('LongPut'),
      }),
    ]);
    const strategies = new Set((await day.eventsOf('OrderIntended')).map(({ data }) => data.strategy));
    expect(strategies).toEqual(new Set(['mid', 'close']));
  });

  test('a filter that throws does not decide, and is reported once for each signal', async () => {
    const broken: Filter = {
      name: 'broken-filter',
      enabled: () => true,
      selfCheck: () => ({ module: 'filter broken-filter', ok: true, cause: '', remedy: '' }),
      judge: () => {
        throw new Error('division by zero');
      },
    };
    const strategies = strategiesToRun(parseSettings(BOTH_WAYS)).map((strategy) =>
      Object.assign(Object.create(strategy) as typeof strategy, { filters: [...strategy.filters, broken] }),
    );
    const day = await played({ strategies });
    await expectGoodBooks(day, { trades: 4, errors: ['FILTER_FAILED'] });
    const errors = (await day.eventsOf('ErrorRecorded')).map(({ data }) => data);
    expect(errors.every(({ errorCode }) => errorCode === 'FILTER_FAILED')).toBe(true);
    expect(errors).toHaveLength(new Set(errors.map(({ context }) => context['key'])).size);
    expect(errors.length).toBe((await day.eventsOf('SignalTriggered')).length);
    const trades = async (each: DayHarness): Promise<unknown> =>
      (await each.eventsOf('PositionClosed')).map(({ data }) => data);
    expect(await trades(day)).toEqual(await trades(await played()));
  });
});

describe('auctions (TRD-35, TRD-6)', () => {
  test('buyers left over in the auction block a short of the close strategy, and the recorded day decides the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tradebot-auctions-'));
    try {
      const marketRecording = (date: string): string => `${folder}/${date}.csv.gz`;
      const files = { marketRecording, marketRecordingPart: (date: string) => `${folder}/${date}.part.csv` };
      const settings = { VIX_GATE_ENABLED: 'false', STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false' };
      const heard = disturbedFeed(feed(), DAY, unmatched(parseSymbol('TLRX'), 100_000, '20:30'));
      const recorder = new FileMarketRecorder(files, 'at the close');
      const first = await played({ settings, feed: heard, recorder });
      const again = await played({ settings, feed: new RecordedFeed(marketRecording) });
      const facts = async (day: DayHarness): Promise<unknown> => [
        (await day.eventsOf('EnhancementBlocked')).map(({ data }) => data),
        (await day.eventsOf('OrderIntended')).map(({ data }) => data),
      ];
      const [block] = await first.eventsOf('EnhancementBlocked');
      expect(block?.data).toMatchObject({
        ...{ filter: 'imbalance-scanner', symbol: 'TLRX', code: 'AUCTION_AGAINST_SIGNAL' },
        figures: { imbalance: '100000', matched: '100000', share: '0.500000', limit: '0.3' },
      });
      const traded = (await first.eventsOf('OrderIntended')).map(({ data }) => data.symbol);
      expect([traded.includes(parseSymbol('TLRX')), traded.includes(parseSymbol('QRVS'))]).toEqual([false, true]);
      expect(await facts(again)).toEqual(await facts(first));
      const [checked] = await first.eventsOf('SelfCheckCompleted');
      const note = checked?.data.checks.find(({ module }) => module === 'filter imbalance-scanner')?.note;
      expect(note).toBe('off: the market data of synthetic has no auction imbalances');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('exits and halts', () => {
  const TLRX = parseSymbol('TLRX');

  test('an exit blocked by a halt is reported once and sent when the halt ends', async () => {
    const day = await played({ feed: disturbedFeed(feed(), DAY, halted(TLRX, '15:25', '15:50')) });
    await expectGoodBooks(day, { trades: 4, errors: ['HELD_SYMBOL_HALTED'] });
    // said when it begins, before an exit needs the exchange, and once
    const said = (await day.eventsOf('ErrorRecorded')).map((event) => [timeOf(event as never), event.data.message]);
    expect(said).toEqual([
      ['15:26:00', expect.stringContaining('trading in TLRX is halted since 2026-01-06T15:25:00')],
    ]);
    const blocks = (await day.eventsOf('TradeBlocked')).filter(({ data }) => data.purpose === 'exit');
    expect(blocks.map(({ data }) => [data.symbol, data.limit])).toEqual([['TLRX', 'SYMBOL_HALTED']]);
    const exit = (await day.eventsOf('PositionClosed')).find(({ data }) => data.symbol === TLRX);
    expect(timeOf(exit as never)).toBe('15:51:00');
  });

  test('F12 F13 a position that cannot be closed is carried with its history and closed first in the next session', async () => {
    const day = await played({ feed: disturbedFeed(feed(), DAY, halted(TLRX, '15:25', '21:00')) });
    const left = (await brokerFacts(day)).positions;
    expect(left).toEqual(['TLRX 16.559718']);
    await expectGoodBooks(day, { trades: 3, left, errors: ['HELD_SYMBOL_HALTED'] });
    expect((await day.eventsOf('SessionClosed'))[0]?.data).toMatchObject({ openPositions: ['TLRX'], reconciled: true });
    const ended = (await day.eventsOf('StrategyEnded')).find(({ data }) => data.strategy === 'open');
    expect(ended?.data.reason).toBe('the session closed before its positions');
    expect((await day.eventsOf('BotStateChanged')).at(-1)?.data.to).toBe('idle');
    await runThroughDeaths(day, NEXT_DAY, [deathAt('OrderIntended', 1), deathAt('OrderFilled', 1, 'before')]);
    await expectGoodBooks(day, { trades: 4, errors: ['HELD_SYMBOL_HALTED'] });
    const next = (await day.events()).filter(({ meta }) => meta.sessionDate === NEXT_DAY);
    const first = next.find((event) => event.type === 'OrderIntended');
    // its stop of the day before stands, and the price has passed it overnight
    const stops = (await day.eventsOf('TrailingStopMoved')).filter(
      ({ data }) => data.positionId === '2026-01-06/open/TLRX',
    );
    expect(stops.at(-1)?.data).toMatchObject({ stop: '48.22' });
    expect(first?.data).toMatchObject({
      symbol: 'TLRX',
      purpose: 'exit',
      exitReason: 'stop_loss',
      referencePrice: '48.09',
    });
    expect(first === undefined ? '' : timeOf(first)).toBe('14:31:00');
    const opened = (await day.eventsOf('PositionOpened')).filter(
      ({ data }) => data.positionId === '2026-01-06/open/TLRX',
    );
    expect(opened).toHaveLength(1);
  });
});

describe('entries', () => {
  test('the rest of an entry is cancelled when its window closes, and its fills are held to their exit', async () => {
    const day = await played({ profile: { maxParticipation: 0.00001, partialFillProbability: 0 } });
    await expectGoodBooks(day, { trades: 2 });
    const cancelled = await day.eventsOf('OrderCancelRequested');
    expect(cancelled.filter(({ data }) => data.reason === 'the entry window closed').map(timeOf)).toContain('15:00:00');
    expect((await day.eventsOf('OrderCancelled')).some(({ data }) => Number(data.filledQuantity) > 0)).toBe(true);
  });

  test('short round trips end with the cost of the cover', async () => {
    const day = await played();
    await expectGoodBooks(day, { trades: 4 });
    const shorts = (await day.eventsOf('PositionClosed')).filter(({ data }) => data.side === 'short');
    expect(shorts.map(({ data }) => [data.symbol, data.netPnl])).toEqual([
      ['QRVS', '13.72'],
      ['ZYNK', '-4.48'],
      ['NOVQ', '2.87'],
    ]);
  });

  test('on a half day the windows of mid and close overlap, and both trade', async () => {
    const half = parseDateText('2015-12-24');
    const day = home({ seed: 3 });
    await day.run(half);
    await expectGoodBooks(day, { trades: 5 });
    const [opened] = await day.eventsOf('SessionOpened');
    expect(opened?.data).toMatchObject({ halfDay: true, closesAt: '2015-12-24T18:00:00.000Z' });
    const started = (await day.eventsOf('StrategyStarted')).map(({ data }) => data);
    expect(started.map(({ strategy }) => strategy)).toEqual(['open', 'mid', 'close']);
    expect((started[2]?.analysisFrom ?? '') < (started[1]?.endsAt ?? '')).toBe(true);
    expect((await day.eventsOf('StrategyEnded')).map(({ data }) => data.strategy).sort()).toEqual([
      'close',
      'mid',
      'open',
    ]);
    expect((await day.eventsOf('PhaseEnded')).map(({ data }) => data.phase).sort()).toEqual(['close', 'mid', 'open']);
    expect((await day.eventsOf('BotStateChanged')).at(-1)?.data.to).toBe('idle');
  });
});

describe('which days may run', () => {
  async function cutDay(): Promise<DayHarness> {
    const day = home();
    day.options = { ...day.options, wrapJournal: (journal) => journal };
    const { dying } = await import('./support/crash.js');
    const cut = {
      ...day.options,
      wrapJournal: (journal: DayHarness['journal']) => dying(journal, deathAt('OrderFilled', 1)),
    };
    const { options } = day;
    day.options = cut as typeof options;
    await failure(day.run(DAY));
    day.options = options;
    return day;
  }

  test.each([
    ['settings', { settings: { ...BOTH_WAYS, MAX_TRADES: '3', WEIGHTS: '0.4,0.3,0.3' } }, 'settings'],
    ['broker seed', { brokerSeed: 2 }, 'broker seed'],
    ['market data', { feed: marketOf(2) }, 'market data'],
  ])('a started day with other %s is refused before anything is written', async (_what, change, named) => {
    const day = await cutDay();
    const before = (await day.events()).length;
    const { options } = day;
    day.options = { ...options, ...change };
    expect(await failure(day.run(DAY))).toMatchObject({
      code: 'SESSION_DIFFERS',
      message: expect.stringContaining(named),
    });
    expect((await day.events()).length).toBe(before);
    day.options = options;
    expect(await day.run(DAY)).toMatchObject({ outcome: 'resumed' });
    await expectGoodBooks(day, { trades: 4 });
  });

  test('another day is refused while one is unfinished, and an earlier day always', async () => {
    const day = await cutDay();
    expect(await failure(day.run(NEXT_DAY))).toMatchObject({ code: 'SESSION_UNFINISHED' });
    await day.run(DAY);
    expect(await failure(day.run(parseDateText('2026-01-05')))).toMatchObject({ code: 'SESSION_IN_THE_PAST' });
  });

  test('a closed day that is run again does nothing', async () => {
    const day = await played();
    const before = await day.events();
    expect(await day.run(DAY)).toMatchObject({ outcome: 'already closed' });
    expect(await day.events()).toEqual(before);
  });

  test('two days in a row: setup, opening balances and settings once; float and equity carry over', async () => {
    const day = await played();
    await day.run(NEXT_DAY);
    await expectGoodBooks(day, { trades: 5 });
    for (const type of [
      'OpeningBalancesRecorded',
      'FloatAdjusted',
      'ConfigChanged',
      'CoaChanged',
      'CoaMappingChanged',
    ] as const) {
      expect({ type, count: (await day.eventsOf(type)).length }).toEqual({ type, count: 1 });
    }
    const [first, second] = (await day.eventsOf('SessionOpened')).map(({ data }) => data);
    const [reconciled] = await day.eventsOf('ReconciliationCompleted');
    expect(second?.openingEquity).toBe(reconciled?.data.cashBroker);
    expect(second?.floatAtStart).toBe(first?.floatAtStart);
  });
});
