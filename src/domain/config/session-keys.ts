import { STRATEGY_NAMES } from './configured-strategies.js';
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

/** Spec 30, groups schedule to research. */
export const SESSION_KEYS = {
  TIMEZONE: schedule.timeZone('America/New_York', {
    label: 'Time zone',
    help: 'Zone in which times are shown; at rest all times are UTC.',
    takesEffect: false,
  }),
  TRADING_DAYS: schedule.choices(WEEKDAYS, { label: 'Trading days', help: 'Weekdays on which the bot trades.' }),
  MARKET_OPEN: schedule.clockTimeOrEmpty({
    label: 'Market opens',
    help: 'When the session of the bot begins, inside that of the exchange; empty begins with it.',
  }),
  MARKET_CLOSE: schedule.clockTimeOrEmpty({
    label: 'Market closes',
    help: 'When the session of the bot ends, inside that of the exchange; empty ends with it.',
  }),
  STRATEGY_SEQUENCE: schedule.choices(STRATEGY_NAMES, {
    label: 'Sequence',
    help: 'Strategies that run, in this order; one that is not named does not run.',
  }),
  STRATEGY_OVERRIDE: schedule.nameOrEmpty(STRATEGY_NAMES, {
    label: 'Override',
    help: 'Run only this strategy; empty runs the sequence.',
  }),
  STRATEGY_SLEEP_TIME: schedule.count(1, 1, 60, {
    label: 'Pause',
    help: 'Pause between two looks of a strategy at the market.',
    unit: 's',
    takesEffect: false,
  }),
  SUP_OPEN_DELAY_MIN: supervised(
    'Holdings, delay',
    'Minutes after the open strategy at which holdings are looked after.',
    60,
  ),
  SUP_MID_DELAY_MIN: supervised('Mid, delay', 'Minutes of delay after the mid strategy.', 60),
  SUP_UNIVERSE_AFTER_CLOSE_MIN: supervised(
    'Universe, delay',
    'Minutes after the close at which the universe is built.',
    120,
  ),

  ...strategyKeys(),

  ADX_FILTER_ENABLED: enhancements.flag(true, {
    label: 'ADX filter',
    help: 'Blocks mean reversion in a strong trend.',
    change: 'hot',
  }),
  ADX_MAX: enhancements.number(25, 1, 100, {
    label: 'Highest ADX',
    help: 'A higher ADX is a strong trend.',
    unit: 'index points',
    change: 'hot',
  }),
  BOLLINGER_CONFLUENCE_ENABLED: enhancements.flag(true, {
    label: 'Bollinger confluence',
    help: 'Mean reversion enters only beyond two standard deviations.',
    change: 'hot',
  }),
  VIX_GATE_ENABLED: enhancements.flag(true, {
    label: 'VIX gate',
    help: 'Blocks the close strategy while the VIX is below STRAT_CLOSE_VIX_THRESHOLD.',
    change: 'hot',
  }),

  REBALANCE_THRESHOLD: float.decimal('0.10', '0.001', '1', {
    label: 'Float deviation',
    help: 'Deviation of the float from its target that is reported.',
    unit: 'fraction',
    change: 'hot',
  }),
  LOT_METHOD: float.choice(['FIFO'], { label: 'Lot method', help: 'Which lots a sale closes first.' }),
  LEDGER_EXPORT_MODE: float.choice(['auto', 'off'], {
    label: 'Ledger export',
    help: 'auto writes the exports at the end of each session.',
  }),

  ENABLE_SLIPPAGE_MODEL: research.flag(true, {
    label: 'Slippage model',
    help: 'The simulated broker fills worse than the quote.',
  }),
  SLIPPAGE_SIMULATION_TYPE: research.choice(['randomized', 'none', 'rule_based'], {
    label: 'Slippage',
    help: 'randomized draws it from a seeded normal distribution; rule_based uses the mean.',
  }),
  SLIPPAGE_MEAN_PCT: research.decimal('0.15', '0', '10', {
    label: 'Slippage, mean',
    help: 'Mean slippage in percent of the price.',
    unit: '%',
  }),
  SLIPPAGE_STDDEV_PCT: research.decimal('0.10', '0', '10', {
    label: 'Slippage, deviation',
    help: 'Standard deviation of the slippage in percent of the price.',
    unit: '%',
  }),
  SIMULATED_LATENCY_MS: research.count(500, 0, 60_000, {
    label: 'Latency',
    help: 'Delay between an order and its execution in simulation.',
    unit: 'ms',
  }),
};
