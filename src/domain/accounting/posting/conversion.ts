import type { EventData } from '../../../events/event.js';
import type { TickerSymbol } from '../../../events/names.js';
import { Decimal } from '../../../kernel/decimal.js';
import { addCents, NO_CENTS, type Cents } from '../../../kernel/money.js';
import type { LedgerGroup, OpenLot, ShareTransfer } from '../types.js';
import { LegList, type GroupFacts, type Shares } from './group.js';
import { conversionNote } from './notes.js';
import type { PostingSource } from './source.js';
import { conversionTransfer } from './transfer.js';

type Conversion = EventData<'SharesConverted'>;

/** The lots of one side before and after. */
interface Converted {
  readonly before: readonly OpenLot[];
  readonly after: readonly OpenLot[];
}

interface Postings {
  readonly groups: readonly LedgerGroup[];
  readonly transfers: readonly ShareTransfer[];
}

/**
 * Posts a split or a change of symbol: the cost leaves with the shares before and comes back with those after, so that neither
 * cash nor a gain moves. A change of symbol is an entry for each name. Shares without a cost are transfers.
 */
export function postConversion(source: PostingSource, data: Conversion, lots: Converted): Postings {
  const cost = addCents(...lots.before.map(({ amount }) => amount));
  const isShort = Decimal.parse(data.sharesBefore).sign() < 0;
  if (cost === 0n) {
    const moves = [
      { symbol: data.symbol, direction: 'out', quantity: data.sharesBefore },
      { symbol: data.newSymbol, direction: 'in', quantity: data.sharesAfter },
    ] as const;
    const side = isShort ? 'short' : 'long';
    return { groups: [], transfers: moves.map((move) => conversionTransfer(source, data, { ...move, side })) };
  }
  const out = sharesOf(data.sharesBefore, lots.before);
  const back = sharesOf(data.sharesAfter, lots.after);
  const parts: readonly Part[] =
    data.symbol === data.newSymbol
      ? [{ part: 'shares', symbol: data.symbol, out, back }]
      : [
          { part: 'shares', symbol: data.symbol, out, back: undefined },
          { part: 'shares_back', symbol: data.newSymbol, out: undefined, back },
        ];
  return { groups: parts.flatMap((part) => group(source, data, { ...part, cost, isShort }) ?? []), transfers: [] };
}

interface Part {
  readonly part: string;
  readonly symbol: TickerSymbol;
  /** Shares before; undefined where they had another name. */
  readonly out: Shares | undefined;
  readonly back: Shares | undefined;
}

function group(
  source: PostingSource,
  data: Conversion,
  { part, symbol, out, back, cost, isShort }: Part & { readonly cost: Cents; readonly isShort: boolean },
): LedgerGroup | undefined {
  const legs = new LegList(source.mapping, symbol);
  if (isShort) {
    const account = legs.accounts('sell_short/proceeds').credit;
    legs.debit(account, cost, out);
    legs.credit(account, cost, back);
  } else {
    const account = legs.accounts('buy_to_open/cost').debit;
    legs.credit(account, cost, out);
    legs.debit(account, cost, back);
  }
  const facts: GroupFacts = {
    part,
    externalId: part === 'shares' ? data.activityId : `${data.activityId}:new-symbol`,
    trntype: 'SPLIT',
    action: 'reorg',
    datetimeUtc: data.happenedAt,
    description: conversionNote(data),
    strategy: null,
    symbol,
    quantity: (back ?? out)?.quantity ?? null,
    price: null,
    commission: NO_CENTS,
    fee: NO_CENTS,
    netAmount: NO_CENTS,
    responseHash: data.rawSha256,
  };
  return legs.group(source, facts);
}

/** The shares of one side of a conversion, at their average cost. */
function sharesOf(signed: string, lots: readonly OpenLot[]): Shares {
  const quantity = Decimal.parse(signed).abs();
  const value = Decimal.sum(lots.map((lot) => lot.quantity.times(lot.price)));
  const price = value.divide(quantity, { scale: 6, round: 'halfEven' });
  return { quantity: quantity.shortText(), price: price.shortText(2) };
}
