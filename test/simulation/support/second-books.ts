import type { RecordedEvent } from '../../../src/events/event.js';

/**
 * The books a second time, from the events alone: whole numbers, one loop, nothing of the program's own arithmetic. It
 * knows which executions stand, and books only those, in the order in which the broker first reported them.
 */
export interface SecondBooks {
  /** Debits less credits in cents by account of the default chart, without zeros. */
  readonly accounts: Readonly<Record<string, bigint>>;
  readonly cash: bigint;
  readonly gross: bigint;
  readonly fees: bigint;
  /** Shares by symbol, short below zero, without zeros. */
  readonly shares: Readonly<Record<string, string>>;
  readonly held: readonly SecondHolding[];
}

export interface SecondHolding {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: string;
  readonly averageCost: string;
  readonly unitPrice: string;
  readonly value: bigint;
  readonly pricedAt: string;
}

/** Decimals of shares and prices in whole numbers. */
const SCALE = 12;
const ONE = 10n ** BigInt(SCALE);

interface Trade {
  readonly ids: readonly string[];
  readonly symbol: string;
  readonly buys: boolean;
  readonly shares: bigint;
  readonly price: bigint;
  readonly charges: bigint;
  readonly at: string;
}

interface Lot {
  readonly at: string;
  readonly n: number;
  shares: bigint;
  cents: bigint;
}

function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole) * ONE + BigInt(fraction.padEnd(SCALE, '0').slice(0, SCALE));
  return text.startsWith('-') ? -units : units;
}

/** `part / whole` to the nearest whole number, a half to the even one. */
function nearest(part: bigint, whole: bigint): bigint {
  const size = part < 0n ? -part : part;
  const twice = (size % whole) * 2n;
  const down = size / whole;
  const up = twice > whole || (twice === whole && down % 2n === 1n) ? down + 1n : down;
  return part < 0n ? -up : up;
}

const centsOf = (text: string): bigint => nearest(scaled(text) * 100n, ONE);

