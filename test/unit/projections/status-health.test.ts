import { describe, expect, test } from '@jest/globals';
import { foldOf } from '../../../projections/kit/projection.js';
import { statusText } from '../../../projections/status/render-status.js';
import { statusDefinition } from '../../../projections/status/status.js';
import { noticeOf } from '../../../src/processes/main/notices.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { HELD_SYMBOL_HALTED, heldHaltText } from '../../../src/domain/orders/held-halt.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { DayTape } from '../support/day-tape.js';
import { BOT, Tape } from '../support/events.js';
import { faultsOf } from '../support/output-schemas.js';
import { STRATEGY_NAMES } from '../../../src/domain/config/configured-strategies.js';

const CODES = { entity: 'DEMO', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-B01' };
const DEFINITION = statusDefinition(homePaths('/home', BOT), {
  codes: CODES,
  lotMethod: 'FIFO',
  strategies: STRATEGY_NAMES,
});

interface Status {
  readonly overall: { readonly status: string; readonly reasons: readonly string[] };
  readonly watchdog: Readonly<Record<string, { readonly state: string } | null>>;
  readonly processes: Readonly<Record<string, { readonly state: string; readonly deaths: number }>>;
  readonly checks: { readonly build_failures: readonly string[] };
  readonly test_mode: { readonly active: boolean; readonly test: string | null; readonly ok: boolean | null };
}

/** status.json after the events of the tape, checked by its schema and against the stored state. */
function statusOf(tape: Tape): Status {
  const fold = foldOf(DEFINITION);
  const whole = tape.events.reduce(fold, DEFINITION.initial());
  const stored = tape.events.reduce(
    (state, event) => fold(DEFINITION.codec!.decode(DEFINITION.codec!.encode(state)), event),
    DEFINITION.initial(),
  );
  expect(statusText(stored, [], STRATEGY_NAMES)).toBe(statusText(whole, [], STRATEGY_NAMES));
  const status = JSON.parse(statusText(whole, [], STRATEGY_NAMES)) as Status;
  expect(faultsOf('status', status)).toEqual([]);
  return status;
}

const crash = { lastEventAt: '2013-10-07T13:30:00.000Z', signal: 'SIGKILL', deaths: 1, restartInMs: 250 };

describe('status.json (OUT-5, RUN-42)', () => {
  test.each([
    [undefined, 'no data for AIG'],
    ['the line is cut', 'no data for AIG; the feed reports: the line is cut'],
  ])('lost market data is shown with what the feed reported: %s', (reason, shown) => {
    const tape = new Tape();
    const since = '2013-10-07T13:51:00.742Z' as UtcText;
    tape.add('MarketDataLost', { symbols: [parseSymbol('AIG')], since, ...(reason === undefined ? {} : { reason }) });
    expect(JSON.stringify(statusOf(tape))).toContain(`"${shown}"`);
  });

  test('an engine without main is critical until a main supervises it again', () => {
    const tape = new Tape();
    const rules = { policy: 'hold', graceSeconds: 300 } as const;
    tape.add('EngineSupervisionChanged', { to: 'none', reason: 'main is silent', ...rules });
    expect(statusOf(tape).overall).toEqual({
      status: 'Critical',
      reasons: ['no main supervises the engine, entries are suspended: main is silent; policy hold'],
    });
    tape.add('EngineSupervisionChanged', { to: 'main', reason: 'main is back', ...rules });
    expect(statusOf(tape).overall).toEqual({ status: 'OK', reasons: [] });
  });

  test('evidence that differs is critical until all files fit again', () => {
    const tape = new Tape();
    const first = 'output/audit/seal_2013-10-07.json: it differs';
    const overall = (files: number, ...differences: readonly string[]) => {
      tape.add('EvidenceCompared', { ok: files === 0, files, differences });
      return statusOf(tape).overall;
    };
    const reason = `evidence does not match the journal: ${first}`;
    expect(overall(1, first)).toEqual({ status: 'Critical', reasons: [reason] });
    expect(overall(3, first, 'b', 'c')).toEqual({ status: 'Critical', reasons: [`${reason} (and 2 more files)`] });
    expect(overall(0)).toEqual({ status: 'OK', reasons: [] });
  });

  test('a watched part that is down is critical, degraded a warning, healthy no finding', () => {
    const tape = new Tape();
    expect(statusOf(tape).watchdog).toEqual({
      broker: null,
      market_data: null,
      clock: null,
      disk: null,
      journal: null,
    });
    const reported = { reason: 'little space', figures: {} };
    tape.add('WatchdogStateChanged', { subject: 'disk', from: 'healthy', to: 'degraded', ...reported });
    expect(statusOf(tape).overall).toEqual({
      status: 'Warning',
      reasons: ['watchdog: disk is degraded: little space'],
    });
    tape.add('WatchdogStateChanged', { subject: 'disk', from: 'degraded', to: 'down', ...reported });
    expect(statusOf(tape).overall.status).toBe('Critical');
    tape.add('WatchdogStateChanged', { subject: 'disk', from: 'down', to: 'healthy', ...reported });
    expect(statusOf(tape)).toMatchObject({ overall: { status: 'OK' }, watchdog: { disk: { state: 'healthy' } } });
  });

  test('a failed check is shown with its remedy: critical when it keeps the bot from a session, a warning when it does not', () => {
    const tape = new Tape();
    const checked = (...modules: readonly string[]) => {
      const checks = modules.map((module) => ({ module, ok: false, cause: 'why', remedy: `Do ${module}.` }));
      tape.add('SelfCheckCompleted', { ok: checks.length === 0, checks });
      return JSON.parse(JSON.stringify(statusOf(tape))) as { readonly conditions: readonly unknown[] };
    };
    const finding = (severity: string, module: string) => {
      return { code: 'SELF_CHECK_FAILED', severity, text: `self-check: ${module}: why`, remedy: `Do ${module}.` };
    };
    expect(checked('broker.key', 'broker.short sales', 'strategy mid').conditions).toEqual([
      finding('Critical', 'broker.key'),
      finding('Warning', 'broker.short sales'),
      finding('Warning', 'strategy mid'),
    ]);
    expect(checked().conditions).toEqual([]);
  });

  test('a broker that is away is said once, as bad as the watchdog says', () => {
    const tape = new Tape();
    const watched = (from: string, to: string): void => {
      tape.add('WatchdogStateChanged', { subject: 'broker', from, to, reason: 'requests fail', figures: {} } as never);
    };
    const conditions = () =>
      (JSON.parse(JSON.stringify(statusOf(tape))) as { readonly conditions: unknown }).conditions;
    watched('healthy', 'degraded');
    expect(conditions()).toMatchObject([{ code: 'WATCH_DEGRADED', severity: 'Warning' }]);
    tape.add('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'no answer' });
    const away = { code: 'BROKER_AWAY', text: 'broker: BROKER_DISCONNECTED: no answer' };
    expect(conditions()).toMatchObject([{ ...away, severity: 'Warning' }]);
    watched('degraded', 'down');
    expect(conditions()).toMatchObject([{ ...away, severity: 'Critical' }]);
  });

  test('orders that are refused with the key are not named besides the key; those of a blocked account are', () => {
    const tape = new Tape();
    const clientOrderId = parseClientOrderId('DEMO_US_SIM_B01-20131007-1');
    tape.add('OrderRejected', { clientOrderId, code: 'KEY_REFUSED', message: 'no key' });
    const codes = () => {
      const { conditions } = JSON.parse(JSON.stringify(statusOf(tape))) as {
        readonly conditions: readonly { code: string }[];
      };
      return conditions.map(({ code }) => code);
    };
    expect(codes()).toEqual(['ORDERS_REFUSED']);
    tape.add('BrokerSuspended', { code: 'KEY_REFUSED', message: 'no key' });
    expect(codes()).toEqual(['BROKER_AWAY']);
    tape.add('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'away' });
    expect(codes().sort()).toEqual(['BROKER_AWAY', 'ORDERS_REFUSED']);
  });

  test('a gateway in read-only mode refuses every order: the remedy is in its settings', () => {
    const tape = new Tape();
    const clientOrderId = parseClientOrderId('DEMO_US_IBKR_B01-20131007-1');
    const message = 'The API interface is currently in Read-Only mode.';
    tape.add('OrderRejected', { clientOrderId, code: 'GATEWAY_READ_ONLY', message });
    const remedy = expect.stringMatching(/^Clear "Read-Only API" in TWS or IB Gateway/);
    expect(JSON.parse(JSON.stringify(statusOf(tape)))).toMatchObject({
      conditions: [{ code: 'ORDERS_REFUSED', severity: 'Critical', remedy }],
    });
    expect(noticeOf(tape.events.at(-1)!)).toContain('Clear "Read-Only API"');
  });

  test('a halt of a held symbol is said on the terminal, and counts as no error of the session', () => {
    const tape = new DayTape().open();
    const message = heldHaltText({ symbol: 'AIG', since: '2026-01-06T14:51:00.000Z' });
    tape.add('ErrorRecorded', {
      ...{ errorType: 'DataError', errorCode: HELD_SYMBOL_HALTED, message, strategy: null, broker: null },
      ...{ context: { key: 'k' }, traceback: null },
    });
    const status = statusOf(tape);
    expect(status.overall.reasons).not.toContain('1 errors in this session');
    expect(status).toMatchObject({ last_error: { code: HELD_SYMBOL_HALTED, message } });
    expect(noticeOf(tape.events.at(-1)!)).toBe(`Held and halted: ${message}.`);
  });

  test('a bot in error names the checks in its reason, and they are not repeated; others are', () => {
    const tape = new Tape();
    const failed = (module: string) => ({ module, ok: false, cause: 'why', remedy: `Do ${module}.` });
    tape.add('SelfCheckCompleted', { ok: false, checks: [failed('broker.key'), failed('strategy mid')] });
    tape.add('BotStateChanged', { from: 'idle', to: 'error', reason: 'broker.key: why. Do broker.key.' });
    expect(statusOf(tape).overall.reasons).toEqual([
      'the bot is in state error: broker.key: why. Do broker.key.',
      'self-check: strategy mid: why',
    ]);
  });

  test.each([
    ['ACCOUNT_BLOCKED', 'ALPACA refused order 1: trading is blocked', true],
    ['ALPACA_40310000', 'ALPACA refused order 1: account is restricted from trading', true],
    ['KEY_REFUSED', 'ALPACA refused the key for order 1 (HTTP 401)', true],
    ['TRADING_DENIED_FOR_ACCOUNT', 'TRADIER refused order 1: TradingDeniedForAccount', true],
    ['ACCOUNT_IS_RESTRICTED_TO_CLOSING_ONLY', 'TRADIER refused order 1: AccountIsRestrictedToClosingOnly', true],
    ['IBKR_201', 'Order rejected - reason:Your account has been restricted from placing orders', true],
    ['IBKR_201', 'Order rejected - reason:The account does not have enough cash', false],
    ['NOT_SHORTABLE', 'ALPACA refused order 1: account is not allowed to short', false],
    ['INITIAL_MARGIN', 'TRADIER refused order 1: Backoffice rejected override of the order. InitialMargin', false],
  ])('an order refused with %s, %s: of the whole account: %s', (code, message, isOfAccount) => {
    const tape = new Tape();
    const clientOrderId = parseClientOrderId('DEMO_US_SIM_B01-20131007-1');
    tape.add('OrderRejected', { clientOrderId, code, message });
    expect(statusOf(tape).overall).toEqual(
      isOfAccount
        ? { status: 'Critical', reasons: [`the broker refuses orders of this account: ${message}`] }
        : { status: 'OK', reasons: [] },
    );
    tape.add('OrderAcknowledged', { clientOrderId, brokerOrderId: 'X' });
    expect(statusOf(tape).overall.status).toBe('OK');
  });

  test.each([
    ['DEMO_US_SIM_B02-20131007-1', 'Critical', ': DEMO_US_SIM_B02 trades there too'],
    [`${BOT}-20131007-9`, 'Warning', ''],
    ['web-1', 'Warning', ''],
    [null, 'Warning', ''],
  ])('an open order of others with the id %s: %s, and another bot is named', (clientOrderId, severity, who) => {
    const tape = new Tape();
    const order = { brokerOrderId: 'W-1', clientOrderId, symbol: parseSymbol('AIG'), side: 'buy' } as const;
    const [quantity, filledQuantity] = ['5', '0'].map((text) => Decimal.parse(text).text());
    tape.add('ForeignOrderSeen', { ...order, quantity, filledQuantity, state: 'working', placedAt: null } as never);
    expect(statusOf(tape).overall).toEqual({
      status: severity,
      reasons: [`the account has 1 open order that this bot did not trade${who}`],
    });
    const [event] = tape.events;
    const notice = event === undefined ? undefined : noticeOf(event);
    expect(notice).toEqual(
      who === '' ? undefined : expect.stringMatching(/^The bot DEMO_US_SIM_B02 trades in this account too\./),
    );
  });

  test('a ban on entries is a warning as long as it is set (TRD-40)', () => {
    const tape = new Tape();
    const change = (to: string): unknown =>
      tape.add('ConfigChanged', {
        changes: [{ key: 'DISABLE_ALL_TRADES', from: null, to, secret: false }],
        settingsSha256: sha256Hex('test'),
        reason: 'by hand',
      });
    change('true');
    expect(statusOf(tape).overall).toEqual({
      status: 'Warning',
      reasons: ['all trades are disabled (DISABLE_ALL_TRADES): no new position is opened, exits still pass'],
    });
    change('false');
    expect(statusOf(tape).overall.status).toBe('OK');
  });

  test('a bot in error shows the reason', () => {
    const tape = new Tape();
    tape.add('BotStateChanged', { from: 'started', to: 'error', reason: 'vault: the key does not open it.' });
    expect(statusOf(tape).overall).toEqual({
      status: 'Critical',
      reasons: ['the bot is in state error: vault: the key does not open it.'],
    });
  });

  test('a dead process is critical until it runs again; failures are counted until main restarts', () => {
    const tape = new Tape();
    tape.add('ProcessStarted', { process: 'main', versionTag: 'v', attempt: 0 });
    tape.add('ProcessStarted', { process: 'engine', versionTag: 'v', attempt: 0 });
    tape.add('ProcessCrashed', { process: 'engine', action: 'started again', exitCode: null, ...crash } as never);
    expect(statusOf(tape)).toMatchObject({
      overall: { status: 'Critical', reasons: ['process engine is dead: started again'] },
      processes: { engine: { state: 'dead', deaths: 1 } },
    });
    tape.add('ProcessStarted', { process: 'engine', versionTag: 'v', attempt: 1 });
    expect(statusOf(tape)).toMatchObject({ overall: { status: 'OK' }, processes: { engine: { deaths: 1 } } });
    tape.add('ProcessStopped', { process: 'engine', reason: 'SIGTERM' });
    expect(statusOf(tape).processes['engine']?.state).toBe('stopped');
    tape.add('ProcessStarted', { process: 'main', versionTag: 'v', attempt: 0 });
    expect(statusOf(tape).processes['engine']?.deaths).toBe(0);
  });

  test('a worker comes and goes; a predecessor mentioned by a day is not dead now', () => {
    const tape = new Tape();
    tape.add('ProcessStarted', { process: 'worker', versionTag: 'v', attempt: 0 });
    tape.add('ProcessCrashed', { process: 'worker', action: 'x', exitCode: 1, ...crash, signal: null } as never);
    tape.add('ProcessCrashed', { process: 'engine', lastEventAt: crash.lastEventAt, action: 'continues' } as never);
    expect(statusOf(tape)).toMatchObject({ overall: { status: 'OK' }, processes: {} });
  });

  test('failures of the build check are critical until one passes', () => {
    const tape = new Tape();
    const bad = { module: 'folders', ok: false, cause: 'gone', remedy: 'Make it.' };
    tape.add('BuildCheckCompleted', { ok: false, checks: [bad] });
    expect(statusOf(tape)).toMatchObject({
      overall: { status: 'Critical', reasons: ['build check: folders: gone'] },
      checks: { build_failures: ['folders: gone'] },
    });
    tape.add('BuildCheckCompleted', { ok: true, checks: [] });
    expect(statusOf(tape).overall.status).toBe('OK');
  });

  test('a test-mode run is shown while it runs, with its result afterwards', () => {
    const tape = new Tape();
    tape.add('TestRunStarted', { runId: 'T-1', test: 'all', by: null });
    expect(statusOf(tape)).toMatchObject({ overall: { status: 'Warning' }, test_mode: { active: true, test: 'all' } });
    tape.add('TestRunEnded', { runId: 'T-1', test: 'all', ok: false, results: [] });
    expect(statusOf(tape)).toMatchObject({ overall: { status: 'OK' }, test_mode: { active: false, ok: false } });
  });
});
