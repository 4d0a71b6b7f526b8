import { ReplaySubject, type Observable } from 'rxjs';
import type { BrokerDay } from '../../domain/calendar/broker-day.js';
import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import { canonicalSymbol, isClientOrderId, type ClientOrderId, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { brokerError, networkError, TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS, plusMs, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from '../../ports/account-queries.js';
import type { Broker } from '../../ports/broker.js';
import type { BrokerCheck, BrokerStatus } from '../../ports/broker-connection.js';
import type {
  BrokerOrder,
  BrokerUpdate,
  CallBudget,
  ClosedPosition,
  OpenOrder,
  OrderChange,
  OrderRequest,
} from '../../ports/order-entry.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAsset, BrokerCapabilities } from '../../ports/reference-data.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { LinePauses } from '../broker-common/line.js';
import { RateBudget } from '../broker-common/rate-budget.js';
import { AccountRecords } from './account-records.js';
import { AlpacaRest } from './alpaca-rest.js';
import { AlpacaConnection } from './connection.js';
import { BulkOrders } from './bulk-orders.js';
import { readFillRow } from './fills.js';
import { OrderDesk } from './order-desk.js';
import { readPositions } from './positions.js';
import { allOpenOrders } from './order-lists.js';
import { OrderReplacer } from './replace-order.js';
import { isMadeByBroker, isSameOrder, openStateOf, type AlpacaOrder } from './orders.js';
import { filled } from './reports.js';
import { checkAlpaca, maySellShort } from './self-check.js';
import type { ActivityRow } from './activities.js';

export interface AlpacaBrokerOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  /** How long one answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
  readonly pauses?: LinePauses;
  /** How often live orders are compared with the list of the broker, in milliseconds. */
  readonly lookEveryMs?: number;
  /** Calls a minute that Alpaca allows. */
  readonly callsPerMinute?: number;
}

const CALLS_PER_MINUTE = 200;
/** Calls that only closing and cancelling may use. */
const RESERVED = 60;
const CLIENT_ID_LENGTH = 48;
const QUANTITY_DECIMALS = 9;

const NEEDED_TO_CONNECT: readonly string[] = ['broker.host', 'broker.key', 'broker.account', 'broker.reachable'];

const CAPABILITIES: BrokerCapabilities = {
  fractional: true,
  notional: true,
  shortSell: true,
  nativeStop: true,
  nativeTrailingStop: false,
  options: false,
  bulkCancel: true,
  closeAll: true,
  closesWithoutStream: true,
  replace: 'new id',
  extendedHours: true,
  clientIdLength: CLIENT_ID_LENGTH,
  quantityDecimals: QUANTITY_DECIMALS,
  orderCallsPerMinute: CALLS_PER_MINUTE,
  // the look-up by client id has every order that was taken, and a second one under its id is refused
  findableAfterMs: 0,
};

/** Alpaca: Trading API version 2 with its stream of reports (TRD-62). */
export class AlpacaBroker implements Broker {
  readonly code = 'ALPACA';
  readonly capabilities: BrokerCapabilities & { cashHasParts: boolean };
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  readonly #rest: AlpacaRest;
  readonly #desk: OrderDesk;
  readonly #budget: RateBudget;
  readonly #connection: AlpacaConnection;
  readonly #bulk: BulkOrders;
  readonly #replacer: OrderReplacer;
  readonly #records: AccountRecords;
  readonly #states = new ReplaySubject<BrokerStatus>(1);
  #shorting: { readonly at: EpochMs; readonly isAllowed: boolean } | undefined;

  constructor(private readonly options: AlpacaBrokerOptions) {
    const { account, clock, raw, timeoutMs, callsPerMinute = CALLS_PER_MINUTE } = options;
    this.capabilities = { ...CAPABILITIES, orderCallsPerMinute: callsPerMinute, cashHasParts: false };
    this.#budget = new RateBudget({
      perMinute: callsPerMinute,
      reserved: Math.min(RESERVED, callsPerMinute / 2),
      clock,
    });
    const limits = timeoutMs === undefined ? {} : { timeoutMs };
    this.#rest = new AlpacaRest({
      ...{ account, clock, raw, budget: this.#budget, ...limits },
      onKeyRefused: (reason) => this.#connection.keyRefused(reason),
    });
    this.#desk = new OrderDesk(this.#rest);
    this.#bulk = new BulkOrders(this.#rest, this.#desk, clock);
    this.#replacer = new OrderReplacer(this.#rest, this.#desk);
    this.#records = new AccountRecords(this.#rest, (row) => this.#fillActivity(row));
    this.#connection = new AlpacaConnection({
      ...options,
      rest: this.#rest,
      desk: this.#desk,
      namedLater: (order) => this.#bulk.namedLater(order),
      onState: (state, reason, code) => this.#states.next({ at: clock.now(), state, reason, code }),
    });
    this.orderUpdates$ = this.#desk.updates$.asObservable();
    this.status$ = this.#states.asObservable();
  }

  /** @throws BrokerError refuse (key, another account), NetworkError retry */
  async connect(): Promise<void> {
    // a blocked account can still be read, and its positions are to be seen: the self-check names it
    const fault = (await this.selfCheck()).find(({ ok, name }) => !ok && NEEDED_TO_CONNECT.includes(name));
    if (fault !== undefined) throw cannotConnect(fault);
    await this.#connection.open();
  }

  async disconnect(): Promise<void> {
    this.#connection.close();
    this.#rest.close();
  }

  selfCheck(): Promise<readonly BrokerCheck[]> {
    return checkAlpaca({ ...this.options, rest: this.#rest });
  }

  async submit(order: OrderRequest): Promise<void> {
    this.#mayAct(order.positionEffect.startsWith('open'));
    if (order.clientOrderId.length > CLIENT_ID_LENGTH) throw idTooLong(order.clientOrderId);
    let accepted: AlpacaOrder;
    try {
      accepted = await this.#rest.submit(order);
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'DUPLICATE_CLIENT_ORDER_ID') throw error;
      accepted = await this.#earlier(order, error);
    }
    await this.#desk.learn(accepted);
  }

  async cancel(clientOrderId: ClientOrderId): Promise<void> {
    this.#mayAct(false);
    const brokerId = this.#desk.brokerIdOf(clientOrderId) ?? (await this.#orderOf(clientOrderId))?.id;
    if (brokerId === undefined) {
      const message = `ALPACA has no order ${clientOrderId} to cancel`;
      throw brokerError('refuse', { code: 'UNKNOWN_ORDER', message, remedy: 'What the journal has of it stays.' });
    }
    const isTaken = await this.#rest.cancel(brokerId, `order ${clientOrderId}`);
    // an order that cannot be cancelled has ended, or is about to: it says so itself
    if (!isTaken) await this.#connection.look(clientOrderId);
  }

  async cancelAll(): Promise<void> {
    this.#mayAct(false);
    await this.#bulk.cancelAll();
  }

  async closeAll(closed: readonly ClosedPosition[]): Promise<void> {
    this.#mayAct(false);
    await this.#bulk.closeAll(closed);
  }

  async closingOrder(closed: ClosedPosition): Promise<BrokerOrder | undefined> {
    this.#mayAsk();
    return this.#bulk.closingOrder(closed);
  }

  async replace(clientOrderId: ClientOrderId, change: OrderChange): Promise<void> {
    this.#mayAct(false);
    await this.#replacer.replace(clientOrderId, change);
  }

  budget(): CallBudget {
    const { left, nextFreeMs } = this.#budget.room('closing');
    const spare = this.#budget.room('ordinary').left;
    return { left, spare, nextFreeAt: plusMs(this.options.clock.now(), nextFreeMs) };
  }

  async orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    this.#mayAsk();
    const order = await this.#orderOf(clientOrderId);
    return order === undefined ? undefined : this.#desk.answer(order);
  }

  async openOrders(): Promise<readonly OpenOrder[]> {
    this.#mayAsk();
    return (await allOpenOrders(this.#rest)).map((order) => {
      const id = this.#desk.idOf(order);
      return {
        clientOrderId: isClientOrderId(id) && !isMadeByBroker(id) ? id : null,
        brokerOrderId: order.id,
        symbol: order.symbol,
        side: order.side,
        quantity: order.quantity,
        filledQuantity: order.filled,
        state: openStateOf(order),
        placedAt: order.placedAt,
      };
    });
  }

  async account(): Promise<BrokerAccount> {
    this.#mayAsk();
    const account = await this.#rest.account();
    const cash = account.decimal('cash');
    // no document says whether amounts of fractions of a share are rounded: the account itself shows it
    if (!cash.equals(cash.rounded(2, 'halfEven'))) this.capabilities.cashHasParts = true;
    return {
      accountId: account.textOr('account_number', account.textOr('id', '')),
      cash,
      buyingPower: account.decimalOr('buying_power', Decimal.ZERO),
      equity: account.decimalOr('equity', cash),
      shortSales: maySellShort(account),
    };
  }

  async positions(): Promise<readonly BrokerPosition[]> {
    this.#mayAsk();
    return readPositions(await this.#rest.positions());
  }

  async position(symbol: TickerSymbol): Promise<BrokerPosition | undefined> {
    this.#mayAsk();
    return readPositions(await this.#rest.positionIn(symbol)).find((one) => one.symbol === symbol);
  }

  async activities(
    after: string | null,
    limit: number,
    which: 'all' | 'cash' = 'all',
  ): Promise<readonly BrokerActivity[]> {
    this.#mayAsk();
    return this.#records.page(after, limit, which);
  }

  async asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    this.#mayAsk();
    const asset = await this.#rest.asset(symbol);
    if (asset === undefined) return undefined;
    const fractionable = asset.flag('fractionable');
    // an asset that answers to an old symbol has another one now: it is not traded under the old one
    const isCurrent = canonicalSymbol(asset.textOr('symbol', symbol)) === symbol;
    const isActive = asset.textOr('status', 'active').toLowerCase() === 'active';
    const isBorrowable =
      asset.flag('shortable') && asset.textOr('borrow_status', 'easy_to_borrow') === 'easy_to_borrow';
    return {
      symbol,
      tradable: isCurrent && isActive && asset.flag('tradable'),
      fractionable,
      shortable: isBorrowable && (await this.#maySellShort()),
      minQuantity: fractionable ? Decimal.of(1, QUANTITY_DECIMALS) : Decimal.ONE,
    };
  }

  /** Asked once for the symbols of a session, which are many. */
  async #maySellShort(): Promise<boolean> {
    const now = this.options.clock.now();
    if (this.#shorting === undefined || now - this.#shorting.at >= MINUTE_MS || now < this.#shorting.at) {
      this.#shorting = { at: now, isAllowed: maySellShort(await this.#rest.account()) };
    }
    return this.#shorting.isAllowed;
  }

  async clock(): Promise<EpochMs> {
    this.#mayAsk();
    return (await this.#rest.clock()).time('timestamp');
  }

  async calendar(date: DateText): Promise<BrokerDay> {
    this.#mayAsk();
    const day = (await this.#rest.calendar(date)).find((one) => one.textOr('date', '') === date);
    if (day === undefined) return { kind: 'closed', reason: 'no session in the calendar of ALPACA' };
    const at = (name: string): EpochMs => zonedToUtc(date, clockText(day.text(name)), EXCHANGE_ZONE);
    return { kind: 'open', opensAt: at('open'), closesAt: at('close') };
  }

  #mayAsk(): void {
    if (!this.#connection.isWanted) throw notConnected();
  }

  /** With the stream down nothing is opened; closing orders go, and the broker is asked for what became of them. */
  #mayAct(opens: boolean): void {
    this.#mayAsk();
    if (!opens || this.#connection.isUp) return;
    throw networkError('retry', {
      code: 'STREAM_DOWN',
      message: 'no order that opens a position is sent: the reports of ALPACA do not come',
      remedy: 'It can be sent when the stream is connected again. Closing orders are sent.',
    });
  }

  async #orderOf(id: ClientOrderId): Promise<AlpacaOrder | undefined> {
    const named = this.#desk.brokerIdOf(id);
    const order = named === undefined ? undefined : await this.#rest.orderById(named);
    return order ?? (await this.#rest.orderByClientId(id));
  }

  /** The order that has the id already: the same one, whose answer was lost, or another. */
  async #earlier(order: OrderRequest, refusal: TradeBotError): Promise<AlpacaOrder> {
    let known: AlpacaOrder | undefined;
    try {
      known = await this.#rest.orderByClientId(order.clientOrderId);
    } catch (error) {
      const message = `ALPACA has an order ${order.clientOrderId}, and did not answer what it is`;
      const remedy = 'It is asked for by its id before anything else.';
      throw networkError('reconcile', { code: 'SUBMIT_UNCLEAR', message, remedy, cause: error });
    }
    if (known !== undefined && isSameOrder(known, order)) return known;
    throw refusal;
  }

  async #fillActivity(row: ActivityRow): Promise<BrokerActivity | undefined> {
    const fill = readFillRow(row.fields, row.rawSha256);
    const order = await this.#connection.orderOfRecord(fill.orderId);
    if (order === undefined) return undefined;
    this.#desk.fills.add(fill);
    const update = filled(order, this.#desk.idOf(order), fill, this.#desk.fills.of(fill.orderId));
    return { kind: 'fill', activityId: row.id, at: fill.at, update };
  }
}

/** `09:30` and `0930` are both in use. */
function clockText(text: string): string {
  return text.includes(':') ? text.slice(0, 5) : `${text.slice(0, 2)}:${text.slice(2, 4)}`;
}

function notConnected(): TradeBotError {
  return networkError('retry', {
    code: 'NOT_CONNECTED',
    message: 'the account at ALPACA is not connected',
    remedy: 'Connect first.',
  });
}

function cannotConnect({ name, cause, remedy }: BrokerCheck): TradeBotError {
  const facts = {
    code: name.replace('.', '_').toUpperCase(),
    message: /^ALPACA\b/.test(cause) ? cause : `ALPACA: ${cause}`,
    remedy,
  };
  return name === 'broker.reachable' ? networkError('retry', facts) : brokerError('refuse', facts);
}

function idTooLong(id: ClientOrderId): TradeBotError {
  const message = `order id ${id.slice(0, 96)} has ${id.length} characters, ALPACA takes ${CLIENT_ID_LENGTH}`;
  return brokerError('refuse', { code: 'CLIENT_ID_TOO_LONG', message, remedy: 'Use a shorter bot identity.' });
}
