import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { epochMs, SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { BrokerOrder, BrokerOrderStatus, BrokerUpdate, OrderRequest, OrderSide } from '../../ports/order-entry.js';
import { OrderExecutions, type ExecutionVersion } from './order-executions.js';
import { UpdateQueue } from './update-queue.js';

/** An order at the gateway; one client id may have two of them after a change without an answer. */
export interface PlacedOrder {
  readonly orderId: number;
  permId: string;
  live: boolean;
  /** Whether the gateway has spoken of it; until then it may not exist. */
  seen: boolean;
  filled: Decimal;
}

/** Why the gateway refused an order. */
interface Refused {
  readonly code: string;
  readonly message: string;
}

export interface RecordDeps {
  readonly clock: Clock;
  readonly emit: (update: BrokerUpdate) => void;
  /** How long a fill waits for its charge, in milliseconds. */
  readonly holdMs: number;
}

const ENDED: ReadonlySet<BrokerOrderStatus> = new Set(['filled', 'cancelled', 'rejected', 'expired']);

/** What the gateway has said about one order of ours. */
export class OrderRecord {
  /** As this process sent it; undefined for an order of an earlier one. */
  request: OrderRequest | undefined;
  symbol: TickerSymbol | undefined;
  side: OrderSide | undefined;
  quantity: Decimal | undefined;
  orderType = '';
  cancelRequested = false;
  /** Since when whole lists of open orders do not have it, though it has not ended; undefined while they do. */
  absentSince: EpochMs | undefined;
  status: BrokerOrderStatus = 'accepted';
  /** Whether the gateway has said anything about it. */
  seen = false;
  readonly placed = new Map<number | string, PlacedOrder>();
  readonly executions: OrderExecutions;
  readonly #queue: UpdateQueue;
  #acknowledged = false;
  #ended = false;
  #refused: Refused | undefined;

  constructor(
    readonly clientOrderId: ClientOrderId,
    private readonly deps: RecordDeps,
  ) {
    this.#queue = new UpdateQueue(deps.emit);
    this.executions = new OrderExecutions(clientOrderId, this.#queue, deps.holdMs);
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get acknowledged(): boolean {
    return this.#acknowledged;
  }

  get live(): readonly PlacedOrder[] {
    return [...this.placed.values()].filter(({ live, seen }) => live && seen);
  }

  /** The largest of what states and executions say was filled. */
  get filled(): Decimal {
    const byState = Decimal.sum([...this.placed.values()].map(({ filled }) => filled));
    return Decimal.max(byState, this.executions.filled);
  }

  /** Whether a state reports more shares than the executions that came. */
  get missesExecutions(): boolean {
    return this.filled.gt(this.executions.filled);
  }

  get brokerOrderId(): string {
    const all = [...this.placed.values()];
    return all.find(({ permId }) => isPermanent(permId))?.permId ?? `order-${all[0]?.orderId ?? 0}`;
  }

  /** An order at the gateway that belongs to this record. */
  placedAs(key: number | string, orderId: number, permId: string): PlacedOrder {
    const same = [...this.placed.values()].find((each) => isPermanent(permId) && each.permId === permId);
    const known = same ?? this.placed.get(key);
    if (known !== undefined) {
      if (isPermanent(permId)) known.permId = permId;
      return known;
    }
    const placed: PlacedOrder = { orderId, permId, live: true, seen: false, filled: Decimal.ZERO };
    this.placed.set(key, placed);
    return placed;
  }

  /** The broker has the order. Its own time is not reported: the second in which it was seen stands for it. */
  acknowledge(rawSha256: Sha256Hex): void {
    this.seen = true;
    if (this.#acknowledged || !isPermanent(this.brokerOrderId) || this.#ended) return;
    this.#acknowledged = true;
    if (this.status === 'accepted') this.status = 'working';
    const at = epochMs(Math.floor(this.deps.clock.now() / SECOND_MS) * SECOND_MS);
    this.#report(() => ({ ...this.#facts(rawSha256), at, kind: 'acknowledged' }));
  }

  execute(version: ExecutionVersion, charge: Decimal | undefined): void {
    this.acknowledge(version.rawSha256);
    this.executions.add(version, charge);
    // with two live orders under one id the other one may still trade
    const whole = this.quantity !== undefined && this.executions.filled.gte(this.quantity);
    if (whole && this.live.length <= 1 && !this.#ended) this.#end('filled');
  }

  /** A state of one of its orders at the gateway. */
  noteStatus(placed: PlacedOrder, status: string, filled: Decimal, why: string, rawSha256: Sha256Hex): void {
    this.seen = true;
    placed.seen = true;
    placed.filled = Decimal.max(placed.filled, filled);
    switch (status) {
      case 'PreSubmitted':
      case 'Submitted':
      case 'PendingCancel':
        this.acknowledge(rawSha256);
        return;
      case 'Filled':
        this.acknowledge(rawSha256);
        placed.live = false;
        if (this.live.length === 0) this.#end('filled');
        return;
      case 'Cancelled':
      case 'ApiCancelled':
        this.cancelled(placed, why, rawSha256);
        return;
      case 'Inactive':
        placed.live = false;
        this.refuse(
          {
            code: this.#refused?.code ?? 'INACTIVE',
            message: this.#refused?.message ?? (why || 'the order is inactive'),
          },
          rawSha256,
        );
        return;
      default:
    }
  }

  /** The order, or what was left of it, is cancelled; one that the broker cancelled after an error was rejected. */
  cancelled(placed: PlacedOrder | undefined, reason: string, rawSha256: Sha256Hex): void {
    this.seen = true;
    if (placed !== undefined) placed.live = false;
    if (this.live.length > 0 || this.#ended) return;
    const filled = this.filled;
    if (this.#refused !== undefined && !this.cancelRequested && filled.isZero()) {
      this.refuse(this.#refused, rawSha256);
      return;
    }
    this.#end('cancelled');
    const why = reason === '' ? (this.#refused?.message ?? 'cancelled at the broker') : reason;
    const expired = /\bexpired?\b/i.test(why);
    if (expired) this.status = 'expired';
    this.#report((at) => {
      const facts = { ...this.#facts(rawSha256), at: at(), filledQuantity: this.filled };
      return expired ? { ...facts, kind: 'expired' } : { ...facts, kind: 'cancelled', reason: why };
    });
  }

  /** The broker has no trace of it any more: what was not filled never will be. */
  purged(reason: string, rawSha256: Sha256Hex): void {
    for (const placed of this.placed.values()) placed.live = false;
    this.cancelled(undefined, reason, rawSha256);
  }

  /** Keeps the reason of an error that may be followed by the end of the order. */
  noteError(refused: Refused): void {
    this.#refused = refused;
  }

  /** The broker does not take the order, or what is left of it. */
  refuse(refused: Refused, rawSha256: Sha256Hex): void {
    this.seen = true;
    this.#refused = refused;
    if (this.#ended) return;
    for (const placed of this.placed.values()) placed.live = false;
    if (!this.filled.isZero()) {
      this.cancelled(undefined, refused.message, rawSha256);
      return;
    }
    this.#end('rejected');
    this.#report((at) => ({ ...this.#facts(rawSha256), at: at(), kind: 'rejected', ...refused }));
  }

  /** All that was reported, when nothing waits any more. */
  async answer(): Promise<BrokerOrder> {
    await this.#queue.whenIdle();
    const { clientOrderId, brokerOrderId, status, filled } = this;
    return { clientOrderId, brokerOrderId, status, filledQuantity: filled, updates: [...this.#queue.sent] };
  }

  #end(status: BrokerOrderStatus): void {
    this.status = status;
    this.#ended = ENDED.has(status);
    for (const placed of this.placed.values()) placed.live = false;
  }

  #facts(rawSha256: Sha256Hex): Pick<BrokerUpdate, 'clientOrderId' | 'brokerOrderId' | 'rawSha256'> {
    return { clientOrderId: this.clientOrderId, brokerOrderId: this.brokerOrderId, rawSha256 };
  }

  #report(make: (at: () => ReturnType<Clock['now']>) => BrokerUpdate): void {
    const now = this.deps.clock.now();
    this.#queue.push({ ready: true, make: (at) => make(() => at(now)) });
  }
}

/** The id that an order has for the account, once the broker has given it one. */
export function isPermanent(permId: string): boolean {
  return /^[1-9]\d*$/.test(permId);
}
