import { parseClientOrderId, parseSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { SECOND_MS } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import type { Broker } from '../../ports/broker.js';
import type { HarmlessCard } from './card.js';

/** An id that no bot gives: its number is above any of a session. */
const NOBODY = parseClientOrderId('tradebot-check-no-such-order');
/** A symbol of the right shape that no exchange lists. */
const UNLISTED = parseSymbol('ZZZZZQ9');
const MOST_SKEW_MS = 5 * SECOND_MS;
/** Rows read at most: an old account has years of them. */
const MOST_PAGES = 4;
const DIGEST = /^[0-9a-f]{64}$/;

const failed = (holds: boolean, reason: string): string | undefined => (holds ? undefined : reason);

async function firstRows(broker: Broker, size: number): Promise<readonly BrokerActivity[]> {
  const rows: BrokerActivity[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const more = await broker.activities(rows.at(-1)?.activityId ?? null, size, 'cash');
    rows.push(...more);
    if (more.length < size) break;
  }
  return rows;
}

/** The cards of every broker that read only, in order. */
export const HARMLESS_CARDS: readonly HarmlessCard[] = [
  {
    ...{ id: 'C1', given: 'an account that may trade', when: 'the broker checks itself' },
    ...{ then: 'every check passes', source: 'TRD-60' },
    check: async ({ broker }) => {
      const faults = (await broker.selfCheck()).filter(({ ok }) => !ok);
      return failed(
        faults.length === 0,
        faults.map(({ name, cause, remedy }) => `${name}: ${cause} ${remedy}`).join('; '),
      );
    },
  },
  {
    ...{ id: 'C2', given: 'an account', when: 'its cash is read twice' },
    ...{ then: 'it has an id, and its figures are exact decimals', source: 'TRD-60, P8' },
    check: async ({ broker }) => {
      const [one, two] = [await broker.account(), await broker.account()];
      const exact = [one.cash, one.equity, one.buyingPower].every((figure: unknown) => figure instanceof Decimal);
      return failed(exact && one.accountId !== '' && one.accountId === two.accountId, `it answered ${one.accountId}`);
    },
  },
  {
    ...{ id: 'C3', given: 'an account', when: 'its positions are read' },
    ...{ then: 'each symbol is there once, none with zero shares', source: 'TRD-64' },
    check: async ({ broker }) => {
      const symbols = (await broker.positions()).map(({ symbol, quantity }) => (quantity.isZero() ? '' : symbol));
      return failed(
        new Set(symbols).size === symbols.length && !symbols.some((symbol) => symbol === ''),
        symbols.join(', '),
      );
    },
  },
  {
    ...{ id: 'C4', given: 'an account', when: 'its open orders are read' },
    ...{ then: 'each is there once, and none has more filled than ordered', source: 'TRD-63' },
    check: async ({ broker }) => {
      const orders = await broker.openOrders();
      const ids = new Set(orders.map(({ brokerOrderId }) => brokerOrderId));
      const over = orders.filter(({ quantity, filledQuantity }) => quantity !== null && filledQuantity.gt(quantity));
      return failed(ids.size === orders.length && over.length === 0, `${orders.length} orders, ${over.length} above`);
    },
  },
  {
    ...{ id: 'C5', given: 'an id that no order has', when: 'it is asked for' },
    ...{ then: 'the answer is that there is none, not a fault', source: 'TRD-50' },
    check: async ({ broker }) => failed((await broker.orderByClientId(NOBODY)) === undefined, 'it found an order'),
  },
  {
    ...{ id: 'C6', given: 'a liquid symbol', when: 'it is asked for' },
    ...{ then: 'it may be traded, from a positive quantity on', source: 'TRD-13' },
    check: async ({ broker, symbol }) => {
      const asset = await broker.asset(symbol);
      return failed(asset?.tradable === true && asset.minQuantity.sign() > 0, `${symbol} cannot be traded`);
    },
  },
  {
    ...{ id: 'C7', given: 'a symbol that no exchange lists', when: 'it is asked for' },
    ...{ then: 'it is unknown or not tradable, not a fault', source: 'TRD-13' },
    check: async ({ broker }) => failed((await broker.asset(UNLISTED))?.tradable !== true, 'it can be traded'),
  },
  {
    ...{ id: 'C8', given: 'the clock of this machine', when: 'the broker is asked for its time' },
    ...{ then: 'they are at most 5 s apart', source: 'TRD-43' },
    check: async ({ broker, now }) => {
      const apart = Math.abs((await broker.clock()) - now);
      return failed(apart <= MOST_SKEW_MS, `they are ${Math.round(apart / SECOND_MS)} s apart`);
    },
  },
  {
    ...{ id: 'C9', given: 'a Saturday', when: 'the calendar of the broker is asked' },
    ...{ then: 'the exchange is closed', source: 'RUN-27' },
    check: async ({ broker, dayOff }) => {
      const day = await broker.calendar?.(dayOff);
      return failed(day === undefined || day.kind === 'closed', 'it is open');
    },
  },
  {
    ...{ id: 'C10', given: 'records of money', when: 'they are read in pages of 100 and of 3' },
    ...{ then: 'both give the same rows, each once, each with its evidence', source: 'TRD-60, P2' },
    check: async ({ broker }) => {
      const [few, many] = [await firstRows(broker, 3), await firstRows(broker, 100)];
      const ids = many.map(({ activityId }) => activityId);
      const same = few.every(({ activityId }, n) => activityId === ids[n]);
      const proven = many.every((row) => row.kind === 'fill' || DIGEST.test(row.rawSha256));
      return failed(same && proven && new Set(ids).size === ids.length, `${few.length} and ${ids.length} rows`);
    },
  },
  {
    ...{ id: 'C11', given: 'what the adapter says it can do', when: 'it is compared with its calls' },
    ...{ then: 'each call is there exactly when the capability is', source: 'TRD-60' },
    check: ({ broker }) => {
      const { bulkCancel, closeAll, replace } = broker.capabilities;
      const has = (['cancelAll', 'closeAll', 'replace'] as const).map((name) => broker[name] !== undefined);
      const says = [bulkCancel, closeAll, replace !== 'none'];
      return Promise.resolve(failed(has.join() === says.join(), `it has ${has.join()}, and says ${says.join()}`));
    },
  },
];
