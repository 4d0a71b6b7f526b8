import { expect } from '@jest/globals';
import { HARMLESS_CARDS } from '../../../src/app/broker-check/harmless-cards.js';
import { sharesHeld } from '../../../src/app/day/broker-positions.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { BrokerActivity } from '../../../src/ports/account-queries.js';
import type { BrokerFill } from '../../../src/ports/order-entry.js';
import { allActivities, dec, Desk, SALE, verdictOf } from './desk.js';
import type { Card } from './kit.js';

function netOf(fill: BrokerFill): Decimal {
  const dollars = fill.quantity.times(fill.price).rounded(2, 'halfEven');
  return (fill.side === 'buy' ? dollars.negated() : dollars).minus(fill.commission).minus(fill.fee);
}

/** What an answer and the stream must agree on; their evidence differs. */
const factsOf = (update: object): object => ({ ...update, at: 0, filledAt: 0, rawSha256: '', soFar: null });

/** A page has the digest of its own evidence. */
const rowOf = (row: BrokerActivity): object =>
  row.kind === 'fill' ? { ...row, update: factsOf(row.update) } : { ...row, rawSha256: '' };

/** The longest client order id of the journal, in characters. */
const LONGEST_ID = 96;

const harmless: readonly Card[] = HARMLESS_CARDS.map(({ check, ...facts }) => ({
  ...facts,
  run: async ({ broker, symbol, now, dayOff }) => {
    expect(await check({ broker, symbol, now: now(), dayOff })).toBeUndefined();
  },
}));

