import { addDays, epochMs, parseDateText, type EpochMs } from '../../../src/kernel/time.js';
import { sessionOf, exchangeDateOf, EXCHANGE_ZONE } from '../../../src/domain/calendar/nyse.js';
import { wallClockOf } from '../../../src/domain/calendar/clock-time.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { EmulatedExchange } from '../exchange/exchange.js';
import { fault, ok, type Answer, type Call } from './answer.js';
import { fillRecord, orderJson, rowRecord, uuid, withOffset } from './wire.js';

const MOST_ROWS = 100;
const at = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Account, positions, records, assets, clock and calendar. */
export class AccountRoutes {
  /** Members of GET /v2/account that a test changes. */
  readonly accountFields: Record<string, unknown> = {};
  /** Rows that appear besides those of the account, as they are. */
  readonly extraRows: Readonly<Record<string, unknown>>[] = [];
  /** How far the clock of the broker is off, in milliseconds. */
  skewMs = 0;
  /** Records of executions appear this long after them. */
  recordsLagMs = 0;
  /** Short positions have a quantity without a sign. */
  unsignedShorts = false;
  /** Closing all positions refuses these symbols. */
  readonly closeRefused = new Set<string>();

  constructor(
    private readonly exchange: EmulatedExchange,
    private readonly now: () => EpochMs,
    private readonly cancelOpen: () => void,
  ) {}

  answer(call: Call): Answer {
    const { path, method } = call;
    if (path === '/v2/account') return ok(this.#account());
    if (path.startsWith('/v2/account/activities')) return ok(this.#activities(call));
    if (path === '/v2/positions') return method === 'DELETE' ? this.#closeAll() : ok(this.#positions());
    if (path.startsWith('/v2/positions/'))
      return this.#position(decodeURIComponent(path.slice('/v2/positions/'.length)));
    if (path.startsWith('/v2/assets/')) return this.#asset(decodeURIComponent(path.slice('/v2/assets/'.length)));
    if (path === '/v2/clock') return ok(this.#clock());
    if (path === '/v2/calendar') return ok(this.#calendar(call.query));
    return fault(404, 40410000, 'endpoint not found');
  }

  #account(): object {
    const { account } = this.exchange;
    const equity = this.exchange.equity().shortText(2);
    return {
      id: uuid('1', 'acc0'),
      account_number: 'PA0000000001',
      status: 'ACTIVE',
      currency: 'USD',
      cash: account.cash.shortText(2),
      equity,
      last_equity: equity,
      buying_power: Decimal.max(Decimal.ZERO, account.cash).shortText(2),
      multiplier: '4',
      trading_blocked: false,
      transfers_blocked: false,
      account_blocked: false,
      trade_suspended_by_user: false,
      shorting_enabled: true,
      ...this.accountFields,
    };
  }

  #positions(): readonly object[] {
    return this.exchange.positions().map(({ symbol, quantity, cost }) => ({
      asset_id: uuid('1', 'a55e7'),
      symbol,
      exchange: 'ARCA',
      asset_class: 'us_equity',
      qty: (this.unsignedShorts ? quantity.abs() : quantity).shortText(),
      qty_available: quantity.shortText(),
      side: quantity.sign() < 0 ? 'short' : 'long',
      avg_entry_price: cost.divide(quantity, { scale: 6, round: 'halfEven' }).abs().shortText(),
      market_value: quantity.times(this.exchange.price(symbol)).shortText(),
      cost_basis: cost.shortText(),
      current_price: this.exchange.price(symbol).shortText(),
    }));
  }

  #position(name: string): Answer {
    const row = this.#positions().find((one) => 'symbol' in one && one.symbol === name);
    return row === undefined ? fault(404, 40410000, 'position does not exist') : ok(row);
  }

  #closeAll(): Answer {
    this.cancelOpen();
    const lines = this.exchange.positions().map(({ symbol, quantity }) => {
      if (this.closeRefused.has(symbol)) {
        return {
          symbol,
          status: 403,
          body: { code: 40310000, message: 'insufficient qty available for order (available: 0)' },
        };
      }
      const side = quantity.sign() < 0 ? 'buy' : 'sell';
      const ask = { notional: null, limitPrice: null, stopPrice: null, timeInForce: 'day' };
      const order = this.exchange.placeByHand({ symbol, side, quantity: quantity.abs(), type: 'market', ...ask });
      return { symbol, status: 200, body: orderJson(order) };
    });
    return { status: 207, body: lines };
  }

