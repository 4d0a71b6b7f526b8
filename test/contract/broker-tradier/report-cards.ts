import { expect } from '@jest/globals';
import { Decimal } from '../../../src/kernel/decimal.js';
import { DAY_MS } from '../../../src/kernel/time.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import type { TradierBench } from './bench.js';
import type { TradierCard } from './order-cards.js';

const kinds = (bench: TradierBench, id: string): string[] => bench.desk.of(id).map(({ kind }) => kind);
const priced = (bench: TradierBench, id: string): string[] =>
  bench.desk.fills(id).map(({ quantity, price }) => `${quantity.text()} @ ${price.shortText(2)}`);

async function fill(bench: TradierBench, id: string, quantity: string, price: string): Promise<void> {
  bench.emulator.exchange.fill(bench.venue(id).id, dec(quantity), dec(price));
  await bench.broker.openOrders();
}

/** Reports: made of what the answers show, once, in whatever order and spelling. */
export const REPORT_CARDS: readonly TradierCard[] = [
  {
    ...{ id: 'T18', given: 'an order that fills in three parts at three prices', when: 'each shows as a growth' },
    ...{
      then: 'each is a fill with its own price, and their value is that of the exchange',
      source: 'own: no execution ids',
    },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '100'));
      for (const [quantity, price] of [
        ['33', '100.01'],
        ['33', '100.02'],
        ['34', '100.05'],
      ] as const) {
        await fill(bench, 'a', quantity, price);
      }
      expect(priced(bench, 'a')).toEqual(['33 @ 100.01', '33 @ 100.02', '34 @ 100.05']);
      const [last] = bench.desk.fills('a').slice(-1);
      expect(last?.executionId).toBe(`${last?.brokerOrderId ?? ''}-100`);
    },
  },
  {
    ...{ id: 'T19', given: 'averages that are rounded to the cent', when: 'a part fills by itself' },
    ...{
      then: 'the price of the last fill counts, to the cent of its value',
      source: 'own: last_fill_price covers the latest',
    },
    run: async (bench) => {
      bench.emulator.orders.averageScale = 2;
      await bench.broker.submit(bench.desk.order('a', '900'));
      await fill(bench, 'a', '1', '100.01');
      await fill(bench, 'a', '899', '100.06');
      expect(priced(bench, 'a')).toEqual(['1 @ 100.01', '899 @ 100.06']);
    },
  },
  {
    ...{ id: 'T20', given: 'two executions between two looks', when: 'they show as one growth' },
    ...{ then: 'its price follows from the averages, not from the last fill', source: 'own' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '40'));
      const { exchange, orders } = bench.emulator;
      const { id } = bench.venue('a');
      orders.lateFills.add(id);
      exchange.fill(id, dec('10'), dec('100.00'));
      exchange.fill(id, dec('30'), dec('100.04'));
      orders.lateFills.clear();
      await bench.broker.openOrders();
      expect(priced(bench, 'a')).toEqual(['40 @ 100.03']);
    },
  },
  {
    ...{ id: 'T21', given: 'a fill that shows after the cancel', when: 'it shows' },
    ...{ then: 'it is reported after the end, once', source: 'own; F5' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      await bench.broker.openOrders();
      await bench.desk.cancel('a');
      await bench.broker.openOrders();
      bench.move(1_000);
      await fill(bench, 'a', '4', '50.00');
      await bench.broker.openOrders();
      expect(kinds(bench, 'a')).toEqual(['acknowledged', 'cancelled', 'filled']);
    },
  },
  {
    ...{ id: 'T22', given: 'lists that are older than the one before', when: 'they are read' },
    ...{ then: 'nothing is taken back and nothing is reported twice', source: 'own; F2' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10'));
      await fill(bench, 'a', '4', '100.00');
      await fill(bench, 'a', '6', '100.00');
      bench.emulator.faults.next('stale', 'GET /orders', 3);
      for (let n = 0; n < 5; n += 1) await bench.broker.openOrders();
      expect(kinds(bench, 'a')).toEqual(['acknowledged', 'filled', 'filled']);
      expect((await bench.desk.find('a'))?.status).toBe('filled');
    },
  },
  {
    ...{ id: 'T4', given: 'an order of an earlier process', when: 'it is found closed with a part filled' },
    ...{ then: 'the fill comes before the final state', source: 'Lean.Brokerages.Tradier#53' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      const { exchange } = bench.emulator;
      exchange.fill(bench.venue('a').id, dec('4'), dec('50.00'));
      exchange.cancel(bench.venue('a').id);
      await bench.restart();
      const found = await bench.desk.find('a');
      expect(found?.updates.map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'cancelled']);
      expect(found?.updates[2]).toMatchObject({ filledQuantity: dec('4') });
    },
  },
  {
    ...{ id: 'T23', given: 'two names for the filled quantity, and figures as texts', when: 'an order is read' },
    ...{ then: 'both are understood', source: 'vendor documentation: two pages differ' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10'));
      const row = { ...{ id: '228001', class: 'equity', symbol: 'SPY', side: 'buy', quantity: '10', tag: 'a' } };
      const order = {
        ...row,
        status: 'partially_filled',
        executed_quantity: '4',
        avg_fill_price: '100.5',
        type: 'market',
      };
      const body = JSON.stringify({ orders: { order } });
      bench.emulator.answers.set(
        'GET /orders',
        Array.from({ length: 3 }, () => ({ status: 200, body, type: 'application/json' })),
      );
      await bench.until('the fill is reported', async () => {
        await bench.broker.openOrders();
        return bench.desk.filled('a').equals(dec('4'));
      });
      expect(priced(bench, 'a')).toEqual(['4 @ 100.50']);
    },
  },
  {
    ...{ id: 'T24', given: 'a status word and fields that nobody knows', when: 'orders are read' },
    ...{ then: 'the order is open, and the read does not fail', source: 'own' },
    run: async (bench) => {
      bench.emulator.faults.unknownFields = true;
      await bench.broker.submit(bench.desk.order('a', '10'));
      bench.emulator.orders.statusWords.set(bench.venue('a').id, 'zz_status');
      expect((await bench.broker.openOrders()).map(({ clientOrderId, state }) => `${clientOrderId} ${state}`)).toEqual([
        'a working',
      ]);
      expect(await bench.desk.statusOf('a')).toBe('working');
    },
  },
  {
    ...{ id: 'T25', given: 'an open order that the list does not have for a while', when: 'open orders are read' },
    ...{ then: 'its own address shows it, and it is still open', source: 'own: a list read once is no proof' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      await bench.broker.openOrders();
      bench.emulator.orders.hidden.set(bench.venue('a').id, 1_000);
      expect((await bench.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['a']);
      expect(await bench.desk.statusOf('a')).toBe('working');
      expect(kinds(bench, 'a')).toEqual(['acknowledged']);
    },
  },
  {
    ...{ id: 'T26', given: 'an order that has ended', when: 'it is cancelled' },
    ...{
      then: 'the plain text of HTTP 400 ends the cancel, and the fill counts',
      source: 'vendor documentation; Lean: finalized state',
    },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10'));
      await bench.broker.openOrders();
      bench.emulator.exchange.fill(bench.venue('a').id);
      await bench.desk.cancel('a');
      await bench.broker.openOrders();
      expect(kinds(bench, 'a')).toEqual(['acknowledged', 'filled']);
    },
  },
  {
    ...{ id: 'TX2', given: 'an order of yesterday that the broker has purged', when: 'it is cancelled and asked for' },
    ...{
      then: 'it is unknown, without a fatal error, and the token is still good',
      source: 'Lean.Brokerages.TradeStation#89, #91',
    },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      await bench.broker.openOrders();
      bench.emulator.exchange.cancel(bench.venue('a').id);
      await bench.restart();
      bench.move(DAY_MS);
      await bench.restart();
      expect(await verdictOf(bench.desk.cancel('a'))).toBe('refuse UNKNOWN_ORDER');
      expect(await bench.desk.find('a')).toBeUndefined();
      expect(bench.states.at(-1)?.state).toBe('connected');
    },
  },
  {
    ...{
      id: 'T27',
      given: 'an order for the day that was open when the day ended',
      when: 'the next day has it nowhere',
    },
    ...{ then: 'it has expired with what was filled', source: 'own' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      await fill(bench, 'a', '3', '50.00');
      const { id } = bench.venue('a');
      bench.emulator.orders.unknown.add(id);
      bench.emulator.orders.hidden.set(id, 1_000);
      bench.move(DAY_MS);
      await bench.until('it has expired', () => kinds(bench, 'a').includes('expired'));
      expect(bench.desk.of('a').at(-1)).toMatchObject({ kind: 'expired', filledQuantity: dec('3') });
    },
  },
  {
    ...{ id: 'T28', given: 'a resting order', when: 'its price changes' },
    ...{
      then: 'it keeps its id; another quantity is refused without a call',
      source: 'vendor documentation: change order',
    },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10', bench.desk.resting()));
      await bench.broker.openOrders();
      const change = {
        newClientOrderId: bench.desk.order('a2', '1').clientOrderId,
        limitPrice: dec('60.00'),
        stopPrice: null,
      };
      const { clientOrderId } = bench.desk.order('a', '10');
      await bench.broker.replace(clientOrderId, { ...change, quantity: dec('10') });
      expect([bench.venue('a').limitPrice?.text(), bench.emulator.exchange.orders.size]).toEqual(['60.00', 1]);
      const more = bench.broker.replace(clientOrderId, { ...change, quantity: dec('11') });
      expect(await verdictOf(more)).toBe('refuse REPLACE_QUANTITY_FIXED');
      expect(bench.emulator.seen('PUT /orders')).toHaveLength(1);
    },
  },
  {
    ...{ id: 'T3', given: 'an order placed by hand on the website', when: 'it trades' },
    ...{
      then: 'it is shown as one of others, moves the position, and is in the records',
      source: 'Lean.Brokerages.Tradier#50, #53',
    },
    run: async (bench) => {
      const { exchange } = bench.emulator;
      const ask = { symbol: 'SPY', side: 'buy', quantity: dec('7'), notional: null, type: 'limit' } as const;
      const order = exchange.placeByHand({ ...ask, limitPrice: dec('90'), stopPrice: null, timeInForce: 'day' });
      const [shown] = await bench.broker.openOrders();
      expect(shown).toMatchObject({ clientOrderId: null, symbol: 'SPY', side: 'buy', state: 'working' });
      exchange.fill(order.id);
      expect((await bench.broker.positions())[0]?.quantity.text()).toBe('7');
      const [record] = await bench.broker.activities(null, 10);
      expect(record).toMatchObject({ kind: 'fill', update: { quantity: dec('7') } });
      expect(bench.desk.reported).toEqual([]);
    },
  },
  {
    ...{ id: 'T29', given: 'an order of several legs', when: 'open orders are read' },
    ...{ then: 'each leg is shown, and nothing fails', source: 'Lean.Brokerages.Tradier#53' },
    run: async (bench) => {
      const leg = (option: string, side: string): object => ({
        id: 9,
        class: 'option',
        option_symbol: option,
        side,
        quantity: 1,
      });
      bench.emulator.orders.strangers.push({
        ...{ id: 99, type: 'debit', symbol: 'SPY', status: 'open', class: 'multileg', num_legs: 2, quantity: 1 },
        leg: [leg('SPY260116C00100000', 'buy_to_open'), leg('SPY260116C00110000', 'sell_to_open')],
      });
      const shown = (await bench.broker.openOrders()).map(({ symbol, side }) => `${side} ${symbol}`);
      expect(shown).toEqual(['buy SPY260116C00100000', 'sell SPY260116C00110000']);
    },
  },
  {
    ...{ id: 'T30', given: 'two orders with one tag, which the broker does not refuse', when: 'both trade' },
    ...{
      then: 'the fills of both are reported, each under its own id of the broker',
      source: 'vendor documentation: tags are not unique',
    },
    run: async (bench) => {
      const { exchange } = bench.emulator;
      await bench.broker.submit(bench.desk.order('a', '5'));
      const second = exchange.place({ ...bench.venue('a').ask });
      for (const one of exchange.openOrders()) exchange.fill(one.id, dec('5'), dec('100'));
      await bench.broker.openOrders();
      const fills = bench.desk.fills('a');
      expect(Decimal.sum(fills.map(({ quantity }) => quantity)).text()).toBe('10');
      expect(new Set(fills.map(({ brokerOrderId }) => brokerOrderId)).size).toBe(2);
      expect(second.state).toBe('filled');
    },
  },
  {
    ...{ id: 'T31', given: 'a class of shares', when: 'it is bought and sold' },
    ...{ then: 'the broker gets its spelling, and we read ours', source: 'own' },
    run: async (bench) => {
      const symbol = 'BRK.B' as typeof bench.symbol;
      bench.emulator.exchange.autoTrade(1);
      await bench.desk.trade(bench.desk.order('a', '1', { symbol }));
      expect(bench.desk.fills('a')[0]?.symbol).toBe('BRK.B');
      expect((await bench.broker.positions())[0]?.symbol).toBe('BRK.B');
      await bench.desk.trade(bench.desk.order('b', '1', { ...SALE, symbol }));
      expect(await bench.broker.positions()).toEqual([]);
      expect(bench.emulator.seen('POST /orders')[0]?.form['symbol']).toBe('BRK/B');
    },
  },
];
