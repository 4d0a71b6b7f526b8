import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal } from '../../kernel/money.js';
import { bookCash } from '../../domain/accounting/book.js';
import { openQuantity } from '../../domain/orders/order.js';
import type { EntryFunds } from '../../domain/risk/entry-funds.js';
import { signedShares } from '../../domain/session/day-result.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { costPrice } from '../../domain/session/position-cost.js';
import type { TradingContext } from '../context.js';
import { markOf } from '../positions/mark.js';

/** Cash, working entries and shorts of the account, by the books and the last prices. */
export function entryFundsOf(state: EngineState, context: TradingContext): EntryFunds {
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
  return { cash: centsToDecimal(bookCash(state.book)), working, shorts };
}
