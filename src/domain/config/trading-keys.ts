import { perStrategy } from './configured-strategies.js';
import { kindsOf } from './setting-kinds.js';

const general = kindsOf('general');
const broker = kindsOf('broker');
const journal = kindsOf('journal');
const risk = kindsOf('risk');
const defense = kindsOf('defense');
const trailing = kindsOf('trailing');
const filters = kindsOf('filters');

const FRACTION = 'fraction';

/** Spec 30, groups general to filters. Fractions are fractions (0.02 = 2 %) unless the name says PCT of 100. */
export const TRADING_KEYS = {
  DISABLE_ALL_TRADES: general.flag(false, {
    label: 'Disable all trades',
    help: 'No order of any kind leaves the bot, exits included.',
    change: 'hot',
  }),
  LOG_FORMAT: general.choice(['json', 'csv'], {
    label: 'Log format',
    help: 'Format of the strategy logs; one format per session.',
  }),

  BROKER_NAME: broker.choice(['SIM'], { label: 'Broker', help: 'SIM is the embedded exchange simulator.' }),
  API_RETRY_LIMIT: broker.count(3, 0, 10, {
    label: 'Retries',
    help: 'How often a call that is safe to repeat is repeated; an order is never sent twice.',
    change: 'hot',
  }),
  API_TIMEOUT: broker.count(30, 1, 300, {
    label: 'Time-out',
    help: 'How long the bot waits for an answer before it asks what became of an order.',
    unit: 's',
    change: 'hot',
  }),
  FRACTIONAL: broker.flag(true, {
    label: 'Fractional shares',
    help: 'Size entries in fractions of a share; false means whole shares only.',
  }),
  TRADE_CONFIRMATION_REQUIRED: broker.flag(false, {
    label: 'Confirm trades',
    help: 'A person confirms each entry before it is sent.',
    takesEffect: false,
  }),

  JOURNAL_URL: journal.url('sqlite:', ['esdb', 'esdb+discover'], {
    label: 'Journal',
    help: 'Where events are kept: sqlite: in this home, or esdb://user:password@host:2113 for EventStoreDB.',
  }),

  TOTAL_ALLOCATION: risk.decimal('0.02', '0.0001', '1', {
    label: 'Session cap',
    help: 'Share of the float at session start that may be at work at once.',
    unit: FRACTION,
  }),
  MAX_TRADES: risk.count(4, 1, 100, {
    label: 'Trades per strategy',
    help: 'Most entries of one strategy in a session.',
  }),
  CANDIDATE_MULTIPLIER: risk.count(5, 1, 50, {
    label: 'Candidate multiplier',
    help: 'A pool holds MAX_TRADES times this many candidates.',
  }),
  WEIGHTS: risk.decimals(['0.4', '0.2', '0.2', '0.2'], {
    label: 'Weights',
    help: 'Slice of the session cap for the first, second, ... entry of a strategy; MAX_TRADES of them.',
    unit: FRACTION,
  }),
  DAILY_LOSS_LIMIT: risk.decimal('0.05', '0.0001', '1', {
    label: 'Daily loss limit',
    help: 'Loss of the day, as a share of the float at session start, that trips the kill switch.',
    unit: FRACTION,
    change: 'hot',
  }),
  MAX_RISK_PER_TRADE: risk.decimal('0.025', '0.0001', '1', {
    label: 'Risk per trade',
    help: 'Most that one entry may lose at its first stop, as a share of the float at session start.',
    unit: FRACTION,
    change: 'hot',
  }),
  MAX_OPEN_POSITIONS: risk.count(5, 1, 1000, {
    label: 'Open positions',
    help: 'Most positions open or being opened at once.',
    change: 'hot',
  }),
  MAX_SPREAD_PCT: risk.decimal('0.015', '0.0001', '1', {
    label: 'Widest spread',
    help: 'Ask minus bid as a share of their middle, beyond which nothing is entered.',
    unit: FRACTION,
    change: 'hot',
  }),

  DEFENSE_MODE_ACTIVE: defense.flag(false, {
    label: 'Defense mode',
    help: 'Start with the tighter limits below; only a person ends it.',
  }),
  DEFENSE_MODE_TRADE_LIMIT_PCT: defense.decimal('66', '1', '100', {
    label: 'Trades left',
    help: 'Percent of MAX_TRADES that is left in defense mode, rounded down, at least one.',
    unit: '%',
  }),
  DEFENSE_MODE_TOTAL_ALLOCATION: defense.decimal('0.01', '0.0001', '1', {
    label: 'Session cap in defense',
    help: 'TOTAL_ALLOCATION while defense mode is on.',
    unit: FRACTION,
  }),

  TRADING_TRAILING_STOP_PCT: trailing.decimal('0.02', '0.0005', '0.5', {
    label: 'Trailing stop',
    help: 'Distance of the stop from the best price since entry.',
    unit: FRACTION,
    change: 'hot',
  }),
  ...perStrategy('TRAIL_PCT_', (name) =>
    trailing.decimal('0.02', '0.0005', '0.5', {
      label: `Trailing stop, ${name}`,
      help: `For the ${name} strategy; empty takes the general one.`,
      unit: FRACTION,
      change: 'hot',
      inherits: 'TRADING_TRAILING_STOP_PCT',
    }),
  ),
  HOLDINGS_TRAILING_STOP_PCT: trailing.decimal('0', '0', '0.5', {
    label: 'Trailing stop, holdings',
    help: 'For holdings; 0 has none.',
    unit: FRACTION,
    change: 'hot',
    takesEffect: false,
  }),
  TRAIL_TIGHTENING_BUFFER_S: trailing.count(150, 0, 3600, {
    label: 'Tightening starts',
    help: 'Seconds before the end of the window in which the stop is tightened.',
    unit: 's',
    change: 'hot',
  }),
  TRAIL_TIGHTENING_FACTOR: trailing.decimal('0.5', '0.01', '1', {
    label: 'Tightening factor',
    help: 'The distance of the stop is multiplied by this in the tightening seconds.',
    unit: FRACTION,
    change: 'hot',
  }),

  MIN_PRICE: filters.decimal('2', '0.01', '1000000', {
    label: 'Lowest price',
    help: 'Cheaper symbols are not entered.',
    unit: 'USD',
    change: 'hot',
  }),
  MAX_PRICE: filters.decimal('300', '0.01', '1000000', {
    label: 'Highest price',
    help: 'Dearer symbols are not entered.',
    unit: 'USD',
    change: 'hot',
  }),
  MIN_VOLUME_THRESHOLD: filters.count(500_000, 0, 1_000_000_000_000, {
    label: 'Least volume',
    help: 'Shares traded on the day before; when that is unknown, on this day so far.',
    unit: 'shares',
    change: 'hot',
  }),
  ...perStrategy('MAX_GAP_PCT_', gap),
  ...perStrategy('MIN_MARKET_CAP_', (name) => cap('Least', name)),
  ...perStrategy('MAX_MARKET_CAP_', (name) => cap('Most', name)),
};

function gap(strategy: string) {
  return filters.decimal('0.1', '0.001', '1', {
    label: `Widest gap, ${strategy}`,
    help: 'Distance of the first price of the day from the close before, as a share of that close.',
    unit: FRACTION,
    change: 'hot',
  });
}

function cap(which: 'Least' | 'Most', strategy: string) {
  return filters.count(which === 'Least' ? 300_000_000 : 10_000_000_000, 0, 100_000_000_000_000, {
    label: `${which} market capitalisation, ${strategy}`,
    help: 'Checked when the feed knows the figure.',
    unit: 'USD',
    change: 'hot',
  });
}
