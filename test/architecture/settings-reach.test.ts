import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { SETTING_TABLE } from '../../src/domain/config/settings.js';
import { arrowsOf } from './support/graph-rules.js';
import { everyNode, parseSource, sourcesUnder, type Source } from './support/source.js';

/** Where a session begins: everything that these files load may decide in it. */
const MODES = {
  day: ['src/composition/run-days', 'src/app/day/open-days'],
  whatIf: ['src/composition/what-if-session'],
  bot: ['src/composition/live-engine-deps', 'src/app/live/engine-loop'],
} as const;

type Mode = keyof typeof MODES;
const ALL: readonly Mode[] = ['day', 'whatIf', 'bot'];

/** Keys that a session obeys in every mode: one set of settings for all. */
const EVERYWHERE =
  `DISABLE_ALL_TRADES FRACTIONAL TOTAL_ALLOCATION MAX_TRADES CANDIDATE_MULTIPLIER WEIGHTS DAILY_LOSS_LIMIT
MAX_RISK_PER_TRADE MAX_OPEN_POSITIONS MAX_SPREAD_PCT DEFENSE_MODE_ACTIVE DEFENSE_MODE_TRADE_LIMIT_PCT
DEFENSE_MODE_TOTAL_ALLOCATION TRADING_TRAILING_STOP_PCT TRAIL_PCT_OPEN TRAIL_PCT_MID TRAIL_PCT_CLOSE
TRAIL_TIGHTENING_BUFFER_S TRAIL_TIGHTENING_FACTOR STOPS_AT_BROKER MIN_PRICE MAX_PRICE MIN_VOLUME_THRESHOLD MAX_GAP_PCT_OPEN MAX_GAP_PCT_MID
MAX_GAP_PCT_CLOSE MIN_MARKET_CAP_OPEN MIN_MARKET_CAP_MID MIN_MARKET_CAP_CLOSE MAX_MARKET_CAP_OPEN MAX_MARKET_CAP_MID
MAX_MARKET_CAP_CLOSE TRADING_DAYS MARKET_OPEN MARKET_CLOSE STRATEGY_SEQUENCE STRATEGY_OVERRIDE STRAT_OPEN_ENABLED
START_TIME_OPEN OPEN_ANALYSIS_TIME OPEN_BREAKOUT_TIME OPEN_MONITORING_TIME STRAT_OPEN_BUFFER SHORT_TYPE_OPEN
STRAT_MID_ENABLED START_TIME_MID MID_ANALYSIS_TIME MID_BREAKOUT_TIME MID_MONITORING_TIME STRAT_MID_VWAP_THRESHOLD
SHORT_TYPE_MID STRAT_CLOSE_ENABLED START_TIME_CLOSE CLOSE_ANALYSIS_TIME CLOSE_BREAKOUT_TIME CLOSE_MONITORING_TIME
STRAT_CLOSE_VIX_THRESHOLD SHORT_TYPE_CLOSE ADX_FILTER_ENABLED ADX_MAX BOLLINGER_CONFLUENCE_ENABLED VIX_GATE_ENABLED
REBALANCE_THRESHOLD LEDGER_EXPORT_MODE ENABLE_SLIPPAGE_MODEL SLIPPAGE_SIMULATION_TYPE SLIPPAGE_MEAN_PCT
SLIPPAGE_STDDEV_PCT TRADE_CONFIRMATION_REQUIRED TRADE_CONFIRMATION_SECONDS SIMULATED_LATENCY_MS API_RETRY_LIMIT
API_TIMEOUT BOOKS_COMPARE_MINUTES BOOKS_MISMATCH_HOLDS_ENTRIES FUNDAMENTAL_GUARD_ENABLED FUNDAMENTAL_GUARD_MISSING
MAX_PE_RATIO MAX_DEBT_EQUITY MIN_MARKET_CAP_FUNDAMENTAL IMBALANCE_SCANNER_ENABLED MAX_OPPOSING_IMBALANCE
ENABLE_BSM_FILTER MAX_BSM_DEVIATION RISK_FREE_RATE RISK_FREE_RATE_SOURCE OPTION_MIN_DAYS OPTION_MAX_SPREAD
OPTION_TRAILING_STOP_PCT`.split(/\s+/);

