import type { EventData } from '../../../events/event.js';
import { Decimal } from '../../../kernel/decimal.js';
import { moneyText, NO_CENTS } from '../../../kernel/money.js';
import type { UtcText } from '../../../kernel/time.js';
import { fitidOf } from '../fitid.js';
import type { OpenLot, ShareTransfer } from '../types.js';
import { conversionNote, reversalNote, tradeNote } from './notes.js';
import type { PostingSource } from './source.js';
import type { FillData, TradeKind, TradeNaming, TradePart } from './trade.js';

type Moved = Pick<ShareTransfer, 'side' | 'direction'>;

const MOVES: Readonly<Record<TradeKind, Moved>> = {
  buy_to_open: { side: 'long', direction: 'in' },
  sell_to_close: { side: 'long', direction: 'out' },
  sell_short: { side: 'short', direction: 'in' },
  buy_to_cover: { side: 'short', direction: 'out' },
};

/** The shares of an execution, or of its part on one side of zero, that moved without a cent. */
export function tradeTransfer(
  source: PostingSource,
  { symbol, strategy }: FillData,
  trade: TradePart,
  { externalId, datetimeUtc, note }: TradeNaming,
): ShareTransfer {
  const quantity = trade.quantity.shortText();
  const price = trade.price.shortText(2);
  const description = tradeNote(trade.kind, { quantity, symbol, price }, note);
  return named(source, externalId, {
    ...MOVES[trade.kind],
    ...{ externalId, datetimeUtc, description, strategy, symbol, quantity, price },
  });
}

/** The shares of an opening position without a cost. */
export function openingTransfer(
  source: PostingSource,
  lot: OpenLot,
  { datetimeUtc, description }: { readonly datetimeUtc: UtcText; readonly description: string },
): ShareTransfer {
  return named(source, `opening/${lot.lotId}`, {
    externalId: null,
    datetimeUtc,
    description,
    strategy: null,
    symbol: lot.symbol,
    side: lot.side,
    direction: 'in',
    quantity: lot.quantity.shortText(),
    price: lot.price.shortText(2),
  });
}

/** Shares without a cost that a split or a change of symbol takes out or brings. */
export function conversionTransfer(
  source: PostingSource,
  data: EventData<'SharesConverted'>,
  { quantity, ...moved }: Pick<ShareTransfer, 'symbol' | 'side' | 'direction' | 'quantity'>,
): ShareTransfer {
  const isOut = moved.direction === 'out';
  return named(source, `${data.activityId}:${isOut ? 'out' : 'in'}`, {
    ...moved,
    externalId: isOut ? data.activityId : `${data.activityId}:in`,
    datetimeUtc: data.happenedAt,
    description: conversionNote(data),
    strategy: null,
    quantity: Decimal.parse(quantity).abs().shortText(),
    price: moneyText(NO_CENTS),
  });
}

/** Takes the shares of a transfer back, at the time of the bust or correction. */
export function reverseTransfer(source: PostingSource, transfer: ShareTransfer, naming: TradeNaming): ShareTransfer {
  const { externalId, datetimeUtc } = naming;
  const direction = transfer.direction === 'in' ? 'out' : 'in';
  const description = reversalNote(naming.note, transfer);
  return named(source, externalId, { ...transfer, externalId, datetimeUtc, direction, description });
}

function named(
  { codes, eventId, position }: PostingSource,
  externalId: string,
  facts: Omit<ShareTransfer, 'fitid' | 'sourceEventId' | 'sourcePosition'>,
): ShareTransfer {
  const { symbol, datetimeUtc, quantity, price } = facts;
  const fitid = fitidOf({
    broker: codes.broker,
    account: codes.account,
    externalId,
    trntype: 'TRANSFER',
    symbol,
    datetimeUtc,
    amount: moneyText(NO_CENTS),
    quantity,
    price,
    currency: 'USD',
  });
  return { ...facts, fitid, sourceEventId: eventId, sourcePosition: position };
}
