import type { EventData } from '../../../src/events/event.js';
import { parseClientOrderId, parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { roundToCents, centsToDecimal } from '../../../src/kernel/money.js';
import { parseDateText, parseUtcText, type UtcText } from '../../../src/kernel/time.js';
import { Tape } from './events.js';

const SHA = sha256Hex('test');
const money = (text: string): EventData<'SessionOpened'>['openingEquity'] =>
  Decimal.parse(text).rounded(2, 'halfEven').text();
const dec = (text: string): EventData<'SessionOpened'>['openingEquity'] => Decimal.parse(text).text();

/** A whole trade in short form. Times are minutes and seconds after 13:00Z, prices and quantity exact text. */
export interface TapeTrade {
  readonly strategy: 'open' | 'mid' | 'close';
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: string;
  readonly entry: string;
  readonly exit: string;
  /** `HH:MM` of the signal and of the exit. */
  readonly from: string;
  readonly to: string;
  readonly exitReason?: EventData<'PositionClosed'>['exitReason'];
}

/** A day of events of all contexts, as an engine would record them, with figures that the books agree to. */
export class DayTape extends Tape {
  #orders = 0;
  #executions = 0;

  constructor(
    readonly date = '2013-10-07',
    readonly openingCash = '100000.00',
  ) {
    super();
  }

  at(time: string): UtcText {
    const text = `${this.date}T${time.length === 5 ? `${time}:00.000` : time}Z` as UtcText;
    parseUtcText(text);
    return text;
  }

  /** Settings, opening balances and float of a new home. */
  firstDay(): this {
    const at = this.at('13:20');
    const changes: EventData<'ConfigChanged'>['changes'] = [
      { key: 'MAX_TRADES', from: null, to: '4', secret: false },
      { key: 'STRAT_OPEN_ENABLED', from: null, to: 'true', secret: false },
      { key: 'API_KEY', from: null, to: null, secret: true },
    ];
    this.add('BotStateChanged', { from: 'bootstrapping', to: 'started', reason: 'booted' }, { at });
    this.add('ConfigChanged', { changes, settingsSha256: SHA, reason: 'first settings' }, { at });
    const cash = money(this.openingCash);
    this.add('OpeningBalancesRecorded', { asOf: at, cash, positions: [] }, { at });
    const source = 'opening-balance' as const;
    this.add(
      'FloatAdjusted',
      { adjustmentId: 'FA-0', amount: cash, direction: 'inject', source, reason: 'opening' },
      { at },
    );
    return this;
  }

  open(equity = this.openingCash): this {
    const at = this.at('13:30');
    const feed = {
      kind: 'synthetic' as const,
      description: 'test',
      seed: 1,
      symbols: [parseSymbol('AIG')],
      sha256: SHA,
    };
    this.add(
      'SessionOpened',
      {
        date: parseDateText(this.date),
        opensAt: at,
        closesAt: this.at('20:00'),
        halfDay: false,
        broker: 'SIM',
        feed,
        brokerSeed: 1,
        floatAtStart: money(equity),
        openingEquity: money(equity),
        sessionCap: money('2000'),
        settingsSha256: SHA,
        versionTag: '0.1.0',
      },
      { at },
    );
    const figures = {
      float: money(equity),
      dailyAllocation: money('2000'),
      cash: money(equity),
      equity: money(equity),
    };
    this.add('FloatSnapshotTaken', figures, { at });
    return this;
  }

  window(strategy: 'open' | 'mid' | 'close', from: string, to: string): this {
    const at = this.at(from);
    this.add('PhaseStarted', { phase: strategy }, { at });
    const name = parseStrategyName(strategy);
    const times = { analysisFrom: at, breakoutFrom: at, monitoringFrom: this.at(to), endsAt: this.at(to) };
    this.add('StrategyStarted', { strategy: name, ...times, shortType: 'ShortSell' }, { at });
    this.add(
      'CandidatesRanked',
      {
        strategy: name,
        poolLimit: 20,
        candidates: [{ symbol: parseSymbol('AIG'), rank: 1, fitness: dec('0.8123'), figures: { momentum: '0.0041' } }],
        screenedOut: [
          { symbol: parseSymbol('AAPL'), code: 'PRICE_ABOVE_MAX', figures: { price: '645.57', limit: '300' } },
        ],
      },
      { at },
    );
    return this;
  }

  ended(strategy: 'open' | 'mid' | 'close', to: string): this {
    const at = this.at(to);
    const counts = { candidates: 1, signals: 1, blocked: 0, entries: 1, reason: 'its window closed' };
    this.add('StrategyEnded', { strategy: parseStrategyName(strategy), ...counts }, { at });
    this.add('PhaseEnded', { phase: strategy, reason: 'its window closed' }, { at });
    return this;
  }

  signal(strategy: string, symbol: string, side: 'long' | 'short', price: string, time: string): string {
    const signalId = `${this.date}/${strategy}/${symbol}`;
    const names = { strategy: parseStrategyName(strategy), symbol: parseSymbol(symbol) };
    const rest = {
      side,
      rule: 'OPENING_RANGE_BREAKOUT',
      price: dec(price),
      poolRank: 1,
      figures: { threshold: '49.2082' },
    };
    this.add('SignalTriggered', { signalId, ...names, ...rest }, { at: this.at(time), correlationId: signalId });
    return signalId;
  }

  /** Signal, entry in two executions, stop, exit, result. */
  trade(trade: TapeTrade): this {
    const { strategy, symbol, side, quantity, from, to } = trade;
    const exitReason = trade.exitReason ?? 'stop_loss';
    const signalId = this.signal(strategy, symbol, side, trade.entry, from);
    const half = Decimal.parse(quantity).divide(Decimal.of(2), { scale: 4, round: 'down' });
    const parts = [half, Decimal.parse(quantity).minus(half)].map((part) => part.shortText());
    const entry = this.order({ ...trade, purpose: 'entry', price: trade.entry, time: from, signalId, parts });
    const names = { positionId: signalId, strategy: parseStrategyName(strategy), symbol: parseSymbol(symbol), side };
    const first = { quantity: dec(parts[0] ?? quantity), price: dec(trade.entry) };
    this.add('PositionOpened', { ...names, ...first, clientOrderId: entry.id, signalId }, { at: entry.firstFillAt });
    const stop = { stop: dec('48.53'), previousStop: null, extreme: dec(trade.entry), basis: 'percent' as const };
    this.add('TrailingStopMoved', { ...names, ...stop }, { at: entry.lastFillAt });
    const exit = this.order({
      ...trade,
      purpose: 'exit',
      price: trade.exit,
      time: to,
      signalId,
      parts: [quantity],
      exitReason,
    });
    const gross = Decimal.sum(parts.map((part) => this.#gain(trade, part)));
    const fees = entry.fees.plus(exit.fees);
    this.add(
      'PositionClosed',
      {
        ...names,
        quantity: dec(quantity),
        entryPrice: dec(trade.entry),
        exitPrice: dec(trade.exit),
        entryAt: entry.firstFillAt,
        exitAt: exit.lastFillAt,
        signalAt: this.at(from),
        grossPnl: gross.rounded(2, 'halfEven').text(),
        fees: fees.rounded(2, 'halfEven').text(),
        netPnl: gross.minus(fees).rounded(2, 'halfEven').text(),
        slippage: money('0.40'),
        exitReason,
      },
      { at: exit.lastFillAt },
    );
    return this;
  }

  /** Reconciled, summed up and closed, in the order of the engine. */
  close(figures: {
    readonly trades: number;
    readonly gross: string;
    readonly fees: string;
    readonly cash: string;
  }): this {
    const at = this.at('20:00');
    const cash = money(figures.cash);
    const sides = { cashLedger: cash, cashBroker: cash, positions: [], mismatches: 0, ok: true };
    this.add('ReconciliationCompleted', { scope: 'session-end', ...sides }, { at });
    const net = Decimal.parse(figures.gross).minus(Decimal.parse(figures.fees)).rounded(2, 'halfEven').text();
    const sums = { grossPnl: money(figures.gross), fees: money(figures.fees), netPnl: net };
    const date = parseDateText(this.date);
    this.add(
      'DailySummaryCompiled',
      { date, signals: figures.trades, trades: figures.trades, wins: 1, ...sums },
      { at },
    );
    const closed = { trades: figures.trades, realizedPnl: money(figures.gross), fees: money(figures.fees) };
    this.add('SessionClosed', { date, outcome: 'completed', ...closed, openPositions: [], reconciled: true }, { at });
    return this;
  }

  order(order: {
    readonly strategy: string;
    readonly symbol: string;
    readonly side: 'long' | 'short';
    readonly purpose: 'entry' | 'exit';
    readonly price: string;
    readonly time: string;
    readonly signalId: string;
    readonly parts: readonly string[];
    readonly exitReason?: EventData<'PositionClosed'>['exitReason'];
  }): { id: ReturnType<typeof parseClientOrderId>; fees: Decimal; firstFillAt: UtcText; lastFillAt: UtcText } {
    this.#orders += 1;
    const id = parseClientOrderId(`DEMO_US_SIM_B01-${this.date.replaceAll('-', '')}-${String(this.#orders)}`);
    const brokerOrderId = `SIM-${this.date}-${String(this.#orders)}`;
    const opens = order.purpose === 'entry';
    const buys = opens === (order.side === 'long');
    const names = { strategy: parseStrategyName(order.strategy), symbol: parseSymbol(order.symbol) };
    const side = buys ? ('buy' as const) : ('sell' as const);
    const positionEffect: EventData<'OrderFilled'>['positionEffect'] = `${opens ? 'open' : 'close'}_${order.side}`;
    const total = Decimal.sum(order.parts.map((part) => Decimal.parse(part))).shortText();
    const kind = { orderType: 'market' as const, limitPrice: null, stopPrice: null, timeInForce: 'day' as const };
    const at = this.at(order.time);
    this.add(
      'OrderIntended',
      {
        clientOrderId: id,
        ...names,
        side,
        positionEffect,
        purpose: order.purpose,
        quantity: total,
        notional: null,
        ...kind,
        referencePrice: dec(order.price),
        signalId: opens ? order.signalId : null,
        positionId: order.signalId,
        poolRank: opens ? 1 : null,
        exitReason: order.exitReason ?? null,
      },
      { at },
    );
    this.add('OrderSubmitted', { clientOrderId: id, attempt: 1 }, { at });
    this.add('OrderAcknowledged', { clientOrderId: id, brokerOrderId }, { at: this.at(`${order.time}:00.120`) });
    let fees = Decimal.ZERO;
    const times = order.parts.map((_part, index) => this.at(`${order.time}:00.${String(250 + index)}`));
    for (const [index, quantity] of order.parts.entries()) {
      this.#executions += 1;
      const charges = { commission: money('0.35'), fee: buys ? money('0') : money('0.01') };
      fees = fees.plus(Decimal.parse(charges.commission)).plus(Decimal.parse(charges.fee));
      const filledAt = times[index] ?? at;
      const execution = {
        executionId: `${this.date}-X${String(this.#executions)}`,
        quantity: dec(quantity),
        price: dec(order.price),
      };
      const place = { clientOrderId: id, brokerOrderId, ...names, positionId: order.signalId, side, positionEffect };
      this.add(
        'OrderFilled',
        { ...place, ...execution, ...charges, currency: 'USD', filledAt, rawSha256: SHA },
        { at: filledAt },
      );
    }
    return { id, fees, firstFillAt: times[0] ?? at, lastFillAt: times.at(-1) ?? at };
  }

  /** Gain of a part, rounded leg by leg as the books do. */
  #gain(trade: TapeTrade, part: string): Decimal {
    const quantity = Decimal.parse(part);
    const worth = (price: string): Decimal => centsToDecimal(roundToCents(Decimal.parse(price).times(quantity)));
    const difference = worth(trade.exit).minus(worth(trade.entry));
    return trade.side === 'long' ? difference : difference.negated();
  }
}

/** One long that wins, one short that loses, blocks, refusals and every kind of alarm. Two sessions. */
export function twoDays(): DayTape {
  const tape = new DayTape().firstDay().open();
  tape.window('open', '13:30', '14:30');
  tape.trade({
    strategy: 'open',
    symbol: 'AIG',
    side: 'long',
    quantity: '16',
    entry: '49.36',
    exit: '49.86',
    from: '13:51',
    to: '14:12',
  });
  tape.ended('open', '14:30');
  alarms(tape);
  tape.window('mid', '16:00', '17:00');
  tape.trade({
    strategy: 'mid',
    symbol: 'BAC',
    side: 'short',
    quantity: '100',
    entry: '13.87',
    exit: '13.97',
    from: '16:20',
    to: '16:40',
    exitReason: 'target_hit',
  });
  tape.ended('mid', '17:00');
  tape.close({ trades: 2, gross: '-2.00', fees: '2.13', cash: '99995.87' });
  const next = new DayTape('2013-10-08', '99995.87');
  next.open();
  next.window('open', '13:30', '14:30');
  next.trade({
    strategy: 'open',
    symbol: 'AIG',
    side: 'long',
    quantity: '10',
    entry: '50.00',
    exit: '51.00',
    from: '13:52',
    to: '14:01',
  });
  next.close({ trades: 1, gross: '10.00', fees: '1.06', cash: '100004.81' });
  for (const { type, data, occurredAt } of next.events) tape.add(type, data, { at: occurredAt });
  return tape;
}

function alarms(tape: DayTape): void {
  const at = tape.at('15:00');
  const names = { strategy: parseStrategyName('open'), symbol: parseSymbol('IBM') };
  const signalId = tape.signal('open', 'IBM', 'long', '182.00', '13:53');
  const clientOrderId = parseClientOrderId('DEMO_US_SIM_B01-20131007-9');
  const figures = { adx: '31.4', limit: '25' };
  tape.add('EnhancementBlocked', { ...names, signalId, filter: 'adx-filter', code: 'ADX_ABOVE_MAX', figures }, { at });
  tape.add(
    'TradeBlocked',
    { ...names, signalId, positionId: null, purpose: 'entry', limit: 'SESSION_CAP', figures },
    { at },
  );
  tape.add(
    'CandidateRejected',
    { ...names, signalId: null, poolRank: 3, fallbackLevel: 1, code: 'NO_SIGNAL', figures: {} },
    { at },
  );
  tape.add(
    'OrderUnresolved',
    { ...names, clientOrderId, code: 'NO_ANSWER_TO_SUBMIT', message: 'no answer within 30 s' },
    { at },
  );
  tape.add(
    'OrderResolved',
    { ...names, clientOrderId, outcome: 'not_found', message: 'unknown to the broker' },
    { at },
  );
  const error = {
    errorType: 'NetworkError' as const,
    errorCode: 'BROKER_TIMEOUT',
    message: 'a "quoted", failure\nof two lines',
  };
  const traceback = 'Error: x\n    at y';
  tape.add('ErrorRecorded', { ...error, strategy: names.strategy, broker: 'SIM', context: {}, traceback }, { at });
  tape.add('ProcessCrashed', { process: 'engine', lastEventAt: at, action: 'resumed from the journal' }, { at });
  tape.add('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'order stream is down' }, { at });
  tape.add('BrokerResumed', { fetched: 2, outageSeconds: 45 }, { at });
  tape.add('MarketDataLost', { symbols: [names.symbol], since: at }, { at });
  tape.add('MarketDataRestored', { symbols: [names.symbol], gapSeconds: 600 }, { at });
  tape.add(
    'DefenseModeEntered',
    { reason: 'set by hand', tradeLimitPct: dec('66'), totalAllocation: dec('0.01') },
    { at },
  );
  tape.add('DefenseModeReset', { reason: 'reviewed' }, { at });
  tape.add('RiskLimitBreached', { limit: 'DAILY_LOSS_LIMIT', figures: { loss: '5010.00', limit: '5000.00' } }, { at });
  tape.add('KillSwitchTripped', { code: 'DAILY_LOSS_LIMIT', figures: { loss: '5010.00' } }, { at });
  tape.add('KillSwitchReset', { reason: 'reviewed the session' }, { at });
  tape.add(
    'StrategyFailed',
    { strategy: parseStrategyName('close'), code: 'SELF_CHECK_FAILED', message: 'no window' },
    { at },
  );
}
