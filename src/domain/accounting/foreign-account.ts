import type { EventData, RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal, type DecimalText } from '../../kernel/decimal.js';

/** An execution of an order of others. */
export type ForeignFill = EventData<'ForeignFillBooked'>;

/** What other programs and persons have in the account, folded from the journal: plain values, for engine and projections. */
export interface ForeignAccount {
  /** Their open orders, in the order in which they were seen. */
  readonly orders: readonly EventData<'ForeignOrderSeen'>[];
  /** Their shares by symbol, never zero; below zero for a short. */
  readonly shares: Readonly<Record<string, DecimalText>>;
  /** The last executions, which the broker may still take back. */
  readonly fills: readonly ForeignFill[];
}

/** As many as the books can take back. */
const MOST_FILLS = 200;

/** Before the first event. */
export const NO_FOREIGN_ACCOUNT: ForeignAccount = { orders: [], shares: {}, fills: [] };

/** Applies an event; those of other subjects change nothing. */
export function reduceForeign(state: ForeignAccount, event: RecordedEvent): ForeignAccount {
  switch (event.type) {
    case 'ForeignOrderSeen': {
      const others = state.orders.filter(({ brokerOrderId }) => brokerOrderId !== event.data.brokerOrderId);
      return { ...state, orders: event.data.state === 'gone' ? others : [...others, event.data] };
    }
    case 'ForeignFillBooked': {
      const next = moved(state, event.data.symbol, foreignSharesOf(event.data));
      return { ...next, fills: [...state.fills, event.data].slice(-MOST_FILLS) };
    }
    case 'ForeignFillBusted': {
      const busted = foreignFillOf(state, event.data);
      if (busted === undefined) return state;
      const next = moved(state, busted.symbol, foreignSharesOf(busted).negated());
      return { ...next, fills: state.fills.filter((fill) => fill !== busted) };
    }
    case 'SharesConverted':
      return converted(state, event.data);
    default:
      return state;
  }
}

/** Shares of others after a split or a change of symbol; their executions before it can no longer be taken back by numbers. */
function converted(state: ForeignAccount, data: EventData<'SharesConverted'>): ForeignAccount {
  const { symbol, newSymbol } = data;
  const left = moved(state, symbol, foreignShares(state, symbol).negated());
  const fills = state.fills.filter((fill) => fill.symbol !== symbol && fill.symbol !== newSymbol);
  return { ...moved(left, newSymbol, Decimal.parse(data.othersAfter)), fills };
}

/** The booked execution of an order of others; undefined when there is none, or when it is too old to be taken back. */
export function foreignFillOf(
  { fills }: ForeignAccount,
  { brokerOrderId, executionId }: Pick<ForeignFill, 'brokerOrderId' | 'executionId'>,
): ForeignFill | undefined {
  return fills.find((fill) => fill.brokerOrderId === brokerOrderId && fill.executionId === executionId);
}

/** Shares of a symbol that are not the bot's; below zero for a short. */
export function foreignShares({ shares }: ForeignAccount, symbol: TickerSymbol): Decimal {
  const text = Object.hasOwn(shares, symbol) ? shares[symbol] : undefined;
  return text === undefined ? Decimal.ZERO : Decimal.parse(text);
}

/** Whether orders or shares of others are in the account: then no call may close or cancel all of it. */
export function isShared({ orders, shares }: ForeignAccount): boolean {
  return orders.length > 0 || Object.keys(shares).length > 0;
}

/** What an execution adds to the shares of others: all of it but what it closed of positions of the bot. */
function foreignSharesOf({ side, quantity, positions }: ForeignFill): Decimal {
  const closed = Decimal.sum(positions.map((each) => Decimal.parse(each.quantity)));
  const rest = Decimal.parse(quantity).minus(closed);
  return side === 'buy' ? rest : rest.negated();
}

function moved(state: ForeignAccount, symbol: TickerSymbol, change: Decimal): ForeignAccount {
  const others = Object.entries(state.shares).filter(([one]) => one !== symbol);
  const now = foreignShares(state, symbol).plus(change);
  return { ...state, shares: Object.fromEntries(now.isZero() ? others : [...others, [symbol, now.shortText()]]) };
}
