import { perStrategy } from './configured-strategies.js';
import { kindsOf } from './setting-kinds.js';

const general = kindsOf('general');
const universe = kindsOf('universe');
const holdings = kindsOf('holdings');
const access = kindsOf('access');
const alerts = kindsOf('alerts');
const health = kindsOf('health');
const hub = kindsOf('hub');

const NOT_YET = { takesEffect: false } as const;

/** Settings of the group general that do not affect trading. */
export const GENERAL_KEYS = {
  VERSION_TAG: general.text('', /^[A-Za-z0-9._-]{1,40}$/, 'a version tag, such as 0.2.0', {
    label: 'Version',
    change: 'hot',
    help: 'Version these settings belong to. It must match the running version; each save updates it.',
  }),
  BUILD_MODE: general.choice(['release', 'debug'], {
    label: 'Build mode',
    help: 'Type of build: release or debug.',
    ...NOT_YET,
  }),
  DEBUG_LOG_LEVEL: general.choice(['info', 'quiet', 'verbose'], {
    label: 'Log level',
    help: 'Level of detail of the process logs.',
    change: 'hot',
    ...NOT_YET,
  }),
  ENABLE_LOGGING: general.flag(true, {
    label: 'Strategy logs',
    help: 'Write the strategy logs.',
    ...NOT_YET,
  }),
};

const USD = 'USD';