  #activities({ path, query }: Call): readonly unknown[] {
    const types = path.split('/')[4] ?? query.get('activity_types') ?? '';
    const category = query.get('category') ?? '';
    const [after, until] = [query.get('after'), query.get('until')].map((text) =>
      text === null ? undefined : Date.parse(text),
    );
    const rows = this.#rows().filter((row) => {
      const made = Date.parse(String(row['transaction_time'] ?? row['created_at']));
      const isTrade = row['activity_type'] === 'FILL';
      return (
        (types === '' || types.split(',').includes(String(row['activity_type']))) &&
        (category === '' || (category === 'trade_activity') === isTrade) &&
        (after === undefined || made > after) &&
        (until === undefined || made < until) &&
        (!query.has('order_id') || row['order_id'] === query.get('order_id'))
      );
    });
    if (query.get('direction') !== 'asc') rows.reverse();
    const token = query.get('page_token');
    const from = token === null ? 0 : rows.findIndex((row) => compare(row, token, query.get('direction') === 'asc'));
    const size = Math.min(Number(query.get('page_size') ?? MOST_ROWS), MOST_ROWS);
    return from < 0 ? [] : rows.slice(from, from + size);
  }

  #rows(): Readonly<Record<string, unknown>>[] {
    const { executions, rows } = this.exchange.account;
    const isShown = (made: number): boolean => this.recordsLagMs === 0 || made <= this.now() - this.recordsLagMs;
    const seen = executions.filter((one) => one.state === 'valid' && isShown(one.at));
    const all = [
      ...seen.map((one) => fillRecord(one, this.exchange.order(one.orderId))),
      ...rows.map(rowRecord),
      ...this.extraRows,
    ];
    return all.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
  }

  #asset(name: string): Answer {
    const known = this.exchange.symbol(name);
    if (known === undefined) return fault(404, 40410000, `asset not found for ${name}`);
    return ok({
      id: uuid('1', 'a55e7'),
      class: 'us_equity',
      exchange: 'ARCA',
      symbol: known.symbol,
      name: known.name ?? known.symbol,
      status: 'active',
      tradable: known.tradable !== false,
      marginable: true,
      shortable: known.shortable !== false,
      borrow_status: known.shortable === false ? 'hard_to_borrow' : 'easy_to_borrow',
      fractionable: known.fractionable !== false,
    });
  }

  #clock(): object {
    const now = epochMs(this.now() + this.skewMs);
    const session = sessionOf(exchangeDateOf(now));
    const isOpen = session !== undefined && now >= session.opensAt && now < session.closesAt;
    return { timestamp: withOffset(now), is_open: isOpen, next_open: withOffset(now), next_close: withOffset(now) };
  }

  #calendar(query: URLSearchParams): readonly object[] {
    const days: object[] = [];
    const end = query.get('end') ?? '';
    for (let date = parseDateText(query.get('start') ?? ''); date <= end; date = addDays(date, 1)) {
      const session = sessionOf(date);
      if (session === undefined) continue;
      const minutes = (time: EpochMs): number => wallClockOf(time, EXCHANGE_ZONE).minutes;
      const hours = { open: at(minutes(session.opensAt)), close: at(minutes(session.closesAt)) };
      days.push({ date, ...hours, session_open: '0400', session_close: '2000', settlement_date: addDays(date, 1) });
    }
    return days;
  }
}

function compare(row: Readonly<Record<string, unknown>>, token: string, ascending: boolean): boolean {
  return ascending ? String(row['id']) > token : String(row['id']) < token;
}
