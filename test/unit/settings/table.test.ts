import { describe, expect, test } from '@jest/globals';
import { lockedSettings, waitsForSession } from '../../../src/domain/config/change-rules.js';
import { describeTexts, settingsPage } from '../../../src/domain/config/settings-page.js';
import {
  DEFAULT_SETTINGS,
  describeSettings,
  parseSettings,
  SETTING_TABLE,
} from '../../../src/domain/config/settings.js';
import { failureOf } from '../support/failure.js';

/** Every key of docs/REQUIREMENTS.md; those with an entry have that default. */
const SPEC_30 =
  `VERSION_TAG BUILD_MODE=release DISABLE_ALL_TRADES=false DEBUG_LOG_LEVEL=info ENABLE_LOGGING=true LOG_FORMAT=json
BROKER_NAME=SIM API_RETRY_LIMIT=3 API_TIMEOUT=30 FRACTIONAL=true TRADE_CONFIRMATION_REQUIRED=false JOURNAL_URL=sqlite:
TOTAL_ALLOCATION=0.02 MAX_TRADES=4 CANDIDATE_MULTIPLIER=5 WEIGHTS=0.4,0.2,0.2,0.2 DAILY_LOSS_LIMIT=0.05
MAX_RISK_PER_TRADE=0.025 MAX_OPEN_POSITIONS=5 MAX_SPREAD_PCT=0.015 DEFENSE_MODE_ACTIVE=false
DEFENSE_MODE_TRADE_LIMIT_PCT=66 DEFENSE_MODE_TOTAL_ALLOCATION=0.01 TRADING_TRAILING_STOP_PCT=0.02 TRAIL_PCT_OPEN
TRAIL_PCT_MID TRAIL_PCT_CLOSE HOLDINGS_TRAILING_STOP_PCT=0 TRAIL_TIGHTENING_BUFFER_S=150 TRAIL_TIGHTENING_FACTOR=0.5
MIN_PRICE=2 MAX_PRICE=300 MIN_VOLUME_THRESHOLD=500000 MAX_GAP_PCT_OPEN=0.1 MAX_GAP_PCT_MID=0.1 MAX_GAP_PCT_CLOSE=0.1
MIN_MARKET_CAP_OPEN=300000000 MIN_MARKET_CAP_MID=300000000 MIN_MARKET_CAP_CLOSE=300000000
MAX_MARKET_CAP_OPEN=10000000000 MAX_MARKET_CAP_MID=10000000000 MAX_MARKET_CAP_CLOSE=10000000000
TIMEZONE=America/New_York TRADING_DAYS=mon,tue,wed,thu,fri MARKET_OPEN MARKET_CLOSE STRATEGY_SEQUENCE=open,mid,close
STRATEGY_OVERRIDE= STRATEGY_SLEEP_TIME=1 SUP_OPEN_DELAY_MIN=60 SUP_MID_DELAY_MIN=60 SUP_UNIVERSE_AFTER_CLOSE_MIN=120
STRAT_OPEN_ENABLED=true START_TIME_OPEN=09:30@America/New_York OPEN_ANALYSIS_TIME=20 OPEN_BREAKOUT_TIME=10
OPEN_MONITORING_TIME=30 STRAT_OPEN_BUFFER=0.002 SHORT_TYPE_OPEN=disabled STRAT_MID_ENABLED=true
START_TIME_MID=12:00@America/New_York MID_ANALYSIS_TIME=15 MID_BREAKOUT_TIME=10 MID_MONITORING_TIME=30
STRAT_MID_VWAP_THRESHOLD=0.005 SHORT_TYPE_MID=disabled STRAT_CLOSE_ENABLED=true START_TIME_CLOSE=15:30@America/New_York
CLOSE_ANALYSIS_TIME=5 CLOSE_BREAKOUT_TIME=3 CLOSE_MONITORING_TIME=15 STRAT_CLOSE_VIX_THRESHOLD=15
SHORT_TYPE_CLOSE=disabled ADX_FILTER_ENABLED=true ADX_MAX=25 BOLLINGER_CONFLUENCE_ENABLED=true ENABLE_BSM_FILTER=true
MAX_BSM_DEVIATION=0.15 RISK_FREE_RATE=0.045 RISK_FREE_RATE_SOURCE=dynamic FUNDAMENTAL_GUARD_ENABLED=true MAX_PE_RATIO=50
MAX_DEBT_EQUITY=2.5 MIN_MARKET_CAP_FUNDAMENTAL=2000000000 VIX_GATE_ENABLED=true IMBALANCE_SCANNER_ENABLED=true
TUNING_TRACKER_ENABLED=true SCREENER_UNIVERSE_MAX_AGE_DAYS=3 SCREENER_UNIVERSE_EXCHANGES=NYSE,NASDAQ
SCREENER_UNIVERSE_MIN_PRICE=2 SCREENER_UNIVERSE_MAX_PRICE=300 SCREENER_UNIVERSE_MIN_MARKET_CAP=300000000
SCREENER_UNIVERSE_MAX_MARKET_CAP=10000000000 SCREENER_UNIVERSE_MAX_SIZE=2000 SCREENER_TEST_MODE_UNIVERSE
REBALANCE_ENABLED=true REBALANCE_THRESHOLD=0.1 REBALANCE_CHECK_INTERVAL=3600 ENABLE_REBALANCE_NOTIFIER=true LOT_METHOD=FIFO
LEDGER_EXPORT_MODE=auto LEDGER_SNAPSHOT_RETENTION_DAYS=30 RBAC_ENABLED=true DEFAULT_USER_ROLE=viewer
LOGIN_ATTEMPT_LIMIT=10 LOGIN_LOCKOUT_MINUTES=15 SESSION_TIMEOUT_MINUTES=120 NOTIFY_ON_FILL NOTIFY_ON_EXIT
NOTIFY_ON_FAILURE=true CRITICAL_ALERT_CHANNEL=email ROUTINE_ALERT_CHANNEL=email ENABLE_STRATEGY_OPTIMIZER=false
OPTIMIZER_BACKTEST_LOOKBACK_DAYS=30 OPTIMIZER_ALGORITHM=grid_search ENABLE_SLIPPAGE_MODEL=true
SLIPPAGE_SIMULATION_TYPE=randomized SLIPPAGE_MEAN_PCT=0.15 SLIPPAGE_STDDEV_PCT=0.1 SIMULATED_LATENCY_MS=500
POLLING_TIER=standard HUB_URL= TELEMETRY_SINK=none`
    .split(/\s+/)
    .map((entry) => ({ key: entry.split('=')[0] ?? '', text: entry.split('=')[1] }));

