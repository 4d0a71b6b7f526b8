import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { cents, moneyText, subtractCents } from '../../src/kernel/money.js';
import { parseUtcText, SECOND_MS } from '../../src/kernel/time.js';
import { figuresOf, fraction, holdingsOf, type LedgerFigures } from '../kit/ledger-figures.js';
import type { ProjectionHealth } from '../kit/projection.js';
import { own } from '../kit/records.js';
import type { Job, StatusBody, StatusState, StrategyStatus } from './status-state.js';

/** Settings that are shown as limits; null until the journal has them. */
const THRESHOLDS = [
  'MAX_TRADES',
  'MAX_OPEN_POSITIONS',
  'TOTAL_ALLOCATION',
  'MAX_RISK_PER_TRADE',
  'DAILY_LOSS_LIMIT',
  'MAX_SPREAD_PCT',
  'MIN_PRICE',
  'MAX_PRICE',
  'REBALANCE_THRESHOLD',
  'DEFENSE_MODE_TRADE_LIMIT_PCT',
  'DEFENSE_MODE_TOTAL_ALLOCATION',
] as const;

const setting = (body: StatusBody, key: string): string | null => own(body.settings, key) ?? null;

function uptimeSeconds({ startedAt, asOfTime }: StatusBody): number {
  if (startedAt === null || asOfTime === null) return 0;
  return Math.max(0, Math.floor((parseUtcText(asOfTime) - parseUtcText(startedAt)) / SECOND_MS));
}

function sessionPart({ session }: StatusBody): object {
  if (session === null)
    return { state: 'CLOSED', date: null, phase: null, opens_at: null, closes_at: null, outcome: null };
  const { opened, phase, closed } = session;
  return {
    state: closed === null ? 'OPEN' : 'CLOSED',
    date: opened.date,
    phase,
    opens_at: opened.opensAt,
    closes_at: opened.closesAt,
    outcome: closed?.outcome ?? null,
  };
}

function moneyPart(body: StatusBody, figures: LedgerFigures): object {
  const { session } = body;
  const openingEquity = session?.opened.openingEquity ?? null;
  const sinceOpen = (now: typeof figures.net, before: string | undefined): DecimalText | null =>
    before === undefined ? null : moneyText(subtractCents(now, cents(BigInt(before))));
  const realized = sinceOpen(figures.realized, session?.realizedBefore);
  const fees = sinceOpen(figures.fees, session?.feesBefore);
  const gain =
    openingEquity === null ? null : Decimal.parse(moneyText(figures.equity)).minus(Decimal.parse(openingEquity));
  return {
    float: body.float,
    equity: moneyText(figures.equity),
    cash: moneyText(figures.cash),
    assets: moneyText(figures.assets),
    liabilities: moneyText(figures.liabilities),
    NAV: moneyText(figures.equity),
    valuation: 'positions at cost, by the ledger',
    opening_equity: openingEquity,
    daily_gain_loss: gain?.text() ?? null,
    daily: { gross_pnl: realized, fees, PnL: sinceOpen(figures.net, session?.netBefore) },
    cumulative: {
      gross_pnl: moneyText(figures.realized),
      fees: moneyText(figures.fees),
      PnL: moneyText(figures.net),
    },
  };
}

function strategyState(body: StatusBody, name: string, strategy: StrategyStatus | undefined): object {
  const enabled = setting(body, `STRAT_${name.toUpperCase()}_ENABLED`);
  return {
    enabled: enabled === null ? null : enabled === 'true',
    scheduled_utc: strategy?.scheduledUtc ?? null,
    running: strategy?.running ?? false,
    failed: strategy?.failed ?? false,
    last_error: strategy?.lastError ?? null,
  };
}

function lastRun(strategy: StrategyStatus): object {
  const { lastRunDate, candidates, signals, entries, trades, pnl } = strategy;
  return { date: lastRunDate, candidates, signals, entries, trades, PnL: moneyText(cents(BigInt(pnl))) };
}

