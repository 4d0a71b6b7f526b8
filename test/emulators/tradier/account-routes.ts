import { EXCHANGE_ZONE, exchangeDateOf, sessionOf } from '../../../src/domain/calendar/nyse.js';
import { wallClockOf, zonedToUtc } from '../../../src/domain/calendar/clock-time.js';
import { priceToDecimal } from '../../../src/domain/market/types.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { addDays, epochMs, MINUTE_MS, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from '../exchange/exchange.js';
import type { EmulatedMarket } from '../exchange/market.js';
import type { CashRow } from '../exchange/types.js';
import { list, num, ok, plain, type NothingStyle, type WireAnswer } from './wire.js';

export interface AccountRoutesOptions {
  readonly exchange: EmulatedExchange;
  readonly accountNumber: string;
  readonly market: EmulatedMarket | undefined;
}

const HISTORY_TYPES: Readonly<Record<CashRow['kind'], string>> = {
  ...{ deposit: 'ach', withdrawal: 'ach', dividend: 'dividend', interest: 'interest', fee: 'fee' },
  ...{ journal: 'journal', split: 'adjustment', name_change: 'adjustment' },
};

/** Everything of the wire but orders and streams. */
export class AccountRoutes {
  /** `margin`, `cash`, `pdt`, or one that is not documented. */
  accountType = 'margin';
  accountStatus = 'active';
  /** More accounts of the token than the one of the exchange. */
  otherAccounts: string[] = [];
  /** Rows of the history show only from the next day on, and so do the trades. */
  nightly = false;
  hasHistory = true;
  /** The clock of the broker differs from that of the world by so much. */
  skewMs = 0;
  /** The regular close of a day, when it is another than usual. */
  readonly closes = new Map<string, string>();
  commission = Decimal.ZERO;

  constructor(private readonly options: AccountRoutesOptions) {}

  profile(): WireAnswer {
    const { accountNumber } = this.options;
    const one = (number: string): object => ({
      ...{ account_number: number, classification: 'individual', date_created: '2016-08-01T21:08:55.000Z' },
      ...{ day_trader: false, option_level: num(2), status: this.accountStatus, type: this.accountType },
      last_update_date: '2016-08-01T21:08:55.000Z',
    });
    const accounts = [accountNumber, ...this.otherAccounts].map(one);
    return ok({
      profile: { id: 'id-gcostanza', name: 'George', account: accounts.length === 1 ? accounts[0] : accounts },
    });
  }

  balances(): WireAnswer {
    const { exchange, accountNumber } = this.options;
    const { cash } = exchange.account;
    const held = exchange.positions().map(({ symbol, quantity }) => quantity.times(exchange.price(symbol)));
    const value = Decimal.sum(held).rounded(2, 'halfEven');
    const power = num(Decimal.max(cash, Decimal.ZERO));
    const parts = {
      margin: {
        fed_call: num(0),
        maintenance_call: num(0),
        option_buying_power: power,
        stock_buying_power: power,
        stock_short_value: num(0),
        sweep: num(0),
      },
      cash: { cash_available: power, sweep: num(0), unsettled_funds: num(0) },
      pdt: { fed_call: num(0), maintenance_call: num(0), day_trade_buying_power: power, stock_buying_power: power },
    };
    return ok({
      balances: {
        ...{ account_number: accountNumber, account_type: this.accountType, total_cash: num(cash) },
        ...{ total_equity: num(exchange.equity()), market_value: num(value), open_pl: num(0), close_pl: num(0) },
        ...{ pending_cash: num(0), uncleared_funds: num(0), pending_orders_count: num(exchange.openOrders().length) },
        ...(this.accountType in parts ? { [this.accountType]: parts[this.accountType as keyof typeof parts] } : {}),
      },
    });
  }

