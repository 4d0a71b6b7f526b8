import { isClientOrderId, type ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { OrderSide } from '../../ports/order-entry.js';
import { gatewayTime } from './execution-time.js';
import type { GatewayMessage, MessageOf, WireExecution, WireOrder } from './messages.js';
import { executionOf } from './order-executions.js';
import { isPermanent, OrderRecord, type PlacedOrder, type RecordDeps } from './order-record.js';
import { securitySymbol, unitsOfOne } from './symbols.js';

/** Records and executions that are kept: more than a bot has on many days; the lists of today are read again when they are needed. */
const MOST_RECORDS = 10_000;
const MOST_EXECUTIONS = 50_000;
/** A charge that has not come in this time will not come on this line. */
const CHARGE_COMES_WITHIN_MS = 720 * MINUTE_MS;

/** An execution of today, of this bot or of others. */
export interface BookedExecution {
  readonly wire: WireExecution;
  readonly at: EpochMs;
  readonly rawSha256: Sha256Hex;
}

/** A charge in money that the books do not have. */
export interface ForeignCharge {
  readonly execId: string;
  readonly amount: Decimal;
  readonly currency: string;
  readonly rawSha256: Sha256Hex;
}

export interface BookDeps extends RecordDeps {
  readonly clientId: number;
  /** The account that counts; undefined for every one of the login. */
  readonly account: () => string | undefined;
  readonly zone: () => string;
  /** Two live orders have one client id. */
  readonly doubled: (record: OrderRecord, placed: PlacedOrder) => void;
}

/** The money in which the books are kept. */
const BOOKS_CURRENCY = 'USD';

export function sideOf(text: string): OrderSide | undefined {
  if (text === 'BUY' || text === 'BOT') return 'buy';
  return text === 'SELL' || text === 'SLD' || text === 'SSHORT' ? 'sell' : undefined;
}

/** All orders and executions that the gateway has reported, by the ids that it has for them. */
export class OrderBook {
  readonly executions = new Map<string, BookedExecution>();
  /** In dollars; zero for a charge in other money. */
  readonly charges = new Map<string, Decimal>();
  readonly foreignCharges = new Map<string, ForeignCharge>();
  readonly #records = new Map<ClientOrderId, OrderRecord>();
  readonly #byOrderId = new Map<number, OrderRecord>();
  readonly #byPermId = new Map<string, OrderRecord>();
  /** The highest id of an order of this client that was seen. */
  highestOrderId = 0;

  constructor(private readonly deps: BookDeps) {}

  record(id: ClientOrderId): OrderRecord | undefined {
    return this.#records.get(id);
  }

  records(): readonly OrderRecord[] {
    return [...this.#records.values()];
  }

  byOrderId(orderId: number): OrderRecord | undefined {
    return this.#byOrderId.get(orderId);
  }

  /** The record of an order that this process is about to send under `orderId`. */
  begin(id: ClientOrderId, orderId: number): OrderRecord {
    const record = this.#recordOf(id);
    this.#byOrderId.set(orderId, record);
    record.placedAs(orderId, orderId, '');
    return record;
  }

  take(message: GatewayMessage, raw: () => Sha256Hex): void {
    switch (message.kind) {
      case 'openOrder':
        this.#openOrder(message, raw());
        return;
      case 'orderStatus':
        this.#status(message, raw());
        return;
      case 'completedOrder':
        this.#completed(message, raw());
        return;
      case 'execution':
        this.#execution(message, raw());
        return;
      case 'commission':
        this.#charge(message, raw);
        return;
      default:
    }
  }

  #recordOf(id: ClientOrderId): OrderRecord {
    let record = this.#records.get(id);
    if (record === undefined) {
      if (this.#records.size >= MOST_RECORDS) this.#dropEnded();
      record = new OrderRecord(id, this.deps);
      this.#records.set(id, record);
    }
    return record;
  }

  /** Orders of earlier days that have ended: the lists of today do not have them either. */
  #dropEnded(): void {
    const dropped = new Set([...this.#records.values()].filter(({ isEnded }) => isEnded).slice(0, MOST_RECORDS / 2));
    for (const { clientOrderId } of dropped) this.#records.delete(clientOrderId);
    for (const [id, record] of this.#byOrderId) if (dropped.has(record)) this.#byOrderId.delete(id);
    for (const [id, record] of this.#byPermId) if (dropped.has(record)) this.#byPermId.delete(id);
  }

  #isOurs(account: string): boolean {
    const ours = this.deps.account();
    return ours === undefined || account === '' || account === ours;
  }

  /** The record that a row belongs to, by its reference; the ids of the gateway lead to it from then on. */
  #find(row: Pick<WireOrder, 'orderRef' | 'permId' | 'account'>, orderId: number): OrderRecord | undefined {
    if (!this.#isOurs(row.account)) return undefined;
    const known = this.#byPermId.get(row.permId) ?? (orderId > 0 ? this.#byOrderId.get(orderId) : undefined);
    const record = isClientOrderId(row.orderRef) ? this.#recordOf(row.orderRef) : known;
    if (record === undefined) return undefined;
    if (isPermanent(row.permId)) this.#byPermId.set(row.permId, record);
    if (orderId > 0) this.#byOrderId.set(orderId, record);
    return record;
  }

  #openOrder(message: MessageOf<'openOrder'>, rawSha256: Sha256Hex): void {
    const orderId = this.#ownId(message.orderId, message.clientId);
    const record = this.#find(message, orderId);
    if (record === undefined) return;
    this.#describe(record, message);
    const placed = record.placedAs(orderId > 0 ? orderId : message.permId, orderId, message.permId);
    record.noteStatus(placed, message.status, Decimal.ZERO, '', rawSha256);
    if (record.live.length > 1) this.deps.doubled(record, this.#newest(record));
  }

  #newest(record: OrderRecord): PlacedOrder {
    return record.live.reduce((newest, each) => (each.orderId >= newest.orderId ? each : newest));
  }

  #status(message: MessageOf<'orderStatus'>, rawSha256: Sha256Hex): void {
    const orderId = this.#ownId(message.orderId, message.clientId);
    const record = this.#byPermId.get(message.permId) ?? (orderId > 0 ? this.#byOrderId.get(orderId) : undefined);
    if (record === undefined) return;
    if (isPermanent(message.permId)) this.#byPermId.set(message.permId, record);
    const placed = record.placedAs(orderId > 0 ? orderId : message.permId, orderId, message.permId);
    // the row has no security: what it counts follows from the order
    const filled = message.filled.times(unitsOfOne(record.symbol));
    record.noteStatus(placed, message.status, filled, message.whyHeld, rawSha256);
  }

  #completed(message: MessageOf<'completedOrder'>, rawSha256: Sha256Hex): void {
    const record = this.#find(message, 0);
    if (record === undefined) return;
    this.#describe(record, message);
    const placed = record.placedAs(message.permId, 0, message.permId);
    record.noteStatus(placed, message.status, message.filled, message.reason, rawSha256);
  }

  #execution(message: MessageOf<'execution'>, rawSha256: Sha256Hex): void {
    if (!this.#isOurs(message.account)) return;
    const symbol = securitySymbol(message.contract);
    const side = sideOf(message.side);
    const at = gatewayTime(message.time, this.deps.zone()) ?? this.deps.clock.now();
    const orderId = this.#ownId(message.orderId, message.clientId);
    const record = this.#find(message, orderId);
    if (symbol === undefined || side === undefined) return;
    if (this.executions.size >= MOST_EXECUTIONS) this.executions.clear();
    if (!this.executions.has(message.execId)) this.executions.set(message.execId, { wire: message, at, rawSha256 });
    if (record === undefined) return;
    record.placedAs(orderId > 0 ? orderId : message.permId, orderId, message.permId).seen = true;
    const { execId, quantity, price } = message;
    const brokerOrderId = record.brokerOrderId;
    record.execute(
      { execId, symbol, side, quantity, price, filledAt: at, brokerOrderId, rawSha256 },
      this.charges.get(execId),
    );
  }

  #charge({ execId, amount, currency }: MessageOf<'commission'>, raw: () => Sha256Hex): void {
    // it is not known yet
    if (amount === undefined) return;
    if (currency === '' || currency === BOOKS_CURRENCY) {
      // a charge of nothing takes back none
      if (!amount.isZero()) this.foreignCharges.delete(execId);
      this.#chargeBooks(execId, amount);
      return;
    }
    // the dollars of the account do not pay it; a rebate of nothing in other money is none
    if (!amount.isZero() && !this.foreignCharges.has(execId) && this.foreignCharges.size < MOST_EXECUTIONS) {
      this.foreignCharges.set(execId, { execId, amount, currency, rawSha256: raw() });
    }
    if (!this.charges.has(execId)) this.#chargeBooks(execId, Decimal.ZERO);
  }

  #chargeBooks(execId: string, amount: Decimal): void {
    this.charges.set(execId, amount);
    for (const record of this.#records.values()) record.executions.charge(execId, amount);
  }

  /** Whether an execution of the bot has no charge yet that may still come. */
  get awaitsCharges(): boolean {
    const since = plusMs(this.deps.clock.now(), -CHARGE_COMES_WITHIN_MS);
    return this.records().some(({ executions }) => executions.lacksCharge(since));
  }

  /** The id of an order of this client; 0 for orders of other clients, whose ids mean nothing here. */
  #ownId(orderId: number, clientId: number): number {
    if (orderId <= 0 || clientId !== this.deps.clientId) return 0;
    this.highestOrderId = Math.max(this.highestOrderId, orderId);
    return orderId;
  }

  #describe(record: OrderRecord, row: WireOrder): void {
    record.symbol = securitySymbol(row.contract) ?? record.symbol;
    record.side = sideOf(row.action) ?? record.side;
    record.quantity = row.quantity ?? record.quantity;
    record.orderType = row.orderType === '' ? record.orderType : row.orderType;
  }

  /** The newest version of every execution of today, oldest first. */
  standing(): readonly BookedExecution[] {
    const newest = new Map<string, BookedExecution>();
    for (const each of this.executions.values()) {
      const { id, version } = executionOf(each.wire.execId);
      const known = newest.get(id);
      if (known === undefined || executionOf(known.wire.execId).version < version) newest.set(id, each);
    }
    const order = (a: BookedExecution, b: BookedExecution): number =>
      a.at - b.at || (a.wire.execId < b.wire.execId ? -1 : 1);
    return [...newest.values()].filter(({ wire }) => !wire.quantity.isZero()).sort(order);
  }
}
