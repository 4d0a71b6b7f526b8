import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { sha256Hex } from '../../kernel/hash.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import type { BrokerActivity, BrokerPosition, CashActivity } from '../../ports/account-queries.js';
import type { BrokerFill, BrokerUpdate } from '../../ports/order-entry.js';

interface Holding {
  readonly quantity: Decimal;
  /** Signed like the quantity: the amount paid, or received for a short. */
  readonly cost: Decimal;
}

export interface AccountSnapshot {
  readonly cash: Decimal;
  readonly holdings: readonly (Holding & { readonly symbol: TickerSymbol })[];
}

const COST_SCALE = 10;

/** The broker's own books: its cash, its positions, its records. It shares no arithmetic with our ledger. */
export class SimAccount {
  private cashNow: Decimal;
  private readonly held = new Map<TickerSymbol, Holding>();
  private records: BrokerActivity[] = [];
  private readonly namedAt = new Map<EpochMs, number>();

  constructor(snapshot: AccountSnapshot) {
    this.cashNow = snapshot.cash.rounded(2, 'halfEven');
    for (const { symbol, quantity, cost } of snapshot.holdings) this.held.set(symbol, { quantity, cost });
  }

  get cash(): Decimal {
    return this.cashNow;
  }

  snapshot(): AccountSnapshot {
    const holdings = [...this.held].map(([symbol, holding]) => ({ symbol, ...holding }));
    return { cash: this.cashNow, holdings: holdings.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)) };
  }

  quantity(symbol: TickerSymbol): Decimal {
    return this.held.get(symbol)?.quantity ?? Decimal.ZERO;
  }

  positions(): readonly BrokerPosition[] {
    return this.snapshot().holdings.map(({ symbol, quantity, cost }) => ({
      symbol,
      quantity,
      averagePrice: cost.divide(quantity, { scale: 6, round: 'halfEven' }),
    }));
  }

  /** Records of this session, oldest first. */
  activities(): readonly BrokerActivity[] {
    return this.records;
  }

  book(update: BrokerUpdate & BrokerFill): void {
    this.move(update, 1);
    this.records.push({ kind: 'fill', activityId: this.nextId(update.at), at: update.at, update });
  }

  /** Reverses an execution: its money, its shares and its record; undefined when it was already reversed. */
  unbook(executionId: string): (BrokerUpdate & BrokerFill) | undefined {
    const record = this.records.find((each) => each.kind === 'fill' && each.update.executionId === executionId);
    if (record?.kind !== 'fill') return undefined;
    this.records = this.records.filter((each) => each !== record);
    this.move(record.update, -1);
    return record.update;
  }

  transfer(transfer: {
    readonly reference: string;
    readonly amount: Decimal;
    readonly direction: 'in' | 'out';
    readonly at: EpochMs;
  }): void {
    const facts = {
      kind: transfer.direction === 'in' ? ('deposit' as const) : ('withdrawal' as const),
      activityId: transferId(transfer),
      at: transfer.at,
      amount: transfer.amount,
      symbol: null,
      reference: transfer.reference,
      description: transfer.direction === 'in' ? 'incoming transfer' : 'outgoing transfer',
    };
    this.cashNow =
      transfer.direction === 'in' ? this.cashNow.plus(transfer.amount) : this.cashNow.minus(transfer.amount);
    this.records.push({ ...facts, rawSha256: sha256Hex(canonicalJson({ ...facts, amount: facts.amount.text() })) });
  }

  /** Charges commissions that were too small for their executions. */
  charge({ amount, exact, at }: { readonly amount: Decimal; readonly exact: Decimal; readonly at: EpochMs }): void {
    const facts = {
      kind: 'fee' as const,
      activityId: this.nextId(at),
      at,
      amount,
      symbol: null,
      reference: null,
      description: `commissions of less than half a cent, together ${exact.shortText()}`,
    };
    this.cashNow = this.cashNow.minus(amount);
    this.records.push({ ...facts, rawSha256: sha256Hex(canonicalJson({ ...facts, amount: amount.text() })) });
  }

  transferOf(reference: string): CashActivity | undefined {
    return this.records.find((each): each is CashActivity => 'reference' in each && each.reference === reference);
  }

  private move(fill: BrokerFill, times: 1 | -1): void {
    const buys = fill.side === 'buy';
    const dollars = fill.quantity.times(fill.price).rounded(2, 'halfEven');
    const net = (buys ? dollars.negated() : dollars).minus(fill.commission).minus(fill.fee);
    this.cashNow = times === 1 ? this.cashNow.plus(net) : this.cashNow.minus(net);
    const signed = buys === (times === 1) ? fill.quantity : fill.quantity.negated();
    this.hold(fill.symbol, signed, fill.price);
  }

  /** Adds at cost, reduces pro rata, and starts over when a correction reverses the position. */
  private hold(symbol: TickerSymbol, change: Decimal, price: Decimal): void {
    const before = this.held.get(symbol) ?? { quantity: Decimal.ZERO, cost: Decimal.ZERO };
    const quantity = before.quantity.plus(change);
    if (quantity.isZero()) {
      this.held.delete(symbol);
      return;
    }
    const grows = before.quantity.isZero() || before.quantity.sign() === change.sign();
    const turned = !grows && quantity.sign() !== before.quantity.sign();
    const rest = { scale: COST_SCALE, round: 'halfEven' } as const;
    const cost = grows
      ? before.cost.plus(change.times(price))
      : turned
        ? quantity.times(price)
        : before.cost.times(quantity).divide(before.quantity, rest);
    this.held.set(symbol, { quantity, cost: cost.rounded(COST_SCALE, 'halfEven') });
  }

  /** Sorts by time as text, and gives the same record the same id in a replay. */
  private nextId(at: EpochMs): string {
    const sameTime = this.namedAt.get(at) ?? 0;
    this.namedAt.set(at, sameTime + 1);
    return `${instantText(at)}-${sameTime.toString().padStart(4, '0')}`;
  }
}

/** Named by its reference: of several transfers at one instant each keeps its id after a restart. */
function transferId({ at, reference }: { readonly at: EpochMs; readonly reference: string }): string {
  return `${instantText(at)}-T-${reference}`;
}

function instantText(at: EpochMs): string {
  return toUtcText(at).replace(/[-:.]/g, '');
}

/** Positions at a given cost, for the start of an account. */
export function openingSnapshot(cash: Decimal, positions: readonly BrokerPosition[]): AccountSnapshot {
  return {
    cash,
    holdings: positions.map(({ symbol, quantity, averagePrice }) => ({
      symbol,
      quantity,
      cost: quantity.times(averagePrice).rounded(COST_SCALE, 'halfEven'),
    })),
  };
}
