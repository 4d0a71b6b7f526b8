import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import { homeProjections } from '../../src/composition/home-projections.js';
import { homePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import { parseStrategyName } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { MINUTE_MS, plusMs } from '../../src/kernel/time.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import type { Strategy } from '../../src/strategies/strategy.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { faultsOf } from '../unit/support/output-schemas.js';
import { CODES, PARTS, type DayHarness } from './support/day-harness.js';
import { played } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

/** Buys the first symbol an hour and a half after the open, and holds it for ten minutes. */
const FOURTH: Strategy = {
  name: parseStrategyName('fourth'),
  filters: [],
  enabled: () => true,
  shortType: () => 'disabled',
  trailFraction: () => Decimal.parse('0.2'),
  window: ({ opensAt }) => {
    const at = (minutes: number) => plusMs(opensAt, minutes * MINUTE_MS);
    return { analysisFrom: at(85), breakoutFrom: at(90), monitoringFrom: at(92), endsAt: at(102) };
  },
  selfCheck: () => [],
  analyze: (market) => {
    const [first, ...others] = market.symbols;
    return {
      candidates: first === undefined ? [] : [{ symbol: first, rank: 1, fitness: Decimal.ONE, figures: {} }],
      screenedOut: others.map((symbol) => ({ symbol, code: 'NOT_FIRST', figures: {} })),
    };
  },
  signal: (symbol, market) => {
    const price = market.of(symbol).lastPrice;
    if (price === undefined) return { fired: false, reason: { code: 'NO_DATA', figures: {} } };
    return { fired: true, signal: { symbol, side: 'long', rule: 'FIRST_SYMBOL', price, figures: {} } };
  },
  approach: () => undefined,
  manage: () => undefined,
};

const REGISTERED = [...STRATEGIES, FOURTH];
let day: DayHarness;
let paths: HomePaths;

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const linesOf = (log: string): readonly Record<string, unknown>[] =>
  readFileSync(paths.log(log), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  day = await played({ strategies: REGISTERED });
  const home = temporaryHome();
  const identity = composeBotIdentity(PARTS);
  paths = homePaths(home, identity);
  const statement = (): never => {
    throw new Error('this day exports nothing');
  };
  const options = { paths, identity, identityParts: PARTS, codes: CODES, statement, strategies: REGISTERED };
  // the harness records no market data and keeps no keys for seals
  const projections = homeProjections(options).filter(({ name }) => name !== 'market' && name !== 'seals');
  const targets = new FileProjectionTargets({ home, projectionsDb: paths.storage.projectionsDb });
  const projector = new Projector({ journal: day.journal, projections, targets });
  const report = await projector.catchUp();
  await projector.close();
  expect(report.projections.filter(({ stopped }) => stopped !== null)).toEqual([]);
});

afterAll(removeTemporaryHomes);

test('a fourth strategy screens, trades and closes its position', async () => {
  await expectGoodBooks(day, { trades: 5 });
  const ranked = (await day.eventsOf('CandidatesRanked')).filter(({ data }) => data.strategy === FOURTH.name);
  expect(ranked.map(({ data }) => data.candidates.length)).toEqual([1]);
  const closed = (await day.eventsOf('PositionClosed')).filter(({ data }) => data.strategy === FOURTH.name);
  expect(closed).toHaveLength(1);
});

test('a fourth strategy has no phase, and the other three do', async () => {
  const phases = (await day.eventsOf('PhaseStarted')).map(({ data }) => data.phase);
  expect(phases).toEqual(STRATEGIES.map(({ phase }) => phase));
});

test('a fourth strategy has its own log and no line in the logs of the others', () => {
  const mine = linesOf(FOURTH.name);
  for (const line of mine) expect(faultsOf('strategy-log-line', line)).toEqual([]);
  expect(mine.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['StrategyStarted', 'CandidatesRanked', 'SignalTriggered', 'OrderFilled', 'PositionClosed']),
  );
  expect(new Set(mine.map(({ strategy_name: name }) => name))).toEqual(new Set([FOURTH.name]));
  for (const { name } of STRATEGIES) {
    expect(linesOf(name).filter(({ strategy_name: of }) => of === FOURTH.name)).toEqual([]);
  }
});

test('status and summary show a fourth strategy', () => {
  const status = json(paths.output.statusJson) as Record<string, Record<string, unknown>>;
  expect(faultsOf('status', status)).toEqual([]);
  expect(Object.keys(status['strategy_states'] ?? {})).toEqual(REGISTERED.map(({ name }) => name));
  expect(status['strategy_last_run']?.[FOURTH.name]).toMatchObject({
    candidates: 1,
    signals: 1,
    entries: 1,
    trades: 1,
  });
  const summary = json(paths.output.dailySummary) as Record<string, Record<string, unknown>>;
  expect(faultsOf('daily-summary', summary)).toEqual([]);
  expect(summary['strategies']?.[FOURTH.name]).toMatchObject({ candidates: 1, signals: 1, entries: 1, trades: 1 });
});

test('the trade history has the trade of a fourth strategy', () => {
  const trades = json(paths.output.tradeHistoryJson) as readonly Record<string, unknown>[];
  const mine = trades.filter(({ strategy_name: name }) => name === FOURTH.name);
  expect(faultsOf('trade-record', mine[0])).toEqual([]);
  expect(mine.map(({ rule, trade_side: side }) => [rule, side])).toEqual([['FIRST_SYMBOL', 'long']]);
});
