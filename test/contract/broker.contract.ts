import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseClientOrderId, type TickerSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import type { BrokerActivity } from '../../src/ports/account-queries.js';
import type { Broker } from '../../src/ports/broker.js';
import type { BrokerFill, BrokerUpdate, OrderRequest } from '../../src/ports/order-entry.js';

/** A broker and the controls of its world that a test needs. */
export interface BrokerWorld {
  readonly broker: Broker;
  /** Tradable in whole shares and fractions, liquid, quoted near `near` dollars. */
  readonly symbol: TickerSymbol;
  readonly near: Decimal;
  readonly openingCash: Decimal;
  /** Lets some market time pass: everything due happens, and every update is reported. */
  pass(): Promise<void>;
  /** A person moves cash in or out, outside of the bot. */
  transfer(reference: string, amount: Decimal, direction: 'in' | 'out'): Promise<void>;
  finish(): Promise<void>;
}

const dec = (text: string): Decimal => Decimal.parse(text);

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'resolved',
    (error: unknown) => (error instanceof TradeBotError ? `${error.callerMust} ${error.code}` : 'not one of ours'),
  );
}

function netOf(fill: BrokerFill): Decimal {
  const dollars = fill.quantity.times(fill.price).rounded(2, 'halfEven');
  return (fill.side === 'buy' ? dollars.negated() : dollars).minus(fill.commission).minus(fill.fee);
}

/** All records of the account, read in pages of `size`. */
async function allActivities(broker: Broker, size: number): Promise<readonly BrokerActivity[]> {
  const all: BrokerActivity[] = [];
  for (let page = await broker.activities(null, size); page.length > 0;) {
    all.push(...page);
    page = await broker.activities(all.at(-1)?.activityId ?? null, size);
  }
  return all;
}

