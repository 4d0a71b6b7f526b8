import type { Sha256Hex } from '../../../kernel/hash.js';
import { negateCents } from '../../../kernel/money.js';
import type { LedgerGroup } from '../types.js';
import { groupOf, type GroupFacts } from './group.js';
import { reversalNote } from './notes.js';
import type { PostingSource } from './source.js';
import type { TradeNaming } from './trade.js';

/** Posts the reversal of a group: the same accounts with debits and credits swapped, and a reference to that group. */
export function postReversal(
  source: PostingSource,
  group: LedgerGroup,
  naming: TradeNaming & { readonly responseHash: Sha256Hex | null },
): LedgerGroup {
  const facts: GroupFacts = {
    ...naming,
    ...(group.clientOrderId === undefined ? {} : { clientOrderId: group.clientOrderId }),
    trntype: group.trntype,
    action: group.action,
    description: reversalNote(naming.note, group),
    strategy: group.strategy,
    symbol: group.symbol,
    quantity: group.quantity,
    price: group.price,
    commission: negateCents(group.commission),
    fee: negateCents(group.fee),
    netAmount: negateCents(group.netAmount),
  };
  const legs = group.legs.map((leg) => ({ ...leg, debit: leg.credit, credit: leg.debit }));
  return groupOf(source, facts, legs, group.groupId);
}