function winRates(body: StatusBody): object {
  const names = Object.keys(body.strategies).sort();
  const { session } = body;
  const all = names.flatMap((name) => own(body.strategies, name) ?? []);
  const sum = (of: (strategy: StrategyStatus) => number): number => all.reduce((total, item) => total + of(item), 0);
  return {
    today: session === null ? null : fraction(session.wins, session.trades),
    all: fraction(
      sum((item) => item.allWins),
      sum((item) => item.allTrades),
    ),
    per_strategy: Object.fromEntries(
      names.map((name) => {
        const strategy = own(body.strategies, name);
        return [name, fraction(strategy?.allWins ?? 0, strategy?.allTrades ?? 0)];
      }),
    ),
  };
}

/** The books say how much is held; the positions say for whom and where the stop is. */
function openPositions({ book, body }: StatusState): readonly object[] {
  const told = Object.values(body.positions);
  return holdingsOf(book).map(({ symbol, side, quantity, amount, averagePrice }) => {
    const owners = told.filter((position) => position.ticker === symbol && position.trade_side === side);
    const owner = owners[0];
    return {
      ticker: symbol,
      trade_side: side,
      size: quantity,
      amount,
      average_price: averagePrice,
      strategy_name: owner?.strategy_name ?? null,
      entry_timestamp: owner?.entry_timestamp ?? null,
      stop: owner?.stop ?? null,
      position_ids: owners.map((position) => position.position_id),
    };
  });
}

type Finding = readonly ['Warning' | 'Critical', string];

function findings(state: StatusState, health: readonly ProjectionHealth[]): readonly Finding[] {
  const { body, book } = state;
  const found: Finding[] = [];
  const trouble = (level: Finding[0], what: string, why: string | null): void => {
    if (why !== null) found.push([level, `${what}: ${why}`]);
  };
  if (body.botState === 'error') found.push(['Critical', `the bot is in state error: ${body.botStateReason}`]);
  trouble('Critical', 'kill switch', body.kill.why);
  if (body.reconciliation?.ok === false) found.push(['Critical', 'books and broker differ']);
  for (const symbol of Object.keys(body.mismatches).sort())
    found.push(['Critical', `position of ${symbol} differs from the broker's`]);
  for (const { name, stopped } of health) trouble('Critical', `projection ${name} stopped`, stopped?.reason ?? null);
  trouble('Warning', 'defense mode', body.defense.why);
  trouble('Warning', 'broker', body.brokerTrouble.why);
  trouble('Warning', 'market data', body.dataTrouble.why);
  trouble('Warning', 'float', body.floatDeviation.why);
  for (const id of Object.keys(body.unresolved).sort()) found.push(['Warning', `the fate of order ${id} is not known`]);
  for (const failure of body.selfCheckFailures) found.push(['Warning', `self-check: ${failure}`]);
  found.push(...healthFindings(body));
  if (book.pending.length > 0) found.push(['Warning', `${book.pending.length} activities have no mapping`]);
  if ((body.session?.errors ?? 0) > 0) found.push(['Warning', `${body.session?.errors ?? 0} errors in this session`]);
  trouble('Critical', 'projections', differing(body.projectionsCheck));
  trouble('Warning', 'backup', failed(body.backup));
  const left = body.session?.closed?.openPositions ?? [];
  if (left.length > 0) found.push(['Warning', `left open at the session's end: ${left.join(', ')}`]);
  return found;
}

/** What runs and what is watched (RUN-42): down and dead are critical where trading stops by them. */
function healthFindings(body: StatusBody): readonly Finding[] {
  const found: Finding[] = [];
  for (const failure of body.buildCheckFailures) found.push(['Critical', `build check: ${failure}`]);
  for (const subject of Object.keys(body.watchdog).sort()) {
    const watch = own(body.watchdog, subject);
    if (watch === undefined || watch.state === 'healthy') continue;
    found.push([
      watch.state === 'down' ? 'Critical' : 'Warning',
      `watchdog: ${subject} is ${watch.state}: ${watch.reason}`,
    ]);
  }
  for (const name of Object.keys(body.processes).sort()) {
    const stands = own(body.processes, name);
    if (stands?.state === 'dead') found.push(['Critical', `process ${name} is dead: ${stands.reason ?? ''}`]);
  }
  if (body.testRun !== null && body.testRun.endedAt === null) {
    found.push(['Warning', `test mode: ${body.testRun.test} is running, no entry is made meanwhile`]);
  }
  return found;
}

