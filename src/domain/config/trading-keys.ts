import { BROKER_NAMES, MARKET_DATA_NAMES } from './broker-names.js';
import { perStrategy } from './configured-strategies.js';
import { hasNoLogin } from './journal-address.js';
import { kindsOf } from './setting-kinds.js';

const general = kindsOf('general');
const broker = kindsOf('broker');
const journal = kindsOf('journal');
const risk = kindsOf('risk');
const defense = kindsOf('defense');
const trailing = kindsOf('trailing');
const filters = kindsOf('filters');

const FRACTION = 'fraction';

/** Settings of the groups general to filters. The unit says whether a share is a fraction (0.02) or a percentage (2). */
export const TRADING_KEYS = {
  DISABLE_ALL_TRADES: general.flag(false, {
    label: 'Disable all trades',
    help: 'Blocks new positions. Exits are still sent: a stop-loss, a stop and a kill close open positions.',
    change: 'hot',
  }),
  LOG_FORMAT: general.choice(['json', 'csv'], {
    label: 'Log format',
    help: 'Format of the strategy logs. They are always JSON lines.',
    takesEffect: false,
  }),

  BROKER_NAME: broker.choice(BROKER_NAMES, {
    label: 'Broker',
    help:
      'SIM: the built-in exchange simulator. The others need the secret broker_credentials, whose address says whether the ' +
      'account is a paper or a live one. Fixed once the books of the bot are open.',
  }),
  MARKET_DATA: broker.choice(MARKET_DATA_NAMES, {
    addedLater: true,
    label: 'Market data',
    help:
      'broker: the feed of the broker, for the simulator its own market. Another feed needs its key in the secret screener_api: ' +
      'ALPACA_API_KEY and ALPACA_SECRET_KEY, TRADIER_API_KEY, IBKR_URL or FINNHUB_API_KEY.',
  }),
  RAW_FRAMES_KEEP_DAYS: broker.count(30, 1, 3650, {
    addedLater: true,
    label: 'Raw frame retention',
    help: 'Days for which the messages of broker and market data are kept as they came; older files are deleted.',
    unit: 'days',
    change: 'hot',
  }),
  API_RETRY_LIMIT: broker.count(3, 0, 10, {
    label: 'Retry limit',
    help: 'Maximum retries of a broker request that is safe to repeat. Orders are never sent twice.',
    change: 'hot',
  }),
  API_TIMEOUT: broker.count(30, 1, 300, {
    label: 'Broker time-out',
    help: 'Time to wait for a broker response before the bot queries the order status.',
    unit: 's',
    change: 'hot',
  }),
  FRACTIONAL: broker.flag(true, {
    label: 'Fractional shares',
    help: 'Size entries in fractions of a share. When false, whole shares only.',
  }),
  BOOKS_COMPARE_MINUTES: broker.count(15, 1, 390, {
    addedLater: true,
    label: 'Books comparison',
    help: 'Interval at which books and broker are compared during a session, as well as at its start and end.',
    unit: 'min',
    change: 'hot',
  }),
  BOOKS_MISMATCH_HOLDS_ENTRIES: broker.flag(true, {
    addedLater: true,
    label: 'Mismatch holds entries',
    help: 'No new positions while books and broker differ and nobody has resolved it. Exits, stops and a kill are sent.',
    change: 'hot',
  }),
  TRADE_CONFIRMATION_REQUIRED: broker.flag(false, {
    label: 'Trade confirmation',
    help: 'Each entry waits until an operator confirms it, and is judged again then. Exits, stops and a kill never wait. A simulated day (tradebot day, what-if) asks nobody.',
  }),
  TRADE_CONFIRMATION_SECONDS: broker.count(120, 10, 3_600, {
    addedLater: true,
    label: 'Time to confirm',
    help: 'An entry that nobody confirms within this time is not sent. Only with trade confirmation.',
    unit: 's',
  }),

  JOURNAL_URL: journal.url('sqlite:', ['esdb', 'esdb+discover'], {
    label: 'Journal',
    help:
      'Location of the journal. sqlite: a file in this home. esdb://host:2113: an EventStoreDB server, whose user and ' +
      'password are the secret journal_server. user:password@ in the address is moved there.',
    shows: hasNoLogin,
  }),
  JOURNAL_OUTAGE_LIMIT: journal.count(120, 5, 86_400, {
    addedLater: true,
    label: 'Journal outage limit',
    help:
      'Time for which the bot manages its positions without its journal. Entries are held at once; what happens meanwhile is kept in the home ' +
      'and recorded when the journal is back.',
    unit: 's',
    change: 'hot',
  }),
  JOURNAL_OUTAGE_ACTION: journal.choice(['close', 'hold'], {
    addedLater: true,
    label: 'Journal outage action',
    help:
      'After the limit. close: positions are closed, and the bot is stopped until a user starts it. hold: positions are kept with their ' +
      'stops and exits until the journal is back.',
    change: 'hot',
  }),

  SEAL_ANCHOR_DIR: journal.text(
    '',
    /^\/[^\u0000-\u001f]{1,300}$/,
    'the absolute path of a directory outside the home',
    {
      addedLater: true,
      label: 'Seal anchor directory',
      help:
        'Directory outside the home, best on another disk, that gets a copy of each seal and of the public key. ' +
        'A journal that was cut together with the seals of its home is then noticed. Empty: seals stay in the home only.',
      change: 'hot',
    },
  ),

  TOTAL_ALLOCATION: risk.decimal('0.02', '0.0001', '1', {
    label: 'Total allocation',
    help: 'Maximum share of the session-start float that may be invested at one time.',
    unit: FRACTION,
  }),
  MAX_TRADES: risk.count(4, 1, 100, {
    label: 'Trades per strategy',
    help: 'Maximum number of entries per strategy in a session.',
  }),
  CANDIDATE_MULTIPLIER: risk.count(5, 1, 50, {
    label: 'Candidate multiplier',
    help: 'Size of the candidate pool as a multiple of MAX_TRADES.',
  }),
  WEIGHTS: risk.decimals(['0.4', '0.2', '0.2', '0.2'], {
    label: 'Entry weights',
    help: 'Share of the total allocation for the first, second, ... entry of a strategy. One weight for each of MAX_TRADES.',
    unit: FRACTION,
  }),
  DAILY_LOSS_LIMIT: risk.decimal('0.05', '0.0001', '1', {
    label: 'Daily loss limit',
    help: 'Loss in one session, as a fraction of the session-start float, that trips the kill switch.',
    unit: FRACTION,
    change: 'hot',
  }),
  MAX_RISK_PER_TRADE: risk.decimal('0.025', '0.0001', '1', {
    label: 'Maximum risk per trade',
    help: 'Maximum loss of an entry at its initial stop, as a fraction of the session-start float.',
    unit: FRACTION,
    change: 'hot',
  }),
  MAX_OPEN_POSITIONS: risk.count(5, 1, 1000, {
    label: 'Maximum open positions',
    help: 'Maximum number of positions, including entries in progress.',
    change: 'hot',
  }),
  MAX_SPREAD_PCT: risk.decimal('0.015', '0.0001', '1', {
    label: 'Maximum spread',
    help: 'Entries are blocked while the spread (ask minus bid) exceeds this fraction of the mid price.',
    unit: FRACTION,
    change: 'hot',
  }),

  DEFENSE_MODE_ACTIVE: defense.flag(false, {
    label: 'Defense mode',
    help: 'Start with the tighter limits below. Defense mode ends only by manual reset.',
  }),
  DEFENSE_MODE_TRADE_LIMIT_PCT: defense.decimal('66', '1', '100', {
    label: 'Trade limit in defense mode',
    help: 'Percentage of MAX_TRADES allowed in defense mode, rounded down, at least one trade.',
    unit: '%',
  }),
  DEFENSE_MODE_TOTAL_ALLOCATION: defense.decimal('0.01', '0.0001', '1', {
    label: 'Total allocation in defense mode',
    help: 'Replaces TOTAL_ALLOCATION while defense mode is on.',
    unit: FRACTION,
  }),

  TRADING_TRAILING_STOP_PCT: trailing.decimal('0.02', '0.0005', '0.5', {
    label: 'Trailing stop',
    help: 'Distance of the stop from the best price since entry, as a fraction of that price.',
    unit: FRACTION,
    change: 'hot',
  }),
  STOPS_AT_BROKER: trailing.flag(true, {
    label: 'Stops at the broker',
    help: 'The stop of each position rests as an order at the broker, where it can. Off, or at a broker that cannot: the bot closes the position itself. The simulator cannot.',
    addedLater: true,
  }),
  ...perStrategy('TRAIL_PCT_', (name) =>
    trailing.decimal('0.02', '0.0005', '0.5', {
      label: `Trailing stop (${name})`,
      help: `Trailing stop of the ${name} strategy. Empty: the general trailing stop.`,
      unit: FRACTION,
      change: 'hot',
      inherits: 'TRADING_TRAILING_STOP_PCT',
    }),
  ),
  HOLDINGS_TRAILING_STOP_PCT: trailing.decimal('0', '0', '0.5', {
    label: 'Trailing stop (holdings)',
    help: 'Trailing stop of holdings. 0: no stop.',
    unit: FRACTION,
    change: 'hot',
    takesEffect: false,
  }),
  TRAIL_TIGHTENING_BUFFER_S: trailing.count(150, 0, 3600, {
    label: 'Stop tightening period',
    help: 'Seconds before the end of the strategy window in which the stop is tightened.',
    unit: 's',
    change: 'hot',
  }),
  TRAIL_TIGHTENING_FACTOR: trailing.decimal('0.5', '0.01', '1', {
    label: 'Stop tightening factor',
    help: 'Multiplier of the stop distance during the tightening period.',
    unit: FRACTION,
    change: 'hot',
  }),

  MIN_PRICE: filters.decimal('2', '0.01', '1000000', {
    label: 'Minimum price',
    help: 'Symbols below this price are excluded.',
    unit: 'USD',
    change: 'hot',
  }),
  MAX_PRICE: filters.decimal('300', '0.01', '1000000', {
    label: 'Maximum price',
    help: 'Symbols above this price are excluded.',
    unit: 'USD',
    change: 'hot',
  }),
  MIN_VOLUME_THRESHOLD: filters.count(500_000, 0, 1_000_000_000_000, {
    label: 'Minimum volume',
    help: 'Minimum share volume of the previous session. When that is unknown, the volume of this session so far.',
    unit: 'shares',
    change: 'hot',
  }),
  ...perStrategy('MAX_GAP_PCT_', gap),
  ...perStrategy('MIN_MARKET_CAP_', (name) => marketCap('Minimum', name)),
  ...perStrategy('MAX_MARKET_CAP_', (name) => marketCap('Maximum', name)),
};

function gap(strategy: string) {
  return filters.decimal('0.1', '0.001', '1', {
    label: `Maximum gap (${strategy})`,
    help: 'Maximum distance of the opening price from the previous close, as a fraction of that close.',
    unit: FRACTION,
    change: 'hot',
  });
}

function marketCap(bound: 'Minimum' | 'Maximum', strategy: string) {
  return filters.count(bound === 'Minimum' ? 300_000_000 : 10_000_000_000, 0, 100_000_000_000_000, {
    label: `${bound} market cap (${strategy})`,
    help: 'Applied only when the data feed provides the market cap.',
    unit: 'USD',
    change: 'hot',
  });
}