/** Settings of the groups universe, holdings, access, alerts, health and hub. */
export const SYSTEM_KEYS = {
  SCREENER_UNIVERSE_MAX_AGE_DAYS: universe.count(3, 1, 60, {
    label: 'Maximum universe age',
    help: 'Sessions still use an older universe, with a warning.',
    unit: 'days',
  }),
  SCREENER_UNIVERSE_EXCHANGES: universe.choices(['NYSE', 'NASDAQ'], {
    label: 'Exchanges',
    help: 'Exchanges whose listed symbols form the universe.',
  }),
  SCREENER_UNIVERSE_MIN_PRICE: universe.decimal('2', '0.01', '1000000', {
    label: 'Minimum price (universe)',
    help: 'Symbols below this price are excluded.',
    unit: USD,
  }),
  SCREENER_UNIVERSE_MAX_PRICE: universe.decimal('300', '0.01', '1000000', {
    label: 'Maximum price (universe)',
    help: 'Symbols above this price are excluded.',
    unit: USD,
  }),
  SCREENER_UNIVERSE_MIN_MARKET_CAP: universe.count(300_000_000, 0, 100_000_000_000_000, {
    label: 'Minimum market cap (universe)',
    help: 'Companies below this market cap are excluded.',
    unit: USD,
  }),
  SCREENER_UNIVERSE_MAX_MARKET_CAP: universe.count(10_000_000_000, 0, 100_000_000_000_000, {
    label: 'Maximum market cap (universe)',
    help: 'Companies above this market cap are excluded.',
    unit: USD,
  }),
  SCREENER_UNIVERSE_MAX_SIZE: universe.count(2_000, 1, 20_000, {
    label: 'Maximum universe size',
    help: 'Maximum number of symbols in the universe.',
    unit: 'symbols',
  }),
  SCREENER_SESSION_SYMBOLS: universe.count(30, 1, 500, {
    label: 'Symbols of a session',
    help: 'How many symbols of the universe a session at a real broker watches, by rank. The plan of the market data must carry them.',
    unit: 'symbols',
    addedLater: true,
  }),
  SCREENER_SNAPSHOT_DAYS: universe.count(30, 1, 3_650, {
    label: 'Universe snapshots',
    help: 'Days for which the recorded answers of universe builds are kept: so far back a universe can be rebuilt.',
    unit: 'days',
    addedLater: true,
  }),
  SCREENER_TEST_MODE_UNIVERSE: universe.symbols(['SPY', 'QQQ', 'AAPL', 'MSFT'], {
    label: 'Test mode universe',
    help: 'Symbols traded in test mode.',
  }),

  REBALANCE_ENABLED: holdings.flag(true, {
    label: 'Rebalancing',
    help: 'Rebalance holdings to their targets.',
    ...NOT_YET,
  }),
  REBALANCE_CHECK_INTERVAL: holdings.count(3600, 60, 86_400, {
    label: 'Rebalancing interval',
    help: 'Interval between checks for deviations.',
    unit: 's',
    change: 'hot',
    ...NOT_YET,
  }),
  ENABLE_REBALANCE_NOTIFIER: holdings.flag(true, {
    label: 'Rebalancing notice',
    help: 'Send a notice when holdings deviate from their targets.',
    change: 'hot',
    ...NOT_YET,
  }),
  LEDGER_SNAPSHOT_RETENTION_DAYS: holdings.count(30, 1, 3650, {
    label: 'Ledger snapshot retention',
    help: 'Number of days that ledger snapshots are kept.',
    unit: 'days',
    ...NOT_YET,
  }),

  RBAC_ENABLED: access.flag(true, {
    label: 'Role-based access',
    help: 'When off, every logged-in user has the rights of an admin, except for users, secrets, settings and the float. Access tokens keep their role.',
    change: 'hot',
  }),
  ADMIN_SECOND_FACTOR_REQUIRED: access.flag(false, {
    label: 'Second factor for admins',
    help: 'An admin without a second factor can only enrol one.',
    change: 'hot',
  }),
  DEFAULT_USER_ROLE: access.choice(['viewer', 'operator', 'accountant', 'admin'], {
    label: 'Role of new users',
    help: 'Role of a new user when the administrator selects none.',
    change: 'hot',
  }),
  LOGIN_ATTEMPT_LIMIT: access.count(10, 1, 100, {
    label: 'Login attempts',
    help: 'Failed logins after which a new device waits 30 seconds before each attempt (half of it for each failure fewer), and after which a known device is no longer known and a session ends. Nobody is locked out.',
    change: 'hot',
  }),
  LOGIN_LOCKOUT_MINUTES: access.count(15, 1, 1440, {
    label: 'Login delay time',
    help: 'Failed logins are forgotten, and new devices no longer wait, this long after the last one.',
    unit: 'min',
    change: 'hot',
  }),
  SESSION_TIMEOUT_MINUTES: access.count(120, 1, 10_080, {
    label: 'Session time-out',
    help: 'A browser session ends after this time without use; an open page that nobody has touched for 5 minutes is not used.',
    unit: 'min',
    change: 'hot',
  }),

  ...notifyKeys(),
  CRITICAL_ALERT_CHANNEL: alerts.choice(['email', 'webhook', 'slack', 'pagerduty'], {
    label: 'Critical alert channel',
    help: 'Channel for critical alerts.',
    change: 'hot',
    ...NOT_YET,
  }),
  ROUTINE_ALERT_CHANNEL: alerts.choice(['email', 'webhook', 'slack', 'pagerduty'], {
    label: 'Routine alert channel',
    help: 'Channel for routine alerts.',
    change: 'hot',
    ...NOT_YET,
  }),

  ORPHAN_POLICY: health.choice(['hold', 'close'], {
    addedLater: true,
    label: 'Without main process',
    help:
      'What the engine does with open positions when the main process has ended or hangs. hold: keeps them with their stops ' +
      'and exits until main is back or the session ends. close: closes them after the grace period. Neither opens a position.',
    change: 'hot',
  }),
  ORPHAN_GRACE: health.count(300, 5, 86_400, {
    addedLater: true,
    label: 'Grace period without main process',
    help: 'With the policy close: time for main to come back before positions are closed.',
    unit: 's',
    change: 'hot',
  }),
  POLLING_TIER: health.choice(['standard', 'fast'], {
    label: 'Health polling',
    help: 'Frequency of the health checks.',
    change: 'hot',
    ...NOT_YET,
  }),
  JOURNAL_VERIFY_HOURS: health.count(24, 1, 720, {
    addedLater: true,
    label: 'Journal verification interval',
    help: 'The hash chain of the whole journal is verified in the background after each start, then at this interval.',
    unit: 'h',
    change: 'hot',
  }),
  HUB_URL: hub.url('', ['https', 'http'], {
    label: 'Hub address',
    help: 'URL of the runtime hub. Empty: the embedded hub.',
    ...NOT_YET,
  }),
  TELEMETRY_SINK: hub.choice(['none', 'otlp', 'newrelic'], {
    label: 'Telemetry destination',
    help: 'System that receives the telemetry.',
    ...NOT_YET,
  }),
};

function notify(what: string, label: string) {
  return alerts.flag(true, { label: `Alert: ${label}`, help: `Send an alert for ${what}.`, change: 'hot', ...NOT_YET });
}

function notifyKeys() {
  return {
    NOTIFY_ON_FILL: notify('each fill', 'fills'),
    NOTIFY_ON_EXIT: notify('each closed position', 'exits'),
    NOTIFY_ON_FAILURE: notify('each failure', 'failures'),
    ...perStrategy('NOTIFY_STRAT_', (name) => notify(`events of the ${name} strategy`, `${name} strategy`)),
  };
}

const research = kindsOf('research');
const enhancements = kindsOf('enhancements');
const FRACTION = 'fraction';

