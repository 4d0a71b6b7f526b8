import { expect } from '@jest/globals';
import { secret } from '../../../src/kernel/secret.js';
import { DAY_MS, parseDateText, toUtcText } from '../../../src/kernel/time.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import type { BrokerActivity } from '../../../src/ports/account-queries.js';
import type { NothingStyle } from '../../emulators/tradier/wire.js';
import { dec, verdictOf } from '../broker-kit/desk.js';
import type { TradierBench } from './bench.js';
import type { TradierCard } from './order-cards.js';

const html = { status: 200, body: '<html>We will be right back</html>', type: 'text/html' };
const json = (value: unknown): typeof html => ({ status: 200, body: JSON.stringify(value), type: 'application/json' });

async function failed(bench: TradierBench): Promise<string> {
  const checks = await bench.broker.selfCheck();
  return checks.flatMap((check) => (check.ok ? [] : [`${check.name}: ${check.cause} ${check.remedy}`])).join();
}

const cashOf = (rows: readonly BrokerActivity[]): string[] =>
  rows.flatMap((row) => ('amount' in row ? [`${row.kind} ${row.amount.abs().shortText(2)}`] : []));

/** Lists of one, many and none, and answers that are no lists. */
export const ANSWER_CARDS: readonly TradierCard[] = [
  ...(['text', 'null', 'missing'] as const satisfies readonly NothingStyle[]).map((nothing, n): TradierCard => ({
    ...{ id: `T${32 + n}`, given: `nothing, spelled as ${nothing}`, when: 'orders, positions and records are read' },
    ...{ then: 'each is an empty list', source: 'vendor documentation: JSON made from XML' },
    run: async (bench) => {
      bench.emulator.nothing = nothing;
      expect([await bench.broker.openOrders(), await bench.broker.positions()]).toEqual([[], []]);
      expect(await bench.broker.activities(null, 10)).toEqual([]);
    },
  })),
  {
    ...{ id: 'T35', given: 'one order, then two', when: 'open orders are read' },
    ...{ then: 'an object and an array are both lists', source: 'vendor documentation: JSON made from XML' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '1'));
      expect(await bench.broker.openOrders()).toHaveLength(1);
      await bench.broker.submit(bench.desk.order('b', '1'));
      expect(await bench.broker.openOrders()).toHaveLength(2);
    },
  },
  {
    ...{ id: 'T2', given: 'HTTP 200 with a page of HTML for the orders', when: 'they are read' },
    ...{ then: 'they are read again, and never taken as none', source: 'Lean.Brokerages.Tradier#49' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '1'));
      bench.emulator.faults.next('html', 'GET /orders', 1);
      expect((await bench.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['a']);
      bench.emulator.faults.next('html', 'GET /orders', 100);
      expect(await verdictOf(bench.broker.openOrders())).toBe('retry ANSWER_NOT_JSON');
      expect(await verdictOf(bench.desk.find('other'))).toBe('retry ANSWER_NOT_JSON');
    },
  },
  {
    ...{ id: 'T36', given: 'JSON that is no list of positions', when: 'positions are read' },
    ...{ then: 'it cannot be read, and is never taken as none', source: 'own' },
    run: async (bench) => {
      const bodies = [
        '{"fault":1}',
        '[]',
        '"null"',
        '{"positions":{"total":3}}',
        '{"positions":[]}',
        '{"positions":{"position":[1]}}',
      ];
      for (const body of bodies) {
        bench.emulator.answers.set('GET /positions', [{ ...html, body, type: 'application/json' }]);
        expect([body, await verdictOf(bench.broker.positions())]).toEqual([body, 'retry BROKER_ANSWER_UNREADABLE']);
      }
      bench.emulator.answers.set('GET /positions', [json({ errors: { error: 'no' } })]);
      expect(await verdictOf(bench.broker.positions())).toBe('retry BROKER_ERRORS');
    },
  },
  {
    ...{ id: 'T37', given: 'a position of which the broker gives the whole cost', when: 'it is read' },
    ...{
      then: 'its price is per share, and lots of one symbol are one position',
      source: 'vendor documentation: cost_basis',
    },
    run: async (bench) => {
      const lot = (quantity: number, cost: number): object => ({ id: 1, symbol: 'SPY', quantity, cost_basis: cost });
      bench.emulator.answers.set('GET /positions', [
        json({ positions: { position: [lot(-2, -200.5), lot(-1, -100.1)] } }),
      ]);
      const [position] = await bench.broker.positions();
      expect([position?.quantity.text(), position?.averagePrice.shortText(2)]).toEqual(['-3', '100.20']);
    },
  },
];

