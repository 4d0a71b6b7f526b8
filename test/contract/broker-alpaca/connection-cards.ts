import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { parseClientOrderId } from '../../../src/events/names.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs, parseDateText, toUtcText } from '../../../src/kernel/time.js';
import { dec, SALE, verdictOf } from '../broker-kit/desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { AlpacaBench } from './bench.js';

const id = parseClientOrderId;
const at = ({ emulator }: AlpacaBench, clientId: string) => emulator.exchange.byClientId(clientId)!;
const isDown = (bench: AlpacaBench) => bench.states.at(-1)?.state === 'disconnected';
const isUp = (bench: AlpacaBench) => bench.states.at(-1)?.state === 'connected';

const HEALTHY: Readonly<Record<string, unknown>> = { status: 'ACTIVE', currency: 'USD' };

/** The names of the checks that fail. */
const faultsOf = async (broker: AlpacaBench['broker']): Promise<readonly string[]> =>
  (await broker.selfCheck())
    .filter(({ ok }) => !ok)
    .map(({ name, cause, remedy }) => (cause === '' || remedy === '' ? 'mute' : name));

/** Cards of the connection, of lists that must be whole, and of accounts that are not as they should be. */
export const CONNECTION_CARDS: readonly Card<AlpacaBench>[] = [
  {
    ...{
      id: 'A1',
      given: 'an account without fields that were removed, with ten unknown ones and unknown enum values',
      when: 'the adapter starts',
    },
    ...{ then: 'it is ready and trades', source: 'QuantConnect/Lean#9588' },
    run: async (bench) => {
      const { emulator } = bench;
      emulator.faults.unknownFields = true;
      Object.assign(emulator.account.accountFields, {
        ...{
          multiplier: '17',
          crypto_status: 'ON_MARS',
          equity: undefined,
          buying_power: undefined,
          last_equity: null,
        },
        ...{ shorting_enabled: undefined, options_trading_level: 'all' },
      });
      await bench.broker.disconnect();
      await bench.broker.connect();
      expect((await bench.broker.account()).equity.text()).toBe('100000.00');
      emulator.exchange.autoTrade(1);
      await bench.broker.submit(bench.desk.order('k', '1'));
      await bench.until('it trades', () => bench.desk.filled('k').equals(dec('1')));
    },
  },
  {
    ...{ id: 'A5', given: 'a stream that is down', when: 'a position is to be opened, and another closed' },
    ...{
      then: 'nothing is opened; the closing order goes and is followed by asking',
      source: 'Lean.Brokerages.Alpaca#58, #60',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      emulator.exchange.autoTrade(1);
      await broker.submit(desk.order('held', '5'));
      await bench.until('held', () => desk.filled('held').equals(dec('5')));
      emulator.stream.dieSilently();
      await bench.until('down', () => isDown(bench));
      const posts = emulator.count('POST');
      expect(await verdictOf(broker.submit(desk.order('more', '1')))).toBe('retry STREAM_DOWN');
      expect(emulator.count('POST')).toBe(posts);
      expect(await verdictOf(broker.submit(desk.order('exit', '5', SALE)))).toBe('resolved');
      await bench.until('the exit is known', () => desk.filled('exit').equals(dec('5')));
      expect(isDown(bench)).toBe(true);
    },
  },
  {
    ...{ id: 'A6', given: 'a socket that died without a close', when: 'it connects again' },
    ...{
      then: 'it is refused until the slot is free, says why, and reads everything again',
      source: 'Lean.Brokerages.Alpaca#37, #39',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '10'));
      emulator.stream.dieSilently();
      await bench.until('refused', () =>
        bench.states.some(({ reason }) => reason.includes('still counts an earlier connection')),
      );
      emulator.exchange.fill(at(bench, 'k').id, dec('4'));
      bench.move(90_000);
      await bench.until('up', () => isUp(bench));
      expect(desk.filled('k').text()).toBe('4');
      emulator.exchange.fill(at(bench, 'k').id);
      await bench.until('frames come again', () => desk.filled('k').equals(dec('10')));
    },
  },
  {
    ...{ id: 'A7', given: 'two programs with one key', when: 'the second connects' },
    ...{
      then: 'it is refused and says so; the first stays in charge',
      source: 'alpaca-py#248; Lean.Brokerages.Alpaca#60',
    },
    run: async (bench) => {
      const second = bench.adapter();
      const states: string[] = [];
      second.status$.subscribe(({ state, reason }) => states.push(`${state} ${reason}`));
      await second.connect();
      expect(states).toEqual([expect.stringMatching(/^disconnected .*429.*earlier connection/)]);
      expect(await verdictOf(second.submit(bench.desk.order('k', '1')))).toBe('retry STREAM_DOWN');
      expect([isUp(bench), bench.emulator.stream.connections]).toEqual([true, 1]);
    },
  },
  {
    ...{
      id: 'A12',
      given: 'legs of a bracket that are held and missing from the list of open orders',
      when: 'open orders are read',
    },
    ...{ then: 'they are in it', source: 'alpaca-trade-api-python#322' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const facts = { symbol: 'SPY', side: 'sell', quantity: dec('3'), notional: null, limitPrice: null } as const;
      emulator.exchange.tradeByHand('SPY', 'buy', dec('3'));
      const parent = [...emulator.exchange.orders.values()][0]!;
      emulator.exchange.opensAtOnce = false;
      const leg = emulator.exchange.placeByHand({ ...facts, type: 'stop', stopPrice: dec('90'), timeInForce: 'gtc' });
      emulator.exchange.hold(leg.id);
      emulator.orders.legs.set(parent.id, [leg.id]);
      emulator.orders.oddities.hidesHeld = true;
      expect((await broker.openOrders()).map(({ state, quantity }) => `${state} ${quantity?.text() ?? ''}`)).toEqual([
        'held 3',
      ]);
    },
  },
  {
    ...{
      id: 'AL29',
      given: 'more open orders than a page of 500, some with equal times at its edge',
      when: 'they are read',
    },
    ...{ then: 'each is there once', source: 'alpaca.md Orders (limit, after)' },
    run: async (bench) => {
      await crowd(bench, 620, (n) => (n > 480 && n < 520 ? 490 : n));
      const orders = await bench.broker.openOrders();
      expect([orders.length, new Set(orders.map(({ brokerOrderId }) => brokerOrderId)).size]).toEqual([620, 620]);
    },
  },
  {
    ...{ id: 'AL30', given: 'more open orders of one instant than a page', when: 'they are read' },
    ...{ then: 'the list is not whole, which is said; it is never a shorter list', source: 'own' },
    run: async (bench) => {
      await crowd(bench, 501, () => 1);
      expect(await verdictOf(bench.broker.openOrders())).toBe('refuse ORDER_LIST_NOT_WHOLE');
    },
  },
  {
    ...{ id: 'AL31', given: 'HTML at 200, a document that is cut off, and 500', when: 'lists are read' },
    ...{ then: 'they are unknown, never empty', source: 'Lean.Brokerages.Tradier#49; own' },
    run: async ({ broker, emulator }) => {
      for (const wrong of ['html', 'garbage', 'server_error', 'lose_answer'] as const) {
        for (const read of [() => broker.openOrders(), () => broker.positions(), () => broker.activities(null, 10)]) {
          // the two lists of the open orders are read together, each twice
          emulator.faults.next(wrong, 'GET', 4);
          expect(await verdictOf(read())).toMatch(/^retry /);
          emulator.faults.clear();
        }
      }
      emulator.faults.next('server_error', 'GET /v2/positions');
      expect(await broker.positions()).toEqual([]);
    },
  },
  {
    ...{ id: 'AL32', given: 'an outage in which an order trades and ends', when: 'the stream is back' },
    ...{
      then: 'everything is reported before it counts as connected',
      source: 'alpaca.md trade_updates (missed events)',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '10'));
      await bench.settle();
      const seen: string[] = [];
      desk.reported.length = 0;
      broker.status$.subscribe(({ state }) => seen.push(`${state} ${desk.filled('k').text()}`));
      emulator.faults.next('lose_request', 'GET /v2/orders', 4);
      emulator.exchange.opensAtOnce = false;
      emulator.stream.disconnect();
      emulator.exchange.fill(at(bench, 'k').id);
      await bench.until(
        'up again',
        () => seen.at(-1)?.startsWith('connected') === true && seen.some((one) => one.startsWith('disconnected')),
      );
      expect(seen.at(-1)).toBe('connected 10');
    },
  },
  {
    ...{
      id: 'AL33',
      given: 'a wrong key, a live key at a paper host, the number of another account',
      when: 'the adapter starts',
    },
    ...{ then: 'each is named with a remedy, and nothing is sent', source: 'issue 15, bad input' },
    run: async (bench) => {
      const wrong = bench.adapter({}, { apiKey: secret('PKWRONG') });
      expect(await faultsOf(wrong)).toEqual(['broker.key']);
      expect(await verdictOf(wrong.connect())).toBe('refuse BROKER_KEY');
      const live = bench.adapter({}, { url: 'https://paper-api.alpaca.markets', apiKey: secret('AKLIVE') });
      expect(await faultsOf(live)).toEqual(['broker.host']);
      expect(await verdictOf(live.connect())).toBe('refuse BROKER_HOST');
      const other = bench.adapter({}, { accountNumber: secret('PA9999999999') });
      expect(await faultsOf(other)).toEqual(['broker.account']);
      expect(await verdictOf(other.connect())).toBe('refuse BROKER_ACCOUNT');
      expect(await verdictOf(other.submit(bench.desk.order('k', '1')))).toBe('retry NOT_CONNECTED');
      expect(bench.emulator.count('POST')).toBe(0);
    },
  },
  {
    ...{
      id: 'AL34',
      given: 'an account that is blocked in each way, and a clock that is wrong',
      when: 'the broker checks itself',
    },
    ...{ then: 'each is named', source: 'issue 15, bad input' },
    run: async ({ broker, emulator }) => {
      const fields = emulator.account.accountFields;
      const states: readonly (readonly [string, object])[] = [
        ['broker.active', { status: 'ACCOUNT_UPDATED' }],
        ['broker.blocked', { account_blocked: true }],
        ['broker.trading', { trading_blocked: true }],
        ['broker.suspended', { trade_suspended_by_user: true }],
        ['broker.currency', { currency: 'EUR' }],
      ];
      for (const [name, state] of states) {
        Object.assign(fields, state);
        expect(await faultsOf(broker)).toEqual([name]);
        for (const key of Object.keys(state)) fields[key] = HEALTHY[key];
      }
      emulator.account.skewMs = 90_000;
      expect(await faultsOf(broker)).toEqual(['broker.clock']);
      const [clock] = (await broker.selfCheck()).filter(({ ok }) => !ok);
      expect(clock?.cause).toMatch(/90 s behind/);
    },
  },
  {
    ...{ id: 'AL41', given: 'an answer about the time that takes two minutes', when: 'the broker checks itself' },
    ...{ then: 'no clock is called wrong: the answer is of some time since the question', source: 'own' },
    run: async (bench) => {
      const { emulator } = bench;
      const answered = emulator.count('GET /v2/clock');
      const isAnswered = (): boolean => emulator.count('GET /v2/clock') > answered;
      const slow = bench.adapter({ clock: { now: () => epochMs(bench.now() + (isAnswered() ? 120_000 : 0)) } });
      expect(await faultsOf(slow)).toEqual([]);
      emulator.account.skewMs = -10_000;
      expect((await slow.selfCheck()).find(({ ok }) => !ok)?.cause).toMatch(/130 s ahead of/);
    },
  },
  {
    ...{ id: 'AL35', given: 'a broker that cannot be reached', when: 'the adapter starts' },
    ...{ then: 'it may be tried later, and the check says what cannot be reached', source: 'own' },
    run: async (bench) => {
      const away = bench.adapter({}, { url: 'http://127.0.0.1:1' });
      expect(await faultsOf(away)).toEqual(['broker.reachable']);
      expect(await verdictOf(away.connect())).toBe('retry BROKER_REACHABLE');
      const odd = bench.adapter();
      bench.emulator.faults.next('html', 'GET /v2/account', 2);
      expect(await faultsOf(odd)).toEqual(['broker.reachable']);
    },
  },
  {
    ...{ id: 'AL36', given: 'a half day, in two spellings of time', when: 'the calendar is read' },
    ...{ then: 'it closes at 13:00 in New York', source: 'alpaca.md Positions, clock, calendar' },
    run: async ({ broker }) => {
      const day = await broker.calendar(parseDateText('2026-11-27'));
      expect(day.kind === 'open' ? toUtcText(day.closesAt) : day.kind).toBe('2026-11-27T18:00:00.000Z');
      expect((await broker.calendar(parseDateText('2026-07-03'))).kind).toBe('closed');
    },
  },
  {
    ...{ id: 'AL37', given: 'everything that an adapter sends and keeps', when: 'it is searched for the keys' },
    ...{ then: 'they are in no evidence, report, state or error', source: 'P10' },
    run: async (bench) => {
      const { broker, desk, emulator, raw, states } = bench;
      emulator.exchange.autoTrade(1);
      await broker.submit(desk.order('k', '1'));
      emulator.faults.next('html', 'POST /v2/orders');
      const errors = [
        await broker.submit(desk.order('m', '1')).catch(String),
        await bench
          .adapter({}, { apiKey: secret('PKX') })
          .connect()
          .catch(String),
      ];
      await bench.settle();
      const all = inspect([raw.frames, desk.reported, states, errors], {
        depth: 8,
        maxArrayLength: null,
        maxStringLength: null,
      });
      expect(all).not.toContain(emulator.secretKey);
      expect(all).not.toContain(emulator.key);
    },
  },
  {
    ...{ id: 'AL38', given: 'the list of live orders says less than was known', when: 'it is an older answer' },
    ...{ then: 'nothing that was reported is taken back or reported again', source: 'issue 15 (lie); own' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '10'));
      await bench.until('a look', () => emulator.requests.filter((one) => one === 'GET /v2/orders').length > 1);
      emulator.faults.next('stale', 'GET /v2/orders', 3);
      emulator.exchange.fill(at(bench, 'k').id, dec('4'));
      await bench.settle();
      await bench.until('older answers came', () => emulator.faults.drawn.length >= 3);
      emulator.exchange.fill(at(bench, 'k').id);
      await bench.until('all', () => desk.filled('k').equals(dec('10')));
      expect(desk.of('k').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'filled']);
    },
  },
  {
    ...{ id: 'AL39', given: 'a process that starts when an order has traded in parts', when: 'the next part comes' },
    ...{
      then: 'each part is reported with its own shares, under the ids that the first process gave',
      source: 'own (P2)',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '10'));
      emulator.exchange.fill(at(bench, 'k').id, dec('4'), dec('100'));
      await bench.settle();
      const ids = desk.fills('k').map(({ executionId }) => executionId);
      await broker.disconnect();
      await bench.until('the slot is free', () => emulator.stream.connections === 0);
      const successor = bench.adapter();
      const seen: string[] = [];
      successor.orderUpdates$.subscribe((update) => 'executionId' in update && seen.push(update.executionId));
      await successor.connect();
      emulator.exchange.fill(at(bench, 'k').id, dec('6'), dec('101'));
      await bench.until('both parts', () => seen.length === 2);
      expect(seen[0]).toBe(ids[0]);
      expect((await successor.orderByClientId(id('k')))?.updates.filter(({ kind }) => kind === 'filled')).toHaveLength(
        2,
      );
    },
  },
  {
    ...{
      id: 'A-revoked',
      given: 'a key that is revoked while the stream stays open',
      when: 'anything is asked, and the key works again',
    },
    ...{ then: 'the connection counts as refused until then, and no position is opened', source: 'own' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      const { secretKey } = emulator;
      Object.assign(emulator, { secretKey: 'another' });
      expect(await verdictOf(broker.clock())).toBe('refuse KEY_REFUSED');
      await bench.until('refused', () => bench.states.at(-1)?.code === 'KEY_REFUSED');
      const posts = emulator.count('POST');
      expect(await verdictOf(broker.submit(desk.order('more', '1')))).toBe('retry STREAM_DOWN');
      expect([emulator.count('POST'), isDown(bench)]).toEqual([posts, true]);
      Object.assign(emulator, { secretKey });
      await bench.until('up', () => isUp(bench));
      expect(bench.states.at(-1)?.code).toBeUndefined();
    },
  },
];

/** Many open orders, whose times a function of their number gives. */
async function crowd({ emulator }: AlpacaBench, count: number, timeOf: (n: number) => number): Promise<void> {
  emulator.stream.disconnect();
  const facts = { symbol: 'SPY', side: 'buy', quantity: dec('0.001'), notional: null, type: 'limit' } as const;
  for (let n = 0; n < count; n += 1) {
    const order = emulator.exchange.placeByHand({
      ...facts,
      limitPrice: dec('1'),
      stopPrice: null,
      timeInForce: 'day',
    });
    Object.assign(order, { createdAt: epochMs(Date.UTC(2026, 0, 5, 15) + timeOf(n)) });
  }
  await Promise.resolve();
}
