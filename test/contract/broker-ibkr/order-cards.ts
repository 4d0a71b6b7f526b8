import { expect } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { eventually } from '../../support/eventually.js';
import { dec, verdictOf } from '../broker-kit/desk.js';
import { KillDesk } from '../broker-kit/kill-desk.js';
import { arrived, atExchange, orderIdOf, placed, SHORT, type IbkrCard } from './bench.js';

/** Cards from incidents with orders at this broker. */
export const ORDER_CARDS: readonly IbkrCard[] = [
  {
    ...{ id: 'I1', given: 'four orders written, then a reset, then a lower next id' },
    ...{ when: 'they are looked for', then: 'two are found, two are lost, and new ids are above all that were used' },
    source: 'QuantConnect/Lean.Brokerages.InteractiveBrokers#242',
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      emulator.faults.next('silent', 'placeOrder k-1');
      emulator.faults.next('silent', 'placeOrder k-2');
      emulator.swallow('placeOrder', 2);
      emulator.passThrough('placeOrder k-1', 'placeOrder k-2');
      const sent = ['k-1', 'k-2', 'k-3', 'k-4'].map((id) => verdictOf(broker.submit(desk.order(id, '1'))));
      await arrived(bench, 'placeOrder', 4);
      emulator.nextValidId = 1;
      emulator.cut();
      expect(await Promise.all(sent)).toEqual(Array.from({ length: 4 }, () => 'reconcile ORDER_UNANSWERED'));
      await broker.connect();
      const found = await Promise.all(['k-1', 'k-2', 'k-3', 'k-4'].map((id) => desk.statusOf(id)));
      expect(found).toEqual(['filled', 'filled', undefined, undefined]);
      await broker.submit(desk.order('k-5', '1'));
      expect(orderIdOf(bench, 'k-5')).toBeGreaterThan(4);
      for (let n = 0; n < 3 && (await verdictOf(broker.submit(desk.order('k-3', '1')))) !== 'resolved'; n += 1) {
        expect(await desk.find('k-3')).toBeUndefined();
      }
      expect([...bench.exchange.orders.values()].map(({ ask }) => ask.clientId).sort()).toEqual([
        'k-1',
        'k-2',
        'k-3',
        'k-5',
      ]);
    },
  },
  {
    ...{ id: 'I3', given: 'a burst of ten orders, of which five are swallowed', when: 'a silent one is sent again' },
    ...{ then: 'open, completed orders and executions are read before it leaves', source: 'Lean#93, #252' },
    run: async (bench) => {
      const { emulator } = bench;
      const broker = bench.another({ address: { ...bench.address, clientId: 9 }, limits: SHORT });
      await broker.connect();
      const desk = bench.desk(broker);
      emulator.swallow('placeOrder', 5);
      const ids = Array.from({ length: 10 }, (_, n) => `b-${n}`);
      const verdicts = await Promise.all(ids.map((id) => verdictOf(broker.submit(desk.order(id, '1')))));
      expect(verdicts.filter((each) => each === 'reconcile ORDER_UNANSWERED')).toHaveLength(5);
      expect(verdicts.filter((each) => each === 'resolved')).toHaveLength(5);
      // an order that waits for a dialog at the gateway is in none of the lists yet
      expect(broker.capabilities.findableAfterMs).toBe(30_000);
      const from = emulator.seen.length;
      await verdictOf(broker.submit(desk.order('b-0', '1')));
      const names = emulator.seen.slice(from).map(({ name }) => name);
      const at = names.indexOf('placeOrder');
      for (const list of ['allOpenOrders', 'executions', 'completedOrders']) {
        expect(names.slice(0, at)).toContain(list);
      }
    },
  },
  {
    ...{ id: 'I4', given: 'the login of an advisor', when: 'three orders are sent at once' },
    ...{ then: 'the first travels alone until it is answered', source: 'Lean#252' },
    run: async (bench) => {
      const { emulator, exchange } = bench;
      emulator.accounts = ['F1', 'DU2'];
      const broker = bench.another({ address: { ...bench.address, clientId: 9 }, accountNumber: 'F1' });
      await broker.connect();
      const desk = bench.desk(broker);
      emulator.faults.next('silent', 'placeOrder a-1');
      const sent = ['a-1', 'a-2', 'a-3'].map((id) => broker.submit(desk.order(id, '1', desk.resting())));
      await arrived(bench, 'placeOrder');
      await broker.clock();
      expect(placed(bench).map(({ ref }) => ref)).toEqual(['a-1']);
      exchange.change(atExchange(bench, 'a-1').id, {});
      await Promise.all(sent);
      expect(placed(bench)).toHaveLength(3);
    },
  },
  {
    ...{ id: 'IB99', given: 'a security with fractions of four decimals, and one without', when: 'they are asked for' },
    ...{ then: 'the steps are named in which an order may be sent', source: 'ibkr.md contract details sizeIncrement' },
    run: async ({ broker, symbol }) => {
      const step = dec('0.0001');
      expect(await broker.asset(symbol)).toMatchObject({ fractionable: true, minQuantity: step, quantityStep: step });
      expect(await broker.asset(parseSymbol('THIN'))).toMatchObject({ fractionable: false, quantityStep: dec('1') });
    },
  },
  {
    ...{ id: 'I5', given: 'errors 200 and 460 on orders, and 200 on a question', when: 'they arrive' },
    ...{ then: 'the orders are rejected, each time, and the question touches none', source: 'Lean#245, #25' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2']) await broker.submit(desk.order(id, '1', { symbol: parseSymbol('NONE') }));
      await broker.submit(desk.order('k-3', '1', desk.resting()));
      expect(await broker.asset(parseSymbol('NONE'))).toBeUndefined();
      expect((await broker.asset(bench.symbol))?.shortable).toBe('unknown');
      emulator.error(orderIdOf(bench, 'k-3'), 460, 'No trading permissions.');
      await bench.pass();
      expect(desk.reported.filter(({ kind }) => kind === 'rejected').map((each) => each.clientOrderId)).toEqual([
        'k-1',
        'k-2',
        'k-3',
      ]);
      expect(desk.of('k-1').at(-1)).toMatchObject({ code: 'IBKR_200' });
    },
  },
  {
    ...{
      id: 'I6',
      given: 'an order that filled unseen, and one that the broker has purged',
      when: 'they are cancelled',
    },
    ...{ then: '10148 and 10147 end the cancel, and the true state is asked for', source: 'Lean#248' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2']) await broker.submit(desk.order(id, '1', desk.resting()));
      emulator.mute(() => exchange.fill(atExchange(bench, 'k-1').id));
      exchange.orders.delete(atExchange(bench, 'k-2').id);
      await desk.cancel('k-1');
      await desk.cancel('k-2');
      await eventually('the fill is found', () => desk.fills('k-1').length === 1, { everyMs: 5 });
      expect(await desk.statusOf('k-1')).toBe('filled');
    },
  },
  {
    ...{ id: 'I7', given: 'a cancel under way', when: '202 comes while the order is still listed as PendingCancel' },
    ...{ then: 'it counts as cancelled once, and a fill in between is booked', source: 'joemccann/radon#277' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      exchange.cancelsAtOnce = false;
      await broker.submit(desk.order('k-1', '5', desk.resting()));
      await desk.cancel('k-1');
      exchange.fill(atExchange(bench, 'k-1').id, dec('2'));
      emulator.error(orderIdOf(bench, 'k-1'), 202, 'Order Canceled - reason:');
      await bench.pass();
      exchange.cancelled(atExchange(bench, 'k-1').id);
      await bench.pass();
      expect(desk.of('k-1').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'cancelled']);
      expect(desk.of('k-1').at(-1)).toMatchObject({ kind: 'cancelled' });
    },
  },
  {
    ...{ id: 'I8', given: 'a refusal that ends as Inactive, and one that ends as Cancelled after an error' },
    ...{
      when: 'they arrive',
      then: 'both are rejected with the reason of the broker',
      source: 'brndnmtthws/thetagang#709',
    },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2']) await broker.submit(desk.order(id, '1', desk.resting()));
      exchange.reject(atExchange(bench, 'k-1').id, 'no margin');
      emulator.error(orderIdOf(bench, 'k-2'), 10_243, 'Fractional-sized order cannot be placed.');
      exchange.cancelled(atExchange(bench, 'k-2').id);
      await bench.pass();
      expect(desk.of('k-1').at(-1)).toMatchObject({ kind: 'rejected', message: expect.stringContaining('no margin') });
      expect(desk.of('k-2').at(-1)).toMatchObject({ kind: 'rejected', code: 'IBKR_10243' });
      expect(desk.reported.filter(({ kind }) => kind === 'rejected')).toHaveLength(2);
    },
  },
  {
    ...{ id: 'I9', given: 'an execution, its state and its order in any order, lost or twice', when: 'orders trade' },
    ...{ then: 'each execution is one fill', source: 'nautechsystems/nautilus_trader#3958' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      emulator.faults.next('drop', /openOrder|orderStatus/, 8);
      await broker.submit(desk.order('k-0', '10'));
      emulator.faults.clear();
      emulator.faults.rates = { repeat: 0.2, reorder: 0.3, delay: 0.1 };
      for (let n = 1; n <= 8; n += 1) await broker.submit(desk.order(`k-${n}`, '10'));
      emulator.faults.clear();
      for (let n = 0; n <= 8; n += 1) expect(await desk.statusOf(`k-${n}`)).toBe('filled');
      const reported = desk.reported.filter(({ kind }) => kind === 'filled');
      expect(reported).toHaveLength(exchange.account.executions.length);
      expect(desk.filled().text()).toBe('90');
    },
  },
  {
    ...{ id: 'I11', given: 'a charge that is pending, then known; and a rebate', when: 'fills are reported' },
    ...{ then: 'no fee, then the fee; the rebate stays negative', source: 'nautechsystems/nautilus_trader#4230' },
    run: async (bench) => {
      const { emulator, exchange } = bench;
      emulator.charges = 'pending first';
      const broker = bench.another({ address: { ...bench.address, clientId: 9 }, chargeWaitMs: 50 });
      await broker.connect();
      const desk = bench.desk(broker);
      await broker.submit(desk.order('k-1', '1'));
      await eventually('the fill is reported', () => desk.fills('k-1').length === 1, { everyMs: 5 });
      expect(desk.fills('k-1')[0]?.commission.text()).toBe('0');
      emulator.charge(exchange.account.executions.at(-1)?.id ?? '', '1.25');
      await broker.clock();
      expect(desk.of('k-1').at(-1)).toMatchObject({ kind: 'corrected', quantity: dec('1'), commission: dec('1.25') });
      emulator.charges = 'by hand';
      await broker.submit(desk.order('k-2', '1'));
      emulator.charge(exchange.account.executions.at(-1)?.id ?? '', '-0.35');
      await eventually(
        'the rebate is known',
        () => desk.of('k-2').some((each) => 'commission' in each && each.commission.text() === '-0.35'),
        { everyMs: 5 },
      );
    },
  },
  {
    ...{ id: 'I12', given: 'a repeated order that came through twice', when: 'both live under one reference' },
    ...{
      then: 'both are found, the newer one is cancelled, and a note says so',
      source: 'nautechsystems/nautilus_trader#4564',
    },
    run: async (bench) => {
      const { broker, emulator, exchange, notes } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '1', desk.resting()));
      emulator.placeTwice(atExchange(bench, 'k-1'), 50);
      await arrived(bench, 'cancelOrder');
      await bench.pass();
      expect(exchange.openOrders().map((each) => emulator.idsOf(each).orderId)).toEqual([orderIdOf(bench, 'k-1')]);
      expect(notes.map(({ code }) => code)).toContain('ORDER_DOUBLED');
      expect(await desk.statusOf('k-1')).toBe('working');
    },
  },
  {
    ...{ id: 'I13', given: 'an order of yesterday that is still open', when: 'a new process looks, and cancels it' },
    ...{ then: 'it is seen without a time of its placing, and ends', source: 'nautechsystems/nautilus_trader#5057' },
    run: async (bench) => {
      const desk = bench.desk();
      await bench.broker.submit(desk.order('k-1', '1', desk.resting()));
      await bench.broker.disconnect();
      bench.clock.at = (bench.clock.at + 86_400_000) as typeof bench.clock.at;
      const broker = bench.another();
      await broker.connect();
      const next = bench.desk(broker);
      expect(await broker.openOrders()).toMatchObject([{ clientOrderId: 'k-1', placedAt: null, state: 'working' }]);
      await next.cancel('k-1');
      expect(await next.statusOf('k-1')).toBe('cancelled');
    },
  },
  {
    ...{ id: 'I15', given: 'the gateway says that the exchange is closed', when: 'an order is refused for it' },
    ...{ then: 'the reason is kept and nothing is repeated', source: 'Lean#194, #204' },
    run: async (bench) => {
      const desk = bench.desk();
      bench.exchange.blocked = 'Exchange is closed';
      await bench.broker.submit(desk.order('k-1', '1'));
      await bench.pass();
      expect(desk.of('k-1').at(-1)).toMatchObject({
        kind: 'rejected',
        code: 'IBKR_201',
        message: expect.stringContaining('closed'),
      });
      expect(placed(bench)).toHaveLength(1);
    },
  },
  {
    ...{ id: 'X1-IBKR', given: 'a connection that breaks before or after an order arrived', when: 'it is made again' },
    ...{ then: 'nothing was sent a second time by itself', source: 'bennycode/trading-signals#1178' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      emulator.faults.next('lose_request', 'placeOrder k-1');
      expect(await verdictOf(broker.submit(desk.order('k-1', '1')))).toBe('reconcile ORDER_UNANSWERED');
      await broker.connect();
      emulator.faults.next('lose_answer', 'placeOrder k-2');
      expect(await verdictOf(broker.submit(desk.order('k-2', '1')))).toBe('reconcile ORDER_UNANSWERED');
      await broker.connect();
      expect([await desk.statusOf('k-1'), await desk.statusOf('k-2')]).toEqual([undefined, 'filled']);
      expect(placed(bench)).toHaveLength(2);
    },
  },
  {
    ...{ id: 'X2-IBKR', given: 'an order of yesterday that the broker has purged', when: 'it is cancelled' },
    ...{ then: 'the broker does not know it, and nothing is sent', source: 'Lean.Brokerages.TradeStation#89' },
    run: async (bench) => {
      expect(await verdictOf(bench.broker.cancel(parseClientOrderId('y-1')))).toBe('refuse UNKNOWN_ORDER');
      expect(bench.emulator.seen.map(({ name }) => name)).not.toContain('cancelOrder');
    },
  },
  {
    ...{ id: 'IK1', given: 'two positions whose stops rest at the broker', when: 'the bot is killed' },
    ...{ then: 'one message cancels all orders, and each position is sold once', source: 'ibkr.md reqGlobalCancel' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const kill = new KillDesk(bench, bench.desk());
      await kill.hold(bench.symbol, '10');
      await kill.hold(parseSymbol('BRK.B'), '2');
      const from = emulator.seen.length;
      expect(await kill.cancelStops()).toEqual(['sent', 'sent']);
      await kill.stopsAreGone();
      expect(await kill.close()).toEqual(['sent', 'sent']);
      expect(await kill.soldShares()).toEqual(['10', '2']);
      const acts = emulator.seen.slice(from).map(({ name }) => name);
      const count = (name: string): number => acts.filter((act) => act === name).length;
      expect([count('globalCancel'), count('cancelOrder'), count('placeOrder')]).toEqual([1, 0, 2]);
      expect(await kill.find(1, broker)).toBe('filled');
    },
  },
  {
    ...{ id: 'IK2', given: 'an order that a person placed in the account', when: 'the bot is killed' },
    ...{ then: 'the stops are cancelled one by one, and that order lives', source: 'own' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const kill = new KillDesk(bench, bench.desk());
      await kill.hold(bench.symbol, '10');
      await kill.hold(parseSymbol('BRK.B'), '2');
      const ask = { symbol: 'SPY', side: 'buy', quantity: dec('1'), notional: null, type: 'limit' } as const;
      const { id } = exchange.placeByHand({ ...ask, limitPrice: dec('1'), stopPrice: null, timeInForce: 'day' });
      await kill.cancelStops();
      await eventually('one order is left', async () => (await broker.openOrders()).length === 1);
      await kill.close();
      expect(await kill.soldShares()).toEqual(['10', '2']);
      const count = (name: string): number => emulator.seen.filter((act) => act.name === name).length;
      expect([count('globalCancel'), count('cancelOrder')]).toEqual([0, 2]);
      expect(exchange.order(id).state).toBe('open');
    },
  },
];
