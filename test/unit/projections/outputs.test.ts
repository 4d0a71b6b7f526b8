import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { figuresOf } from '../../../src/domain/accounting/figures.js';
import { ERROR_COLUMNS, LOG_COLUMNS } from '../../../projections/logs/log-record.js';
import { logsProjection } from '../../../projections/logs/logs.js';
import { TRADE_COLUMNS } from '../../../projections/trade-history/trade-history.js';
import { applyToBook, initialBook } from '../../../src/domain/accounting/book.js';
import { parseStrategyName } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { centsToDecimal } from '../../../src/kernel/money.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { DayTape, twoDays } from '../support/day-tape.js';
import { removeTemporaryHomes } from '../support/home.js';
import { faultsOf, outputSchema } from '../support/output-schemas.js';
import { sampleProjection } from '../support/sample-projection.js';
import { BOOKS, parseCsv, ReportHome } from '../support/report-home.js';
import { STRATEGY_NAMES } from '../../../src/domain/config/configured-strategies.js';

afterAll(removeTemporaryHomes);

const LOGS = ['open', 'mid', 'close', 'unresolved_orders', 'disaster_mode'] as const;
const tape = twoDays();
const home = new ReportHome();
const { paths } = home;

beforeAll(async () => {
  await home.run(tape);
});

describe('every written line and file matches its schema', () => {
  test.each(['strategy-log-line', 'error-log-line', 'trade-record', 'daily-summary', 'status'])(
    'examples of %s',
    (name) => {
      const { examples } = outputSchema(name);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(faultsOf(name, example)).toEqual([]);
    },
  );

  test('logs', () => {
    for (const log of LOGS) {
      for (const line of home.lines(paths.log(log))) expect(faultsOf('strategy-log-line', line)).toEqual([]);
    }
    const errors = home.lines(paths.log('error_tracebacks'));
    expect(errors).toHaveLength(2);
    for (const line of errors) expect(faultsOf('error-log-line', line)).toEqual([]);
  });

  test('trade history, summaries and status', () => {
    const trades = JSON.parse(home.text(paths.output.tradeHistoryJson)) as unknown[];
    expect(trades).toHaveLength(3);
    for (const trade of trades) expect(faultsOf('trade-record', trade)).toEqual([]);
    for (const date of ['2013-10-07', '2013-10-08']) {
      expect(faultsOf('daily-summary', home.json(paths.dailySummaryOf(parseDateText(date))))).toEqual([]);
    }
    expect(faultsOf('status', home.json(paths.output.statusJson))).toEqual([]);
    expect(home.text(paths.output.statusMirror)).toBe(home.text(paths.output.statusJson));
    expect(home.text(paths.output.dailySummary)).toBe(home.text(paths.dailySummaryOf(parseDateText('2013-10-08'))));
  });

  test('a schema can fail', () => {
    expect(faultsOf('trade-record', { PnL: 1 }).length).toBeGreaterThan(10);
  });

  test('columns and schemas name the same fields in the same order', () => {
    expect(Object.keys(outputSchema('strategy-log-line').properties)).toEqual([...LOG_COLUMNS]);
    expect(Object.keys(outputSchema('error-log-line').properties)).toEqual([...ERROR_COLUMNS]);
    expect(Object.keys(outputSchema('trade-record').properties)).toEqual([...TRADE_COLUMNS]);
  });
});