describe('the table is that of docs/REQUIREMENTS.md', () => {
  test.each(SPEC_30)('$key', ({ key, text }) => {
    expect(Object.keys(SETTING_TABLE)).toContain(key);
    if (text !== undefined) expect((describeSettings(DEFAULT_SETTINGS) as Record<string, string>)[key]).toBe(text);
  });

  test('each default is a valid value, and its text is parsed back', () => {
    const texts = describeSettings(DEFAULT_SETTINGS);
    expect(describeSettings(parseSettings(texts))).toEqual(texts);
  });
});

describe('the version (RUN-37) and keys that are missing (RUN-21)', () => {
  const all = { ...describeSettings(DEFAULT_SETTINGS), VERSION_TAG: '0.1.0' };

  test('complete settings of this version are accepted', () => {
    expect(parseSettings(all, { versionTag: '0.1.0', whole: true }).VERSION_TAG).toBe('0.1.0');
  });

  test('another version is one of the faults', () => {
    const { ADX_MAX: _, ...rest } = all;
    const error = failureOf(() => parseSettings({ ...rest, MAX_TRADES: 'x' }, { versionTag: '0.2.0', whole: true }));
    expect(Object.keys(error.details).sort()).toEqual(['ADX_MAX', 'MAX_TRADES', 'VERSION_TAG']);
    expect(error.details['ADX_MAX']).toBe('is missing; it must be a number from 1 to 100');
    expect(error.details['VERSION_TAG']).toContain('must be 0.2.0, the running version');
  });

  test('a home of the released version has all it needs: only keys that came later may be missing', () => {
    const strategies = ['NOTIFY_STRAT_OPEN', 'NOTIFY_STRAT_MID', 'NOTIFY_STRAT_CLOSE'];
    const released = [...SPEC_30.map(({ key }) => key), 'ADMIN_SECOND_FACTOR_REQUIRED', ...strategies];
    const given = Object.fromEntries(Object.entries(all).filter(([key]) => released.includes(key)));
    const settings = parseSettings(given, { versionTag: '0.1.0', whole: true });
    expect({ ...describeSettings(settings), VERSION_TAG: '' }).toEqual(describeSettings(DEFAULT_SETTINGS));
    const later = Object.entries(SETTING_TABLE).filter(([, { addedLater }]) => addedLater);
    expect(later.map(([key]) => key).filter((key) => released.includes(key))).toEqual([]);
  });

  test('without a version to compare, missing keys take their defaults', () => {
    expect(parseSettings({}).VERSION_TAG).toBe('');
  });
});

