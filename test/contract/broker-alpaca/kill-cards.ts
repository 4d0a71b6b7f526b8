import { expect } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import { KillDesk } from '../broker-kit/kill-desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { AlpacaBench } from './bench.js';

const BRK = parseSymbol('BRK.B');
const ALL = ['10', '2'];

/** Two positions, each with its stop; the market trades by itself. */
async function held(bench: AlpacaBench): Promise<KillDesk> {
  bench.emulator.exchange.autoTrade(3);
  const kill = new KillDesk(bench, bench.desk);
  await kill.hold(bench.symbol, '10');
  await kill.hold(BRK, '2');
  bench.emulator.requests.length = 0;
  return kill;
}

/** What was sent since the positions were held. */
const sent = ({ emulator }: AlpacaBench): readonly string[] =>
  emulator.requests
    .filter((request) => !request.startsWith('GET'))
    .map((request) => request.replace(/orders\/.*/, 'orders/1'));

const CANCELS = ['DELETE /v2/orders/1', 'DELETE /v2/orders/1'];
const SALES = ['POST /v2/orders', 'POST /v2/orders'];

/** What a kill sends at Alpaca, and what its successor finds. */
export const KILL_CARDS: readonly Card<AlpacaBench>[] = [
  {
    ...{ id: 'AK1', given: 'two positions whose stops rest at the broker', when: 'the bot is killed' },
    ...{ then: 'one call cancels and one call closes', source: 'alpaca.md Orders and Positions (DELETE)' },
    run: async (bench) => {
      const kill = await held(bench);
      expect(await kill.cancelStops()).toEqual(['sent', 'sent']);
      await kill.stopsAreGone();
      expect(await kill.close()).toEqual(['sent', 'sent']);
      expect(sent(bench)).toEqual(['DELETE /v2/orders', 'DELETE /v2/positions']);
      expect(await kill.soldShares()).toEqual(ALL);
      for (const n of [1, 2]) expect(bench.desk.of(`stop-${n}`).at(-1)?.kind).toBe('cancelled');
    },
  },
  {
    ...{ id: 'AK2', given: 'a stop that the call for all orders does not cancel (207)', when: 'the bot is killed' },
    ...{ then: 'each stop is cancelled by itself at once', source: 'alpaca.md Orders (207)' },
    run: async (bench) => {
      const kill = await held(bench);
      const order = bench.emulator.exchange.byClientId('stop-2')!;
      bench.emulator.orders.oddities.uncancellable.add(order.id);
      expect(await kill.cancelStops()).toEqual(['sent', 'BROKER_UNAVAILABLE']);
      expect(sent(bench)).toEqual(['DELETE /v2/orders', ...CANCELS]);
      bench.emulator.orders.oddities.uncancellable.clear();
      expect(await kill.cancelStops()).toEqual(['sent', 'sent']);
      await kill.stopsAreGone();
      await kill.close();
      expect(await kill.soldShares()).toEqual(ALL);
    },
  },
  {
    ...{ id: 'AK3', given: 'a call that closes everything and has no answer', when: 'it was carried out' },
    ...{ then: 'nothing is sent again, and each exit has its sale', source: 'own' },
    run: async (bench) => {
      const kill = await held(bench);
      await kill.cancelStops();
      await kill.stopsAreGone();
      bench.emulator.faults.next('silent', 'DELETE /v2/positions');
      expect(await kill.close()).toEqual(['NO_ANSWER', 'NO_ANSWER']);
      for (const n of [1, 2]) expect(await kill.find(n, bench.broker)).toBe('filled');
      expect(await kill.soldShares()).toEqual(ALL);
      expect(sent(bench)).toEqual(['DELETE /v2/orders', 'DELETE /v2/positions']);
    },
  },
  {
    ...{ id: 'AK9', given: 'a call that closes everything and whose answer does not come', when: 'its orders trade' },
    ...{
      then: 'the fills are reported under the ids of the exits while the call waits, and orders of others wait for nothing',
      source: 'alpaca.md trade_updates; own',
    },
    run: async (bench) => {
      const kill = await held(bench);
      await kill.cancelStops();
      await kill.stopsAreGone();
      // an adapter that waits for a minute: what is seen before is not the end of its wait
      const patient = bench.adapter({ timeoutMs: 60_000 });
      await bench.broker.disconnect();
      bench.broker = patient;
      patient.orderUpdates$.subscribe((update) => bench.desk.reported.push(update));
      await patient.connect();
      bench.emulator.faults.next('silent', 'DELETE /v2/positions');
      const lost = kill.close();
      expect(await kill.soldShares()).toEqual(ALL);
      bench.emulator.exchange.tradeByHand('WHOLE', 'buy', dec('1'));
      const isOthers = (id: string): boolean => !/^(buy|stop|exit)-\d$/.test(id);
      await bench.until('the order of a person', () =>
        bench.desk.reported.some(({ clientOrderId }) => isOthers(clientOrderId)),
      );
      await patient.disconnect();
      await lost;
    },
  },
  {
    ...{ id: 'AK4', given: 'a process that dies between the two calls', when: 'its successor looks for the exits' },
    ...{ then: 'it finds none and closes everything, once', source: 'own' },
    run: async (bench) => {
      const kill = await held(bench);
      await kill.cancelStops();
      await kill.stopsAreGone();
      await bench.broker.disconnect();
      const next = await successor(bench);
      for (const n of [1, 2]) expect(await kill.find(n, next)).toBeUndefined();
      expect(await kill.close(next)).toEqual(['sent', 'sent']);
      expect(await kill.soldShares()).toEqual(ALL);
      expect(sent(bench)).toEqual(['DELETE /v2/orders', 'DELETE /v2/positions']);
    },
  },
  {
    ...{ id: 'AK5', given: 'a process that dies after the call that closes everything', when: 'its successor looks' },
    ...{ then: 'it finds the orders of the broker under the ids of the journal', source: 'own' },
    run: async (bench) => {
      const kill = await held(bench);
      await kill.cancelStops();
      await kill.stopsAreGone();
      // sold by hand a while before the kill, and by the bot under an id of its own: neither is the sale of an exit
      await bench.broker.submit(bench.desk.order('more', '10'));
      await bench.until('ten more', () => bench.desk.filled('more').equals(dec('10')));
      bench.emulator.exchange.tradeByHand('SPY', 'sell', dec('10'));
      bench.move(61_000);
      bench.emulator.faults.next('silent', 'DELETE /v2/positions');
      const lost = kill.close();
      await bench.until('it is carried out', () => bench.emulator.count('DELETE /v2/positions') === 1);
      await bench.broker.disconnect();
      await lost;
      const next = await successor(bench);
      for (const n of [1, 2]) expect(await kill.find(n, next)).toBe('filled');
      expect(await kill.soldShares()).toEqual(ALL);
      expect(sent(bench).filter((request) => request !== 'POST /v2/orders')).toEqual([
        'DELETE /v2/orders',
        'DELETE /v2/positions',
      ]);
    },
  },
  {
    ...{ id: 'AK6', given: 'an order that a person placed', when: 'the bot is killed' },
    ...{ then: 'orders and positions are closed one by one, and that order lives', source: 'own' },
    run: async (bench) => {
      const kill = await held(bench);
      const ask = { symbol: 'WHOLE', side: 'buy', quantity: dec('1'), notional: null, type: 'limit' } as const;
      const more = { limitPrice: dec('1'), stopPrice: null, timeInForce: 'day' };
      const { id } = bench.emulator.exchange.placeByHand({ ...ask, ...more });
      await kill.cancelStops();
      await bench.until('one order is left', async () => (await bench.broker.openOrders()).length === 1);
      await kill.close();
      expect(await kill.soldShares()).toEqual(ALL);
      expect(sent(bench)).toEqual([...CANCELS, ...SALES]);
      expect(bench.emulator.exchange.order(id).state).toBe('open');
    },
  },
  {
    ...{ id: 'AK7', given: 'shares that a person bought', when: 'the bot is killed' },
    ...{ then: 'those shares stay', source: 'own' },
    run: async (bench) => {
      const kill = await held(bench);
      bench.emulator.exchange.tradeByHand('WHOLE', 'buy', dec('3'));
      await kill.cancelStops();
      await kill.stopsAreGone();
      await kill.close();
      await bench.until('both sales', () => [1, 2].every((n) => bench.desk.filled(`exit-${n}`).sign() > 0));
      expect(bench.emulator.count('DELETE /v2/positions')).toBe(0);
      expect((await bench.broker.positions()).map(({ symbol }) => symbol)).toEqual(['WHOLE']);
    },
  },
  {
    ...{ id: 'AK8', given: 'a sale of the same shares that a person made', when: 'an exit is looked for' },
    ...{ then: 'one before the kill, or of other shares, is not taken for it', source: 'own' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.exchange.autoTrade(3);
      await broker.submit(desk.order('a', '30'));
      await bench.until('thirty', () => desk.filled('a').equals(dec('30')));
      emulator.exchange.tradeByHand('SPY', 'sell', dec('10'));
      bench.move(61_000);
      const closed = { symbol: bench.symbol, side: 'sell', quantity: dec('10'), since: bench.now() } as const;
      const asked = { clientOrderId: parseClientOrderId('exit-1'), ...closed };
      expect(await broker.closingOrder(asked)).toBeUndefined();
      emulator.exchange.tradeByHand('SPY', 'sell', dec('9'));
      await broker.submit(desk.order('b', '10', SALE));
      expect(await broker.closingOrder(asked)).toBeUndefined();
      expect(await verdictOf(broker.disconnect())).toBe('resolved');
      expect(await verdictOf(broker.closingOrder(asked))).toBe('retry NOT_CONNECTED');
    },
  },
];

/** The next process of the bot, whose reports the desk takes. */
async function successor(bench: AlpacaBench): Promise<AlpacaBench['broker']> {
  const next = bench.adapter();
  bench.broker = next;
  next.orderUpdates$.subscribe((update) => bench.desk.reported.push(update));
  await next.connect();
  return next;
}