/** The contract of every adapter of the port (TRD-60); `make` gives a new account with an open market. */
export function brokerContract(name: string, make: () => Promise<BrokerWorld>): void {
  describe(`broker contract: ${name}`, () => {
    let world: BrokerWorld;
    let reported: BrokerUpdate[];
    beforeEach(async () => {
      world = await make();
      reported = [];
      world.broker.orderUpdates$.subscribe((update) => reported.push(update));
    });
    afterEach(() => world.finish());

    const order = (id: string, quantity: string, more: Partial<OrderRequest> = {}): OrderRequest => ({
      clientOrderId: parseClientOrderId(id),
      symbol: world.symbol,
      side: 'buy',
      positionEffect: 'open_long',
      quantity: dec(quantity),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      ...more,
    });
    const sale = { side: 'sell', positionEffect: 'close_long' } as const;
    const resting = (): Partial<OrderRequest> => ({
      orderType: 'limit',
      limitPrice: world.near.divide(dec('2'), { scale: 2, round: 'down' }),
    });
    const fills = (): readonly (BrokerUpdate & BrokerFill)[] =>
      reported.filter((update): update is BrokerUpdate & BrokerFill => update.kind === 'filled');
    const trade = async (...orders: readonly OrderRequest[]): Promise<void> => {
      for (const each of orders) {
        await world.broker.submit(each);
        for (let n = 0; n < 5; n += 1) await world.pass();
      }
    };

    const statusOf = async (id: string): Promise<string | undefined> =>
      (await world.broker.orderByClientId(parseClientOrderId(id)))?.status;

    test('the broker passes its self-check and knows its assets', async () => {
      expect((await world.broker.selfCheck()).filter((check) => !check.ok)).toEqual([]);
      expect((await world.broker.asset(world.symbol))?.tradable).toBe(true);
      expect((await world.broker.account()).cash.text()).toBe(world.openingCash.rounded(2, 'down').text());
    });

    test('an order is acknowledged, then filled; each execution is reported once with its own quantity', async () => {
      await trade(order('k-1', '25'));
      expect(reported[0]?.kind).toBe('acknowledged');
      expect(new Set(fills().map((fill) => fill.executionId)).size).toBe(fills().length);
      expect(Decimal.sum(fills().map((fill) => fill.quantity)).equals(dec('25'))).toBe(true);
      expect(reported.every((update, n) => n === 0 || update.at >= (reported[n - 1]?.at ?? 0))).toBe(true);
    });

    test('every update carries its evidence digest and the broker order id', async () => {
      await trade(order('k-1', '25'));
      expect(reported.every((update) => /^[0-9a-f]{64}$/.test(update.rawSha256))).toBe(true);
      expect(new Set(reported.map((update) => update.brokerOrderId)).size).toBe(1);
    });

    test('a repeated submit is one order; different content under the same id is refused', async () => {
      await world.broker.submit(order('k-1', '5'));
      await trade(order('k-1', '5'));
      expect(Decimal.sum(fills().map((fill) => fill.quantity)).equals(dec('5'))).toBe(true);
      expect(await refusal(world.broker.submit(order('k-1', '6')))).toBe('refuse DUPLICATE_CLIENT_ORDER_ID');
    });

    test('an order is found by its client id, with everything reported about it', async () => {
      expect(await world.broker.orderByClientId(parseClientOrderId('nobody'))).toBeUndefined();
      await world.broker.submit(order('k-1', '5'));
      expect(await world.broker.orderByClientId(parseClientOrderId('k-1'))).toBeDefined();
      await trade();
      await world.pass();
      const found = await world.broker.orderByClientId(parseClientOrderId('k-1'));
      expect(found?.status).toBe('filled');
      expect(found?.updates).toEqual(reported);
      expect(found?.filledQuantity.equals(dec('5'))).toBe(true);
    });

    test('cash equals opening cash plus net fills and transfers', async () => {
      await trade(order('k-1', '40'), order('k-2', '15', sale));
      await world.transfer('ref-1', dec('321.09'), 'in');
      await world.transfer('ref-2', dec('21.09'), 'out');
      await trade(order('k-3', '25', sale));
      const expected = world.openingCash.plus(Decimal.sum(fills().map(netOf))).plus(dec('300.00'));
      expect((await world.broker.account()).cash.equals(expected)).toBe(true);
    });

    test('positions equal the sum of the fills', async () => {
      await trade(order('k-1', '40'), order('k-2', '15', sale));
      const signed = fills().map((fill) => (fill.side === 'buy' ? fill.quantity : fill.quantity.negated()));
      const [position, ...others] = await world.broker.positions();
      expect(others).toEqual([]);
      expect(position?.symbol).toBe(world.symbol);
      expect(position?.quantity.equals(Decimal.sum(signed))).toBe(true);
      await trade(order('k-3', '25', sale));
      expect(await world.broker.positions()).toEqual([]);
    });

    test('activities are complete and without duplicates for any page size', async () => {
      await trade(order('k-1', '10'), order('k-2', '4', sale));
      await world.transfer('ref-1', dec('5.00'), 'in');
      await trade(order('k-3', '6', sale));
      const whole = await allActivities(world.broker, 1_000);
      for (const size of [1, 2, 3]) expect(await allActivities(world.broker, size)).toEqual(whole);
      expect(new Set(whole.map((each) => each.activityId)).size).toBe(whole.length);
      const executions = whole.flatMap((each) => (each.kind === 'fill' ? [each.update.executionId] : []));
      expect([...executions].sort()).toEqual(
        fills()
          .map((fill) => fill.executionId)
          .sort(),
      );
      expect(whole.filter((each) => each.kind === 'deposit')).toMatchObject([{ reference: 'ref-1' }]);
    });

    test('a resting order is open until it is cancelled, then done', async () => {
      await trade(order('k-1', '5', resting()));
      expect(await statusOf('k-1')).toBe('working');
      await world.broker.cancel(parseClientOrderId('k-1'));
      await world.pass();
      expect(reported.at(-1)).toMatchObject({ kind: 'cancelled', clientOrderId: 'k-1' });
      expect(await statusOf('k-1')).toBe('cancelled');
      await world.broker.cancel(parseClientOrderId('k-1'));
      await world.pass();
      expect(reported.filter((update) => update.kind === 'cancelled')).toHaveLength(1);
    });

    test('a sale of more shares than held is refused', async () => {
      await trade(order('k-1', '5'), order('k-2', '6', sale));
      expect(reported.at(-1)).toMatchObject({ kind: 'rejected', clientOrderId: 'k-2' });
      expect((await world.broker.positions())[0]?.quantity.equals(dec('5'))).toBe(true);
    });

    test('nothing is sent without a connection', async () => {
      await world.broker.disconnect();
      expect(await refusal(world.broker.submit(order('k-1', '5')))).toMatch(/^retry /);
      await world.broker.connect();
      expect(await world.broker.orderByClientId(parseClientOrderId('k-1'))).toBeUndefined();
    });
  });
}