/** Keys that decide nothing in a session, or only in the modes named, with the reason. */
const ELSEWHERE: Readonly<Record<string, { readonly modes: readonly Mode[]; readonly because: string }>> = {
  VERSION_TAG: { modes: ['bot'], because: 'only saved settings belong to a version' },
  BROKER_NAME: { modes: ['bot'], because: 'days and what-if are simulated, whatever the broker' },
  MARKET_DATA: { modes: ['bot'], because: 'days and what-if read recorded or invented data' },
  RAW_FRAMES_KEEP_DAYS: { modes: ['bot'], because: 'only a running bot hears from a broker' },
  JOURNAL_URL: { modes: ['bot'], because: 'the vault keeps it apart for the process that opens the journal' },
  JOURNAL_OUTAGE_LIMIT: { modes: [], because: 'the engine process applies it' },
  JOURNAL_OUTAGE_ACTION: { modes: [], because: 'the engine process applies it' },
  SEAL_ANCHOR_DIR: { modes: [], because: 'seals are copied after a session' },
  TUNING_TRACKER_ENABLED: { modes: [], because: 'the tuning table folds it from the journal' },
  LOT_METHOD: { modes: [], because: 'the only method is FIFO' },
  SUP_UNIVERSE_AFTER_CLOSE_MIN: { modes: [], because: 'main has a worker build the universe' },
  SCREENER_UNIVERSE_MAX_AGE_DAYS: { modes: ['bot'], because: 'says when a universe is old' },
  SCREENER_SESSION_SYMBOLS: { modes: ['bot'], because: 'only a running bot has market data of a universe' },
  SCREENER_UNIVERSE_EXCHANGES: { modes: [], because: 'the worker builds the universe' },
  SCREENER_UNIVERSE_MIN_PRICE: { modes: [], because: 'the worker builds the universe' },
  SCREENER_UNIVERSE_MAX_PRICE: { modes: [], because: 'the worker builds the universe' },
  SCREENER_UNIVERSE_MIN_MARKET_CAP: { modes: [], because: 'the worker builds the universe' },
  SCREENER_UNIVERSE_MAX_MARKET_CAP: { modes: [], because: 'the worker builds the universe' },
  SCREENER_UNIVERSE_MAX_SIZE: { modes: [], because: 'the worker builds the universe' },
  SCREENER_SNAPSHOT_DAYS: { modes: [], because: 'the worker keeps the answers of builds' },
  SCREENER_TEST_MODE_UNIVERSE: { modes: [], because: 'the symbols of test mode' },
  ORPHAN_POLICY: { modes: ['bot'], because: 'only a running bot has a main process' },
  ORPHAN_GRACE: { modes: ['bot'], because: 'only a running bot has a main process' },
  JOURNAL_VERIFY_HOURS: { modes: [], because: 'main verifies the journal in the background' },
  RBAC_ENABLED: { modes: [], because: 'access to the pages' },
  ADMIN_SECOND_FACTOR_REQUIRED: { modes: [], because: 'access to the pages' },
  DEFAULT_USER_ROLE: { modes: [], because: 'access to the pages' },
  LOGIN_ATTEMPT_LIMIT: { modes: [], because: 'access to the pages' },
  LOGIN_LOCKOUT_MINUTES: { modes: [], because: 'access to the pages' },
  SESSION_TIMEOUT_MINUTES: { modes: [], because: 'access to the pages' },
};

/** Their names are composed from the strategy's. */
const COMPOSED: Readonly<Record<string, RegExp>> = {
  windowSettings: /^(START_TIME_\w+|\w+_(ANALYSIS|BREAKOUT|MONITORING)_TIME)$/,
  isEnabled: /^STRAT_\w+_ENABLED$/,
};

const KEYS = Object.keys(SETTING_TABLE);

/** Files that define and check the settings; none of them decides anything by a value. */
const isDefinition = (path: string): boolean => path.startsWith('src/domain/config/') || path.includes('/test-mode/');

function loaded(sources: ReadonlyMap<string, Source>, roots: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const walk = (path: string): void => {
    const source = sources.get(path);
    if (seen.has(path) || source === undefined) return;
    seen.add(path);
    for (const { target, typesOnly } of arrowsOf(source)) if (!typesOnly) walk(target);
  };
  roots.forEach(walk);
  return seen;
}

function namedIn(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  everyNode(source, (node) => {
    if (ts.isIdentifier(node) || ts.isStringLiteral(node)) names.add(node.text);
  });
  return names;
}

/** The keys that the files of a mode name. */
function keysRead(sources: readonly Source[], roots: readonly string[]): ReadonlySet<string> {
  const byPath = new Map(sources.map((source) => [source.path.replace(/\.(ts|mjs)$/, ''), source]));
  const read = new Set<string>();
  for (const path of loaded(byPath, roots)) {
    const source = byPath.get(path);
    if (source === undefined || isDefinition(path)) continue;
    const names = namedIn(source);
    for (const key of KEYS) if (names.has(key)) read.add(key);
    for (const [reader, keys] of Object.entries(COMPOSED)) {
      if (names.has(reader)) for (const key of KEYS.filter((one) => keys.test(one))) read.add(key);
    }
  }
  return read;
}

const readIn = Object.fromEntries(ALL.map((mode) => [mode, keysRead(sourcesUnder(['src']), MODES[mode])])) as Readonly<
  Record<Mode, ReadonlySet<string>>
>;
const modesOf = (key: string): readonly Mode[] => ALL.filter((mode) => readIn[mode].has(key));

describe('day, what-if and the bot obey the same settings', () => {
  test('the rule sees a key that only one mode reads', () => {
    const read = (text: string): readonly string[] => [
      ...keysRead(
        [parseSource('src/a.ts', "import { b } from './b.js'; b();"), parseSource('src/b.ts', text)],
        ['src/a'],
      ),
    ];
    expect(read('export const b = (settings) => settings.MARKET_OPEN;')).toEqual(['MARKET_OPEN']);
    expect(read('export const b = (settings) => isEnabled(settings);')).toContain('STRAT_MID_ENABLED');
    expect(read('export const b = 1;')).toEqual([]);
  });

  test('every key is in this table once, or has no effect in this version', () => {
    const withEffect = Object.entries(SETTING_TABLE).flatMap(([key, { takesEffect }]) => (takesEffect ? [key] : []));
    expect([...EVERYWHERE, ...Object.keys(ELSEWHERE)].sort()).toEqual(withEffect.sort());
    expect(Object.values(ELSEWHERE).every(({ because }) => because.length > 10)).toBe(true);
  });

  test.each(EVERYWHERE)('%s has its effect in all three', (key) => {
    expect(modesOf(key)).toEqual(ALL);
  });

  test.each(Object.entries(ELSEWHERE))('%s has its effect in the modes that the table names', (key, { modes }) => {
    expect(modesOf(key)).toEqual(modes);
  });

  test('a key without effect in this version is read by no mode', () => {
    const without = Object.entries(SETTING_TABLE).flatMap(([key, { takesEffect }]) => (takesEffect ? [] : [key]));
    expect(without.filter((key) => modesOf(key).length > 0)).toEqual([]);
  });
});
