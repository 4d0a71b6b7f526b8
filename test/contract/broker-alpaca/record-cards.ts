import { expect } from '@jest/globals';
import { parseSymbol } from '../../../src/events/names.js';
import type { Broker } from '../../../src/ports/broker.js';
import { fault, type Answer } from '../../emulators/alpaca/answer.js';
import type { CashRow } from '../../emulators/exchange/types.js';
import type { BrokerUpdate } from '../../../src/ports/order-entry.js';
import { allActivities, dec, verdictOf } from '../broker-kit/desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { AlpacaBench } from './bench.js';

/** Cards of the records of the account that are no trades. */
export const RECORD_CARDS: readonly Card<AlpacaBench>[] = [
  {
    ...{
      id: 'A-cash',
      given: 'an account that may not sell short',
      when: 'a symbol that can be borrowed is asked for',
    },
    ...{ then: 'it cannot be sold short', source: 'vendor documentation: account' },
    run: async (bench) => {
      const { account } = bench.emulator;
      const shortable = async (): Promise<unknown> => {
        bench.move(60_000);
        return (await bench.broker.asset(bench.symbol))?.shortable;
      };
      expect(await shortable()).toBe(true);
      Object.assign(account.accountFields, { shorting_enabled: false });
      expect(await shortable()).toBe(false);
      Object.assign(account.accountFields, { shorting_enabled: true, multiplier: '1' });
      expect(await shortable()).toBe(false);
      Object.assign(account.accountFields, { shorting_enabled: undefined, multiplier: undefined });
      expect(await shortable()).toBe(true);
    },
  },
  {
    ...{
      id: 'AL53',
      given: 'an account that keeps the parts of a cent of fractions of a share',
      when: 'its cash is read',
    },
    ...{
      then: 'the books take these parts too, from then on; not before, and not for cash in cents',
      source: 'own: a day with fractions was a cent apart; no document says how cash is rounded',
    },
    run: async (bench) => {
      const { broker } = bench;
      const { account } = bench.emulator;
      const parts = async (cash: string | undefined): Promise<unknown> => {
        Object.assign(account.accountFields, { cash });
        await broker.account();
        return broker.capabilities.cashHasParts;
      };
      expect([await parts('99900.01'), await parts('99900.00000064'), await parts('99900.01')]).toEqual([
        ...[false, true, true],
      ]);
    },
  },
  {
    ...{
      id: 'AL48',
      given: 'a split and a renamed symbol of two rows each, a split of one row, and money for a fraction of a share',
      when: 'the records are read in pages of one, also by a successor',
    },
    ...{
      then: 'each pair is one replacement of shares at its last row, once; the money is income, not a deposit',
      source: 'alpaca.md Activities; docs activity types SPLIT and NC (legs of one corporate action)',
    },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const { exchange, account } = emulator;
      const leg = (symbol: string, shares: string, description: string): Partial<CashRow> => ({
        ...{ symbol, quantity: dec(shares), description },
      });
      exchange.row('split', dec('0'), leg('SPY', '-33', 'REMOVE, From QTY:33, To QTY:1.65'));
      exchange.row('name_change', dec('0'), leg('BRK.B', '-4.5', ''));
      exchange.row('split', dec('0'), leg('SPY', '1.65', 'ADD, From QTY:33, To QTY:1.65'));
      exchange.row('name_change', dec('0'), leg('BRKX', '4.5', ''));
      exchange.row('split', dec('0'), leg('AAPL', '10', 'stock split'));
      account.extraRows.push({
        ...{ id: '20260105235900000::lieu', activity_type: 'CIL', net_amount: '12.34', date: '2026-01-05' },
        ...{ symbol: 'SPY', status: 'executed' },
      });
      const expected = [
        'conversion -33 SPY 1.65 SPY',
        'conversion -4.5 BRK.B 4.5 BRKX',
        'conversion 10 AAPL',
        'dividend 12.34',
      ];
      const read = async (adapter: Broker): Promise<readonly string[]> =>
        (await allActivities(adapter, 1)).map((row) =>
          row.kind === 'conversion'
            ? [row.kind, ...row.moves.map(({ symbol, quantity }) => `${quantity.shortText()} ${symbol}`)].join(' ')
            : `${row.kind} ${'amount' in row ? row.amount.text() : ''}`,
        );
      expect(await read(broker)).toEqual(expected);
      const successor = bench.adapter();
      await successor.connect();
      expect(await read(successor)).toEqual(expected);
    },
  },
  {
    ...{
      id: 'AL26',
      given: 'rows of journals, a pending row, a half of a split and a type that no document names',
      when: 'they are read',
    },
    ...{
      then: 'each that moves money is one movement, by its sign; the others are none',
      source: 'alpaca.md Activities; broker-scenarios',
    },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const half = { symbol: 'SPY', quantity: dec('10'), description: 'ADD, From QTY:10, To QTY:10' };
      emulator.exchange.row('split', dec('0'), half);
      emulator.exchange.row('name_change', dec('0'), { symbol: 'BRKX', quantity: dec('10') });
      emulator.exchange.row('journal', dec('-5'));
      emulator.exchange.row('dividend', dec('1.25'), { symbol: 'SPY' });
      const odd = { activity_type: 'QUUX', net_amount: '2.50', date: '2026-01-05', status: 'executed' };
      emulator.account.extraRows.push({ ...odd, id: '20260105093700000::odd' });
      emulator.account.extraRows.push({ ...odd, id: '20260105093800000::later', status: 'pending' });
      emulator.account.extraRows.push({
        ...odd,
        id: '20260105093900000::roc',
        activity_type: 'DIV',
        activity_sub_type: 'ROC',
      });
      const rows = await allActivities(broker, 2);
      expect(
        rows.map((row) => ('amount' in row ? `${row.kind} ${row.amount.text()} ${row.symbol ?? '-'}` : '')),
      ).toEqual(['withdrawal -5 -', 'dividend 1.25 SPY', 'deposit 2.50 -', 'dividend 2.50 -']);
    },
  },
  {
    ...{ id: 'AL49', given: 'executions that an earlier process saw', when: 'one is busted and one is corrected' },
    ...{
      then: 'each is reported of the execution that it is of, by the records; one that may be either is left to a person',
      source: 'alpaca.md trade_updates, Activities (FILL rows have no execution id)',
    },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '10'));
      await bench.settle();
      const order = emulator.exchange.byClientId('k')!;
      const parts = ['4', '3', '3'].map((shares) => emulator.exchange.fill(order.id, dec(shares)));
      await bench.settle();
      const ids = desk.fills('k').map(({ executionId }) => executionId);
      await broker.disconnect();
      const successor = bench.adapter();
      const seen: BrokerUpdate[] = [];
      successor.orderUpdates$.subscribe((update) => seen.push(update));
      await successor.connect();
      const last = (): BrokerUpdate | undefined => seen.at(-1);
      emulator.exchange.correct(parts[2]!.id, { price: dec('99') });
      await bench.until('the correction', () => last()?.kind === 'corrected');
      expect(last()).toMatchObject({ correctsExecutionId: ids[2], executionId: ids[2], price: dec('99') });
      emulator.exchange.bust(parts[0]!.id);
      await bench.until('the bust', () => last()?.kind === 'busted');
      expect(last()).toMatchObject({ executionId: ids[0] });
      // the records now lack seven shares at the beginning: nothing says which three of them these were
      emulator.exchange.bust(parts[1]!.id);
      await bench.until('the report for a person', () => String(last()?.kind).startsWith('unknown report'));
      await successor.disconnect();
    },
  },
  {
    ...{ id: 'AL50', given: 'a long and a short position', when: 'one symbol is asked for' },
    ...{
      then: 'the query for it answers, with the sign, and the list is not read',
      source: 'TRD-64; alpaca.md Positions',
    },
    run: async (bench) => {
      const { broker, emulator } = bench;
      emulator.exchange.tradeByHand('SPY', 'buy', dec('3'));
      emulator.exchange.tradeByHand('BRK.B', 'sell', dec('2'));
      emulator.account.unsignedShorts = true;
      emulator.requests.length = 0;
      const shares = async (symbol: string): Promise<string | undefined> =>
        (await broker.position(parseSymbol(symbol)))?.quantity.shortText();
      expect([await shares('SPY'), await shares('BRK.B'), await shares('WHOLE')]).toEqual(['3', '-2', undefined]);
      expect(emulator.requests).toEqual(['SPY', 'BRK.B', 'WHOLE'].map((symbol) => `GET /v2/positions/${symbol}`));
    },
  },
  {
    ...{ id: 'AL51', given: 'shares held', when: 'the query for their symbol answers 404, or with another symbol' },
    ...{
      then: 'only the word of Alpaca that the position does not exist is none: the list decides the others',
      source: 'TRD-63 (unknown is never empty)',
    },
    run: async (bench) => {
      const { broker, emulator, symbol } = bench;
      emulator.exchange.tradeByHand('SPY', 'buy', dec('3'));
      const shares = async (): Promise<string | undefined> => (await broker.position(symbol))?.quantity.shortText();
      const answers: readonly Answer[] = [
        { status: 404, body: { message: 'no Route matched with those values' } },
        { status: 404 },
        fault(404, 40410000, 'endpoint not found.'),
        fault(404, 40410000, 'asset not found for SPY'),
        fault(404, 40400000, 'position does not exist'),
        { status: 200, body: { symbol: 'WHOLE', qty: '0', side: 'long' } },
      ];
      for (const answer of answers) {
        emulator.answers.set('GET /v2/positions/SPY', answer);
        expect(await shares()).toBe('3');
      }
      emulator.answers.set('GET /v2/positions/SPY', fault(404, 40410000, 'position does not exist'));
      expect(await shares()).toBeUndefined();
      emulator.answers.clear();
      emulator.faults.next('html', 'GET /v2/positions', 2);
      expect(await verdictOf(broker.position(symbol))).toMatch(/^retry /);
    },
  },
  {
    ...{ id: 'AL52', given: 'an order that Alpaca has', when: 'something before it answers 404 to a look-up' },
    ...{ then: 'the order is unknown, not absent: it would be sent a second time', source: 'TRD-50, P2' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      await broker.submit(desk.order('k', '5', desk.resting()));
      const next = bench.adapter();
      await next.connect();
      emulator.answers.set('GET /v2/orders:by_client_order_id', { status: 404, body: { message: 'no Route matched' } });
      const asked = next.orderByClientId(desk.order('k', '5').clientOrderId);
      expect(await verdictOf(asked)).toBe('retry NOT_FOUND_UNCLEAR');
      emulator.answers.clear();
      expect((await next.orderByClientId(desk.order('k', '5').clientOrderId))?.status).toBe('working');
      await next.disconnect();
    },
  },
  {
    ...{
      id: 'AL54',
      given: 'an open order',
      when: 'something before Alpaca answers 404 to its cancel, alone or in a list',
    },
    ...{ then: 'the cancel is not carried out, and is not taken for the end of the order', source: 'TRD-50, P2' },
    run: async ({ broker, desk, emulator }) => {
      await broker.submit(desk.order('k', '5', desk.resting()));
      const { clientOrderId } = desk.order('k', '5');
      const [open] = await broker.openOrders();
      const gateway = { status: 404, body: { message: 'no Route matched' } };
      emulator.answers.set(`DELETE /v2/orders/${open?.brokerOrderId ?? ''}`, gateway);
      expect(await verdictOf(broker.cancel(clientOrderId))).toBe('retry NOT_FOUND_UNCLEAR');
      emulator.answers.set('DELETE /v2/orders', { status: 207, body: [{ id: open?.brokerOrderId, ...gateway }] });
      expect(await verdictOf(broker.cancelAll())).toBe('reconcile CANCEL_INCOMPLETE');
      emulator.answers.set('DELETE /v2/orders', {
        status: 207,
        body: [{ id: open?.brokerOrderId, status: 404, body: { code: 40410000, message: 'order not found' } }],
      });
      expect(await verdictOf(broker.cancelAll())).toBe('resolved');
    },
  },
];