describe('CSV has the same records as JSON', () => {
  const asCells = (record: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );

  test('logs, also with quotes and line ends in a message', async () => {
    const csv = new ReportHome('csv');
    await csv.run(tape);
    for (const log of [...LOGS, 'error_tracebacks'] as const) {
      expect(parseCsv(csv.text(csv.paths.log(log)))).toEqual(home.lines(paths.log(log)).map(asCells));
    }
    expect(csv.text(csv.paths.log('close')).split('\n')[0]).toBe(LOG_COLUMNS.join(','));
  });

  test('another LOG_FORMAT rebuilds the logs, and no file mixes two formats', async () => {
    const changed = new ReportHome();
    await changed.run(tape);
    const projector = changed.projector(tape, 1000, [
      logsProjection(changed.paths, { strategies: STRATEGY_NAMES, format: 'csv' }),
    ]);
    const report = await projector.catchUp();
    await projector.close();
    expect(report.rebuilt).toEqual([{ name: 'logs', reason: 'version 8 exists, version 9 is required' }]);
    for (const line of changed.text(changed.paths.log('mid')).trimEnd().split('\n'))
      expect(line).not.toContain('{"timestamp"');
  });

  test('trade history', () => {
    const items = JSON.parse(home.text(paths.output.tradeHistoryJson)) as Record<string, unknown>[];
    expect(parseCsv(home.text(paths.output.tradeHistoryCsv))).toEqual(items.map(asCells));
  });
});

describe('the log explains why each candidate was or was not traded', () => {
  test('the whole story of the open strategy, in order', () => {
    const story = home.lines(paths.log('open')).map((line) => `${String(line['event'])}: ${String(line['message'])}`);
    expect(story.slice(0, 6)).toEqual([
      'StrategyStarted: window started: analysis from 13:30:00Z, entries 13:30:00Z to 14:30:00Z, flat by 14:30:00Z; shorts: ShortSell',
      'CandidatesRanked: pool of at most 20: 1 selected, 1 excluded',
      'CandidatesRanked: AIG selected: rank 1 of 1, fitness 0.8123 (momentum 0.0041)',
      'CandidatesRanked: AAPL excluded: PRICE_ABOVE_MAX (limit 300, price 645.57)',
      'SignalTriggered: long signal for AIG at 49.36, rank 1: OPENING_RANGE_BREAKOUT (threshold 49.2082)',
      'OrderIntended: entry order: buy 16 AIG market, reference price 49.36',
    ]);
    expect(story).toContain('EnhancementBlocked: IBM blocked by filter adx-filter: ADX_ABOVE_MAX (adx 31.4, limit 25)');
    expect(story).toContain('TradeBlocked: IBM entry blocked by the risk gate: SESSION_CAP (adx 31.4, limit 25)');
    expect(story).toContain('CandidateRejected: IBM (rank 3, fallback 1) not traded: NO_SIGNAL');
    expect(story).toContain(
      'PositionClosed: closed long AIG at 49.86 (stop_loss): gross 8.00, fees 1.06, net 6.94, slippage 0.40',
    );
  });

  test("an exit fill has its position's signal, entry and exit reason", () => {
    const exit = home
      .lines(paths.log('mid'))
      .find((line) => line['event'] === 'OrderFilled' && line['exit_price'] !== null);
    expect(exit).toMatchObject({
      trade_side: 'short',
      ticker: 'BAC',
      signal_trigger_time: '2013-10-07T16:20:00.000Z',
      entry_timestamp: '2013-10-07T16:20:00.250Z',
      entry_price: '13.87',
      exit_price: '13.97',
      exit_reason: 'target_hit',
      broker: 'SIM',
    });
  });

  test('alarms, unresolved orders and errors have their own logs', () => {
    const events = (log: 'disaster_mode' | 'unresolved_orders' | 'error_tracebacks'): unknown[] =>
      home.lines(paths.log(log)).map((line) => line['event']);
    expect(events('unresolved_orders')).toEqual(['OrderUnresolved', 'OrderResolved']);
    expect(events('error_tracebacks')).toEqual(['ErrorRecorded', 'ProcessCrashed']);
    expect(events('disaster_mode')).toEqual([
      'BrokerSuspended',
      'BrokerResumed',
      'MarketDataLost',
      'MarketDataRestored',
      'DefenseModeEntered',
      'DefenseModeReset',
      'RiskLimitBreached',
      'KillSwitchTripped',
      'KillSwitchReset',
    ]);
  });

  test('a strategy without its own log does not stop the projection', async () => {
    const other = new DayTape();
    other.firstDay().open();
    other.add('StrategyFailed', {
      strategy: parseStrategyName('constructor'),
      code: 'SELF_CHECK_FAILED',
      message: 'x',
    });
    const report = await new ReportHome().run(other);
    expect(report.projections.map((projection) => projection.stopped)).toEqual([null, null, null, null]);
  });
});

