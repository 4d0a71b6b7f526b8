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

/** Spec 30, group general, beside what trades. */
export const GENERAL_KEYS = {
  VERSION_TAG: general.text('', /^[A-Za-z0-9._-]{1,40}$/, 'the tag of this version, such as 0.2.0', {
    label: 'Version',
    change: 'hot',
    help: 'Version that these settings are for; it must be the one that runs (RUN-37), and each save sets it.',
  }),
  BUILD_MODE: general.choice(['release', 'debug'], {
    label: 'Build mode',
    help: 'Kind of build.',
    ...NOT_YET,
  }),
  DEBUG_LOG_LEVEL: general.choice(['info', 'quiet', 'verbose'], {
    label: 'Log level',
    help: 'How much the logs of the processes say.',
    change: 'hot',
    ...NOT_YET,
  }),
  ENABLE_LOGGING: general.flag(true, {
    label: 'Logging',
    help: 'Write the logs of the strategies.',
    ...NOT_YET,
  }),
};

const USD = 'USD';

/** Spec 30, groups universe, holdings, access, alerts, health and hub. */
export const SYSTEM_KEYS = {
  SCREENER_UNIVERSE_MAX_AGE_DAYS: universe.count(3, 1, 60, {
    label: 'Oldest universe',
    help: 'A universe that is older is built anew before it is used.',
    unit: 'days',
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_EXCHANGES: universe.choices(['NYSE', 'NASDAQ'], {
    label: 'Exchanges',
    help: 'Where the symbols of the universe are listed.',
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_MIN_PRICE: universe.decimal('2', '0.01', '1000000', {
    label: 'Lowest price of the universe',
    help: 'Cheaper symbols are not taken up.',
    unit: USD,
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_MAX_PRICE: universe.decimal('300', '0.01', '1000000', {
    label: 'Highest price of the universe',
    help: 'Dearer symbols are not taken up.',
    unit: USD,
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_MIN_MARKET_CAP: universe.count(300_000_000, 0, 100_000_000_000_000, {
    label: 'Least market capitalisation of the universe',
    help: 'Smaller companies are not taken up.',
    unit: USD,
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_MAX_MARKET_CAP: universe.count(10_000_000_000, 0, 100_000_000_000_000, {
    label: 'Most market capitalisation of the universe',
    help: 'Larger companies are not taken up.',
    unit: USD,
    ...NOT_YET,
  }),
  SCREENER_UNIVERSE_MAX_SIZE: universe.count(2_000, 1, 20_000, {
    label: 'Size of the universe',
    help: 'Most symbols that are taken up.',
    unit: 'symbols',
    ...NOT_YET,
  }),
  SCREENER_TEST_MODE_UNIVERSE: universe.symbols(['SPY', 'QQQ', 'AAPL', 'MSFT'], {
    label: 'Universe of the test mode',
    help: 'Symbols that runs in test mode use.',
    ...NOT_YET,
  }),

  REBALANCE_ENABLED: holdings.flag(true, {
    label: 'Rebalancing',
    help: 'Bring holdings back to their targets.',
    ...NOT_YET,
  }),
  REBALANCE_CHECK_INTERVAL: holdings.count(3600, 60, 86_400, {
    label: 'Rebalancing, interval',
    help: 'How often deviations are looked for.',
    unit: 's',
    change: 'hot',
    ...NOT_YET,
  }),
  ENABLE_REBALANCE_NOTIFIER: holdings.flag(true, {
    label: 'Rebalancing, notice',
    help: 'Tell a person of deviations.',
    change: 'hot',
    ...NOT_YET,
  }),
  LEDGER_SNAPSHOT_RETENTION_DAYS: holdings.count(30, 1, 3650, {
    label: 'Snapshots of the ledger',
    help: 'How long they are kept.',
    unit: 'days',
    ...NOT_YET,
  }),

  RBAC_ENABLED: access.flag(true, {
    label: 'Roles',
    help: 'Off: every user who logs in may do what an admin may. Access tokens keep their role.',
    change: 'hot',
  }),
  ADMIN_SECOND_FACTOR_REQUIRED: access.flag(false, {
    label: 'Second factor of admins',
    help: 'An admin without a second factor may do nothing but enrol one.',
    change: 'hot',
  }),
  DEFAULT_USER_ROLE: access.choice(['viewer', 'operator', 'accountant', 'admin'], {
    label: 'Role of new users',
    help: 'What a user may do when an administrator names no role.',
    change: 'hot',
  }),
  LOGIN_ATTEMPT_LIMIT: access.count(10, 1, 100, {
    label: 'Login attempts',
    help: 'Failed logins in a row that lock a user out.',
    change: 'hot',
  }),
  LOGIN_LOCKOUT_MINUTES: access.count(15, 1, 1440, {
    label: 'Lockout',
    help: 'How long a user stays locked out.',
    unit: 'min',
    change: 'hot',
  }),
  SESSION_TIMEOUT_MINUTES: access.count(120, 1, 10_080, {
    label: 'Idle sessions',
    help: 'A browser session ends when nothing was asked for so long.',
    unit: 'min',
    change: 'hot',
  }),

  ...notifyKeys(),
  CRITICAL_ALERT_CHANNEL: alerts.choice(['email', 'webhook', 'slack', 'pagerduty'], {
    label: 'Critical alerts',
    help: 'Where they go.',
    change: 'hot',
    ...NOT_YET,
  }),
  ROUTINE_ALERT_CHANNEL: alerts.choice(['email', 'webhook', 'slack', 'pagerduty'], {
    label: 'Routine alerts',
    help: 'Where they go.',
    change: 'hot',
    ...NOT_YET,
  }),

  POLLING_TIER: health.choice(['standard', 'fast'], {
    label: 'Polling',
    help: 'How often health is asked for.',
    change: 'hot',
    ...NOT_YET,
  }),
  HUB_URL: hub.url('', ['https', 'http'], {
    label: 'Hub',
    help: 'Address of the runtime hub; empty is the embedded one.',
    ...NOT_YET,
  }),
  TELEMETRY_SINK: hub.choice(['none', 'otlp', 'newrelic'], {
    label: 'Telemetry',
    help: 'Where measurements go.',
    ...NOT_YET,
  }),
};

function notify(what: string, label: string) {
  return alerts.flag(true, { label: `Tell: ${label}`, help: `Send an alert for ${what}.`, change: 'hot', ...NOT_YET });
}

function notifyKeys() {
  return {
    NOTIFY_ON_FILL: notify('each fill', 'fills'),
    NOTIFY_ON_EXIT: notify('each position that was closed', 'exits'),
    NOTIFY_ON_FAILURE: notify('failures', 'failures'),
    ...perStrategy('NOTIFY_STRAT_', (name) => notify(`happenings of the ${name} strategy`, name)),
  };
}

const research = kindsOf('research');
const enhancements = kindsOf('enhancements');
const FRACTION = 'fraction';

/** Keys of groups that have others in session-keys.ts: what trades obeys those, and none of these yet. */
export const LATER_KEYS = {
  ENABLE_BSM_FILTER: enhancements.flag(true, {
    label: 'Option price filter',
    help: 'Blocks options that cost too much by Black, Scholes and Merton.',
    change: 'hot',
    ...NOT_YET,
  }),
  MAX_BSM_DEVIATION: enhancements.decimal('0.15', '0.001', '10', {
    label: 'Option price, deviation',
    help: 'Most that a price may differ from the computed one.',
    unit: FRACTION,
    change: 'hot',
    ...NOT_YET,
  }),
  RISK_FREE_RATE: enhancements.decimal('0.045', '0', '1', {
    label: 'Risk-free rate',
    help: 'Rate of a year for option prices.',
    unit: FRACTION,
    change: 'hot',
    ...NOT_YET,
  }),
  RISK_FREE_RATE_SOURCE: enhancements.choice(['dynamic', 'static'], {
    label: 'Risk-free rate, source',
    help: 'dynamic takes that of the jurisdiction; static takes RISK_FREE_RATE.',
    change: 'hot',
    ...NOT_YET,
  }),
  FUNDAMENTAL_GUARD_ENABLED: enhancements.flag(true, {
    label: 'Fundamental guard',
    help: 'Blocks companies by the figures below.',
    change: 'hot',
    ...NOT_YET,
  }),
  MAX_PE_RATIO: enhancements.decimal('50', '0', '100000', {
    label: 'Highest price/earnings',
    help: 'A higher ratio is blocked.',
    change: 'hot',
    ...NOT_YET,
  }),
  MAX_DEBT_EQUITY: enhancements.decimal('2.5', '0', '100000', {
    label: 'Highest debt/equity',
    help: 'A higher ratio is blocked.',
    change: 'hot',
    ...NOT_YET,
  }),
  MIN_MARKET_CAP_FUNDAMENTAL: enhancements.count(2_000_000_000, 0, 100_000_000_000_000, {
    label: 'Least market capitalisation, fundamental',
    help: 'Smaller companies are blocked.',
    unit: USD,
    change: 'hot',
    ...NOT_YET,
  }),
  IMBALANCE_SCANNER_ENABLED: enhancements.flag(true, {
    label: 'Imbalance scanner',
    help: 'Watches the imbalance of the closing auction.',
    change: 'hot',
    ...NOT_YET,
  }),
  TUNING_TRACKER_ENABLED: enhancements.flag(true, {
    label: 'Tuning tracker',
    help: 'Keeps how well parameters did.',
    change: 'hot',
    ...NOT_YET,
  }),

  ENABLE_STRATEGY_OPTIMIZER: research.flag(false, {
    label: 'Optimizer',
    help: 'Search for better parameters.',
    ...NOT_YET,
  }),
  OPTIMIZER_BACKTEST_LOOKBACK_DAYS: research.count(30, 1, 3650, {
    label: 'Optimizer, days',
    help: 'Days that a search looks back.',
    unit: 'days',
    ...NOT_YET,
  }),
  OPTIMIZER_ALGORITHM: research.choice(['grid_search', 'random', 'bayesian'], {
    label: 'Optimizer, algorithm',
    help: 'How it searches.',
    ...NOT_YET,
  }),
};
