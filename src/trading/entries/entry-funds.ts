import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal } from '../../kernel/money.js';
import { bookCash } from '../../domain/accounting/book.js';
import { openQuantity } from '../../domain/orders/order.js';
import { fundsForEntry, type EntryFunds } from '../../domain/risk/entry-funds.js';
import { signedShares } from '../../domain/session/day-result.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { costPrice } from '../../domain/session/position-cost.js';
import type { TradingContext } from '../context.js';
import { markOf } from '../positions/mark.js';

/**
 * Most that an entry may cost, in dollars: what the account has without money that was returned, and once the float is below that of
 * the session's start, no more capital at work than the float.
 */
export function meansOf(
  side: 'long' | 'short',
  { state, context }: { readonly state: EngineState; readonly context: TradingContext },
  { floatAtStart, capitalAtWork }: { readonly floatAtStart: Decimal; readonly capitalAtWork: Decimal },
): Decimal {
  const funds = fundsForEntry(side, entryFundsOf(state, context));
  if (state.float.gte(floatAtStart)) return funds;
  return Decimal.max(Decimal.ZERO, Decimal.min(funds, state.float.minus(capitalAtWork)));
}

/** Cash, working entries and shorts of the account, by the books and the last prices. */
function entryFundsOf(state: EngineState, context: TradingContext): EntryFunds {
  const working = { long: Decimal.ZERO, short: Decimal.ZERO };
  let shorts = Decimal.ZERO;
  for (const position of state.positions.values()) {
    const entry = state.liveOrders.get(position.entryOrder);
    if (entry !== undefined) {
      const cost = openQuantity(entry).times(Decimal.parse(entry.intent.referencePrice));
      working[position.side] = working[position.side].plus(cost);
    }
    const shares = signedShares(position);
    if (shares.sign() < 0)
      shorts = shorts.plus(shares.abs().times(markOf(context.market, position) ?? costPrice(position)));
  }
  return { cash: centsToDecimal(bookCash(state.book)).minus(returned(state)), working, shorts };
}

/** Dollars that a person has taken back, in the books until the broker reports them. */
function returned({ openTransfers }: EngineState): Decimal {
  let sum = Decimal.ZERO;
  for (const { direction, amount } of openTransfers.values()) {
    if (direction === 'return') sum = sum.plus(Decimal.parse(amount));
  }
  return sum;
}