describe('cross-key rules of the universe and of pairs (CFG-3)', () => {
  test.each([
    [{ SCREENER_UNIVERSE_MIN_PRICE: '400' }, 'SCREENER_UNIVERSE_MIN_PRICE'],
    [{ SCREENER_UNIVERSE_MAX_MARKET_CAP: '1' }, 'SCREENER_UNIVERSE_MIN_MARKET_CAP'],
  ])('%j', (texts, key) => {
    expect(Object.keys(failureOf(() => parseSettings(texts)).details)).toEqual([key]);
  });
});

describe('which keys may change when (RUN-30)', () => {
  test('a cold key waits for the next session, a hot one does not, the journal never changes', () => {
    const keys = ['MAX_SPREAD_PCT', 'DEBUG_LOG_LEVEL', 'VERSION_TAG', 'NOTIFY_ON_FILL'];
    expect(keys.filter(waitsForSession)).toEqual([]);
    expect(['BROKER_NAME', 'MAX_SPREAD_PCT', 'START_TIME_OPEN', 'JOURNAL_URL'].filter(waitsForSession)).toEqual([
      'BROKER_NAME',
      'START_TIME_OPEN',
    ]);
    expect(lockedSettings(['BROKER_NAME', 'TRADING_DAYS', 'MAX_SPREAD_PCT', 'NOT_A_KEY'])).toEqual([]);
    expect(lockedSettings(['JOURNAL_URL']).map(({ reason }) => reason)).toEqual([
      'Locked: the journal of a bot is chosen at set-up and never changes.',
    ]);
  });
});

describe('the settings page (CFG-5)', () => {
  test('every key once, group by group, with label and help', () => {
    const page = settingsPage({});
    expect(page.map(({ key }) => key).sort()).toEqual(Object.keys(SETTING_TABLE).sort());
    const groups = page.map(({ group }) => group).filter((group, at, all) => group !== all[at - 1]);
    expect(new Set(groups).size).toBe(groups.length);
    for (const view of page) {
      expect(view.help).toMatch(/\.$/);
      expect(view.help.endsWith('Has no effect in this version.')).toBe(!view.takesEffect);
    }
  });

  test('it shows current values, also invalid ones, and no secret', () => {
    const page = settingsPage({ MAX_TRADES: 'many', JOURNAL_URL: 'esdb://u:hunter2@h:1', LOG_FORMAT: 'csv' });
    const value = (key: string): string | undefined => page.find((view) => view.key === key)?.value;
    expect([value('MAX_TRADES'), value('JOURNAL_URL'), value('LOG_FORMAT')]).toEqual(['many', '***', 'csv']);
    expect(value('TRAIL_PCT_OPEN')).toBe('');
    expect(page.find((view) => view.key === 'LOG_FORMAT')?.choices).toEqual(['json', 'csv']);
    expect(JSON.stringify(page)).not.toContain('hunter2');
  });

  test('a page of texts equals that of the settings made from them', () => {
    const texts = { MAX_TRADES: '2', WEIGHTS: '0.50, 0.5', TRADING_TRAILING_STOP_PCT: '0.03', TRAIL_PCT_MID: '' };
    expect(describeTexts(texts)).toEqual(describeSettings(parseSettings(texts)));
  });
});