/** Token, account, clock and connection. */
export const CONNECTION_CARDS: readonly TradierCard[] = [
  {
    ...{ id: 'T38', given: 'a token that is revoked in mid-day', when: 'calls follow' },
    ...{
      then: 'each is refused at once, the connection is lost, and no secret is in a message',
      source: 'Lean.Brokerages.Tradier#52',
    },
    run: async (bench) => {
      bench.emulator.token = 'another';
      const before = bench.emulator.requests.length;
      expect(await verdictOf(bench.broker.positions())).toBe('refuse BROKER_KEY_REFUSED');
      expect(bench.emulator.requests.length - before).toBeLessThanOrEqual(2);
      expect(await verdictOf(bench.broker.submit(bench.desk.order('a', '1')))).toBe('refuse BROKER_KEY_REFUSED');
      await bench.until('it is disconnected', () => bench.states.at(-1)?.state === 'disconnected');
      expect(bench.states.at(-1)?.reason).toContain('access token');
      expect(JSON.stringify(bench.states)).not.toMatch(/emulated-token|VA000001/);
    },
  },
  {
    ...{ id: 'T39', given: 'orders that cannot be read several times', when: 'they can be read again' },
    ...{ then: 'the connection is lost and comes back, and what happened meanwhile is reported', source: 'own; F1' },
    run: async (bench) => {
      await bench.broker.submit(bench.desk.order('a', '10'));
      await bench.broker.openOrders();
      bench.emulator.faults.rates = { html: 1 };
      await bench.until('it is disconnected', () => bench.states.at(-1)?.state === 'disconnected');
      bench.emulator.exchange.fill(bench.venue('a').id);
      bench.emulator.faults.clear();
      await bench.until('it is connected', () => bench.states.at(-1)?.state === 'connected');
      await bench.until('the fill is reported', () => bench.desk.filled('a').equals(dec('10')));
    },
  },
  {
    ...{ id: 'T-back', given: 'a broker that is lost while nothing is open', when: 'it answers again' },
    ...{ then: 'it is connected at once, not at the next look of an idle account', source: 'own: a kill waits for it' },
    run: async (bench) => {
      // without the stream, whose hints begin looks too
      await bench.restart({ purpose: 'look', pauses: { busyMs: 10, idleMs: 1_000_000 } });
      bench.emulator.faults.rates = { html: 1 };
      for (let n = 0; n < 3; n += 1) await verdictOf(bench.broker.openOrders());
      await bench.until('it is disconnected', () => bench.states.at(-1)?.state === 'disconnected');
      bench.emulator.faults.clear();
      await bench.until('it is connected', () => bench.states.at(-1)?.state === 'connected');
    },
  },
  {
    ...{ id: 'T7', given: 'the session of the stream expires in mid-day', when: 'orders trade' },
    ...{ then: 'a new one is fetched, and nothing is missed', source: 'Lean.Brokerages.Tradier#22' },
    run: async (bench) => {
      const { streams, exchange } = bench.emulator;
      const seen = (): number => bench.emulator.seen('POST /accounts/events/session').length;
      await bench.until('the stream is open', () => streams.isOpen('accounts'));
      await bench.broker.submit(bench.desk.order('a', '10'));
      const sessions = seen();
      streams.expire('accounts');
      exchange.fill(bench.venue('a').id);
      await bench.until('a new session is open', () => seen() > sessions && streams.isOpen('accounts'));
      await bench.until('the fill is reported', () => bench.desk.filled('a').equals(dec('10')));
    },
  },
  {
    ...{
      id: 'T40',
      given: 'the stream, whose events have either name of the filled quantity',
      when: 'an order trades',
    },
    ...{
      then: 'the event leads to a look at once, long before the next steady one',
      source: 'vendor documentation: account events',
    },
    run: async (bench) => {
      const { streams, exchange } = bench.emulator;
      const { connections } = streams;
      await bench.restart({ pauses: { busyMs: 3_600_000, idleMs: 3_600_000 } });
      await bench.until('the new stream is connected', () => streams.connections > connections);
      for (const name of ['exec_quantity', 'executed_quantity'] as const) {
        await bench.until('the stream is open', () => streams.isOpen('accounts'));
        streams.quantityName = name;
        await bench.broker.submit(bench.desk.order(name, '10'));
        await bench.until('it is acknowledged', () => bench.desk.of(name).length === 1);
        exchange.fill(bench.venue(name).id);
        await bench.until('the fill is reported', () => bench.desk.filled(name).equals(dec('10')));
      }
    },
  },
  {
    ...{ id: 'T41', given: 'a stream that is never there', when: 'an order trades' },
    ...{ then: 'the steady look reports it', source: 'Lean.Brokerages.Alpaca#28' },
    run: async (bench) => {
      bench.emulator.answers.set(
        'POST /accounts/events/session',
        Array.from({ length: 500 }, () => html),
      );
      bench.emulator.streams.expire('accounts');
      await bench.broker.submit(bench.desk.order('a', '10'));
      bench.emulator.exchange.fill(bench.venue('a').id);
      await bench.until('the fill is reported', () => bench.desk.filled('a').equals(dec('10')));
      expect(bench.states.at(-1)?.state).toBe('connected');
    },
  },
  {
    ...{ id: 'T42', given: 'answers and streams of a session', when: 'the kept frames are looked at' },
    ...{ then: 'neither token nor session is in one of them', source: 'P10' },
    run: async (bench) => {
      await bench.until('the stream is open', () => bench.emulator.streams.isOpen('accounts'));
      await bench.desk.trade(bench.desk.order('a', '1'));
      const frames = [...bench.raw.frames.values()];
      expect(frames.length).toBeGreaterThan(2);
      expect(JSON.stringify(frames)).not.toMatch(/emulated-token|accounts-session/);
      expect(frames.map(({ channel }) => channel).join()).not.toContain('VA000001');
    },
  },
  {
    ...{
      id: 'T43',
      given: 'a wrong token, another account, one that is closed or of a type without stocks, a clock that is off',
      when: 'the self-check runs',
    },
    ...{ then: 'each is named with a remedy, and no account number is shown', source: 'issue: bad input' },
    run: async (bench) => {
      const { account } = bench.emulator;
      expect(await failed(bench)).toBe('');
      account.skewMs = 120_000;
      expect(await failed(bench)).toMatch(/clock of this machine is 1(19|20) s behind that of TRADIER.*time server/);
      account.skewMs = -120_000;
      expect(await failed(bench)).toMatch(/clock of this machine is 12[01] s ahead of that of TRADIER/);
      account.skewMs = 0;
      account.accountStatus = 'closed';
      expect(await failed(bench)).toMatch(/account at TRADIER is closed/);
      account.accountStatus = 'active';
      account.accountType = 'options';
      expect(await failed(bench)).toMatch(/account at TRADIER is of the type options.*BROKER_ACCOUNT_NUMBER/);
      account.accountType = 'margin';
      await bench.restart({ account: { ...bench.account(), accountNumber: null } });
      expect(await failed(bench)).toBe('');
      account.otherAccounts = ['VA000002'];
      const open = (more: object): Promise<void> => bench.restart({ account: { ...bench.account(), ...more } });
      expect(await verdictOf(open({ accountNumber: null }))).toBe('refuse BROKER_ACCOUNT_UNKNOWN');
      expect(await verdictOf(open({ accountNumber: secret('VA000009') }))).toBe('refuse BROKER_ACCOUNT_UNKNOWN');
      expect(await verdictOf(open({ apiKey: secret('wrong') }))).toBe('refuse BROKER_KEY_REFUSED');
      expect(await failed(bench)).toMatch(/refused the access token.*not interchangeable/);
      expect(await failed(bench)).not.toContain('VA0000');
    },
  },
  {
    ...{ id: 'T44', given: 'an account of each kind', when: 'balances and assets are read' },
    ...{
      then: 'buying power is read right, and a cash account sells nothing short',
      source: 'vendor documentation: balances',
    },
    run: async (bench) => {
      for (const type of ['margin', 'cash', 'pdt'] as const) {
        bench.emulator.account.accountType = type;
        const { buyingPower, cash } = await bench.broker.account();
        expect([type, buyingPower.text(), cash.text()]).toEqual([type, '100000', '100000']);
        expect([type, (await bench.broker.asset(bench.symbol))?.shortable]).toEqual([type, type !== 'cash']);
      }
      expect((await bench.broker.asset('THIN' as typeof bench.symbol))?.shortable).toBe(false);
      expect(await bench.broker.asset('NOPE' as typeof bench.symbol)).toBeUndefined();
    },
  },
  {
    ...{ id: 'T45', given: 'a day that closes early, and a holiday', when: 'the calendar is read' },
    ...{ then: 'the hours are those of the exchange in UTC', source: 'vendor documentation: calendar' },
    run: async (bench) => {
      bench.emulator.account.closes.set('2026-01-06', '13:00');
      const day = await bench.broker.calendar(parseDateText('2026-01-06'));
      expect(day.kind === 'open' && [toUtcText(day.opensAt), toUtcText(day.closesAt)]).toEqual([
        '2026-01-06T14:30:00.000Z',
        '2026-01-06T18:00:00.000Z',
      ]);
      expect(await bench.broker.calendar(parseDateText('2026-01-19'))).toMatchObject({ kind: 'closed' });
    },
  },
  {
    ...{ id: 'T-revoked', given: 'a broker that is lost', when: 'it answers, and refuses the token' },
    ...{ then: 'the connection counts as refused until the token works again', source: 'own' },
    run: async (bench) => {
      const { emulator, states } = bench;
      const { token } = emulator;
      emulator.faults.next('html', 'GET /orders', 1_000);
      await bench.until('lost', () => states.at(-1)?.state === 'disconnected');
      expect(states.at(-1)?.code).toBeUndefined();
      emulator.token = 'another';
      emulator.faults.clear();
      await bench.until('refused', () => states.at(-1)?.code === 'KEY_REFUSED');
      emulator.token = token;
      await bench.until('connected', () => states.at(-1)?.state === 'connected');
    },
  },
];

