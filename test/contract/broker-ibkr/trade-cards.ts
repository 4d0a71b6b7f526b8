import { expect } from '@jest/globals';
import { ClockOrderIds } from '../../../src/adapters/broker-ibkr/order-ids.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { eventually } from '../../support/eventually.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import { arrived, atExchange, orderIdOf, placed, SHORT, smallIds, type IbkrCard } from './bench.js';

/** Cards of trading that follow from the reference of the broker. */
export const TRADE_CARDS: readonly IbkrCard[] = [
  {
    ...{
      id: 'IB1',
      given: 'a fill',
      when: 'it is corrected, then taken back',
      then: 'it is replaced, then busted',
      source: 'ibkr.md fills',
    },
    run: async (bench) => {
      const { broker, exchange } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '1'));
      await bench.pass();
      const first = exchange.account.executions.at(-1)?.id ?? '';
      const corrected = exchange.correct(first, { price: dec('499.50') });
      await bench.pass();
      exchange.bust(corrected.id);
      await bench.pass();
      expect(desk.of('k-1').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'corrected', 'busted']);
      const report = desk.of('k-1')[2];
      expect(report?.kind === 'corrected' ? report.price.shortText(2) : '').toBe('499.50');
    },
  },
  {
    ...{ id: 'IB2', given: 'a correction while no process ran', when: 'the next process reads the executions' },
    ...{ then: 'it reports fill and correction, with the figures of now', source: 'ibkr.md fills' },
    run: async (bench) => {
      const { exchange } = bench;
      await bench.broker.submit(bench.desk().order('k-1', '1'));
      await bench.broker.disconnect();
      exchange.correct(exchange.account.executions.at(-1)?.id ?? '', { price: dec('499.50') });
      const broker = bench.another();
      await broker.connect();
      const found = await bench.desk(broker).find('k-1');
      const figures = found?.updates.flatMap((each) =>
        'price' in each ? [`${each.kind} ${each.price.shortText(2)}`] : [],
      );
      expect(figures).toEqual(['filled 499.50', 'corrected 499.50']);
    },
  },
  {
    ...{ id: 'IB3', given: 'ids of which this process knows nothing', when: 'its first order gets 103' },
    ...{ then: 'it is unknown, not found, and sent once under a higher id', source: 'ibkr.md ids' },
    run: async (bench) => {
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2', 'k-3']) await bench.broker.submit(desk.order(id, '1'));
      await bench.broker.disconnect();
      bench.exchange.orders.clear();
      bench.emulator.nextValidId = 1;
      const broker = bench.another({ orderIds: smallIds() });
      await broker.connect();
      const next = bench.desk(broker);
      expect(await verdictOf(broker.submit(next.order('k-4', '1')))).toBe('reconcile ORDER_UNANSWERED');
      expect(await next.find('k-4')).toBeUndefined();
      await broker.submit(next.order('k-4', '1'));
      expect(await next.statusOf('k-4')).toBe('filled');
    },
  },
  {
    ...{
      id: 'IB4',
      given: 'ids that cannot be kept, for the disk is full',
      when: 'an order is sent',
      then: 'it does not leave',
    },
    source: 'own',
    run: async (bench) => {
      const full = (): never => {
        throw new Error('ENOSPC');
      };
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        orderIds: { highest: () => 41, use: full },
      });
      await broker.connect();
      expect(await verdictOf(broker.submit(bench.desk().order('k-1', '1')))).toContain('ENOSPC');
      expect(placed(bench)).toEqual([]);
    },
  },
  {
    ...{ id: 'IB5', given: 'ids used up to 41 by earlier processes', when: 'the gateway counts from 1 again' },
    ...{ then: 'the next order is 42', source: 'ibkr.md ids' },
    run: async (bench) => {
      bench.emulator.nextValidId = 1;
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        orderIds: { highest: () => 41, use: () => undefined },
      });
      await broker.connect();
      await broker.submit(bench.desk().order('k-1', '1'));
      expect(orderIdOf(bench, 'k-1')).toBe(42);
    },
  },
  {
    ...{ id: 'IB6', given: 'an order by hand', when: 'it is open, then trades' },
    ...{
      then: 'it is listed without an id of ours, reported as nobody’s, and its fill is in the records',
      source: 'ibkr.md ids',
    },
    run: async (bench) => {
      const { broker, exchange } = bench;
      const desk = bench.desk();
      const ask = { symbol: 'SPY', side: 'buy', quantity: dec('3'), notional: null, type: 'limit' } as const;
      const order = exchange.placeByHand({ ...ask, limitPrice: dec('400'), stopPrice: null, timeInForce: 'DAY' });
      expect(await broker.openOrders()).toMatchObject([{ clientOrderId: null, symbol: 'SPY', state: 'working' }]);
      exchange.fill(order.id);
      expect(await broker.activities(null, 10)).toMatchObject([{ kind: 'fill', update: { quantity: dec('3') } }]);
      expect(desk.reported).toEqual([]);
    },
  },
  {
    ...{
      id: 'IB7',
      given: 'warnings 399 and 404, and 2109',
      when: 'they name an order',
      then: 'it lives',
      source: 'ibkr.md codes',
    },
    run: async (bench) => {
      const desk = bench.desk();
      await bench.broker.submit(desk.order('k-1', '1', desk.resting()));
      for (const code of [399, 404, 2_109, 10_349]) bench.emulator.error(orderIdOf(bench, 'k-1'), code, 'a warning');
      await bench.pass();
      expect(await desk.statusOf('k-1')).toBe('working');
      expect(desk.reported.map(({ kind }) => kind)).toEqual(['acknowledged']);
    },
  },
  {
    ...{
      id: 'IB8',
      given: '20 working orders to buy a symbol',
      when: 'one more is sent',
      then: 'it is refused and does not leave',
    },
    source: 'ibkr.md pacing',
    run: async (bench) => {
      const desk = bench.desk();
      for (let n = 0; n < 20; n += 1) await bench.broker.submit(desk.order(`k-${n}`, '1', desk.resting()));
      expect(await verdictOf(bench.broker.submit(desk.order('k-20', '1')))).toBe('refuse TOO_MANY_WORKING_ORDERS');
      expect(placed(bench)).toHaveLength(20);
    },
  },
  {
    ...{
      id: 'IB9',
      given: 'a fraction of a share',
      when: 'it is sent',
      then: 'the wire has its exact text, transmit is set, and finer ones are refused',
    },
    source: 'ibkr.md orders; pilwon/node-ib#4',
    run: async (bench) => {
      const desk = bench.desk();
      await desk.trade(desk.order('k-1', '0.0003'));
      const fields = bench.emulator.seen.find(({ name }) => name === 'placeOrder')?.fields ?? [];
      expect([fields[17], fields[27]]).toEqual(['0.0003', '1']);
      expect(desk.filled().text()).toBe('0.0003');
      expect(await verdictOf(bench.broker.submit(desk.order('k-2', '0.00003')))).toBe('refuse INVALID_ORDER');
      expect(placed(bench)).toHaveLength(1);
    },
  },
  {
    ...{
      id: 'IB10',
      given: 'two resting orders',
      when: 'all are cancelled in one call',
      then: 'both end',
      source: 'ibkr.md wire: global cancel',
    },
    run: async (bench) => {
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2']) await bench.broker.submit(desk.order(id, '1', desk.resting()));
      await bench.broker.cancelAll();
      await arrived(bench, 'globalCancel');
      await bench.pass();
      expect(desk.reported.filter(({ kind }) => kind === 'cancelled')).toHaveLength(2);
    },
  },
  {
    ...{
      id: 'IB11',
      given: 'no position',
      when: 'shares are sold short, of a symbol that can and one that cannot be borrowed',
    },
    ...{ then: 'one position is negative, the other order is rejected', source: 'ibkr.md orders' },
    run: async (bench) => {
      const desk = bench.desk();
      const short = { side: 'sell', positionEffect: 'open_short' } as const;
      await desk.trade(
        desk.order('k-1', '2', short),
        desk.order('k-2', '2', { ...short, symbol: parseSymbol('THIN') }),
      );
      expect(await bench.broker.positions()).toMatchObject([{ symbol: 'SPY', quantity: dec('-2') }]);
      expect(desk.of('k-2').at(-1)).toMatchObject({ kind: 'rejected' });
    },
  },
  {
    ...{ id: 'IB12', given: 'a state Filled whose executions were lost', when: 'it arrives' },
    ...{ then: 'the executions are asked for and booked once', source: 'ibkr.md fills' },
    run: async (bench) => {
      const desk = bench.desk();
      await bench.broker.submit(desk.order('k-1', '5', desk.resting()));
      bench.emulator.faults.next('drop', 'execution', 1);
      bench.exchange.fill(atExchange(bench, 'k-1').id);
      await eventually('the fill is found', () => desk.fills('k-1').length > 0, { everyMs: 10 });
      await bench.pass();
      expect(desk.of('k-1').filter(({ kind }) => kind === 'filled')).toHaveLength(1);
    },
  },
  {
    ...{ id: 'IB13', given: 'an order that was cancelled, and one that is filled', when: 'more fills come' },
    ...{ then: 'every one is reported', source: 'TRD-51' },
    run: async (bench) => {
      const { broker, exchange } = bench;
      const desk = bench.desk();
      for (const id of ['k-1', 'k-2']) await broker.submit(desk.order(id, '2', desk.resting()));
      await desk.cancel('k-1');
      exchange.fill(atExchange(bench, 'k-1').id, dec('1'));
      exchange.fill(atExchange(bench, 'k-2').id, dec('2'));
      exchange.fill(atExchange(bench, 'k-2').id, dec('1'));
      await bench.pass();
      expect(desk.of('k-1').map(({ kind }) => kind)).toEqual(['acknowledged', 'cancelled', 'filled']);
      expect(desk.filled('k-2').text()).toBe('3');
    },
  },
  {
    ...{ id: 'IB14', given: 'a stop and a limit order that may not rest', when: 'they are sent' },
    ...{ then: 'type, prices and time in force are on the wire', source: 'ibkr.md wire: place' },
    run: async (bench) => {
      const desk = bench.desk();
      await desk.trade(desk.order('k-0', '2'));
      await bench.broker.submit(desk.order('k-1', '1', { ...SALE, orderType: 'stop', stopPrice: dec('450.25') }));
      await bench.broker.submit(
        desk.order('k-2', '1', { orderType: 'limit', limitPrice: dec('500.10'), timeInForce: 'ioc' }),
      );
      const wire = bench.emulator.seen
        .filter(({ name }) => name === 'placeOrder')
        .map(({ fields: f }) => [f[16], f[18], f[19], f[20], f[21]].join());
      expect(wire).toEqual(['BUY,MKT,,,DAY', 'SELL,STP,,450.25,DAY', 'BUY,LMT,500.1,,IOC']);
    },
  },
  {
    ...{
      id: 'IB15',
      given: 'a cancel under way',
      when: 'the connection breaks',
      then: 'its outcome is unknown at once',
      source: 'own',
    },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '1', desk.resting()));
      emulator.faults.next('lose_answer', 'cancelOrder');
      expect(await verdictOf(desk.cancel('k-1'))).toBe('reconcile CANCEL_UNANSWERED');
      await broker.connect();
      expect([await desk.statusOf('k-1'), exchange.openOrders().length]).toEqual(['cancelled', 0]);
    },
  },
  {
    ...{
      id: 'IB16',
      given: 'an order of dollars',
      when: 'it is sent',
      then: 'it is refused before it leaves',
      source: 'own',
    },
    run: async (bench) => {
      const order = { ...bench.desk().order('k-1', '1'), quantity: null, notional: dec('100.00') };
      expect(await verdictOf(bench.broker.submit(order))).toBe('refuse INVALID_ORDER');
      expect(placed(bench)).toEqual([]);
    },
  },
  {
    ...{ id: 'IB17', given: 'an answer that is waited for', when: 'the order is asked for meanwhile' },
    ...{ then: 'it is under way, not absent', source: 'own, from I3' },
    run: async (bench) => {
      const desk = bench.desk();
      bench.emulator.swallow('placeOrder');
      const sent = verdictOf(bench.broker.submit(desk.order('k-1', '1')));
      await arrived(bench, 'placeOrder');
      expect(await verdictOf(desk.find('k-1'))).toBe('retry ORDER_UNDER_WAY');
      bench.emulator.cut();
      expect(await sent).toBe('reconcile ORDER_UNANSWERED');
    },
  },
  {
    ...{ id: 'IB18', given: 'ids without a file', when: 'a process starts again with a gateway that counts from 1' },
    ...{ then: 'its ids are above those of the process before', source: 'own, from I1' },
    run: async (bench) => {
      bench.emulator.nextValidId = 1;
      for (const [clientOrderId, clientId] of [
        ['k-1', 21],
        ['k-2', 21],
      ] as const) {
        const broker = bench.another({
          address: { ...bench.address, clientId },
          orderIds: new ClockOrderIds(bench.clock),
        });
        await broker.connect();
        await broker.submit(bench.desk().order(clientOrderId, '1'));
        await broker.disconnect();
        await bench.pass();
      }
      expect(orderIdOf(bench, 'k-2')).toBeGreaterThan(orderIdOf(bench, 'k-1'));
    },
  },
  {
    ...{ id: 'IB19', given: 'an open order that is in no list any more', when: 'it is looked for over ten seconds' },
    ...{ then: 'it ends once, and never before', source: 'own, from X2' },
    run: async (bench) => {
      const desk = bench.desk();
      await bench.broker.submit(desk.order('k-1', '1', desk.resting()));
      await bench.pass();
      bench.exchange.orders.clear();
      expect(await desk.statusOf('k-1')).toBe('working');
      for (let n = 0; n < 11; n += 1) await bench.pass();
      expect(await desk.statusOf('k-1')).toBe('cancelled');
      expect(desk.reported.map(({ kind }) => kind)).toEqual(['acknowledged', 'cancelled']);
    },
  },
  {
    ...{
      id: 'IB34',
      given: 'one order',
      when: 'it is sent twice at the same time',
      then: 'it leaves once',
      source: 'P2',
    },
    run: async (bench) => {
      const desk = bench.desk();
      const order = desk.order('k-1', '1');
      await Promise.all([bench.broker.submit(order), bench.broker.submit(order)]);
      expect(placed(bench)).toHaveLength(1);
      expect(bench.exchange.orders.size).toBe(1);
    },
  },
  {
    ...{ id: 'IB35', given: 'a cancel without an answer yet', when: 'the same cancel is asked for again' },
    ...{ then: 'both callers get the answer', source: 'own' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '1', desk.resting()));
      emulator.swallow('cancelOrder');
      const first = broker.cancel(parseClientOrderId('k-1'));
      await arrived(bench, 'cancelOrder');
      const second = broker.cancel(parseClientOrderId('k-1'));
      await Promise.all([first, second]);
      expect(atExchange(bench, 'k-1').state).not.toBe('open');
      expect(exchange.openOrders()).toEqual([]);
    },
  },
  {
    ...{ id: 'IB36', given: 'a link that was lost (1100) and is never reported back', when: 'its time is over' },
    ...{ then: 'a new connection is made, and orders can leave', source: 'own' },
    run: async (bench) => {
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        limits: { retryStepMs: 20, longestRetryMs: 60, longestLinkDownMs: 50 },
      });
      await broker.connect();
      bench.emulator.notice(1_100, 'Connectivity between IB and Trader Workstation has been lost.');
      await eventually('the link is down', () => !broker.line.isUp, { everyMs: 1 });
      await eventually('the line is up again', () => broker.line.isUp, { everyMs: 5 });
      const desk = bench.desk(broker);
      await broker.submit(desk.order('k-1', '1'));
      expect(await desk.statusOf('k-1')).toBe('filled');
    },
  },
  {
    ...{ id: 'IB37', given: 'a list that was given up', when: 'its end comes before the next list is asked for' },
    ...{
      then: 'the next list is whole at once, on the same connection',
      source: 'nautechsystems/nautilus_trader#4230',
    },
    run: async (bench) => {
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        limits: { ...SHORT, quietMs: 60_000 },
      });
      await broker.connect();
      bench.emulator.faults.next('drop', 'positionEnd');
      expect(await verdictOf(broker.positions())).toBe('retry NO_ANSWER');
      bench.emulator.raw([62, 1]);
      await broker.clock();
      const { session } = broker.line;
      expect(await broker.positions()).toEqual([]);
      expect(broker.line.session).toBe(session);
    },
  },
];