/** Without zeros at the end, but with `least` decimals. */
export function plainText(units: bigint, decimals: number, least = 0): string {
  const size = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = size.slice(0, size.length - decimals);
  let fraction = size.slice(size.length - decimals);
  while (fraction.length > least && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The date in New York: the second Sunday of March to the first of November at four hours before UTC, else at five. */
function dateInNewYork(at: string): string {
  const ms = Date.parse(at);
  const year = new Date(ms).getUTCFullYear();
  const sunday = (month: number, nth: number): number => {
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    return 1 + ((7 - first) % 7) + (nth - 1) * 7;
  };
  const summer = ms >= Date.UTC(year, 2, sunday(2, 2), 7) && ms < Date.UTC(year, 10, sunday(10, 1), 6);
  return new Date(ms - (summer ? 4 : 5) * 3_600_000).toISOString().slice(0, 10);
}

function isLong(openedAt: string, closedAt: string): boolean {
  const begins = new Date(Date.parse(dateInNewYork(openedAt)) + 86_400_000).toISOString().slice(0, 10);
  return dateInNewYork(closedAt) >= `${Number(begins.slice(0, 4)) + 1}${begins.slice(4)}`;
}

function tradeOf(
  ids: readonly string[],
  fill: { symbol: string; side: string; quantity: string; price: string; commission: string; fee: string },
  at: string,
): Trade {
  const { symbol, side, quantity, price, commission, fee } = fill;
  const charges = centsOf(commission) + centsOf(fee);
  return { ids, symbol, buys: side === 'buy', shares: scaled(quantity), price: scaled(price), charges, at };
}

/** The executions that stand after the events, in the order of their first reports. */
function standing(events: readonly RecordedEvent[]): readonly Trade[] {
  const trades: Trade[] = [];
  const find = (order: string, execution: string): number =>
    trades.findLastIndex(({ ids }) => ids[0] === order && ids[1] === execution);
  for (const event of events) {
    if (event.type === 'OrderFilled') {
      const { clientOrderId, executionId, filledAt } = event.data;
      trades.push(tradeOf([clientOrderId, executionId], event.data, filledAt));
    } else if (event.type === 'OrderFillBusted') {
      trades.splice(find(event.data.clientOrderId, event.data.executionId), 1);
    } else if (event.type === 'OrderFillCorrected') {
      const { clientOrderId, correctsExecutionId, executionId, filledAt } = event.data;
      const right = tradeOf([clientOrderId, executionId], event.data, filledAt);
      trades.splice(find(clientOrderId, correctsExecutionId), 1, right);
    } else if (event.type === 'AdjustmentBooked' && event.data.shares !== null) {
      const charges = { commission: '0', fee: '0' };
      trades.push(tradeOf([event.id], { ...event.data.shares, ...charges }, event.data.bookedFor));
    }
  }
  return trades;
}

/** Accounts of the default chart, in the order of the posting rules. */
const ACCOUNT = {
  cash: '1030',
  longs: '1111',
  shorts: '2110',
  shortTerm: '4060',
  longTerm: '4070',
  charges: '5010',
  opening: '3030',
};

const ACTIVITY: Readonly<Record<string, { readonly account: string; readonly sign: 1n | -1n; readonly fee: boolean }>> =
  {
    deposit: { account: '1010', sign: 1n, fee: false },
    withdrawal: { account: '1020', sign: -1n, fee: false },
    dividend: { account: '4050', sign: 1n, fee: false },
    dividend_on_short: { account: '5010', sign: -1n, fee: true },
    interest: { account: '4055', sign: 1n, fee: false },
    fee: { account: '5010', sign: -1n, fee: true },
  };

class Second {
  readonly accounts = new Map<string, bigint>();
  readonly lots = new Map<string, Lot[]>();
  readonly last = new Map<string, { price: bigint; at: string; n: number }>();
  gross = 0n;
  fees = 0n;

  post(debit: string, credit: string, cents: bigint): void {
    this.accounts.set(debit, (this.accounts.get(debit) ?? 0n) + cents);
    this.accounts.set(credit, (this.accounts.get(credit) ?? 0n) - cents);
  }

  open(symbol: string, side: string, lot: Lot): void {
    const queue = [...(this.lots.get(`${symbol} ${side}`) ?? []), lot];
    queue.sort((a, b) => (a.at === b.at ? a.n - b.n : a.at < b.at ? -1 : 1));
    this.lots.set(`${symbol} ${side}`, queue);
  }

  trade(trade: Trade, n: number): void {
    const { symbol, buys, shares, price, at, charges } = trade;
    const closed = buys ? 'short' : 'long';
    const opened = buys ? 'long' : 'short';
    const queue = this.lots.get(`${symbol} ${closed}`) ?? [];
    const whole = nearest(shares * price * 100n, ONE * ONE);
    const open = queue.reduce((sum, lot) => sum + lot.shares, 0n);
    const closes = open < shares ? open : shares;
    const closingCents = closes === shares ? whole : nearest(whole * closes, shares);
    let [left, given] = [closes, 0n];
    while (left > 0n) {
      const lot = queue[0];
      if (lot === undefined) throw new Error('the lots are fewer than their sum');
      const taken = lot.shares < left ? lot.shares : left;
      const cost = taken === lot.shares ? lot.cents : nearest(lot.cents * taken, lot.shares);
      lot.shares -= taken;
      lot.cents -= cost;
      if (lot.shares === 0n) queue.shift();
      left -= taken;
      const soFar = left === 0n ? closingCents : nearest(closingCents * (closes - left), closes);
      this.close(closed === 'long', cost, soFar - given, isLong(lot.at, at));
      given = soFar;
    }
    if (closes < shares) {
      const cents = whole - closingCents;
      this.open(symbol, opened, { at, n, shares: shares - closes, cents });
      if (buys) this.post(ACCOUNT.longs, ACCOUNT.cash, cents);
      else this.post(ACCOUNT.cash, ACCOUNT.shorts, cents);
    }
    this.post(ACCOUNT.charges, ACCOUNT.cash, charges);
    this.fees += charges;
    this.price(symbol, price, at, n);
  }

  price(symbol: string, price: bigint, at: string, n: number): void {
    const known = this.last.get(symbol);
    if (known === undefined || at > known.at || (at === known.at && n > known.n))
      this.last.set(symbol, { price, at, n });
  }

  private close(wasLong: boolean, opened: bigint, closed: bigint, longTerm: boolean): void {
    const gain = wasLong ? closed - opened : opened - closed;
    const income = wasLong && longTerm ? ACCOUNT.longTerm : ACCOUNT.shortTerm;
    this.gross += gain;
    if (wasLong) this.post(ACCOUNT.cash, ACCOUNT.longs, opened);
    else this.post(ACCOUNT.shorts, ACCOUNT.cash, opened);
    this.post(ACCOUNT.cash, income, gain);
  }

  other(event: RecordedEvent): void {
    if (event.type === 'FloatAdjusted' && event.data.source !== 'opening-balance') {
      const inject = event.data.direction === 'inject';
      this.post(inject ? '1010' : '3010', inject ? '3010' : '1020', centsOf(event.data.amount));
    } else if (event.type === 'BrokerActivityImported') {
      const { account, sign, fee } = ACTIVITY[event.data.activityType] ?? { account: '', sign: 1n, fee: false };
      const cents = sign * centsOf(event.data.amount);
      this.post(ACCOUNT.cash, account, cents);
      if (fee) this.fees -= cents;
    } else if (event.type === 'AdjustmentBooked') {
      this.post(ACCOUNT.cash, event.data.account ?? ACCOUNT.opening, centsOf(event.data.cash));
    } else if (event.type === 'OpeningBalancesRecorded') {
      this.opening(event);
    }
  }

  private opening({ data }: RecordedEvent<'OpeningBalancesRecorded'>): void {
    this.post(ACCOUNT.cash, ACCOUNT.opening, centsOf(data.cash));
    for (const { symbol, quantity, cost, acquiredAt } of data.positions) {
      const [shares, cents] = [scaled(quantity), centsOf(cost)];
      const size = shares < 0n ? -shares : shares;
      const [worth, at] = [cents < 0n ? -cents : cents, acquiredAt ?? data.asOf];
      this.open(symbol, shares < 0n ? 'short' : 'long', { at, n: 0, shares: size, cents: worth });
      if (shares < 0n) this.post(ACCOUNT.opening, ACCOUNT.shorts, worth);
      else this.post(ACCOUNT.longs, ACCOUNT.opening, worth);
      const average = nearest(scaled(cost.replace('-', '')) * 1_000_000n, size);
      this.price(symbol, (average * ONE) / 1_000_000n, at, 0);
    }
  }

  held(): readonly SecondHolding[] {
    const held: SecondHolding[] = [];
    for (const [key, lots] of [...this.lots].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [symbol = '', side = ''] = key.split(' ');
      const shares = lots.reduce((sum, lot) => sum + lot.shares, 0n);
      const last = this.last.get(symbol);
      if (shares === 0n || last === undefined) continue;
      const cents = lots.reduce((sum, lot) => sum + lot.cents, 0n);
      held.push({
        symbol,
        side: side === 'short' ? 'short' : 'long',
        quantity: plainText(shares, SCALE),
        averageCost: plainText(nearest(cents * 10_000n * ONE, shares), 6, 2),
        unitPrice: plainText(last.price, SCALE, 2),
        value: nearest(shares * last.price * 100n, ONE * ONE),
        pricedAt: last.at,
      });
    }
    return held;
  }
}

/** The books after the events; all of them, so that a bust also takes back what was booked before it. */
export function secondBooks(events: readonly RecordedEvent[]): SecondBooks {
  const books = new Second();
  for (const event of events) books.other(event);
  for (const [n, trade] of standing(events).entries()) books.trade(trade, n + 1);
  const held = books.held();
  const accounts = [...books.accounts].filter(([, cents]) => cents !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    accounts: Object.fromEntries(accounts),
    cash: books.accounts.get(ACCOUNT.cash) ?? 0n,
    gross: books.gross,
    fees: books.fees,
    shares: Object.fromEntries(
      held.map(({ symbol, side, quantity }) => [symbol, side === 'short' ? `-${quantity}` : quantity]),
    ),
    held,
  };
}
