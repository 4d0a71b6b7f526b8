import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { canonicalSymbol, parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { fault } from '../../emulators/alpaca/answer.js';
import type { RequestFault } from '../../emulators/exchange/fault-plan.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { AlpacaBench } from './bench.js';

const id = parseClientOrderId;

/** The order at the emulator that has our id. */
const at = ({ emulator }: AlpacaBench, clientId: string) => emulator.exchange.byClientId(clientId)!;

/** Buys shares of the bench's symbol. */
async function holding(bench: AlpacaBench, shares: string): Promise<void> {
  await bench.broker.submit(bench.desk.order('held', shares));
  bench.emulator.exchange.fill(at(bench, 'held').id);
  await bench.until('the shares are known', () => bench.desk.filled('held').equals(dec(shares)));
}

const change = (newId: string, quantity: string, limit = '120') => ({
  newClientOrderId: id(newId),
  quantity: dec(quantity),
  limitPrice: dec(limit),
  stopPrice: null,
});

const selling = { ...SALE, orderType: 'limit', limitPrice: dec('130') } as const;

const LOST: readonly RequestFault[] = ['lose_request', 'lose_answer', 'silent', 'server_error', 'html', 'garbage'];

/** Cards of orders: what is sent, what is refused, what is unclear. */
export const ORDER_CARDS: readonly Card<AlpacaBench>[] = [
  {
    ...{ id: 'X1', given: 'any fault of the transport on a POST', when: 'an order is sent' },
    ...{
      then: 'it leaves once, its outcome is unknown, and a query settles it',
      source: 'bennycode/trading-signals#1178',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      for (const wrong of LOST) {
        emulator.faults.next(wrong, 'POST /v2/orders');
        const posts = emulator.count('POST');
        expect([wrong, await verdictOf(broker.submit(desk.order(`x-${wrong}`, '1')))]).toEqual([
          wrong,
          expect.stringMatching(/^reconcile /),
        ]);
        expect(emulator.count('POST') - posts).toBe(1);
        const found = await broker.orderByClientId(id(`x-${wrong}`));
        expect([wrong, found === undefined]).toEqual([wrong, wrong === 'lose_request']);
      }
    },
  },
  {
    ...{ id: 'X2', given: 'an order of yesterday that the broker has purged', when: 'it is cancelled' },
    ...{ then: 'the call ends with a reason and without a fatal error', source: 'Lean.Brokerages.TradeStation#89' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('old', '1', desk.resting()));
      emulator.orders.oddities.purged.add(at(bench, 'old').id);
      expect(await verdictOf(broker.cancel(id('old')))).toBe('resolved');
      expect(await verdictOf(bench.adapter().cancel(id('old')))).toBe('retry NOT_CONNECTED');
      expect(await broker.orderByClientId(id('old'))).toBeUndefined();
      // it is looked for twenty times, then given up
      const looks = () => emulator.requests.filter((one) => one.startsWith('GET /v2/orders/')).length;
      await bench.until('the last look', () => looks() >= 20);
      await sleep(200);
      const last = looks();
      await sleep(100);
      expect(looks()).toBe(last);
      expect(await verdictOf(broker.cancel(id('never')))).toBe('refuse UNKNOWN_ORDER');
    },
  },
  {
    ...{
      id: 'A8',
      given: 'a cancel that the broker took, and an order that stays pending_cancel',
      when: 'its shares are to be sold again',
    },
    ...{
      then: 'it is open and may still trade; the sale is refused, and a late execution counts',
      source: 'alpaca-py#400',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '10');
      emulator.exchange.cancelsAtOnce = false;
      await broker.submit(desk.order('exit', '10', selling));
      await broker.cancel(id('exit'));
      expect((await broker.openOrders()).map(({ clientOrderId, state }) => [clientOrderId, state])).toEqual([
        ['exit', 'cancel_pending'],
      ]);
      expect((await desk.find('exit'))?.status).toBe('working');
      expect(await verdictOf(broker.submit(desk.order('again', '10', SALE)))).toBe('refuse INSUFFICIENT_POSITION');
      emulator.exchange.fill(at(bench, 'exit').id, dec('4'));
      await bench.until('the late execution', () => desk.filled('exit').equals(dec('4')));
    },
  },
  {
    ...{ id: 'A9', given: '100 held, a sale of 100 of which 40 traded', when: 'it is replaced for the other 60' },
    ...{ then: 'the new order is for 60, and no more than 100 are ever for sale', source: 'Alpaca-API#165' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '100');
      await broker.submit(desk.order('exit', '100', selling));
      emulator.exchange.fill(at(bench, 'exit').id, dec('40'));
      await broker.replace(id('exit'), change('exit-2', '60'));
      expect(at(bench, 'exit-2').quantity?.text()).toBe('60');
      emulator.exchange.fill(at(bench, 'exit-2').id);
      await bench.until('all is sold', () => desk.filled('exit-2').equals(dec('60')));
      expect(emulator.exchange.positions()).toEqual([]);
      expect(desk.of('exit').at(-1)).toMatchObject({ kind: 'cancelled', filledQuantity: dec('40') });
    },
  },
  {
    ...{ id: 'A10', given: 'a PATCH that is refused although it was carried out', when: 'an order is replaced' },
    ...{ then: 'it is found by its new id, and one order is live', source: 'alpaca-trade-api-python#306' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '10');
      await broker.submit(desk.order('exit', '10', selling));
      emulator.orders.oddities.replaceLies = true;
      await broker.replace(id('exit'), change('exit-2', '10'));
      expect(emulator.exchange.openOrders().map(({ ask }) => ask.clientId)).toEqual(['exit-2']);
      expect(await desk.statusOf('exit')).toBe('cancelled');
    },
  },
  {
    ...{
      id: 'A11',
      given: 'a PATCH that is refused since the order holds its own shares',
      when: 'an order is replaced',
    },
    ...{ then: 'it is cancelled first, then sent again; two are never live', source: 'Alpaca-API#282' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '10');
      await broker.submit(desk.order('exit', '10', selling));
      emulator.orders.oddities.replaceHolds = true;
      let most = 0;
      emulator.exchange.on(() => (most = Math.max(most, emulator.exchange.openOrders().length)));
      await broker.replace(id('exit'), change('exit-2', '10'));
      expect(emulator.exchange.openOrders().map(({ ask }) => ask.clientId)).toEqual(['exit-2']);
      expect(most).toBe(1);
    },
  },
  {
    ...{ id: 'AL1', given: 'a PATCH without an answer', when: 'an order is replaced' },
    ...{ then: 'it was sent once, and what has the new id decides', source: 'alpaca.md Orders; own' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '10');
      await broker.submit(desk.order('exit', '10', selling));
      emulator.faults.next('lose_answer', 'PATCH');
      expect(await verdictOf(broker.replace(id('exit'), change('exit-2', '10')))).toBe('resolved');
      emulator.faults.next('lose_request', 'PATCH');
      expect(await verdictOf(broker.replace(id('exit-2'), change('exit-3', '10')))).toBe('reconcile NO_ANSWER');
      expect(emulator.count('PATCH')).toBe(2);
      expect(emulator.exchange.openOrders().map(({ ask }) => ask.clientId)).toEqual(['exit-2']);
    },
  },
  {
    ...{ id: 'A13', given: 'an order outside the hours in which Alpaca takes it', when: 'it is sent' },
    ...{ then: 'it is refused once, by name, and not sent again by the adapter', source: 'Lean#8957, #4126' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.orders.oddities.refuseWith = fault(422, 42210000, 'opg orders cannot be placed at this time');
      const posts = emulator.count('POST');
      expect(await verdictOf(broker.submit(desk.order('opg', '1')))).toBe('refuse MARKET_CLOSED');
      expect(emulator.count('POST') - posts).toBe(1);
    },
  },
  {
    ...{ id: 'AL2', given: 'an order whose answer was lost', when: 'it is sent again under its id' },
    ...{ then: 'the duplicate is refused by Alpaca, recognised, and is the same order', source: 'alpaca.md Errors' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.faults.next('lose_answer', 'POST /v2/orders');
      await verdictOf(broker.submit(desk.order('k', '5')));
      expect([broker.capabilities.findableAfterMs, await desk.find('k')]).toEqual([0, expect.anything()]);
      expect(await verdictOf(broker.submit(desk.order('k', '5', { side: 'sell' })))).toMatch(/^refuse /);
      emulator.faults.next('server_error', 'GET /v2/orders:by_client_order_id', 2);
      expect(await verdictOf(broker.submit(desk.order('k', '5')))).toBe('reconcile SUBMIT_UNCLEAR');
      expect(emulator.exchange.orders.size).toBe(1);
    },
  },
  {
    ...{ id: 'AL3', given: 'code 40310000 with three meanings', when: 'orders are refused with each' },
    ...{ then: 'each has a reason of its own', source: 'alpaca.md Errors' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      expect(await verdictOf(broker.submit(desk.order('rich', '5000')))).toBe('refuse INSUFFICIENT_BUYING_POWER');
      await holding(bench, '5');
      expect(await verdictOf(broker.submit(desk.order('more', '6', SALE)))).toBe('refuse INSUFFICIENT_POSITION');
      emulator.orders.oddities.refuseWith = fault(403, 40310000, 'potential wash trade detected. use complex orders');
      expect(await verdictOf(broker.submit(desk.order('wash', '1')))).toBe('refuse WASH_TRADE');
    },
  },
  {
    ...{ id: 'AL4', given: 'symbols that cannot be traded as asked', when: 'orders of them are sent' },
    ...{ then: 'each is refused by name', source: 'alpaca.md Assets; issue 15, bad input' },
    run: async ({ broker, desk }) => {
      const of = (symbol: string, quantity: string, more = {}) =>
        verdictOf(broker.submit(desk.order(`of-${symbol}`, quantity, { symbol: parseSymbol(symbol), ...more })));
      expect(await of('WHOLE', '1.5')).toBe('refuse FRACTIONAL_NOT_SUPPORTED');
      expect(await of('WHOLE', '2', { side: 'sell', positionEffect: 'open_short' })).toBe('refuse NOT_SHORTABLE');
      expect(await of('HALTED', '1')).toBe('refuse NOT_TRADABLE');
      expect(await of('GONE', '1')).toBe('refuse UNKNOWN_SYMBOL');
      expect(await of('SPY', '1', { orderType: 'limit', limitPrice: dec('290.123') })).toBe('refuse PRICE_INCREMENT');
    },
  },
  {
    ...{ id: 'AL5', given: 'no shares', when: 'a sale that closes is sent' },
    ...{ then: 'it never makes a short position', source: 'alpaca.md Orders; P7' },
    run: async ({ broker, desk, emulator }) => {
      expect(await verdictOf(broker.submit(desk.order('none', '5', SALE)))).toBe('refuse INSUFFICIENT_POSITION');
      expect(JSON.parse(emulator.bodies.at(-1) ?? '{}')).toMatchObject({ position_intent: 'sell_to_close' });
      expect(emulator.exchange.orders.size).toBe(0);
    },
  },
  {
    ...{ id: 'AL6', given: 'an order of dollars and one of parts of a share', when: 'they trade' },
    ...{ then: 'figures leave as exact texts and come back to nine decimals', source: 'broker-scenarios, corrections' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit({ ...desk.order('dollars', '1'), quantity: null, notional: dec('33.33') });
      await broker.submit(desk.order('parts', '0.000000001'));
      expect(emulator.bodies.slice(-2).map((body) => JSON.parse(body) as object)).toMatchObject([
        { notional: '33.33' },
        { qty: '0.000000001' },
      ]);
      emulator.exchange.fill(at(bench, 'dollars').id, dec('0.333300003'), dec('100'));
      await bench.until('the execution', () => desk.fills('dollars').length === 1);
      expect(desk.fills('dollars')[0]?.quantity.text()).toBe('0.333300003');
    },
  },
  {
    ...{ id: 'AL7', given: '429 without a time to wait', when: 'orders are sent' },
    ...{
      then: 'nothing is sent for a while, a closing order goes after a second, and no order is lost',
      source: 'alpaca.md Hosts',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await holding(bench, '5');
      emulator.faults.next('rate_limit', 'POST /v2/orders');
      expect(await verdictOf(broker.submit(desk.order('a', '1')))).toBe('retry RATE_LIMITED');
      const sent = emulator.count('POST');
      expect(await verdictOf(broker.submit(desk.order('a', '1')))).toBe('retry RATE_BUDGET_SPENT');
      expect(emulator.count('POST')).toBe(sent);
      bench.move(1_000);
      expect(await verdictOf(broker.submit(desk.order('exit', '5', SALE)))).toBe('resolved');
      bench.move(5_000);
      expect(await verdictOf(broker.submit(desk.order('a', '1')))).toBe('resolved');
    },
  },
  {
    ...{ id: 'AL8', given: 'a minute whose calls are spent', when: 'positions are closed' },
    ...{ then: 'the reserved calls are left, and the budget says so', source: 'T8; own' },
    run: async (bench) => {
      const broker = bench.adapter({ callsPerMinute: 20, lookEveryMs: 60_000 });
      await broker.connect();
      for (let n = 0; n < 30; n += 1) await verdictOf(broker.account());
      expect(await verdictOf(broker.account())).toBe('retry RATE_BUDGET_SPENT');
      expect(broker.budget().left).toBe(10);
      expect(await verdictOf(broker.cancelAll())).toBe('resolved');
      expect(broker.budget().left).toBe(9);
      bench.move(60_000);
      expect(broker.budget().left).toBe(20);
    },
  },
  {
    ...{
      id: 'AL9',
      given: 'open orders',
      when: 'all are cancelled in one call, and one line of the answer is a fault',
    },
    ...{ then: 'that is said, and the others end', source: 'alpaca.md Orders (207)' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      for (const name of ['a', 'b', 'c']) await broker.submit(desk.order(name, '1', desk.resting()));
      emulator.orders.oddities.uncancellable.add(at(bench, 'b').id);
      expect(await verdictOf(broker.cancelAll())).toBe('reconcile CANCEL_INCOMPLETE');
      await bench.until('two ended', () => ['a', 'c'].every((name) => desk.of(name).at(-1)?.kind === 'cancelled'));
      expect((await broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['b']);
      emulator.orders.oddities.uncancellable.clear();
      expect(await verdictOf(broker.cancelAll())).toBe('resolved');
      expect(await verdictOf(broker.cancelAll())).toBe('resolved');
    },
  },
  {
    ...{ id: 'AL10', given: 'two positions, of which one cannot be closed', when: 'all are closed in one call' },
    ...{
      then: 'the orders of the broker are reported under our ids, the refused one as rejected',
      source: 'alpaca.md Positions (207)',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.exchange.autoTrade(3);
      await broker.submit(desk.order('a', '10'));
      await broker.submit(desk.order('b', '2', { symbol: parseSymbol('BRK.B') }));
      await bench.until('both are held', () => emulator.exchange.positions().length === 2);
      emulator.account.closeRefused.add('BRK.B');
      const sold = { side: 'sell', since: bench.now() } as const;
      await broker.closeAll([
        { ...sold, clientOrderId: id('kill-1'), symbol: bench.symbol, quantity: dec('10') },
        { ...sold, clientOrderId: id('kill-2'), symbol: parseSymbol('BRK.B'), quantity: dec('2') },
      ]);
      await bench.until('the shares are sold', () => desk.filled('kill-1').equals(dec('10')));
      expect(desk.of('kill-2')).toMatchObject([{ kind: 'rejected', code: 'INSUFFICIENT_POSITION' }]);
      expect(await desk.statusOf('kill-1')).toBe('filled');
      expect(new Set(desk.reported.map(({ clientOrderId }) => clientOrderId))).toEqual(
        new Set(['a', 'b', 'kill-1', 'kill-2']),
      );
    },
  },
  {
    ...{ id: 'AL11', given: 'a call to close everything whose answer is lost', when: 'it was carried out' },
    ...{ then: 'the order is found by what it closes and reported under our id', source: 'own' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.exchange.autoTrade(3);
      await broker.submit(desk.order('a', '10'));
      emulator.faults.next('lose_answer', 'DELETE /v2/positions');
      const sold = { symbol: bench.symbol, side: 'sell', quantity: dec('10'), since: bench.now() } as const;
      expect(await verdictOf(broker.closeAll([{ ...sold, clientOrderId: id('kill-1') }]))).toBe('reconcile NO_ANSWER');
      await bench.until('it is known', () => desk.filled('kill-1').equals(dec('10')));
      expect(emulator.count('DELETE /v2/positions')).toBe(1);
    },
  },
  {
    ...{ id: 'AL12', given: 'a class share', when: 'it is traded' },
    ...{ then: 'it has one symbol in orders, positions and reports', source: 'alpaca.md Assets (BRK.B)' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      const symbol = parseSymbol('BRK.B');
      await broker.submit(desk.order('class', '2', { symbol }));
      emulator.exchange.fill(at(bench, 'class').id);
      await bench.until('the execution', () => desk.fills('class').length === 1);
      expect(desk.fills('class')[0]?.symbol).toBe(canonicalSymbol('BRK/B'));
      expect((await broker.positions()).map((position) => position.symbol)).toEqual([symbol]);
      expect((await broker.asset(symbol))?.symbol).toBe(symbol);
    },
  },
  {
    ...{ id: 'AL13', given: 'a short position, with and without a sign', when: 'positions are read' },
    ...{ then: 'it is negative', source: 'alpaca.md Positions' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      emulator.exchange.tradeByHand('SPY', 'sell', dec('7'));
      const read = async () =>
        (await broker.positions()).map(
          ({ quantity, averagePrice }) => `${quantity.text()} ${averagePrice.shortText()}`,
        );
      expect(await read()).toEqual(['-7 100']);
      emulator.account.unsignedShorts = true;
      expect(await read()).toEqual(['-7 100']);
    },
  },
  {
    ...{ id: 'AL14', given: 'an id longer than Alpaca surely takes', when: 'an order has it' },
    ...{ then: 'nothing is sent', source: 'alpaca.md Orders (48 characters)' },
    run: async ({ broker, desk, emulator }) => {
      expect(await verdictOf(broker.submit(desk.order('x'.repeat(49), '1')))).toBe('refuse CLIENT_ID_TOO_LONG');
      expect(emulator.count('POST')).toBe(0);
    },
  },
  {
    ...{ id: 'AL15', given: 'a cancel that races with the last execution', when: 'both are on their way' },
    ...{ then: 'every share that traded is reported before the end', source: 'alpaca.md Orders (DELETE)' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.exchange.cancelsAtOnce = false;
      await broker.submit(desk.order('race', '10', desk.resting()));
      const order = at(bench, 'race');
      emulator.faults.next('drop', 'partial_fill');
      emulator.exchange.cancel(order.id);
      emulator.exchange.fill(order.id, dec('3'), dec('50'));
      emulator.exchange.cancelled(order.id);
      expect(await verdictOf(broker.cancel(id('race')))).toBe('resolved');
      await bench.until('the end', () => desk.of('race').at(-1)?.kind === 'cancelled');
      expect(desk.of('race').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'cancelled']);
      expect(desk.filled('race').equals(Decimal.of(3))).toBe(true);
    },
  },
  {
    ...{ id: 'AL40', given: 'an order that is answered with 200 and something that is no order', when: 'it is sent' },
    ...{ then: 'it is not refused: its outcome is unknown', source: 'own' },
    run: async ({ broker, desk, emulator }) => {
      for (const body of [{}, [], { id: 'x', status: 'new' }]) {
        emulator.orders.oddities.refuseWith = { status: 200, body };
        expect(await verdictOf(broker.submit(desk.order('k', '1')))).toBe('reconcile ANSWER_UNREADABLE');
      }
    },
  },
];