describe('a skipped strategy', () => {
  const stateAfter = async (code: string): Promise<unknown> => {
    const other = new DayTape();
    other.firstDay().open();
    other.add('StrategyFailed', { strategy: parseStrategyName('mid'), code, message: 'x' });
    const skipped = new ReportHome();
    await skipped.run(other);
    return skipped.json(skipped.paths.output.statusJson);
  };

  test('it is failed when it could not work, and not when its window was over before the start', async () => {
    expect(await stateAfter('SELF_CHECK_FAILED')).toMatchObject({
      strategy_states: { mid: { running: false, failed: true, last_error: 'SELF_CHECK_FAILED: x' } },
    });
    expect(await stateAfter('WINDOW_OVER')).toMatchObject({
      strategy_states: { mid: { running: false, failed: false, last_error: null } },
    });
  });
});

describe('figures equal the books', () => {
  let book = initialBook(BOOKS.codes, BOOKS.lotMethod);
  for (const event of tape.events) book = applyToBook(book, event).book;
  const ledger = figuresOf(book);
  const text = (cents: (typeof ledger)['cash']): string => centsToDecimal(cents).text();

  test('status: cash, equity, liabilities, daily and cumulative P&L', () => {
    const status = home.json(paths.output.statusJson);
    expect(status).toMatchObject({
      cash: text(ledger.cash),
      equity: text(ledger.equity),
      NAV: text(ledger.equity),
      liabilities: text(ledger.liabilities),
      cumulative: { gross_pnl: text(ledger.realized), fees: text(ledger.fees), PnL: text(ledger.net) },
      daily: { gross_pnl: '10.00', fees: '1.06', PnL: '8.94' },
      daily_gain_loss: '8.94',
      win_rates: { today: '1.0000', all: '0.6667', per_strategy: { close: null, mid: '0.0000', open: '1.0000' } },
    });
    expect(text(ledger.cash)).toBe('100004.81');
  });

  test('F15 F16 F18: trade history, summaries and books agree, over round trips with partial fills', () => {
    const trades = JSON.parse(home.text(paths.output.tradeHistoryJson)) as Record<string, string>[];
    const sum = (name: string): string => Decimal.sum(trades.map((trade) => Decimal.parse(trade[name] ?? '0'))).text();
    expect([sum('gross_pnl'), sum('fees'), sum('PnL')]).toEqual([
      text(ledger.realized),
      text(ledger.fees),
      text(ledger.net),
    ]);
    const days = ['2013-10-07', '2013-10-08'].map((date) => home.json(paths.dailySummaryOf(parseDateText(date))));
    const total = (name: string): string => Decimal.sum(days.map((day) => Decimal.parse(String(day[name])))).text();
    expect([total('gross_pnl'), total('fees'), total('PnL')]).toEqual([sum('gross_pnl'), sum('fees'), sum('PnL')]);
    for (const day of days) {
      expect(day['checks']).toEqual({ closed_positions_equal_books: true, engine_summary_equals_books: true });
    }
  });

  test('the summary of a day', () => {
    expect(home.json(paths.dailySummaryOf(parseDateText('2013-10-07')))).toMatchObject({
      total_trades: 2,
      wins: 1,
      win_rate_per_strategy: { close: null, mid: '0.0000', open: '1.0000' },
      average_pnl_per_trade: '-2.06',
      max_gain: '6.94',
      max_loss: '-11.07',
      average_holding_time: '1230.000',
      trade_count_vs_signals_triggered: { trades: 2, signals: 3, ratio: '0.6667' },
      most_profitable_tickers: [{ ticker: 'AIG', PnL: '6.94' }],
      worst_tickers: [{ ticker: 'BAC', PnL: '-11.07' }],
      blocks_by_filter: { 'adx-filter': 1 },
      blocks_by_risk_gate: { SESSION_CAP: 1 },
      refused_candidates: { NO_SIGNAL: 1, PRICE_ABOVE_MAX: 2 },
      latency: { submit_to_ack: { count: 4, p50_ms: 120 }, signal_to_first_fill: { count: 2, max_ms: 250 } },
      opening_equity: '100000.00',
      closing_equity: '99995.87',
    });
  });

  test('F14: equity, float and totals continue over a restart, and the day is not reset', async () => {
    const cut = new DayTape();
    cut.events.push(...tape.events.slice(0, 30));
    const resumed = new ReportHome();
    await resumed.run(cut);
    cut.events.push(...tape.events.slice(30));
    await resumed.run(cut);
    expect(resumed.text(resumed.paths.output.statusJson)).toBe(home.text(paths.output.statusJson));
  });
});

