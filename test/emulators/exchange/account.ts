import { Decimal } from '../../../src/kernel/decimal.js';
import type { EpochMs } from '../../../src/kernel/time.js';
import type { CashRow, EmulatedExecution, EmulatedPosition, Side } from './types.js';

interface Held {
  quantity: Decimal;
  cost: Decimal;
}

const signed = (side: Side, quantity: Decimal): Decimal => (side === 'buy' ? quantity : quantity.negated());

/** Cash and positions as they follow from executions and rows; average cost, as brokers report it. */
export class EmulatedAccount {
  readonly executions: EmulatedExecution[] = [];
  readonly rows: CashRow[] = [];
  readonly #held = new Map<string, Held>();

  constructor(
    public cash: Decimal,
    private readonly cashHasParts = false,
  ) {}

  /** Shares held, negative when short. */
  quantity(symbol: string): Decimal {
    return this.#held.get(symbol)?.quantity ?? Decimal.ZERO;
  }

  positions(): readonly EmulatedPosition[] {
    return [...this.#held]
      .filter(([, { quantity }]) => !quantity.isZero())
      .map(([symbol, { quantity, cost }]) => ({ symbol, quantity, cost }))
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  execute(execution: EmulatedExecution): void {
    this.executions.push(execution);
    this.#trade(execution.symbol, signed(execution.side, execution.quantity), execution.price);
    this.cash = this.cash.minus(execution.fee);
  }

  /** Takes an execution back, with its fee. */
  undo(execution: EmulatedExecution): void {
    this.#trade(execution.symbol, signed(execution.side, execution.quantity).negated(), execution.price);
    this.cash = this.cash.plus(execution.fee);
  }

  row(row: CashRow): void {
    this.rows.push(row);
    this.cash = this.cash.plus(row.amount);
    if (row.symbol !== null && row.quantity !== null) this.#gain(row.symbol, row.quantity);
  }

  /** Yesterday's row was wrong: its money comes back. */
  takeBack(id: string, state: 'correct' | 'canceled'): void {
    const row = this.rows.find((one) => one.id === id);
    if (row?.state !== 'executed') throw new Error(`there is no row ${id} to take back`);
    row.state = state;
    this.cash = this.cash.minus(row.amount);
  }

  /** From now on the shares have another symbol. */
  rename(from: string, to: string, at: EpochMs, id: string): void {
    const held = this.#held.get(from);
    this.#held.delete(from);
    if (held !== undefined) this.#held.set(to, held);
    const description = `${from} is ${to}`;
    const facts = { at, amount: Decimal.ZERO, description, kind: 'name_change', state: 'executed' } as const;
    const quantity = held?.quantity ?? Decimal.ZERO;
    this.rows.push({ ...facts, id, symbol: from, quantity: quantity.negated() });
    this.rows.push({ ...facts, id: `${id}-new`, symbol: to, quantity });
  }

  #trade(symbol: string, change: Decimal, price: Decimal): void {
    const amount = change.times(price);
    this.cash = this.cash.minus(this.cashHasParts ? amount : amount.rounded(2, 'halfEven'));
    const held = this.#of(symbol);
    const { quantity: before, cost } = held;
    const after = before.plus(change);
    const grows = before.isZero() || before.sign() === change.sign();
    const crosses = !grows && after.sign() !== 0 && after.sign() !== before.sign();
    if (grows) held.cost = cost.plus(change.times(price));
    else if (crosses) held.cost = after.times(price);
    else held.cost = cost.times(after).divide(before, { scale: 10, round: 'halfEven' });
    held.quantity = after;
  }

  #gain(symbol: string, change: Decimal): void {
    const held = this.#of(symbol);
    held.quantity = held.quantity.plus(change);
  }

  #of(symbol: string): Held {
    let held = this.#held.get(symbol);
    if (held === undefined) {
      held = { quantity: Decimal.ZERO, cost: Decimal.ZERO };
      this.#held.set(symbol, held);
    }
    return held;
  }
}
