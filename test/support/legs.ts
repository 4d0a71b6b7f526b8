import type { LedgerLeg } from '../../src/domain/accounting/types.js';

/** Debits less credits in cents: zero for books that balance. */
export function sumOfLegs(legs: Iterable<LedgerLeg>): bigint {
  let sum = 0n;
  for (const leg of legs) sum += leg.debit - leg.credit;
  return sum;
}
