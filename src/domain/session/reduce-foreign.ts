import type { ForeignFill } from '../accounting/foreign-account.js';
import { foreignShares } from '../accounting/foreign-account.js';
import { shareOf } from '../accounting/lots.js';
import type { RecordedEvent } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Charges } from '../orders/order.js';
import { minus, NO_CHARGES, partsOfAmount } from '../orders/charges.js';
import { addCents, cents, centsFromText, negateCents, roundToCents, type Cents } from '../../kernel/money.js';
import type { EngineState } from './engine-state.js';
import type { PositionFill, PositionRun } from './session-run.js';

/** What identifies an execution of others: the order, and the execution within it. */
export function foreignFillKey({
  brokerOrderId,
  executionId,
}: Pick<ForeignFill, 'brokerOrderId' | 'executionId'>): string {
  return `${brokerOrderId}/${executionId}`;
}

/** Closes the shares of positions that an execution of others took. `gain` is what the books realized by all of it. */
export function registerForeignFill(state: EngineState, event: RecordedEvent<'ForeignFillBooked'>, gain: Cents): void {
  const { data, recordedAt, id } = event;
  const closing = closedShares(state, data);
  for (const { position, quantity } of closedPositions(state, data)) {
    const fill: PositionFill = {
      executionId: data.executionId,
      opens: false,
      quantity,
      price: Decimal.parse(data.price),
      referencePrice: Decimal.parse(data.price),
      fees: shareOf(chargesOf(data), quantity, Decimal.parse(data.quantity)),
      filledAt: data.filledAt,
      recordedAt,
    };
    position.fills.set(foreignFillKey(data), fill);
    position.quantity = position.quantity.minus(quantity);
    position.lastEventId = id;
    count(state, position, { fill, gain: shareOf(gain, quantity, closing), times: 1n });
  }
}

/** Gives the shares back to the positions from which a busted execution took them. */
export function registerForeignBust(state: EngineState, data: ForeignFill, gain: Cents): void {
  const closing = Decimal.parse(data.quantity);
  for (const { position, quantity } of closedPositions(state, data)) {
    const key = foreignFillKey(data);
    const fill = position.fills.get(key) ?? position.reported.get(key);
    if (fill === undefined) continue;
    position.fills.delete(key);
    position.reported.delete(key);
    position.quantity = position.quantity.plus(quantity);
    position.best = undefined;
    count(state, position, { fill, gain: shareOf(gain, quantity, closing), times: -1n });
  }
}

interface Counted {
  readonly fill: PositionFill;
  readonly gain: Cents;
  readonly times: 1n | -1n;
}

function count({ session }: EngineState, position: PositionRun, { fill, gain, times }: Counted): void {
  const fees = cents(times * fill.fees);
  position.gross = addCents(position.gross, gain);
  position.fees = addCents(position.fees, fees);
  if (session === undefined) return;
  const money = cents(times * roundToCents(fill.quantity.times(fill.price)));
  session.grossPnl = addCents(session.grossPnl, gain);
  session.fees = addCents(session.fees, fees);
  session.cashFlow = addCents(session.cashFlow, position.side === 'long' ? money : negateCents(money));
}

/** The shares of an execution that close shares, of the bot or of others: those beyond them open the other side. */
function closedShares({ foreign }: EngineState, { symbol, side, quantity, positions }: ForeignFill): Decimal {
  const ours = Decimal.sum(positions.map((each) => Decimal.parse(each.quantity)));
  const theirs = foreignShares(foreign, symbol);
  const isClosing = side === 'buy' ? theirs.sign() < 0 : theirs.sign() > 0;
  const rest = Decimal.parse(quantity).minus(ours);
  return isClosing ? ours.plus(Decimal.min(rest, theirs.abs())) : ours;
}

function closedPositions(
  { positions }: EngineState,
  data: ForeignFill,
): readonly { readonly position: PositionRun; readonly quantity: Decimal }[] {
  return data.positions.flatMap(({ positionId, quantity }) => {
    const position = positions.get(positionId);
    return position === undefined ? [] : [{ position, quantity: Decimal.parse(quantity) }];
  });
}

function chargesOf({ commission, fee }: ForeignFill): Cents {
  return addCents(centsFromText(commission), centsFromText(fee));
}

/** What the broker reported for an execution beyond the cents that it books. */
export function unbookedOfForeign({ commission, fee, reportedCharges: reported }: ForeignFill): Charges {
  if (reported === undefined) return NO_CHARGES;
  const booked = { commission: Decimal.parse(commission), fee: Decimal.parse(fee) };
  return minus({ commission: Decimal.parse(reported.commission), fee: Decimal.parse(reported.fee) }, booked);
}

/** What the amount of an execution of others took from the cash beyond the cents that the books have. */
export function partsOfForeign({ side, quantity, price }: ForeignFill): Decimal {
  return partsOfAmount({ side, quantity: Decimal.parse(quantity), price: Decimal.parse(price) });
}