describe('status.json', () => {
  async function statusOf(events: DayTape): Promise<Record<string, unknown>> {
    const own = new ReportHome();
    await own.run(events);
    return own.json(own.paths.output.statusJson);
  }

  test('an empty journal has a status', async () => {
    const status = await statusOf(new DayTape());
    expect(faultsOf('status', status)).toEqual([]);
    expect(status).toMatchObject({
      as_of: { position: null, time: null },
      equity: '0.00',
      session: { state: 'CLOSED' },
    });
  });

  test('open positions with their stop equal the books', async () => {
    const part = new DayTape();
    const closed = tape.events.findIndex((event) => event.type === 'OrderIntended' && event.data.purpose === 'exit');
    part.events.push(...tape.events.slice(0, closed));
    const status = await statusOf(part);
    expect(faultsOf('status', status)).toEqual([]);
    expect(status).toMatchObject({
      session: { state: 'OPEN', phase: 'open' },
      cash: '99209.54',
      equity: '99999.30',
      open_positions: [
        {
          ticker: 'AIG',
          trade_side: 'long',
          size: '16',
          amount: '789.76',
          average_price: '49.36',
          stop: '48.53',
          strategy_name: 'open',
        },
      ],
      strategy_states: { open: { running: true, enabled: true } },
    });
  });

  test('a fault is Warning or Critical with its reason, and disappears when it is over', async () => {
    const part = new DayTape();
    const tripped = tape.events.findIndex((event) => event.type === 'KillSwitchTripped');
    part.events.push(...tape.events.slice(0, tripped + 1));
    const status = await statusOf(part);
    expect(faultsOf('status', status)).toEqual([]);
    expect(status['overall']).toEqual({
      status: 'Critical',
      reasons: [
        'nothing is traded in an open session: the bot is checking its parts',
        'kill switch: DAILY_LOSS_LIMIT (loss 5010.00)',
        '1 errors in this session',
      ],
    });
    expect(status['kill_switch']).toMatchObject({ armed: false, triggered: true });
    expect(home.json(paths.output.statusJson)['overall']).toEqual({ status: 'OK', reasons: [] });
  });

  test('a stopped projection is reported', async () => {
    const own = new ReportHome();
    const failAt = tape.events.find((event) => event.type === 'PhaseStarted')?.position ?? '';
    const broken = sampleProjection(`${own.home}/sample`, { name: 'broken', failAt });
    const projector = own.projector(tape, 1000, [...own.projections(), broken]);
    await projector.catchUp();
    await projector.close();
    const status = own.json(own.paths.output.statusJson);
    const stopped = `cannot apply ${failAt}`;
    expect(faultsOf('status', status)).toEqual([]);
    expect(status['overall']).toEqual({ status: 'Critical', reasons: [`projection broken stopped: ${stopped}`] });
    expect(status['projections']).toContainEqual({ name: 'broken', lag_events: 85 - Number(failAt), stopped });
  });

  test('it contains no secret, and no undeclared file is written', () => {
    expect(home.text(paths.output.statusJson)).not.toContain('API_KEY');
    expect(readdirSync(paths.output.summaries).sort()).toHaveLength(3);
    expect(existsSync(paths.log('open'))).toBe(true);
  });
});
