/**
 * The figures of each day from the journal and the bars alone, written a second time and on purpose without the code of the
 * product: whole numbers only, first in first out, one loop.
 */

/** An event as it lies in the journal. */
export interface PlainEvent {
  readonly type: string;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A minute of trades: when it ended (UTC) and its last price in 1/10,000 dollar. */
export interface PlainBar {
  readonly symbol: string;
  readonly end: string;
  readonly close: bigint;
}

/** Money in cents; `losses` in 1/10,000,000,000,000,000 dollar. */
export interface PlainDay {
  readonly date: string;
  readonly openingValue: bigint;
  readonly realized: bigint;
  readonly fees: bigint;
  /** Change of the unrealized gain or loss. */
  readonly unrealized: bigint;
  readonly value: bigint;
  /** Unrealized gain or loss at the end, against cost. */
  readonly unrealizedAtEnd: bigint;
  /** The loss of the day at the end of each minute and after each execution, in order. */
  readonly losses: readonly { readonly at: string; readonly loss: bigint }[];
}

interface PlainLot {
  shares: bigint;
  cents: bigint;
}

/** Shares in 1/1,000,000,000; below zero when sold short. */
interface PlainBook {
  cash: bigint;
  realized: bigint;
  fees: bigint;
  /** Lots of one sign only. */
  readonly lots: Map<string, PlainLot[]>;
}

const SHARES = 10n ** 9n;
const PRICES = 10n ** 4n;
/** Units of `losses` a dollar: shares times finer prices. */
export const LOSS_UNITS = 10n ** 16n;

function text(data: PlainEvent['data'], key: string): string {
  const value = data[key];
  if (typeof value !== 'string') throw new Error(`${key} is not a text`);
  return value;
}

/** A decimal as a whole number of `units`. */
function units(value: string, of: bigint): bigint {
  const minus = value.startsWith('-');
  const [whole = '0', part = ''] = value.replace('-', '').split('.');
  const scale = 10n ** BigInt(part.length);
  const number = (BigInt(whole) * scale + BigInt(part === '' ? '0' : part)) * of;
  if (number % scale !== 0n) throw new Error(`${value} is finer than 1/${of}`);
  return minus ? -(number / scale) : number / scale;
}

/** Half to the even one. */
function divided(number: bigint, by: bigint): bigint {
  if (number < 0n) return -divided(-number, by);
  const down = number / by;
  const twice = (number % by) * 2n;
  return twice > by || (twice === by && down % 2n === 1n) ? down + 1n : down;
}

const heldOf = (book: PlainBook, symbol: string): bigint =>
  (book.lots.get(symbol) ?? []).reduce((sum, lot) => sum + lot.shares, 0n);
const costOf = (book: PlainBook, symbol: string): bigint =>
  (book.lots.get(symbol) ?? []).reduce((sum, lot) => sum + (lot.shares < 0n ? -lot.cents : lot.cents), 0n);
const centsAt = (shares: bigint, price: bigint): bigint => divided(shares * price * 100n, SHARES * PRICES);

function book(state: PlainBook, data: PlainEvent['data']): void {
  const symbol = text(data, 'symbol');
  const buys = text(data, 'side') === 'buy';
  const shares = units(text(data, 'quantity'), SHARES);
  const finer = 10n ** 6n;
  const dollars = divided(shares * units(text(data, 'price'), finer) * 100n, SHARES * finer);
  const charges = units(text(data, 'commission'), 100n) + units(text(data, 'fee'), 100n);
  state.cash += (buys ? -dollars : dollars) - charges;
  state.fees += charges;
  const queue = state.lots.get(symbol) ?? [];
  const held = heldOf(state, symbol);
  const closes = buys === held < 0n && held !== 0n ? min(shares, abs(held)) : 0n;
  const closedFor = closes === shares ? dollars : divided(dollars * closes, shares);
  let cost = 0n;
  for (let left = closes; left > 0n;) {
    const lot = queue[0];
    if (lot === undefined) throw new Error(`no lot of ${symbol}`);
    const taken = min(left, abs(lot.shares));
    const whole = taken === abs(lot.shares);
    const cents = whole ? lot.cents : divided(lot.cents * taken, abs(lot.shares));
    cost += cents;
    left -= taken;
    if (whole) queue.shift();
    else queue[0] = { shares: lot.shares - (lot.shares < 0n ? -taken : taken), cents: lot.cents - cents };
  }
  if (closes > 0n) state.realized += buys ? cost - closedFor : closedFor - cost;
  const opens = shares - closes;
  if (opens > 0n) queue.push({ shares: buys ? opens : -opens, cents: dollars - closedFor });
  state.lots.set(symbol, queue);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The figures of every session of the journal, oldest first. */
export function plainDays(events: readonly PlainEvent[], bars: readonly PlainBar[]): readonly PlainDay[] {
  const state: PlainBook = { cash: 0n, realized: 0n, fees: 0n, lots: new Map() };
  const days: PlainDay[] = [];
  const ordered = [...bars].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
  let next = 0;
  while (next < events.length) {
    const event = events[next];
    if (event?.type === 'OpeningBalancesRecorded') state.cash += units(text(event.data, 'cash'), 100n);
    next += 1;
    if (event?.type !== 'SessionOpened') continue;
    const end = events.findIndex(({ type }, at) => at >= next && type === 'SessionClosed');
    days.push(playDay(state, event, events.slice(next, end), ordered));
    next = end;
  }
  return days;
}

function playDay(
  state: PlainBook,
  { data }: PlainEvent,
  events: readonly PlainEvent[],
  bars: readonly PlainBar[],
): PlainDay {
  const [date, opensAt, closesAt] = [text(data, 'date'), text(data, 'opensAt'), text(data, 'closesAt')];
  const prices = new Map<string, bigint>();
  for (const bar of bars) if (bar.end <= opensAt) prices.set(bar.symbol, bar.close);
  const carried = new Map([...state.lots.keys()].map((symbol) => [symbol, heldOf(state, symbol)]));
  const before = { cash: state.cash, realized: state.realized, fees: state.fees };
  const openPrices = new Map(prices);
  const valueAt = (of: ReadonlyMap<string, bigint>): bigint =>
    [...state.lots.keys()].reduce((sum, symbol) => sum + centsAt(heldOf(state, symbol), of.get(symbol) ?? 0n), 0n);
  const costs = (): bigint => [...state.lots.keys()].reduce((sum, symbol) => sum + costOf(state, symbol), 0n);
  const openingValue = state.cash + valueAt(prices);
  const unrealizedBefore = valueAt(prices) - costs();
  const losses: { at: string; loss: bigint }[] = [];
  const note = (at: string): void => {
    let result = ((state.cash - before.cash) * LOSS_UNITS) / 100n;
    for (const symbol of state.lots.keys()) {
      const fine = LOSS_UNITS / (SHARES * PRICES);
      result += heldOf(state, symbol) * (prices.get(symbol) ?? 0n) * fine;
      result -= (carried.get(symbol) ?? 0n) * (openPrices.get(symbol) ?? 0n) * fine;
    }
    losses.push({ at, loss: -result });
  };
  const today = bars.filter((bar) => bar.end > opensAt && bar.end <= closesAt);
  let seen = 0;
  const fillsBefore = (at: string | undefined): void => {
    for (; seen < events.length; seen += 1) {
      const event = events[seen];
      if (event === undefined || (at !== undefined && event.recordedAt >= at)) return;
      if (event.type !== 'OrderFilled') continue;
      book(state, event.data);
      // an entry is worth what was paid for it until a later price is known
      if (text(event.data, 'positionEffect').startsWith('open')) {
        prices.set(text(event.data, 'symbol'), units(text(event.data, 'price'), PRICES));
      }
      note(event.recordedAt);
    }
  };
  for (const end of [...new Set(today.map((bar) => bar.end))]) {
    fillsBefore(end);
    for (const bar of today) if (bar.end === end) prices.set(bar.symbol, bar.close);
    note(end);
  }
  fillsBefore(undefined);
  const unrealizedAtEnd = valueAt(prices) - costs();
  return {
    date,
    openingValue,
    realized: state.realized - before.realized,
    fees: state.fees - before.fees,
    unrealized: unrealizedAtEnd - unrealizedBefore,
    value: state.cash + valueAt(prices),
    unrealizedAtEnd,
    losses,
  };
}
