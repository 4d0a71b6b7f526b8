import { priceAfter, ratioOf } from '../../src/domain/accounting/convert-shares.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { convertPrices } from '../kit/day-value.js';
import { own } from '../kit/records.js';
import type { FieldsOf } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** Splits and changes of symbol that the bot held shares through. */
export interface ConversionsStatus {
  /** The last ones, the oldest first; absent before the first. */
  conversions?: readonly EventData<'SharesConverted'>[];
}

const MOST_SHOWN = 10;

/** Applies a split or a change of symbol: the open positions have another symbol, price and stop. */
export function noteConversion(body: StatusBody, event: RecordedEvent): void {
  if (event.type !== 'SharesConverted') return;
  const { data } = event;
  body.conversions = [...(body.conversions ?? []), data].slice(-MOST_SHOWN);
  const ratio = ratioOf(data);
  for (const { positionId, stopAfter } of data.positions) {
    const position = own(body.positions, positionId);
    if (position === undefined) continue;
    position.ticker = data.newSymbol;
    position.entry_price = priceAfter(Decimal.parse(position.entry_price), ratio).shortText(2);
    position.stop = stopAfter;
  }
  if (body.session !== null) convertPrices(body.session.day, data);
}

/** The last splits and changes of symbol; left out where there were none. */
export const conversionFields: FieldsOf = ({ body: { conversions } }) =>
  conversions === undefined
    ? {}
    : {
        share_conversions: conversions.map((data) => ({
          kind: data.kind,
          symbol: data.symbol,
          new_symbol: data.newSymbol,
          shares_before: data.sharesBefore,
          shares_after: data.sharesAfter,
          happened_at: data.happenedAt,
          description: data.description,
        })),
      };
