/**
 * The settings of a dry run that differ from the home's (RUN-35): the three strategies right after the open, one after
 * the other, with windows of a minute; screening by price alone; no notifications.
 */
const DRY_RUN_SETTINGS: Readonly<Record<string, string>> = {
  BROKER_NAME: 'SIM',
  MARKET_DATA: 'broker',
  JOURNAL_URL: 'sqlite:',
  DISABLE_ALL_TRADES: 'false',
  STRATEGY_OVERRIDE: '',
  STRATEGY_SEQUENCE: 'open,mid,close',
  TRADING_DAYS: 'mon,tue,wed,thu,fri',
  MARKET_OPEN: '',
  MARKET_CLOSE: '',
  ...windowOf('OPEN', '09:31'),
  ...windowOf('MID', '09:35'),
  ...windowOf('CLOSE', '09:39'),
  ADX_FILTER_ENABLED: 'false',
  BOLLINGER_CONFLUENCE_ENABLED: 'false',
  VIX_GATE_ENABLED: 'false',
  MIN_VOLUME_THRESHOLD: '0',
  ...screensOf('OPEN'),
  ...screensOf('MID'),
  ...screensOf('CLOSE'),
  NOTIFY_ON_FILL: 'false',
  NOTIFY_ON_EXIT: 'false',
  NOTIFY_ON_FAILURE: 'false',
};

function windowOf(name: string, start: string): Readonly<Record<string, string>> {
  return {
    [`STRAT_${name}_ENABLED`]: 'true',
    [`START_TIME_${name}`]: `${start}@America/New_York`,
    [`${name}_ANALYSIS_TIME`]: '1',
    [`${name}_BREAKOUT_TIME`]: '1',
    [`${name}_MONITORING_TIME`]: '1',
  };
}

/** As wide as the settings allow. */
function screensOf(name: string): Readonly<Record<string, string>> {
  return {
    [`MAX_GAP_PCT_${name}`]: '1',
    [`MIN_MARKET_CAP_${name}`]: '0',
    [`MAX_MARKET_CAP_${name}`]: '100000000000000',
  };
}

/** The settings of a home for a dry run. The simulator trades no options: bearish signals that would buy a put are left out. */
export function dryRunTexts(home: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const noPuts = Object.entries(home)
    .filter(([, text]) => text === 'LongPut')
    .map(([key]) => [key, 'disabled'] as const);
  return { ...home, ...Object.fromEntries(noPuts), ...DRY_RUN_SETTINGS };
}