const differing = ({ result }: Job): string | null => (result?.startsWith('differ') === true ? result : null);
const failed = ({ result }: Job): string | null => (result?.startsWith('failed') === true ? result : null);

function overall(found: readonly Finding[]): object {
  const level = found.some(([kind]) => kind === 'Critical') ? 'Critical' : found.length > 0 ? 'Warning' : 'OK';
  return { status: level, reasons: found.map(([, reason]) => reason) };
}

/** OUT-5: the whole of status.json; every figure is of the journal up to `as_of`, none of the clock. */
export function statusText(state: StatusState, health: readonly ProjectionHealth[]): string {
  const { body, book } = state;
  const names = [...new Set(['open', 'mid', 'close', ...Object.keys(body.strategies)])];
  const status = {
    as_of: { position: body.asOfPosition, time: body.asOfTime },
    overall: overall(findings(state, health)),
    bot_state: body.botState,
    bot_identity: body.identity,
    version_tag: body.session?.opened.versionTag ?? null,
    uptime_seconds: uptimeSeconds(body),
    session: sessionPart(body),
    broker: { name: body.session?.opened.broker ?? null, ...linkPart(body.brokerTrouble) },
    market_data: linkPart(body.dataTrouble),
    defense_mode: { active: body.defense.since !== null, since: body.defense.since, reason: body.defense.why },
    kill_switch: {
      armed: body.kill.since === null,
      triggered: body.kill.since !== null,
      since: body.kill.since,
      reason: body.kill.why,
    },
    ...moneyPart(body, figuresOf(book)),
    win_rates: winRates(body),
    thresholds: Object.fromEntries(THRESHOLDS.map((key) => [key, setting(body, key)])),
    max_trades: setting(body, 'MAX_TRADES'),
    session_cap: body.session?.opened.sessionCap ?? null,
    open_positions: openPositions(state),
    unresolved_orders: Object.keys(body.unresolved).sort(),
    strategy_states: Object.fromEntries(
      names.map((name) => [name, strategyState(body, name, own(body.strategies, name))]),
    ),
    strategy_last_run: Object.fromEntries(
      names.map((name) => {
        const strategy = own(body.strategies, name);
        return [name, strategy === undefined ? null : lastRun(strategy)];
      }),
    ),
    jobs: {
      holdings: null,
      universe: null,
      sync: body.sync,
      backup: body.backup,
      exports: body.exports,
      projections_check: body.projectionsCheck,
    },
    universe_status: null,
    holdings_compliance: null,
    reconciliation:
      body.reconciliation === null ? null : { ok: body.reconciliation.ok, mismatches: body.reconciliation.mismatches },
    watchdog: Object.fromEntries(WATCHED.map((subject) => [subject, own(body.watchdog, subject) ?? null])),
    processes: Object.fromEntries(
      Object.keys(body.processes)
        .sort()
        .map((name) => [name, own(body.processes, name)]),
    ),
    checks: { build_failures: body.buildCheckFailures, self_failures: body.selfCheckFailures },
    test_mode: testModePart(body),
    last_trade_id: body.lastTradeId,
    last_error: body.lastError,
    projections: health.map(({ name, lagEvents, stopped }) => ({
      name,
      lag_events: lagEvents,
      stopped: stopped?.reason ?? null,
    })),
  };
  return `${JSON.stringify(status, null, 2)}\n`;
}

const WATCHED = ['broker', 'market_data', 'clock', 'disk', 'journal'] as const;

function testModePart({ testRun }: StatusBody): object {
  if (testRun === null) return { active: false, run_id: null, test: null, started_at: null, ended_at: null, ok: null };
  const { runId, test, startedAt, endedAt, ok } = testRun;
  return { active: endedAt === null, run_id: runId, test, started_at: startedAt, ended_at: endedAt, ok };
}

function linkPart({ since, why }: { readonly since: string | null; readonly why: string | null }): object {
  return { state: since === null ? 'ok' : 'down', since, reason: why };
}