/** Records of the account, which have neither id nor time. */
export const RECORD_CARDS: readonly TradierCard[] = [
  {
    ...{ id: 'T46', given: 'two equal deposits on one day', when: 'the records are read twice' },
    ...{ then: 'they are two movements, with the same ids each time', source: 'own: rows without ids' },
    run: async (bench) => {
      for (let n = 0; n < 2; n += 1) await bench.transfer('', dec('250.00'), 'in');
      const rows = await bench.broker.activities(null, 10, 'cash');
      expect(cashOf(rows)).toEqual(['deposit 250.00', 'deposit 250.00']);
      expect(new Set(rows.map(({ activityId }) => activityId)).size).toBe(2);
      await bench.restart();
      expect((await bench.broker.activities(null, 10, 'cash')).map(({ activityId }) => activityId)).toEqual(
        rows.map(({ activityId }) => activityId),
      );
    },
  },
  {
    ...{
      id: 'T47',
      given: 'a row that is added to a day that is past',
      when: 'the records after the last one are read',
    },
    ...{ then: 'it is among them, also when it sorts before the last one', source: 'own: history is written at night' },
    run: async (bench) => {
      await bench.transfer('', dec('10.00'), 'in');
      const [last] = await bench.broker.activities(null, 10, 'cash');
      for (let n = 1; n <= 5; n += 1) bench.emulator.exchange.row('fee', dec(`-0.0${n}`));
      const added = await bench.broker.activities(last?.activityId ?? '', 10, 'cash');
      expect(cashOf(added).sort()).toEqual(['fee 0.01', 'fee 0.02', 'fee 0.03', 'fee 0.04', 'fee 0.05']);
      await bench.restart();
      const again = await bench.broker.activities(last?.activityId ?? '', 10, 'cash');
      expect(again.map(({ activityId }) => activityId)).toEqual(added.map(({ activityId }) => activityId));
    },
  },
  {
    ...{
      id: 'T48',
      given: 'more rows than one page, and a row that comes while they are read',
      when: 'the records are read',
    },
    ...{ then: 'each row is there once', source: 'own: pages move' },
    run: async (bench) => {
      for (let n = 1; n <= 501; n += 1) bench.emulator.exchange.row('fee', dec(`-${n}.00`));
      const { exchange, answers, account } = bench.emulator;
      const first = account.history(new URLSearchParams({ limit: '500' }), 'text');
      answers.set('GET /history', [first]);
      bench.move(DAY_MS);
      exchange.row('fee', dec('-999.00'));
      const rows = await bench.broker.activities(null, 1_000, 'cash');
      expect([rows.length, new Set(rows.map(({ activityId }) => activityId)).size]).toEqual([502, 502]);
    },
  },
  {
    ...{
      id: 'T49',
      given: 'a trade with a commission, interest paid, a dividend on a short',
      when: 'the records are read',
    },
    ...{
      then: 'charges and payments are what they are, and the trade itself is none',
      source: 'vendor documentation: history',
    },
    run: async (bench) => {
      bench.emulator.account.commission = dec('0.35');
      await bench.broker.submit(bench.desk.order('a', '10'));
      bench.emulator.exchange.fill(bench.venue('a').id, dec('10'), dec('100.00'));
      bench.emulator.exchange.row('interest', dec('-1.20'));
      bench.emulator.exchange.row('dividend', dec('-3.00'));
      expect(cashOf(await bench.broker.activities(null, 10, 'cash')).sort()).toEqual([
        'dividend_on_short 3.00',
        'fee 0.35',
        'fee 1.20',
      ]);
    },
  },
  {
    ...{ id: 'T50', given: 'a history that fails', when: 'the records are read' },
    ...{ then: 'they are unknown, never none', source: 'own' },
    run: async (bench) => {
      bench.emulator.account.hasHistory = false;
      const verdict = await bench.broker.activities(null, 10, 'cash').catch((error: unknown) => error);
      expect(verdict).toBeInstanceOf(TradeBotError);
    },
  },
];
