import { expect } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import type { RequestFault } from '../../emulators/exchange/fault-plan.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import { KillDesk } from '../broker-kit/kill-desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { TradierBench } from './bench.js';

export type TradierCard = Card<TradierBench>;

const posts = (bench: TradierBench): number => bench.emulator.seen('POST /orders').length;
const find = async (bench: TradierBench, id: string): Promise<string> => verdictOf(bench.desk.find(id));

/** Faults after which a POST has no readable answer; whether the broker has carried it out. */
const UNANSWERED: readonly (readonly [RequestFault, boolean])[] = [
  ['lose_request', false],
  ['lose_answer', true],
  ['silent', true],
  ['html', true],
  ['garbage', true],
  ['server_error', false],
];

/** Placing orders: once, whatever happens to the answer. */
export const PLACING_CARDS: readonly TradierCard[] = [
  {
    ...{ id: 'TX1', given: 'any fault of the transport', when: 'an order is placed' },
    ...{ then: 'its outcome is unknown, it was posted once, and the list shows what became of it' },
    source: 'bennycode/trading-signals#1178; yubing744/trading-gpt#94',
    run: async (bench) => {
      for (const [fault, isCarriedOut] of UNANSWERED) {
        const before = posts(bench);
        const id = `x1-${fault}`;
        bench.emulator.faults.next(fault, 'POST /orders');
        expect(await verdictOf(bench.broker.submit(bench.desk.order(id, '1')))).toMatch(/^reconcile /);
        expect(await verdictOf(bench.broker.submit(bench.desk.order(id, '1')))).toMatch(/^reconcile |^resolved$/);
        expect([fault, posts(bench) - before]).toEqual([fault, 1]);
        expect([fault, (await bench.desk.find(id)) !== undefined]).toEqual([fault, isCarriedOut]);
        bench.move(1_000);
      }
    },
  },
  {
    ...{
      id: 'T1',
      given: 'HTTP 500 with the fault "Datastore Error"',
      when: 'positions are read and an order is placed',
    },
    ...{ then: 'the read is asked again, the order is unresolved', source: 'Lean.Brokerages.Tradier#52' },
    run: async (bench) => {
      bench.emulator.faults.next('server_error', 'GET /positions');
      expect(await bench.broker.positions()).toEqual([]);
      expect(bench.emulator.seen('GET /positions')).toHaveLength(2);
      bench.emulator.faults.next('server_error', 'POST /orders');
      expect(await verdictOf(bench.broker.submit(bench.desk.order('a', '1')))).toBe('reconcile BROKER_UNAVAILABLE');
    },
  },
  {
    ...{
      id: 'T6',
      given: 'a sale that filled at once and shows nowhere for a while',
      when: 'it is asked for and sent again',
    },
    ...{ then: 'it is not sold twice, and the fill is reported when it shows', source: 'Lean.Brokerages.Tradier#25' },
    run: async (bench) => {
      await bench.desk.trade(bench.desk.order('a', '10'));
      const { orders, exchange } = bench.emulator;
      const stop = exchange.on(({ kind, order }) => {
        if (kind === 'received') orders.hidden.set(order.id, 1_000);
        if (kind === 'received') orders.unknown.add(order.id);
      });
      await bench.broker.submit(bench.desk.order('b', '10', SALE));
      stop();
      expect(bench.venue('b').state).toBe('filled');
      expect(await find(bench, 'b')).toBe('retry ORDER_NOT_SHOWN_YET');
      await bench.broker.submit(bench.desk.order('b', '10', SALE));
      expect(posts(bench)).toBe(2);
      orders.hidden.clear();
      orders.unknown.clear();
      await bench.until('the fill is reported', () => bench.desk.filled('b').equals(dec('10')));
    },
  },
  {
    ...{
      id: 'T9',
      given: 'an answer that is lost, and lists that show the order late',
      when: 'the order is asked for',
    },
    ...{ then: 'one look is no proof of absence: it is found', source: 'own' },
    run: async (bench) => {
      const { orders, exchange, faults } = bench.emulator;
      exchange.on(({ kind, order }) => {
        if (kind === 'received') orders.hidden.set(order.id, 2);
      });
      faults.next('lose_answer', 'POST /orders');
      expect(await verdictOf(bench.broker.submit(bench.desk.order('a', '5')))).toBe('reconcile NO_ANSWER');
      expect((await bench.desk.find('a'))?.clientOrderId).toBe('a');
      expect(exchange.orders.size).toBe(1);
    },
  },
  {
    ...{ id: 'T10', given: 'an order that was lost on its way', when: 'several looks have not shown it' },
    ...{ then: 'it is absent, and may be placed again, once', source: 'own' },
    run: async (bench) => {
      bench.emulator.faults.next('lose_request', 'POST /orders');
      // the proof counts from the end of the send, which a busy machine hands to this test later
      const sentAt = performance.now();
      expect(await verdictOf(bench.broker.submit(bench.desk.order('a', '5')))).toBe('reconcile NO_ANSWER');
      const lists = bench.emulator.seen('GET /orders').length;
      expect(await bench.desk.find('a')).toBeUndefined();
      // the proof of absence takes its time, as the broker says
      expect(performance.now() - sentAt).toBeGreaterThanOrEqual(bench.broker.capabilities.absenceProofMs ?? Infinity);
      expect(bench.emulator.seen('GET /orders').length - lists).toBeGreaterThanOrEqual(3);
      await bench.desk.trade(bench.desk.order('a', '5'));
      expect([bench.emulator.exchange.orders.size, bench.desk.filled('a').text()]).toEqual([1, '5']);
    },
  },
  {
    ...{ id: 'T11', given: 'an order that was reported as absent', when: 'it shows after all' },
    ...{ then: 'it is cancelled at once, and what it traded is reported', source: 'own' },
    run: async (bench) => {
      bench.emulator.faults.next('lose_request', 'POST /orders');
      await verdictOf(bench.broker.submit(bench.desk.order('a', '5', bench.desk.resting())));
      expect(await bench.desk.find('a')).toBeUndefined();
      const { exchange } = bench.emulator;
      const rest = { notional: null, stopPrice: null, timeInForce: 'day', extra: { side: 'buy' } };
      const late = exchange.place({
        ...{ clientId: 'a', symbol: 'SPY', side: 'buy', quantity: dec('5'), type: 'limit', limitPrice: dec('50') },
        ...rest,
      });
      exchange.fill(late.id, dec('2'), dec('50'));
      await bench.until('the late order is cancelled', () => late.state === 'cancelled');
      await bench.until('its fill is reported', () => bench.desk.filled('a').equals(dec('2')));
    },
  },
  {
    ...{ id: 'T12', given: 'an order that was placed again after it was absent', when: 'the first one shows too' },
    ...{ then: 'one live order remains, and the fills of both count', source: 'nautilus_trader#4564' },
    run: async (bench) => {
      const { exchange, faults } = bench.emulator;
      const resting = bench.desk.order('a', '5', bench.desk.resting());
      faults.next('lose_request', 'POST /orders');
      await verdictOf(bench.broker.submit(resting));
      expect(await bench.desk.find('a')).toBeUndefined();
      await bench.broker.submit(resting);
      const second = bench.venue('a');
      const first = exchange.place({ ...second.ask });
      exchange.fill(first.id, dec('1'), dec('50'));
      await bench.until('the first one is cancelled', () => first.state === 'cancelled');
      expect(second.state).toBe('open');
      exchange.fill(second.id, dec('5'), dec('50'));
      await bench.until('all fills are reported', () => bench.desk.filled('a').equals(dec('6')));
      expect((await bench.desk.find('a'))?.filledQuantity.text()).toBe('6');
    },
  },
  {
    ...{
      id: 'T13',
      given: 'an id with underscores and dashes, of the greatest length',
      when: 'it is placed, and the process restarts',
    },
    ...{ then: 'the broker takes its tag, and the id is read back', source: 'vendor documentation: tag' },
    run: async (bench) => {
      const id = `DEMO_US_TRADIER_B01-20260106-${'_'.repeat(67)}`;
      expect(parseClientOrderId(id)).toHaveLength(96);
      await bench.desk.trade(bench.desk.order(id, '3'));
      await bench.restart();
      expect((await bench.desk.find(id))?.status).toBe('filled');
    },
  },
  {
    ...{ id: 'T14', given: 'orders that the broker does not take', when: 'they are submitted' },
    ...{ then: 'they are refused by name, and nothing leaves', source: 'vendor documentation: place order' },
    run: async (bench) => {
      const orders = [
        bench.desk.order('a', '1.5'),
        bench.desk.order('b', '1', { quantity: null, notional: dec('100') }),
        bench.desk.order('c', '1', { timeInForce: 'ioc' }),
        bench.desk.order('d', '1', { orderType: 'limit' }),
        bench.desk.order('e', '1', { positionEffect: 'close_long' }),
      ];
      for (const order of orders) expect(await verdictOf(bench.broker.submit(order))).toBe('refuse INVALID_ORDER');
      expect(posts(bench)).toBe(0);
    },
  },
  {
    ...{ id: 'T15', given: 'a refusal with HTTP 200, and one with HTTP 400 as plain text', when: 'orders are placed' },
    ...{ then: 'each is refused with the words of the broker', source: 'vendor documentation: errors' },
    run: async (bench) => {
      bench.emulator.orders.refusesLater = false;
      const big = bench.desk.order('a', '5000');
      expect(await verdictOf(bench.broker.submit(big))).toBe('refuse INITIAL_MARGIN');
      const body = 'Invalid parameter, tag: contains invalid characters.';
      bench.emulator.answers.set('POST /orders', [
        { status: 400, body, type: 'text/plain' },
        { status: 200, body: '{"errors":{"error":"Sorry."}}', type: 'application/json' },
      ]);
      await expect(bench.broker.submit(bench.desk.order('b', '1'))).rejects.toThrow(body);
      expect(await verdictOf(bench.broker.submit(bench.desk.order('c', '1')))).toBe('refuse BROKER_REJECTED');
    },
  },
  {
    ...{ id: 'T16', given: 'an order that is accepted', when: 'it is rejected later with a reason' },
    ...{ then: 'it is reported as rejected with code and reason', source: 'vendor documentation: order status' },
    run: async (bench) => {
      await bench.desk.trade(bench.desk.order('a', '5000'));
      const [update] = bench.desk.of('a');
      expect(update).toMatchObject({ kind: 'rejected', code: 'INITIAL_MARGIN' });
      expect((await bench.desk.find('a'))?.status).toBe('rejected');
    },
  },
  {
    ...{
      id: 'T17',
      given: 'a refusal for the rate with HTTP 429, then 400, reset in ms, then in s',
      when: 'orders are placed',
    },
    ...{
      then: 'nothing was done, ordinary calls pause, and closing calls continue',
      source: 'public clients: Quota Violation',
    },
    run: async (bench) => {
      const { emulator } = bench;
      for (const [status, unit] of [
        [429, 'ms'],
        [400, 's'],
      ] as const) {
        emulator.quotaStatus = status;
        emulator.resetIn = unit;
        emulator.faults.next('rate_limit', 'POST /orders');
        expect(await verdictOf(bench.broker.submit(bench.desk.order(`a-${status}`, '1')))).toBe('retry RATE_LIMITED');
        expect(await verdictOf(bench.broker.submit(bench.desk.order(`b-${status}`, '1')))).toBe(
          'retry RATE_BUDGET_SPENT',
        );
        bench.move(61_000);
      }
      expect(emulator.exchange.orders.size).toBe(0);
      await bench.desk.trade(bench.desk.order('c', '1'));
      expect(bench.desk.filled('c').text()).toBe('1');
    },
  },
  {
    ...{ id: 'T8', given: 'the ordinary order calls of a minute are spent', when: 'positions are to be closed' },
    ...{ then: 'calls are left for it, and the page can show when the next is free', source: 'own, from the limit' },
    run: async (bench) => {
      for (let n = 0; n < 40; n += 1) await bench.broker.submit(bench.desk.order(`a-${n}`, '1'));
      expect(await verdictOf(bench.broker.submit(bench.desk.order('late', '1')))).toBe('retry RATE_BUDGET_SPENT');
      expect(bench.broker.budget()).toMatchObject({ left: 20, spare: 0 });
      for (let n = 0; n < 20; n += 1) await bench.broker.submit(bench.desk.order(`b-${n}`, '1', SALE));
      const { left, nextFreeAt } = bench.broker.budget();
      expect([left, nextFreeAt > bench.now(), nextFreeAt <= bench.now() + 60_000]).toEqual([0, true, true]);
      expect(bench.emulator.exchange.account.quantity('SPY').text()).toBe('20');
    },
  },
  {
    ...{ id: 'TK1', given: 'two positions whose stops rest, and no ordinary call left', when: 'the bot is killed' },
    ...{ then: 'each stop is cancelled and each position sold by a reserved call', source: 'own, from the limit' },
    run: async (bench) => {
      bench.emulator.exchange.autoTrade(3);
      const kill = new KillDesk(bench, bench.desk);
      await kill.hold(bench.symbol, '10');
      await kill.hold(parseSymbol('BRK.B'), '2');
      for (let n = 0; bench.broker.budget().spare !== 0; n += 1) {
        const far = { symbol: parseSymbol('THIN'), orderType: 'limit', limitPrice: dec('1.00') } as const;
        await bench.broker.submit(bench.desk.order(`by-${n}`, '1', far));
        bench.emulator.exchange.cancel(bench.venue(`by-${n}`).id);
      }
      const before = { posts: posts(bench), left: bench.broker.budget().left };
      expect(before.left).toBe(20);
      expect(await kill.cancelStops()).toEqual(['sent', 'sent']);
      await kill.stopsAreGone();
      expect(await kill.close()).toEqual(['sent', 'sent']);
      expect([posts(bench) - before.posts, bench.broker.budget().left]).toEqual([2, 16]);
      expect(await kill.soldShares()).toEqual(['10', '2']);
      for (const n of [1, 2]) expect(await kill.find(n, bench.broker)).toBe('filled');
    },
  },
  {
    ...{ id: 'T5', given: 'long 100 and the wish to be short 50', when: 'both orders are submitted' },
    ...{ then: 'the second leaves when the first is final', source: 'Lean.Brokerages.Tradier#33' },
    run: async (bench) => {
      const { exchange } = bench.emulator;
      await bench.broker.submit(bench.desk.order('a', '100'));
      exchange.fill(bench.venue('a').id);
      await bench.until('the buy is filled', () => bench.desk.filled('a').equals(dec('100')));
      const limit = { ...SALE, orderType: 'limit', limitPrice: dec('101.00') } as const;
      await bench.broker.submit(bench.desk.order('b', '100', limit));
      await bench.broker.openOrders();
      const short = bench.desk.order('c', '50', { side: 'sell', positionEffect: 'open_short' });
      expect(await verdictOf(bench.broker.submit(short))).toBe('retry OPPOSITE_ORDER_OPEN');
      exchange.fill(bench.venue('b').id);
      await bench.until('the sale is filled', () => bench.desk.filled('b').equals(dec('100')));
      await bench.broker.submit(short);
      exchange.fill(bench.venue('c').id);
      expect((await bench.broker.positions())[0]?.quantity.text()).toBe('-50');
      expect(bench.emulator.seen('POST /orders').map(({ form }) => form['side'])).toEqual([
        'buy',
        'sell',
        'sell_short',
      ]);
    },
  },
  {
    ...{ id: 'T51', given: 'a stop that protects a position', when: 'it rests, and its price is reached' },
    ...{ then: 'it is one whole order of the day on the wire, is open until then, and sells once', source: 'own' },
    run: async (bench) => {
      const { exchange } = bench.emulator;
      await bench.desk.trade(bench.desk.order('a', '10'));
      await bench.broker.submit(bench.desk.order('b', '10', { ...SALE, orderType: 'stop', stopPrice: dec('99.50') }));
      const form = bench.emulator.seen('POST /orders').at(-1)?.form;
      expect(form).toMatchObject({ side: 'sell', quantity: '10', type: 'stop', stop: '99.50', duration: 'day' });
      await bench.pass();
      expect((await bench.broker.openOrders()).map(({ clientOrderId: id, state }) => [id, state])).toEqual([
        ['b', 'working'],
      ]);
      exchange.setPrice('SPY', dec('99.40'));
      await bench.until('the stop has traded', () => bench.desk.filled('b').equals(dec('10')));
      expect(await bench.broker.positions()).toEqual([]);
      expect(await bench.broker.openOrders()).toEqual([]);
      expect(posts(bench)).toBe(2);
    },
  },
];
