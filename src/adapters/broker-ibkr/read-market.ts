import type { Decimal } from '../../kernel/decimal.js';
import type { GatewayMessage, WireBar } from './messages.js';
import { numberAt, textAt, wholeAt, type Fields } from './fields.js';

const BAR_FIELDS = 8;
/** More bars, expiries or strikes than this are in no answer. */
const MOST_ROWS = 100_000;

/** The bars of a request for history, with the start and the end of the range before them up to version 193. */
export function readHistoricalBars(f: Fields): GatewayMessage | undefined {
  const count = wholeAt(f, 4);
  if (count < 0 || count > MOST_ROWS || f.length < 5 + count * BAR_FIELDS) return undefined;
  const bars = Array.from({ length: count }, (_, n): WireBar => {
    const at = 5 + n * BAR_FIELDS;
    return {
      time: textAt(f, at),
      open: numberAt(f, at + 1),
      high: numberAt(f, at + 2),
      low: numberAt(f, at + 3),
      close: numberAt(f, at + 4),
      volume: numberAt(f, at + 5),
    };
  });
  return { kind: 'historicalBars', reqId: wholeAt(f, 1), bars };
}

const LAST = 1;
const ALL_LAST = 2;
const BID_ASK = 3;
/** The second bit: the trade does not count for volume and range. */
const UNREPORTED = 2;

/** One trade or one quote of a tick-by-tick subscription. */
export function readTickByTick(f: Fields): GatewayMessage | undefined {
  const type = wholeAt(f, 2);
  const head = { reqId: wholeAt(f, 1), seconds: wholeAt(f, 3) };
  const [first, second, third, fourth] = [numberAt(f, 4), numberAt(f, 5), numberAt(f, 6), numberAt(f, 7)];
  if (first === undefined || second === undefined) return undefined;
  if (type === LAST || type === ALL_LAST) {
    return { kind: 'trade', ...head, price: first, size: second, unreported: (wholeAt(f, 6, 0) & UNREPORTED) !== 0 };
  }
  if (type !== BID_ASK || third === undefined || fourth === undefined) return undefined;
  return { kind: 'quote', ...head, bid: first, ask: second, bidSize: third, askSize: fourth };
}

/** The expiries and strikes that one exchange has for the options of a symbol. */
export function readOptionParameters(f: Fields): GatewayMessage | undefined {
  const expiries = listAt(f, 6);
  const strikes = expiries === undefined ? undefined : listAt(f, 7 + expiries.length);
  if (expiries === undefined || strikes === undefined) return undefined;
  return {
    kind: 'optionParameters',
    reqId: wholeAt(f, 1),
    exchange: textAt(f, 2),
    tradingClass: textAt(f, 4),
    multiplier: textAt(f, 5),
    expiries,
    strikes: strikes
      .map((_, n) => numberAt(f, 8 + expiries.length + n))
      .filter((each): each is Decimal => each !== undefined),
  };
}

function listAt(f: Fields, at: number): readonly string[] | undefined {
  const count = wholeAt(f, at);
  return count < 0 || count > MOST_ROWS || f.length < at + 1 + count ? undefined : f.slice(at + 1, at + 1 + count);
}
