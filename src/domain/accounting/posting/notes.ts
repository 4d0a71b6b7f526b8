import type { EventData } from '../../../events/event.js';
import type { TickerSymbol } from '../../../events/names.js';
import type { LedgerGroup } from '../types.js';

/** The descriptions of groups: what a person reads in the ledger and in every export of it. */

const VERBS = {
  buy_to_open: 'Buy',
  sell_to_close: 'Sell',
  sell_short: 'Sell short',
  buy_to_cover: 'Buy to cover',
} as const;

/** Shares of a symbol at a price, as texts. */
interface Traded {
  readonly quantity: string;
  readonly symbol: TickerSymbol;
  readonly price: string;
}

/** `Buy 10 AIG at 49.02`, and what makes this posting special. */
export function tradeNote(kind: keyof typeof VERBS, { quantity, symbol, price }: Traded, note: string): string {
  return `${VERBS[kind]} ${quantity} ${symbol} at ${price}${note}`;
}

/** Why the group is reversed, and what it was. */
export function reversalNote(why: string, group: LedgerGroup): string {
  return `${why}: ${group.description}`;
}

/** The description of the opening cash. */
export const OPENING_CASH_NOTE = 'Opening cash';

/** An opening position; an estimated cost basis is said. */
export function openingNote(quantity: string, symbol: TickerSymbol, basis: string | null): string {
  return `Opening position ${quantity} ${symbol}${basis === 'EST_BASIS' ? ' (EST_BASIS)' : ''}`;
}

/** A transfer of float that is acknowledged and not yet settled. */
export function floatNote({ adjustmentId, direction, reason }: EventData<'FloatAdjusted'>): string {
  return `Float ${direction === 'inject' ? 'injection' : 'return'} ${adjustmentId} acknowledged: ${reason}`;
}

/** The words of the broker, and the float adjustment that the activity settles. */
export function activityNote({ description, adjustmentId }: EventData<'BrokerActivityImported'>): string {
  return adjustmentId === null ? description : `${description} (${adjustmentId})`;
}
