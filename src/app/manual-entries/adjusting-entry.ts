import { adjustmentFault } from '../../domain/accounting/adjustment.js';
import { refusedEventId } from '../../domain/accounting/refused-event-id.js';
import type { Actor, EventData } from '../../events/event.js';
import { LARGEST_FIGURE } from '../../events/acceptance.js';
import { parseClientOrderId, parseSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { atField, configError, ofField, type TradeBotError } from '../../kernel/errors.js';
import { moneyText } from '../../kernel/money.js';
import { toUtcText, type Clock, type UtcText } from '../../kernel/time.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { timeOfText } from '../as-of/moment-text.js';
import { parseReason, parseRequestId, recordOnce, type ManualEntryParts } from './manual-entry.js';

type Adjustment = EventData<'AdjustmentBooked'>;

/** An adjusting entry as a person writes it; texts as typed, null for what is left out. */
export interface AdjustRequest {
  /** The refused report or event that it settles. */
  readonly settles: string | null;
  readonly symbol: string | null;
  readonly side: string | null;
  readonly quantity: string | null;
  readonly price: string | null;
  readonly cash: string | null;
  readonly account: string | null;
  /** The time that it is for; now when null. */
  readonly at: string | null;
  readonly reason: string;
  readonly requestId: string;
}

/** What was booked. */
export interface AdjustmentMade {
  readonly adjustmentId: string;
  readonly settles: string | null;
  /** An earlier call with the same id had booked it. */
  readonly repeated: boolean;
}

export interface AdjustParts extends ManualEntryParts {
  /** Ids of the events that projections left out. */
  readonly leftOut: () => Promise<readonly string[]>;
  /** The time that an entry without one is for. */
  readonly now: Clock;
}

/** An adjusting entry whose texts were read. */
interface Adjusting extends Pick<Adjustment, 'settles' | 'shares' | 'cash' | 'account' | 'reason'> {
  /** The time that it is for; undefined for now. */
  readonly at: UtcText | undefined;
  readonly requestId: string;
}

/**
 * An adjusting entry as it was typed, read: what can be said of it without the books, also before a worker is started.
 * Throws BAD_ADJUSTMENT, REASON_MISSING, BAD_REQUEST_ID, and what no number, symbol or time is refused for.
 */
export function readAdjustment(request: AdjustRequest): Adjusting {
  const { settles, account, at } = request;
  const reason = parseReason(request.reason);
  const shares = sharesOf(request);
  const cash = ofField('cash', () => cashOf(request.cash ?? '0'));
  const worth = shares === null ? Decimal.ZERO : Decimal.parse(shares.quantity).times(Decimal.parse(shares.price));
  if (worth.plus(cash.abs()).gt(LARGEST_FIGURE)) throw tooLarge(shares === null ? 'cash' : 'quantity');
  return {
    ...{ settles, shares, cash: moneyText(cash), account, reason },
    at: at === null ? undefined : ofField('at', () => timeOfText(at, 'first')),
    requestId: parseRequestId(request.requestId),
  };
}

/**
 * Books an adjusting entry (ACC-62). Throws BAD_ADJUSTMENT, REFUSED_FACT_UNKNOWN, REFUSED_FACT_SETTLED, REASON_MISSING,
 * BAD_REQUEST_ID, REQUEST_ID_USED, what no number, symbol or time is refused for, what the books refuse, and what the journal throws.
 */
export async function bookAdjustingEntry(
  parts: AdjustParts,
  request: AdjustRequest,
  actor: Actor,
): Promise<AdjustmentMade> {
  const { state, clock, now } = parts;
  const { settles, account, reason, shares, cash, at, requestId } = readAdjustment(request);
  const leftOut = settles === null ? [] : await parts.leftOut();
  const { event, repeated } = await recordOnce(parts, {
    ...{ type: 'AdjustmentBooked', stream: STREAMS.accounting, actor, requestId },
    isSame: ({ data }) =>
      data.settles === settles &&
      data.cash === cash &&
      data.account === account &&
      JSON.stringify(data.shares) === JSON.stringify(shares),
    decide: () => {
      ofField('settles', () => refuseSettles(parts, settles, leftOut));
      const number = (state.revisionOf(STREAMS.accounting) ?? -1) + 2;
      const adjustmentId = parseClientOrderId(`AE-${number}`);
      const bookedFor = at ?? toUtcText(now.now());
      const data: Adjustment = { adjustmentId, settles, bookedFor, shares, cash, account, reason };
      const draft = { type: 'AdjustmentBooked', data, correlationId: adjustmentId, causationId: null } as const;
      const fault = adjustmentFault(state.book.coa, data) ?? postingPreflight(state, [draft], clock.now());
      if (fault !== undefined) throw fault;
      return draft;
    },
  });
  return { adjustmentId: event.data.adjustmentId, settles, repeated };
}

function sharesOf({ symbol, side, quantity, price }: AdjustRequest): Adjustment['shares'] {
  if (symbol === null && side === null && quantity === null && price === null) return null;
  if (symbol === null || quantity === null || price === null || (side !== 'buy' && side !== 'sell')) {
    throw configError({
      code: 'BAD_ADJUSTMENT',
      message: 'shares need a symbol, a side (buy or sell), a quantity and a price',
      remedy: 'Give symbol, side, quantity and price, or none of them.',
    });
  }
  return {
    symbol: ofField('symbol', () => parseSymbol(symbol)),
    side,
    quantity: ofField('quantity', () => aboveZero(quantity, 'a number of shares')).shortText(),
    price: ofField('price', () => aboveZero(price, 'a price')).shortText(2),
  };
}

function aboveZero(text: string, what: string): Decimal {
  const figure = Decimal.parse(text);
  if (figure.sign() > 0) return figure;
  throw configError({
    code: 'BAD_ADJUSTMENT',
    message: `${text.slice(0, 60)} is not ${what}: it must be above zero`,
    remedy: 'Give a figure above zero; side says whether shares come in (buy) or go out (sell).',
  });
}

function cashOf(text: string): Decimal {
  const cash = Decimal.parse(text);
  if (cash.rounded(2, 'down').equals(cash)) return cash;
  throw configError({
    code: 'BAD_ADJUSTMENT',
    message: `${text.slice(0, 60)} has parts of a cent`,
    remedy: 'Give dollars with at most two decimals, such as -0.35.',
  });
}

function tooLarge(field: string): TradeBotError {
  const refused = configError({
    code: 'BAD_ADJUSTMENT',
    message: `the entry is worth more than ${LARGEST_FIGURE.text()} dollars`,
    remedy: 'Check the figures. Nothing was recorded.',
  });
  return atField(refused, field);
}

function refuseSettles({ state }: AdjustParts, settles: string | null, leftOut: readonly string[]): void {
  if (settles === null) return;
  if (state.settledFacts.has(settles)) throw settled(settles);
  const refused = state.refusedEvents.map(({ event }) => refusedEventId(event.position));
  if (state.refusedFacts.has(settles) || refused.includes(settles) || leftOut.includes(settles)) return;
  throw configError({
    code: 'REFUSED_FACT_UNKNOWN',
    message: `${settles.slice(0, 80)} is no refused report and no refused event of this home`,
    remedy: 'Reconciliation in the browser lists them, as does tradebot events --type BrokerFactRefused.',
  });
}

function settled(settles: string): TradeBotError {
  return configError({
    code: 'REFUSED_FACT_SETTLED',
    message: `${settles} is settled already`,
    remedy: 'Leave out what it settles to book another entry. Nothing was recorded.',
  });
}