const orders: readonly Card[] = [
  {
    ...{ id: 'K1', given: 'a connected account', when: 'a market order is sent' },
    ...{ then: 'it is acknowledged, then filled, each execution with its own quantity', source: 'TRD-51, F17' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '25'));
      expect(desk.reported[0]?.kind).toBe('acknowledged');
      expect(desk.filled().text()).toBe(dec('25').text());
      expect(desk.reported.every((update, n) => n === 0 || update.at >= (desk.reported[n - 1]?.at ?? 0))).toBe(true);
    },
  },
  {
    ...{ id: 'K2', given: 'an order that traded', when: 'its reports are looked at' },
    ...{ then: 'each has the digest of its evidence and the one id of the broker', source: 'TRD-60' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '25'));
      expect(desk.reported.every((update) => /^[0-9a-f]{64}$/.test(update.rawSha256))).toBe(true);
      expect(new Set(desk.reported.map((update) => update.brokerOrderId)).size).toBe(1);
    },
  },
  {
    ...{ id: 'K3', given: 'an order that was sent', when: 'it is sent again, then with another quantity' },
    ...{ then: 'it is one order, and the other content is refused', source: 'P2' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await bench.broker.submit(desk.order('k-1', '5'));
      await desk.trade(desk.order('k-1', '5'));
      expect(desk.filled().equals(dec('5'))).toBe(true);
      expect(await verdictOf(bench.broker.submit(desk.order('k-1', '6')))).toBe('refuse DUPLICATE_CLIENT_ORDER_ID');
    },
  },
  {
    ...{ id: 'K4', given: 'an order that traded', when: 'it is asked for by its client id' },
    ...{ then: 'the answer has everything that was reported of it', source: 'TRD-50' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await bench.broker.submit(desk.order('k-1', '5'));
      expect(await desk.find('k-1')).toBeDefined();
      for (let n = 0; n < 6; n += 1) await bench.pass();
      const found = await desk.find('k-1');
      expect([found?.status, found?.filledQuantity.equals(dec('5'))]).toEqual(['filled', true]);
      expect(found?.updates.map(factsOf)).toEqual(desk.of('k-1').map(factsOf));
    },
  },
  {
    ...{ id: 'K5', given: 'trades and transfers', when: 'the cash is read' },
    ...{ then: 'it is the opening cash plus net fills and transfers', source: 'ACC-62' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '40'), desk.order('k-2', '15', SALE));
      await bench.transfer('ref-1', dec('321.09'), 'in');
      await bench.transfer('ref-2', dec('21.09'), 'out');
      await desk.trade(desk.order('k-3', '25', SALE));
      const expected = bench.openingCash.plus(Decimal.sum(desk.fills().map(netOf))).plus(dec('300.00'));
      expect((await bench.broker.account()).cash.shortText(2)).toBe(expected.shortText(2));
    },
  },
  {
    ...{ id: 'K6', given: 'trades', when: 'the positions are read' },
    ...{ then: 'they are the sum of the fills, and none when all is sold', source: 'TRD-63' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '40'), desk.order('k-2', '15', SALE));
      const signed = desk.fills().map((fill) => (fill.side === 'buy' ? fill.quantity : fill.quantity.negated()));
      const [position, ...others] = await bench.broker.positions();
      expect([position?.symbol, others]).toEqual([bench.symbol, []]);
      expect(position?.quantity.equals(Decimal.sum(signed))).toBe(true);
      await desk.trade(desk.order('k-3', '25', SALE));
      expect(await bench.broker.positions()).toEqual([]);
    },
  },
  {
    ...{ id: 'K7', given: 'trades and a deposit', when: 'the records are read in pages of any size' },
    ...{ then: 'they are complete, each once, with the executions that were reported', source: 'P2' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '10'), desk.order('k-2', '4', SALE));
      await bench.transfer('ref-1', dec('5.00'), 'in');
      await desk.trade(desk.order('k-3', '6', SALE));
      const whole = await allActivities(bench.broker, 100);
      for (const size of [1, 2, 3]) {
        expect((await allActivities(bench.broker, size)).map(rowOf)).toEqual(whole.map(rowOf));
      }
      expect(new Set(whole.map((each) => each.activityId)).size).toBe(whole.length);
      const executions = whole.flatMap((each) => (each.kind === 'fill' ? [each.update.executionId] : []));
      expect([...executions].sort()).toEqual(
        desk
          .fills()
          .map((fill) => fill.executionId)
          .sort(),
      );
      expect(whole.filter((each) => each.kind === 'deposit')).toHaveLength(1);
    },
  },
  {
    ...{ id: 'K8', given: 'a resting order', when: 'it is cancelled twice' },
    ...{ then: 'it is open until the cancel, then ended once', source: 'TRD-51' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '5', desk.resting()));
      expect(await desk.statusOf('k-1')).toBe('working');
      expect((await bench.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['k-1']);
      await desk.cancel('k-1');
      await bench.pass();
      expect(desk.reported.at(-1)).toMatchObject({ kind: 'cancelled', clientOrderId: 'k-1' });
      expect(await desk.statusOf('k-1')).toBe('cancelled');
      await desk.cancel('k-1');
      await bench.pass();
      expect(desk.reported.filter((update) => update.kind === 'cancelled')).toHaveLength(1);
      expect(await bench.broker.openOrders()).toEqual([]);
    },
  },
  {
    ...{ id: 'K9', given: '5 shares held', when: '6 are sold' },
    ...{ then: 'the sale is refused and the position stays', source: 'TRD-40' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await desk.trade(desk.order('k-1', '5'));
      const verdict = await verdictOf(desk.trade(desk.order('k-2', '6', SALE)));
      const rejected = desk.of('k-2').some(({ kind }) => kind === 'rejected');
      expect(rejected || verdict.startsWith('refuse ')).toBe(true);
      expect((await bench.broker.positions())[0]?.quantity.equals(dec('5'))).toBe(true);
    },
  },
  {
    ...{ id: 'K10', given: 'no connection', when: 'an order is sent' },
    ...{ then: 'nothing leaves, and it may be sent later', source: 'F1' },
    run: async (bench) => {
      const desk = new Desk(bench);
      await bench.broker.disconnect();
      expect(await verdictOf(bench.broker.submit(desk.order('k-1', '5')))).toMatch(/^retry /);
      await bench.broker.connect();
      expect(await desk.find('k-1')).toBeUndefined();
    },
  },
  {
    ...{ id: 'K11', given: 'shares in one symbol', when: 'the shares of that symbol and of another are asked for' },
    ...{
      then: 'they are those of the list, and nothing is held of the other; without a connection it is not known',
      source: 'TRD-64',
    },
    run: async (bench) => {
      const desk = new Desk(bench);
      const held = async (): Promise<string> => (await sharesHeld(bench.broker, bench.symbol)).shortText();
      expect(await held()).toBe('0');
      await desk.trade(desk.order('k-1', '40'), desk.order('k-2', '15', SALE));
      expect(await held()).toBe((await bench.broker.positions())[0]?.quantity.shortText());
      expect((await sharesHeld(bench.broker, parseSymbol('OTHER'))).isZero()).toBe(true);
      await desk.trade(desk.order('k-3', '25', SALE));
      expect(await held()).toBe('0');
      await bench.broker.disconnect();
      expect(await verdictOf(sharesHeld(bench.broker, bench.symbol))).toMatch(/^retry /);
    },
  },
  {
    ...{ id: 'K12', given: 'an order id of as many characters as the adapter allows', when: 'the order is sent' },
    ...{ then: 'the broker takes it, also spelled for the wire, and finds it by that id', source: 'TRD-50; own' },
    run: async (bench) => {
      const desk = new Desk(bench);
      const id = `B${'_-'.repeat(LONGEST_ID)}`.slice(0, Math.min(LONGEST_ID, bench.broker.capabilities.clientIdLength));
      await desk.trade(desk.order(id, '5'));
      expect(desk.filled().equals(dec('5'))).toBe(true);
      expect((await desk.find(id))?.clientOrderId).toBe(id);
    },
  },
];

/** Cards that hold for every adapter, the simulator too. */
export const CONTRACT_CARDS: readonly Card[] = [...harmless, ...orders];
