import { addCents, NO_CENTS, type Cents } from '../../kernel/money.js';
import type { LedgerLeg } from './types.js';

/** Debits less credits of every account with postings. */
export type Balances = ReadonlyMap<string, Cents>;

export const NO_BALANCES: Balances = new Map();

export function balanceOf(balances: Balances, code: string): Cents {
  return balances.get(code) ?? NO_CENTS;
}

/** Sum of the balances of several accounts. */
export function balanceOfAll(balances: Balances, codes: readonly string[]): Cents {
  return addCents(...codes.map((code) => balanceOf(balances, code)));
}

export function addLegs(balances: Balances, legs: readonly LedgerLeg[]): Balances {
  const sums = new Map(balances);
  for (const leg of legs) {
    sums.set(leg.accountCode, ((sums.get(leg.accountCode) ?? 0n) + leg.debit - leg.credit) as Cents);
  }
  return sums;
}
