import { beforeAll, describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { DecisionFold } from '../../src/app/decisions/decision-fold.js';
import type { Decision, SessionDecisions } from '../../src/app/decisions/decision.js';
import { readDecisions } from '../../src/app/decisions/read-decisions.js';
import { selectDecisions } from '../../src/app/decisions/select-decisions.js';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { MarketView } from '../../src/domain/market/view.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseStrategyName } from '../../src/events/names.js';
import { parseUtcText, toUtcText } from '../../src/kernel/time.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import { ratioText } from '../../src/strategies/figures.js';
import { refusalOf } from '../support/refusal.js';
import type { DayHarness } from './support/day-harness.js';
import { BOTH_WAYS, DAY, home, NEXT_DAY, played } from './support/days.js';

const NAMES = STRATEGY_NAMES.map(parseStrategyName);
const read = (harness: DayHarness, date = DAY): Promise<SessionDecisions> =>
  readDecisions(harness.journal, date, NAMES);

function symbolsOf(events: readonly RecordedEvent[]): readonly string[] {
  const opened = events.find((event) => event.type === 'SessionOpened');
  return opened?.type === 'SessionOpened' ? opened.data.feed.symbols : [];
}

const pairs = (record: SessionDecisions): readonly string[] =>
  record.symbols.map(({ strategy, symbol }) => `${strategy}/${symbol}`).sort();

describe('the decision record of a session (P4)', () => {
  let harness: DayHarness;
  let record: SessionDecisions;
  let events: readonly RecordedEvent[];
  beforeAll(async () => {
    harness = home();
    await harness.run(DAY);
    await harness.run(NEXT_DAY);
    events = await harness.events();
    record = await read(harness);
  });

  test('every symbol has one row for each strategy, with the rule that ended it and its event', () => {
    const symbols = symbolsOf(events);
    expect(symbols.length).toBeGreaterThan(5);
    expect(pairs(record)).toEqual(NAMES.flatMap((name) => symbols.map((symbol) => `${name}/${symbol}`)).sort());
    const known = new Map(events.map((event) => [event.id, event]));
    for (const { ended, steps } of record.symbols) {
      expect(ended).toBe(steps.at(-1));
      for (const step of steps) {
        expect(known.get(step.eventId ?? ('' as RecordedEvent['id']))).toMatchObject({ position: step.position });
      }
    }
  });

  test('a symbol is traded in the record exactly when a position of it was opened', () => {
    const opened = events.flatMap((event) =>
      event.type === 'PositionOpened' && event.meta.sessionDate === DAY
        ? [`${event.data.strategy}/${event.data.symbol}`]
        : [],
    );
    expect(opened).toHaveLength(4);
    const traded = record.symbols.filter((row) => row.traded);
    expect(traded.map(({ strategy, symbol }) => `${strategy}/${symbol}`).sort()).toEqual(opened.sort());
    expect(new Set(traded.map(({ ended }) => `${ended.stage} ${ended.code}`))).toEqual(new Set(['position CLOSED']));
    const stages = traded[0]?.steps.map(({ stage, code }) => `${stage} ${code}`);
    expect(stages).toEqual([
      'rank RANKED',
      'signal OPENING_RANGE_BREAKOUT',
      'filter BROKER_WITHOUT_OPTIONS',
      'order INTENDED',
      'position OPENED',
      'position CLOSED',
    ]);
  });

  test('the closest approach is that of the minutes as they came', () => {
    const silent = record.symbols.filter(({ observed }) => observed !== null);
    expect(silent.length).toBeGreaterThan(3);
    for (const row of silent) expect(row.observed).toEqual(asTheyCame(row, record, events));
  });

  test('one strategy, one symbol, and what the session does not have', () => {
    expect(pairs(selectDecisions(record, { strategy: 'mid', symbol: 'TLRX' }))).toEqual(['mid/TLRX']);
    const refused = (selection: Parameters<typeof selectDecisions>[1]) =>
      refusalOf(Promise.resolve().then(() => selectDecisions(record, selection)));
    return Promise.all([
      expect(refused({ strategy: 'fourth' })).resolves.toMatchObject({ code: 'UNKNOWN_STRATEGY' }),
      expect(refused({ symbol: 'ZZZZ' })).resolves.toMatchObject({ code: 'SYMBOL_NOT_IN_SESSION' }),
      expect(refusalOf(readDecisions(harness.journal, '2026-01-09' as typeof DAY, NAMES))).resolves.toMatchObject({
        code: 'NO_SESSION',
        remedy: `The last sessions are ${NEXT_DAY}, ${DAY}.`,
      }),
    ]);
  });

  test('a session that was cut off has the rows that its events give', () => {
    const cut = events.findIndex((event) => event.type === 'SignalTriggered' && event.meta.sessionDate === DAY);
    const fold = new DecisionFold(DAY, NAMES);
    for (const event of events.slice(0, cut + 1)) fold.take(event);
    const { strategies, symbols } = fold.result();
    expect(strategies.map(({ strategy, outcome, ended }) => [strategy, outcome, ended.code])).toEqual([
      ['open', 'running', 'RUNNING'],
      ['mid', 'never started', 'NEVER_STARTED'],
      ['close', 'never started', 'NEVER_STARTED'],
    ]);
    for (const { strategy, rank, ended } of symbols) {
      if (strategy !== 'open') expect(ended.code).toBe('NEVER_STARTED');
      else if (rank === null) expect(ended.stage).toBe('screen');
      else expect(ended).toMatchObject({ stage: 'strategy', code: 'UNDECIDED', eventId: null });
    }
  });
});

test('a strategy that the settings leave out has its rows too', async () => {
  const record = await read(await played({ settings: { STRATEGY_SEQUENCE: 'open,close' } }));
  expect(record.strategies.map(({ strategy, outcome, ended }) => `${strategy} ${outcome} ${ended.code}`)).toEqual([
    'open ended ENDED',
    'mid skipped NOT_IN_SEQUENCE',
    'close ended ENDED',
  ]);
  const mid = record.symbols.filter(({ strategy }) => strategy === 'mid');
  expect(mid.length).toBeGreaterThan(5);
  expect(new Set(mid.map(({ ended }) => ended.code))).toEqual(new Set(['NOT_IN_SEQUENCE']));
});

/** The closest approach by a market that is fed with all minutes of the session, each once, as they came. */
function asTheyCame(row: Decision, record: SessionDecisions, events: readonly RecordedEvent[]): Decision['observed'] {
  const strategy = STRATEGIES.find(({ name }) => name === row.strategy);
  const opened = events.find((event) => event.type === 'SessionOpened');
  const entries = record.strategies.find((one) => one.strategy === row.strategy)?.entries;
  if (strategy === undefined || opened?.type !== 'SessionOpened' || !entries) throw new Error('no such strategy');
  const [opensAt, closesAt] = [parseUtcText(opened.data.opensAt), parseUtcText(opened.data.closesAt)];
  const day = marketOf(1).openSession(DAY);
  const market = new MarketView({ references: day.references, opensAt, closesAt });
  const context = { settings: parseSettings(BOTH_WAYS), date: DAY, opensAt, closesAt };
  let [minutes, traded, best] = [0, 0, -1];
  let closest: NonNullable<Decision['observed']>['closest'] = null;
  for (const slice of day.slices(opensAt, closesAt)) {
    market.apply(slice);
    if (slice.end < parseUtcText(entries.from) || slice.end >= parseUtcText(entries.to)) continue;
    minutes += 1;
    if (slice.bars.some(({ symbol }) => symbol === row.symbol)) traded += 1;
    const near = strategy.approach(row.symbol, market, context);
    // a signal and an approach of the whole way are one
    expect(strategy.signal(row.symbol, market, context).fired).toBe(false);
    if (near === undefined || near.share <= best) continue;
    const { figure, value, threshold, share } = near;
    best = share;
    closest = { at: toUtcText(slice.end), figure, value, threshold, share: ratioText(share) };
    expect(share).toBeLessThan(1);
  }
  return { minutes, traded, closest };
}
