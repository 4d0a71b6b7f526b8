import { bookCash } from '../../domain/accounting/book.js';
import { allLots } from '../../domain/accounting/lots.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal } from '../../kernel/money.js';
import type { BrokerPosition } from '../../ports/account-queries.js';
import type { PastSession } from './past-session.js';

/** Cash in dollars and shares of a broker's account. */
export interface StartingAccount {
  readonly openingCash: Decimal;
  readonly openingPositions: readonly BrokerPosition[];
}

/** An account with the cash and the shares of the books at the start of the session. */
export function startingAccount({ openingBalances }: PastSession, state: EngineState): StartingAccount {
  return state.booksBeganAt !== undefined
    ? { openingCash: centsToDecimal(bookCash(state.book)), openingPositions: heldIn(state) }
    : {
        openingCash: Decimal.parse(openingBalances?.cash ?? '0'),
        openingPositions: (openingBalances?.positions ?? []).map(asHeld),
      };
}

const AT_BROKER = { scale: 10, round: 'halfEven' } as const;

function heldIn(state: EngineState): readonly BrokerPosition[] {
  const sums = new Map<BrokerPosition['symbol'], { quantity: Decimal; dollars: Decimal }>();
  for (const { symbol, side, quantity, price } of allLots(state.book.lots)) {
    const sum = sums.get(symbol) ?? { quantity: Decimal.ZERO, dollars: Decimal.ZERO };
    const signed = side === 'long' ? quantity : quantity.negated();
    sum.quantity = sum.quantity.plus(signed);
    sum.dollars = sum.dollars.plus(signed.times(price));
    sums.set(symbol, sum);
  }
  return [...sums]
    .filter(([, { quantity }]) => !quantity.isZero())
    .map(([symbol, { quantity, dollars }]) => ({
      symbol,
      quantity,
      averagePrice: dollars.divide(quantity, AT_BROKER),
    }));
}

function asHeld({ symbol, quantity, cost }: EventData<'OpeningBalancesRecorded'>['positions'][number]): BrokerPosition {
  const shares = Decimal.parse(quantity);
  return { symbol, quantity: shares, averagePrice: Decimal.parse(cost).divide(shares, AT_BROKER) };
}