/** Settings of the groups enhancements and research that have no effect yet; session-keys.ts has the others. */
export const LATER_KEYS = {
  ENABLE_BSM_FILTER: enhancements.flag(true, {
    label: 'Option price filter',
    help: 'Blocks a signal whose option (a call for a long, a put for a short) is quoted too far from its Black-Scholes-Merton value. Needs a broker with option chains; elsewhere the other rules decide, and the record says so.',
    change: 'hot',
  }),
  MAX_BSM_DEVIATION: enhancements.decimal('0.15', '0.001', '10', {
    label: 'Maximum option price deviation',
    help: 'Maximum deviation of the quote of an option from its model value, as a fraction of the value.',
    unit: FRACTION,
    change: 'hot',
  }),
  RISK_FREE_RATE: enhancements.decimal('0.045', '0', '1', {
    label: 'Risk-free rate',
    help: 'Annual rate for option pricing, when the source is static or the rate of the jurisdiction is not known.',
    unit: FRACTION,
    change: 'hot',
  }),
  RISK_FREE_RATE_SOURCE: enhancements.choice(['dynamic', 'static'], {
    label: 'Risk-free rate source',
    help: 'dynamic: the rate of the jurisdiction. static: RISK_FREE_RATE.',
    change: 'hot',
  }),
  OPTION_MIN_DAYS: enhancements.count(14, 1, 365, {
    label: 'Minimum days to expiry',
    help: 'Options that expire earlier are not looked at, and not bought.',
    unit: 'days',
    change: 'hot',
    addedLater: true,
  }),
  OPTION_MAX_SPREAD: enhancements.decimal('0.1', '0.001', '1', {
    label: 'Maximum option spread',
    help: 'Options whose bid and ask are further apart, as a fraction of their middle, are not looked at, and not bought.',
    unit: FRACTION,
    change: 'hot',
    addedLater: true,
  }),
  OPTION_TRAILING_STOP_PCT: enhancements.decimal('0.3', '0.01', '0.95', {
    label: 'Trailing stop of options',
    help: 'Distance of the stop of a bought option from its best price since entry, as a fraction of that price. The trailing stops of shares do not apply to options.',
    unit: FRACTION,
    change: 'hot',
    addedLater: true,
  }),
  FUNDAMENTAL_GUARD_ENABLED: enhancements.flag(true, {
    label: 'Fundamental guard',
    help: 'Blocks companies outside the fundamental limits below.',
    change: 'hot',
  }),
  MAX_PE_RATIO: enhancements.decimal('50', '0', '100000', {
    label: 'Maximum price/earnings ratio',
    help: 'Companies above this ratio are blocked.',
    change: 'hot',
  }),
  MAX_DEBT_EQUITY: enhancements.decimal('2.5', '0', '100000', {
    label: 'Maximum debt/equity ratio',
    help: 'Companies above this ratio are blocked.',
    change: 'hot',
  }),
  MIN_MARKET_CAP_FUNDAMENTAL: enhancements.count(2_000_000_000, 0, 100_000_000_000_000, {
    label: 'Minimum market cap (fundamental)',
    help: 'Companies below this market cap are blocked.',
    unit: USD,
    change: 'hot',
  }),
  FUNDAMENTAL_GUARD_MISSING: enhancements.choice(['allow', 'block'], {
    label: 'Missing fundamentals',
    help: 'What the fundamental guard does with a symbol without one of its figures. A loss is not a missing figure.',
    change: 'hot',
    addedLater: true,
  }),
  IMBALANCE_SCANNER_ENABLED: enhancements.flag(true, {
    label: 'Imbalance scanner',
    help: 'Blocks entries of the close strategy in the last hour against a strong imbalance of the closing auction. Needs the market data of IBKR.',
    change: 'hot',
  }),
  MAX_OPPOSING_IMBALANCE: enhancements.decimal('0.3', '0.01', '1', {
    label: 'Maximum opposing imbalance',
    help: 'Share of the closing auction without a counterparty, against the entry, above which the imbalance scanner blocks it.',
    unit: FRACTION,
    change: 'hot',
    addedLater: true,
  }),
  TUNING_TRACKER_ENABLED: enhancements.flag(true, {
    label: 'Tuning tracker',
    help: 'Compares what each value of each strategy setting made (tradebot tuning). false: sessions that begin now are not counted.',
    change: 'hot',
  }),

  ENABLE_STRATEGY_OPTIMIZER: research.flag(false, {
    label: 'Strategy optimizer',
    help: 'Searches for better strategy parameters.',
    ...NOT_YET,
  }),
  OPTIMIZER_BACKTEST_LOOKBACK_DAYS: research.count(30, 1, 3650, {
    label: 'Optimizer lookback',
    help: 'Number of past days used by the optimizer.',
    unit: 'days',
    ...NOT_YET,
  }),
  OPTIMIZER_ALGORITHM: research.choice(['grid_search', 'random', 'bayesian'], {
    label: 'Optimizer algorithm',
    help: 'Search algorithm of the optimizer.',
    ...NOT_YET,
  }),
};
