import type { GatewayMessage } from './messages.js';
import { numberAt, textAt, wholeAt, type Fields } from './fields.js';

/** From this version on the row of a security has one field more after its expiry. */
const LAST_TRADE_DATE = 182;

/** A security by its details. What stands after the counted lists is found by their lengths. */
export function readContractDetails(fields: Fields, version: number): GatewayMessage | undefined {
  const from = 1;
  const shift = from + (version >= LAST_TRADE_DATE ? 1 : 0);
  const at = (n: number): number => shift + n;
  const conId = wholeAt(fields, at(11), 0);
  if (conId === 0 || textAt(fields, from + 1) === '') return undefined;
  const sizes = sizesFrom(fields, at(28));
  return {
    kind: 'contract',
    reqId: wholeAt(fields, from),
    contract: {
      conId,
      symbol: textAt(fields, from + 1),
      secType: textAt(fields, from + 2),
      expiry: (textAt(fields, from + 3).split(/[- ]/)[0] ?? '').trim(),
      strike: numberAt(fields, at(4)),
      right: textAt(fields, at(5)),
      multiplier: numberAt(fields, at(13)),
      currency: textAt(fields, at(7)),
      localSymbol: textAt(fields, at(8)),
      tradingClass: textAt(fields, at(10)),
    },
    exchange: textAt(fields, at(6)),
    tradingClass: textAt(fields, at(10)),
    minTick: numberAt(fields, at(12)),
    multiplier: numberAt(fields, at(13)),
    orderTypes: textAt(fields, at(14)),
    primaryExchange: textAt(fields, at(19)),
    timeZone: textAt(fields, at(24)),
    liquidHours: textAt(fields, at(26)),
    ...sizes,
  };
}

/** The smallest size and its step: after evaluation rule and multiplier, the other ids, and six fields of one value each. */
function sizesFrom(
  fields: Fields,
  evaluationMultiplier: number,
): Pick<Extract<GatewayMessage, { kind: 'contract' }>, 'minSize' | 'sizeIncrement'> {
  const ids = wholeAt(fields, evaluationMultiplier + 1, 0);
  const at = evaluationMultiplier + 2 + Math.max(ids, 0) * 2 + 6;
  return { minSize: numberAt(fields, at), sizeIncrement: numberAt(fields, at + 1) };
}
