import type { EventData } from '../../../events/event.js';
import type { TickerSymbol } from '../../../events/names.js';
import type { LedgerGroup } from '../types.js';

/** Verbs in the descriptions of groups, as shown in the ledger and its exports. */

const VERBS = {
  buy_to_open: 'Buy',
  sell_to_close: 'Sell',
  sell_short: 'Sell short',
  buy_to_cover: 'Buy to cover',
} as const;

/** Quantity, symbol and price as texts. */
interface Traded {
  readonly quantity: string;
  readonly symbol: TickerSymbol;
  readonly price: string;
}

/** Description of a trade, such as `Buy 10 AIG at 49.02`, followed by a note. */
export function tradeNote(kind: keyof typeof VERBS, { quantity, symbol, price }: Traded, note: string): string {
  return `${VERBS[kind]} ${quantity} ${symbol} at ${price}${note}`;
}

/** Description of a reversal: the reason, then the description of the reversed group. */
export function reversalNote(why: string, group: Pick<LedgerGroup, 'description'>): string {
  return `${why}: ${group.description}`;
}

/** Description of the opening cash. */
export const OPENING_CASH_NOTE = 'Opening cash';

/** What the description of an opening position says. */
interface Opening {
  readonly quantity: string;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly basis: string | null;
  /** Whether it is known since when the shares are held. */
  readonly isKnown: boolean;
}

/** Description of an opening position; it marks an estimated cost basis and an unknown holding period. */
export function openingNote({ quantity, symbol, side, basis, isKnown }: Opening): string {
  const what = `Opening ${side === 'short' ? 'short ' : ''}position ${quantity} ${symbol}`;
  return `${what}${basis === 'EST_BASIS' ? ' (EST_BASIS)' : ''}${isKnown ? '' : ' (holding period unknown)'}`;
}

/** Description of a float transfer that is acknowledged but not yet settled. */
export function floatNote({ adjustmentId, direction, reason }: EventData<'FloatAdjusted'>): string {
  return `Float ${direction === 'inject' ? 'injection' : 'return'} ${adjustmentId} acknowledged: ${reason}`;
}

/** Description of a split or a change of symbol, such as `100 AIG became 200 AIG`, with the text of the broker. */
export function conversionNote(data: EventData<'SharesConverted'>): string {
  const { symbol, newSymbol, sharesBefore, sharesAfter, description } = data;
  return `${sharesBefore} ${symbol} became ${sharesAfter} ${newSymbol}${description === '' ? '' : `: ${description}`}`;
}

/** Description by the broker, with the id of the float adjustment that the activity settles. */
export function activityNote({ description, adjustmentId }: EventData<'BrokerActivityImported'>): string {
  return adjustmentId === null ? description : `${description} (${adjustmentId})`;
}
