import { expect } from '@jest/globals';
import { parseSymbol } from '../../../src/events/names.js';
import { parseDateText, plusMs } from '../../../src/kernel/time.js';
import { IbkrEmulator } from '../../emulators/ibkr/ibkr-emulator.js';
import { eventually } from '../../support/eventually.js';
import { allActivities, dec, SALE, verdictOf } from '../broker-kit/desk.js';
import { SHORT, type IbkrBench, type IbkrCard } from './bench.js';

const requests = ({ emulator }: IbkrBench, name: string): number =>
  emulator.seen.filter((each) => each.name === name).length;

const isUp = (bench: IbkrBench): Promise<void> =>
  eventually('the line is up again', () => bench.statuses.at(-1)?.state === 'connected', { everyMs: 5 });

/** Cards of the line, the account and what is wrong with them. */
export const LINE_CARDS: readonly IbkrCard[] = [
  {
    ...{ id: 'I2', given: 'the gateway has lost its link (1100) while an order trades', when: 'fills come, then 1102' },
    ...{ then: 'they are booked, nothing new leaves, and executions are read after it', source: 'Lean#249' },
    run: async (bench) => {
      const { broker, emulator, exchange } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '5', desk.resting()));
      emulator.notice(1_100, 'Connectivity between IB and Trader Workstation has been lost.');
      await eventually('the line is down', () => !broker.line.isUp, { everyMs: 2 });
      exchange.fill(exchange.byClientId('k-1')?.id ?? '', dec('2'));
      await eventually('the fill is booked', () => desk.fills().length === 1, { everyMs: 2 });
      expect(await verdictOf(broker.submit(desk.order('k-2', '1')))).toBe('retry NOT_CONNECTED');
      const before = requests(bench, 'executions');
      emulator.notice(1_102, 'Connectivity has been restored - data maintained.');
      await isUp(bench);
      expect(requests(bench, 'executions')).toBeGreaterThan(before);
      expect(bench.statuses.map(({ state }) => state)).toEqual(['connected', 'disconnected', 'connected']);
    },
  },
  {
    ...{ id: 'I10', given: 'a list of open orders whose end never comes', when: 'it is asked for' },
    ...{
      then: 'it is unknown, nothing is closed for it, and a later list is whole',
      source: 'nautechsystems/nautilus_trader#4230',
    },
    run: async (bench) => {
      const broker = bench.another({ address: { ...bench.address, clientId: 9 }, limits: SHORT });
      await broker.connect();
      const desk = bench.desk(broker);
      await broker.submit(desk.order('k-1', '1', desk.resting()));
      bench.emulator.faults.next('drop', 'openOrderEnd');
      expect(await verdictOf(broker.openOrders())).toBe('retry NO_ANSWER');
      expect(desk.reported.map(({ kind }) => kind)).toEqual(['acknowledged']);
      await eventually(
        'a list is whole again',
        async () => (await broker.openOrders().catch(() => [])).some(({ clientOrderId }) => clientOrderId === 'k-1'),
        { everyMs: 20 },
      );
    },
  },
  {
    ...{ id: 'I14', given: 'keys of the ledger with and without its name', when: 'the account is read' },
    ...{ then: 'the cash in dollars is the same', source: 'ibkrguides.com prod-2026, TWS 10.47' },
    run: async (bench) => {
      const plain = await bench.broker.account();
      bench.emulator.ledgerKeys = true;
      const named = await bench.broker.account();
      expect([plain.cash.text(), named.cash.text()]).toEqual(['100000', '100000']);
    },
  },
  {
    ...{ id: 'I17', given: 'a gateway that takes the connection and does not answer', when: 'it is waited for' },
    ...{ then: 'the wait is bounded, each try is a new socket, and no client id clashes', source: 'stoqey/ib#195' },
    run: async (bench) => {
      const { emulator } = bench;
      await bench.broker.disconnect();
      emulator.greeting = 'half open';
      const broker = bench.another({ limits: { ...SHORT, handshakeMs: 100 } });
      expect(await verdictOf(broker.connect())).toBe('retry GATEWAY_UNREACHABLE');
      await eventually('it tries again', () => emulator.connections > 3, { everyMs: 5 });
      expect(emulator.links.size).toBeLessThanOrEqual(2);
      emulator.greeting = 'usual';
      await isUp(bench);
      expect(bench.notes.map(({ code }) => code)).not.toContain('IBKR_326');
    },
  },
  {
    ...{ id: 'I18', given: 'a gateway whose log-in waits for a second factor', when: 'the bot connects' },
    ...{ then: 'it waits for a person, sends nothing, and is never ready', source: 'Lean#246, #199' },
    run: async (bench) => {
      const { emulator } = bench;
      await bench.broker.disconnect();
      emulator.greeting = 'not logged in';
      const from = emulator.seen.length;
      const broker = bench.another({ limits: { ...SHORT, handshakeMs: 100 } });
      const states = bench.statuses.length;
      await expect(broker.connect()).rejects.toThrow(/waiting for a person/);
      expect(await verdictOf(broker.submit(bench.desk().order('k-1', '1')))).toBe('retry NOT_CONNECTED');
      const names = emulator.seen.slice(from).map(({ name }) => name);
      expect(names.filter((name) => name !== 'startApi' && !name.startsWith('cancel'))).toEqual([]);
      expect(bench.statuses.slice(states)).toEqual([]);
      emulator.greeting = 'usual';
      await isUp(bench);
    },
  },
  {
    ...{ id: 'IB20', given: 'a client id that is in use', when: 'a second program connects with it' },
    ...{
      then: 'it says so and waits, the first stays; it takes over when the first has gone',
      source: 'ibkr.md codes: 326',
    },
    run: async (bench) => {
      const second = bench.another({ limits: { ...SHORT, handshakeMs: 200, answerMs: 200 } });
      await expect(second.connect()).rejects.toThrow(/client id is already in use/);
      expect(bench.broker.line.isUp).toBe(true);
      await bench.broker.disconnect();
      await eventually('it takes over', () => second.line.isUp, { everyMs: 5 });
    },
  },
  {
    ...{ id: 'IB21', given: 'an error without an id that refuses a list', when: 'the positions are asked for' },
    ...{ then: 'the question fails at once with the reason', source: 'ibkr.md: 321 arrives as info' },
    run: async (bench) => {
      bench.emulator.swallow('positions');
      const asked = verdictOf(bench.broker.positions());
      await eventually('it was asked for', () => requests(bench, 'positions') > 1, { everyMs: 2 });
      bench.emulator.error(-1, 321, 'Error validating request.');
      expect(await asked).toBe('refuse IBKR_321');
    },
  },
  {
    ...{
      id: 'IB22',
      given: 'more questions at once than a second allows',
      when: 'they are asked, and an order with them',
    },
    ...{ then: 'the pace is kept, all are answered, and the order does not wait for them', source: 'ibkr.md pacing' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const known = requests(bench, 'executions');
      const records = Promise.all(Array.from({ length: 70 }, () => broker.activities(null, 1)));
      await broker.submit(bench.desk().order('k-1', '1'));
      const before = requests(bench, 'executions') - known;
      expect(before).toBeLessThan(70);
      await records;
      expect(requests(bench, 'executions') - known).toBe(70);
      expect(bench.notes.map(({ code }) => code)).not.toContain('IBKR_100');
      expect(emulator.links.size).toBe(1);
    },
  },
  {
    ...{ id: 'IB23', given: 'a symbol that means two securities', when: 'it is asked for, then held' },
    ...{ then: 'it is refused, then known by what is held', source: 'ibkr.md codes: 200' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      emulator.ambiguous.add('SPY');
      expect(await verdictOf(broker.asset(bench.symbol))).toBe('refuse AMBIGUOUS_SYMBOL');
      bench.exchange.tradeByHand('SPY', 'buy', dec('1'));
      await broker.positions();
      expect((await broker.asset(bench.symbol))?.tradable).toBe(true);
      await broker.submit(bench.desk().order('k-1', '1', SALE));
      const order = emulator.seen.find(({ name }) => name === 'placeOrder');
      expect(order?.fields[2]).not.toBe('');
    },
  },
  {
    ...{
      id: 'IB24',
      given: 'a class of shares',
      when: 'it is traded',
      then: 'the wire has a space, the bot a dot',
      source: 'ibkr.md wire',
    },
    run: async (bench) => {
      const desk = bench.desk();
      await desk.trade(desk.order('k-1', '2', { symbol: parseSymbol('BRK.B') }));
      expect(bench.emulator.seen.find(({ name }) => name === 'placeOrder')?.fields[3]).toBe('BRK B');
      expect((await bench.broker.positions()).map(({ symbol }) => symbol)).toEqual(['BRK.B']);
      expect(desk.fills()[0]?.symbol).toBe('BRK.B');
    },
  },
  {
    ...{ id: 'IB25', given: 'a login with two accounts', when: 'none, a wrong and the right one is set' },
    ...{ then: 'the first two are named with the remedy, the third trades', source: 'issue: bad input' },
    run: async (bench) => {
      bench.emulator.accounts = ['DU1', 'DU2'];
      const checked = async (clientId: number, accountNumber: string | null): Promise<readonly string[]> => {
        const broker = bench.another({ address: { ...bench.address, clientId }, accountNumber });
        await broker.connect();
        return (await broker.selfCheck()).filter(({ ok }) => !ok).map(({ name, remedy }) => `${name}: ${remedy}`);
      };
      expect(await checked(11, null)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^broker.account: Set BROKER_ACCOUNT_NUMBER/)]),
      );
      expect((await checked(12, 'U9'))[0]).toMatch(/^broker.account: Correct BROKER_ACCOUNT_NUMBER/);
      expect(await checked(13, 'DU1')).toEqual([]);
    },
  },
  {
    ...{
      id: 'IB26',
      given: 'a clock that is a minute ahead, and nobody at the address',
      when: 'the broker checks itself',
    },
    ...{ then: 'each finding has its remedy', source: 'issue: bad input' },
    run: async (bench) => {
      const ahead = bench.another({
        address: { ...bench.address, clientId: 9 },
        clock: { now: () => plusMs(bench.clock.now(), 60_000) },
      });
      expect((await ahead.selfCheck()).find(({ ok }) => !ok)).toMatchObject({
        name: 'broker.clock',
        cause: expect.stringContaining('60 s ahead'),
      });
      const { port } = bench.address;
      await bench.emulator.stop();
      const nobody = bench.another({ address: { host: '127.0.0.1', port, clientId: 10 }, limits: SHORT });
      expect(await nobody.selfCheck()).toMatchObject([
        { ok: false, cause: expect.stringContaining('waiting for a person') },
      ]);
    },
  },
  {
    ...{
      id: 'IB27',
      given: 'the daily restart of the gateway',
      when: 'it is back',
      then: 'everything that was missed is read before orders go',
    },
    source: 'ibkr.md codes; spec TRD-63',
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '5', desk.resting()));
      const from = emulator.seen.length;
      emulator.cut();
      await eventually('the line is down', () => !broker.line.isUp, { everyMs: 1 });
      bench.exchange.fill(bench.exchange.byClientId('k-1')?.id ?? '');
      await broker.connect();
      const names = emulator.seen.slice(from).map(({ name }) => name);
      for (const list of ['positions', 'allOpenOrders', 'executions', 'completedOrders']) expect(names).toContain(list);
      expect(desk.fills('k-1')).toHaveLength(1);
    },
  },
  {
    ...{ id: 'IB28', given: 'a connection that died without an end', when: 'nothing comes for a while' },
    ...{ then: 'the gateway is asked for its time, and a new connection is made', source: 'own, from I17' },
    run: async (bench) => {
      const { emulator } = bench;
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        limits: { ...SHORT, quietMs: 150, answerMs: 150 },
      });
      await broker.connect();
      const before = emulator.connections;
      emulator.muteLinks();
      await eventually('a new connection is made', () => emulator.connections > before && broker.line.isUp, {
        everyMs: 5,
      });
    },
  },
  {
    ...{
      id: 'IB29',
      given: 'frames of impossible length, broken texts, short rows, unknown messages, new fields',
      when: 'they arrive',
    },
    ...{ then: 'no process ends, and later orders trade', source: 'own; A2 for this broker' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      emulator.unknownFields = true;
      const orderId = 1;
      emulator.raw([4, 2, orderId, 201, 'x', '{broken']);
      for (const fields of [
        ['999', 'x'],
        ['11'],
        ['5', '1'],
        ['59', '1'],
        ['61', '3'],
        ['101'],
        ['17', '5', '', '', '7'],
        ['75', '1', '', '', '', '', '-4'],
      ])
        emulator.raw(fields);
      await broker.submit(desk.order('k-1', '1'));
      await bench.pass();
      for (const link of emulator.links) link.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xfc, 1, 2, 3, 4]));
      await eventually('the line is down', () => bench.statuses.some(({ state }) => state === 'disconnected'), {
        everyMs: 2,
      });
      await broker.connect();
      await broker.submit(desk.order('k-2', '1'));
      await bench.pass();
      expect(desk.filled().text()).toBe('2');
    },
  },
  {
    ...{
      id: 'IB30',
      given: 'trades',
      when: 'the records are read in pages of any size',
      then: 'they are complete, each once',
      source: 'K7 without cash',
    },
    run: async (bench) => {
      const desk = bench.desk();
      await desk.trade(desk.order('k-1', '10'), desk.order('k-2', '4', SALE), desk.order('k-3', '6', SALE));
      const whole = await allActivities(bench.broker, 100);
      for (const size of [1, 3]) expect(await allActivities(bench.broker, size)).toEqual(whole);
      expect(whole.map(({ activityId }) => activityId).sort()).toEqual(
        desk
          .fills()
          .map(({ executionId }) => executionId)
          .sort(),
      );
    },
  },
  {
    ...{ id: 'IB31', given: 'a gateway of a version that this program does not speak', when: 'it is connected to' },
    ...{ then: 'the versions are named', source: 'broker-scenarios.md: protobuf above 200' },
    run: async (bench) => {
      const newer = new IbkrEmulator({ clock: bench.clock, cash: dec('1'), symbols: [], serverVersion: 201 });
      const { host, port } = await newer.start();
      const broker = bench.another({ address: { host, port, clientId: 1 } });
      await expect(broker.connect()).rejects.toThrow(/version 201, this program 164 to 193/);
      await broker.disconnect();
      await newer.stop();
    },
  },
  {
    ...{ id: 'IB32', given: 'a symbol with options', when: 'its chain is asked for' },
    ...{
      then: 'the contracts nearest to the price have exact quotes and the volatility of the model',
      source: 'TRD-23, TRD-31',
    },
    run: async (bench) => {
      bench.emulator.market.options.set('SPY', {
        expiries: ['20260116', '20260220', '20261218'],
        strikes: ['480', '495', '500', '502.5', '550'],
        quote: ({ strike, right }) => ({
          bid: right === 'P' ? '3.10' : '9',
          ask: '3.20',
          impliedVolatility: `0.${strike.slice(0, 3)}`,
        }),
      });
      const question = {
        right: 'put',
        from: parseDateText('2026-01-06'),
        to: parseDateText('2026-03-01'),
        near: dec('500'),
        most: 4,
      } as const;
      const chain = await bench.broker.optionChain(bench.symbol, question);
      expect(chain.map(({ expiry, strike }) => `${expiry} ${strike.shortText()}`)).toEqual([
        '2026-01-16 500',
        '2026-01-16 502.5',
        '2026-02-20 500',
        '2026-02-20 502.5',
      ]);
      expect(chain[0]).toMatchObject({
        right: 'put',
        bid: dec('3.10'),
        ask: dec('3.20'),
        impliedVolatility: dec('0.500'),
      });
      expect(await bench.broker.optionChain(parseSymbol('THIN'), question)).toEqual([]);
      await bench.broker.clock();
      expect(bench.emulator.market.subscriptions).toEqual([]);
    },
  },
  {
    ...{ id: 'IB33', given: 'a lost line whose cause changes', when: 'the broker checks itself meanwhile' },
    ...{ then: 'each cause is reported, and the check does not end the line', source: 'own' },
    run: async (bench) => {
      const { emulator } = bench;
      const broker = bench.another({
        address: { ...bench.address, clientId: 9 },
        limits: { ...SHORT, handshakeMs: 100 },
      });
      await broker.connect();
      emulator.greeting = 'half open';
      emulator.cut();
      await eventually('both causes are reported', () => new Set(bench.statuses.map(({ reason }) => reason)).size > 2, {
        everyMs: 5,
      });
      expect((await broker.selfCheck()).every(({ ok }) => ok)).toBe(false);
      emulator.greeting = 'usual';
      await eventually('it is up again', () => broker.line.isUp, { everyMs: 5 });
    },
  },
];