  positions(nothing: NothingStyle): WireAnswer {
    const rows = this.options.exchange.positions().map(({ symbol, quantity, cost }, n) => ({
      ...{ id: num(130_000 + n), symbol, quantity: num(quantity), cost_basis: num(cost.rounded(2, 'halfEven')) },
      date_acquired: '2026-01-06T14:41:11.405Z',
    }));
    return ok(list('positions', 'position', rows, nothing));
  }

  /** Rows of a page, newest first. */
  history(query: URLSearchParams, nothing: NothingStyle): WireAnswer {
    if (!this.hasHistory) return plain(404, 'Not Found');
    const start = query.get('start') ?? '';
    const limit = Number(query.get('limit') ?? '25');
    const page = Number(query.get('page') ?? '1');
    const today = this.#today();
    const rows = [...this.#cashRows(), ...this.#tradeRows()]
      .filter(({ date }) => date.slice(0, 10) >= start && (!this.nightly || date.slice(0, 10) < today))
      .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
    return ok(list('history', 'event', rows.slice((page - 1) * limit, page * limit), nothing));
  }

  clock(): WireAnswer {
    const now = this.options.exchange.now();
    const session = sessionOf(exchangeDateOf(now));
    const isOpen = session !== undefined && now >= session.opensAt && now < session.closesAt;
    const timestamp = num(Math.floor((now + this.skewMs) / 1_000));
    return ok({
      clock: {
        date: this.#today(),
        description: 'the market',
        state: isOpen ? 'open' : 'closed',
        timestamp,
        next_change: '16:00',
        next_state: 'postmarket',
      },
    });
  }

  calendar(query: URLSearchParams): WireAnswer {
    const month = `${query.get('year') ?? ''}-${(query.get('month') ?? '').padStart(2, '0')}`;
    const days: object[] = [];
    for (let date = `${month}-01` as DateText; date.startsWith(month); date = addDays(date, 1))
      days.push(this.#day(date));
    return ok({
      calendar: { month: num(Number(month.slice(5))), year: num(Number(month.slice(0, 4))), days: { day: days } },
    });
  }

  quotes(symbols: readonly string[]): WireAnswer {
    const { exchange } = this.options;
    const known = symbols.filter((symbol) => exchange.symbol(symbol) !== undefined);
    const unknown = symbols.filter((symbol) => exchange.symbol(symbol) === undefined);
    const rows = known.map((symbol) => this.#quote(symbol));
    const unmatched =
      unknown.length === 0 ? {} : { unmatched_symbols: { symbol: unknown.length === 1 ? unknown[0] : unknown } };
    return ok({
      quotes: { ...(rows.length === 0 ? {} : { quote: rows.length === 1 ? rows[0] : rows }), ...unmatched },
    });
  }

  easyToBorrow(): WireAnswer {
    const rows = this.options.exchange.symbols().filter(({ shortable }) => shortable !== false);
    return ok(
      list(
        'securities',
        'security',
        rows.map(({ symbol }) => ({ symbol, exchange: 'Q', type: 'stock' })),
        'null',
      ),
    );
  }

  /** Daily bars before `end`: of the reference day alone, which is what the market knows. */
  dailyHistory(query: URLSearchParams): WireAnswer {
    const { market } = this.options;
    const symbol = query.get('symbol') ?? '';
    const end = query.get('end') ?? this.#today();
    const days: object[] = [];
    for (let back = 0, date = end as DateText; back < 10 && days.length === 0; back += 1, date = addDays(date, -1)) {
      if (sessionOf(date) === undefined || market === undefined) continue;
      const next = this.#nextSession(date);
      const reference = market.references(next).find((one) => one.symbol === symbol);
      if (reference?.previousClose === undefined) continue;
      const close = num(priceToDecimal(reference.previousClose));
      days.push({ date, open: close, high: close, low: close, close, volume: num(reference.previousVolume ?? 0) });
    }
    return ok(days.length === 0 ? { history: null } : { history: { day: days.length === 1 ? days[0] : days } });
  }

  timesales(query: URLSearchParams): WireAnswer {
    const { market } = this.options;
    const at = (name: string): EpochMs => utcOf(query.get(name) ?? '');
    const bars = market?.bars(query.get('symbol') ?? '', at('start'), epochMs(at('end') + MINUTE_MS)) ?? [];
    const rows = bars.map((bar) => {
      const { date, minutes } = wallClockOf(bar.start, EXCHANGE_ZONE);
      const two = (n: number): string => String(n).padStart(2, '0');
      const figures = { open: bar.open, high: bar.high, low: bar.low, close: bar.close };
      return {
        time: `${date}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`,
        timestamp: num(bar.start / 1_000),
        price: num(priceToDecimal(bar.close)),
        ...Object.fromEntries(Object.entries(figures).map(([name, one]) => [name, num(priceToDecimal(one))])),
        volume: num(bar.volume),
        vwap: num(priceToDecimal(bar.close)),
      };
    });
    return ok(list('series', 'data', rows, 'null'));
  }

  #quote(symbol: string): object {
    const { exchange, market } = this.options;
    const price = exchange.price(symbol);
    const half = Decimal.parse('0.01');
    const now = exchange.now();
    const reference = market?.references(exchangeDateOf(now)).find((one) => one.symbol === symbol);
    const previous = reference?.previousClose === undefined ? price : priceToDecimal(reference.previousClose);
    return {
      ...{ symbol, description: exchange.symbol(symbol)?.name ?? symbol, exch: 'Q', type: 'stock', last: num(price) },
      ...{ change: num(0), volume: num(1_000), average_volume: num(1_000), open: num(price), close: null },
      ...{
        prevclose: num(previous),
        bid: num(price.minus(half)),
        ask: num(price.plus(half)),
        bidsize: num(3),
        asksize: num(5),
      },
      ...{ bidexch: 'Q', askexch: 'Q', trade_date: num(now), bid_date: num(now), ask_date: num(now) },
    };
  }

  #cashRows(): { date: string }[] {
    return this.options.exchange.account.rows
      .filter(({ state }) => state === 'executed')
      .map((row) => {
        const type = HISTORY_TYPES[row.kind];
        const nested = { description: row.description, quantity: num(row.quantity ?? Decimal.ZERO) };
        return { amount: num(row.amount), date: midnight(row.at), type, [type]: nested };
      });
  }

  #tradeRows(): { date: string }[] {
    return this.options.exchange.account.executions
      .filter(({ state }) => state === 'valid')
      .map(({ at, side, quantity, price, symbol, fee }) => {
        const signed = side === 'buy' ? quantity : quantity.negated();
        const charges = fee.plus(this.commission);
        const amount = signed.times(price).negated().minus(charges).rounded(2, 'halfEven');
        const trade = {
          commission: num(charges),
          description: symbol,
          price: num(price),
          quantity: num(signed),
          symbol,
          trade_type: 'Equity',
        };
        return { amount: num(amount), date: midnight(at), type: 'trade', trade };
      });
  }

  #day(date: DateText): object {
    const session = sessionOf(date);
    if (session === undefined) return { date, status: 'closed', description: 'Market is closed' };
    const end = this.closes.get(date) ?? (session.halfDay ? '13:00' : '16:00');
    const description = `Market is open from 09:30 to ${end}`;
    return {
      date,
      status: 'open',
      description,
      premarket: { start: '07:00', end: '09:24' },
      open: { start: '09:30', end },
      postmarket: { start: end, end: '19:55' },
    };
  }

  #nextSession(date: DateText): DateText {
    let next = addDays(date, 1);
    while (sessionOf(next) === undefined) next = addDays(next, 1);
    return next;
  }

  #today(): DateText {
    return exchangeDateOf(this.options.exchange.now());
  }
}

function midnight(at: EpochMs): string {
  return `${exchangeDateOf(at)}T00:00:00Z`;
}

/** The instant of `YYYY-MM-DD HH:MM` in New York. */
function utcOf(text: string): EpochMs {
  const [date = '', time = ''] = text.split(' ');
  return zonedToUtc(date as DateText, time, EXCHANGE_ZONE);
}
