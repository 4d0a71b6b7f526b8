import { STRATEGY_NAMES } from './configured-strategies.js';
import { isOwnName } from './own-names.js';
import { kindsOf } from './setting-kinds.js';
import { strategyKeys } from './strategy-keys.js';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;

const schedule = kindsOf('schedule');
const enhancements = kindsOf('enhancements');
const float = kindsOf('float');
const research = kindsOf('research');

function supervised(label: string, help: string, value: number) {
  return schedule.count(value, 0, 1_440, { label, help, unit: 'min', takesEffect: false });
}

/** Of docs/REQUIREMENTS.md the groups schedule to research. */
export const SESSION_KEYS = {
  TIMEZONE: schedule.timeZone('America/New_York', {
    label: 'Time zone',
    help: 'Time zone for display. Stored times are always UTC.',
    takesEffect: false,
  }),
  TRADING_DAYS: schedule.choices(WEEKDAYS, { label: 'Trading days', help: 'Weekdays on which the bot trades.' }),
  MARKET_OPEN: schedule.clockTimeOrEmpty({
    label: 'Session start',
    help: 'Start of the trading session, within exchange hours. Empty: the exchange open.',
  }),
  MARKET_CLOSE: schedule.clockTimeOrEmpty({
    label: 'Session end',
    help: 'End of the trading session, within exchange hours. Empty: the exchange close.',
  }),
  STRATEGY_SEQUENCE: schedule.strategies(STRATEGY_NAMES, isOwnName, {
    label: 'Strategy sequence',
    help: 'Strategies to run, in order, own ones too. A strategy that is not listed does not run.',
  }),
  STRATEGY_OVERRIDE: schedule.strategyOrEmpty(STRATEGY_NAMES, isOwnName, {
    label: 'Strategy override',
    help: 'Run only this strategy. Empty: run the strategy sequence.',
  }),
  STRATEGY_SLEEP_TIME: schedule.count(1, 1, 60, {
    label: 'Strategy polling interval',
    help: 'Interval at which a strategy checks the market.',
    unit: 's',
    takesEffect: false,
  }),
  SUP_OPEN_DELAY_MIN: supervised(
    'Holdings delay',
    'Minutes between the end of the open strategy and the holdings phase.',
    60,
  ),
  SUP_MID_DELAY_MIN: supervised('Mid strategy delay', 'Minutes of delay after the mid strategy.', 60),
  SUP_UNIVERSE_AFTER_CLOSE_MIN: schedule.count(120, 0, 1_440, {
    label: 'Universe build delay',
    help: 'Minutes between the market close and the universe build.',
    unit: 'min',
  }),

  ...strategyKeys(),

  ADX_FILTER_ENABLED: enhancements.flag(true, {
    label: 'ADX filter',
    help: 'Blocks mean-reversion entries in a strong trend.',
    change: 'hot',
  }),
  ADX_MAX: enhancements.number(25, 1, 100, {
    label: 'Maximum ADX',
    help: 'An ADX above this value counts as a strong trend.',
    unit: 'index points',
    change: 'hot',
  }),
  BOLLINGER_CONFLUENCE_ENABLED: enhancements.flag(true, {
    label: 'Bollinger confluence',
    help: 'Allows mean-reversion entries only beyond two standard deviations.',
    change: 'hot',
  }),
  VIX_GATE_ENABLED: enhancements.flag(true, {
    label: 'VIX gate',
    help: 'Blocks entries of the close strategy while the VIX is below STRAT_CLOSE_VIX_THRESHOLD.',
    change: 'hot',
  }),

  REBALANCE_THRESHOLD: float.decimal('0.10', '0.001', '1', {
    label: 'Float rebalance threshold',
    help: 'Deviation of the float from its target at which it is reported.',
    unit: 'fraction',
    change: 'hot',
  }),
  LOT_METHOD: float.choice(['FIFO'], { label: 'Lot method', help: 'Order in which sales close tax lots.' }),
  LEDGER_EXPORT_MODE: float.choice(['auto', 'off'], {
    label: 'Ledger export',
    help: 'auto: write the exports at the end of each session. off: write none.',
  }),

  ENABLE_SLIPPAGE_MODEL: research.flag(true, {
    label: 'Slippage model',
    help: 'Fill simulated orders at a worse price than the quote.',
  }),
  SLIPPAGE_SIMULATION_TYPE: research.choice(['randomized', 'none', 'rule_based'], {
    label: 'Slippage type',
    help: 'randomized: drawn from a seeded normal distribution. rule_based: the mean. none: no slippage.',
  }),
  SLIPPAGE_MEAN_PCT: research.decimal('0.15', '0', '10', {
    label: 'Mean slippage',
    help: 'Mean slippage as a percentage of the price.',
    unit: '%',
  }),
  SLIPPAGE_STDDEV_PCT: research.decimal('0.10', '0', '10', {
    label: 'Slippage standard deviation',
    help: 'Standard deviation of the slippage as a percentage of the price.',
    unit: '%',
  }),
  SIMULATED_LATENCY_MS: research.count(500, 0, 60_000, {
    label: 'Simulated latency',
    help: 'Delay between an order and its execution in the simulator.',
    unit: 'ms',
  }),
};
