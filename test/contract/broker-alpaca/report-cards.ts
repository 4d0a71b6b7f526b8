import { expect } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { clientIdOf, orderJson } from '../../emulators/alpaca/wire.js';
import { allActivities, dec, SALE, verdictOf } from '../broker-kit/desk.js';
import type { Card } from '../broker-kit/kit.js';
import type { AlpacaBench } from './bench.js';

const id = parseClientOrderId;
const at = ({ emulator }: AlpacaBench, clientId: string) => emulator.exchange.byClientId(clientId)!;

/** An order that is open, and nothing traded. */
async function opened(bench: AlpacaBench, name = 'k', shares = '10'): Promise<string> {
  await bench.broker.submit(bench.desk.order(name, shares));
  await bench.settle();
  return at(bench, name).id;
}

const shown = (bench: AlpacaBench, name = 'k') =>
  bench.desk.fills(name).map(({ quantity, price }) => `${quantity.text()} at ${price.shortText(2)}`);

/** Cards of reports: frames that are lost, repeated, late, wrong or unknown. */
export const REPORT_CARDS: readonly Card<AlpacaBench>[] = [
  {
    ...{ id: 'A2', given: 'an event of trade_updates that no document names', when: 'it comes' },
    ...{
      then: 'it is kept and reported with its evidence, and later frames book',
      source: 'alpaca-trade-api-csharp#592',
    },
    run: async (bench) => {
      const { desk, emulator, raw } = bench;
      const order = await opened(bench);
      const json = orderJson(emulator.exchange.order(order));
      emulator.stream.send({ event: 'accepted', timestamp: '2026-01-05T14:35:01Z', order: json }, 'accepted');
      emulator.stream.send({ event: 'teleported', timestamp: '2026-01-05T14:35:01Z', order: json }, 'teleported');
      emulator.stream.raw('not even JSON');
      emulator.stream.raw('{"stream":"trade_updates","data":{"event":"fill","order":{}}}');
      emulator.exchange.fill(order);
      await bench.until('the execution', () => desk.fills('k').length === 1);
      const odd = desk.reported.filter(({ kind }) => !['acknowledged', 'filled'].includes(kind));
      expect(odd.map(({ kind }) => kind as string).sort()).toEqual([
        'unknown report (event teleported of trade_updates)',
        'unknown report (it is not a JSON object)',
        expect.stringMatching(/^unknown report \(order: .* is missing/),
      ]);
      const kept = new Set(raw.frames.map(({ text }) => text));
      expect([...kept].some((text) => text.includes('teleported'))).toBe(true);
    },
  },
  {
    ...{ id: 'A3', given: 'the same execution in several frames', when: 'they come' },
    ...{ then: 'it counts once', source: 'Lean.Brokerages.Alpaca#61' },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      emulator.faults.next('repeat', 'fill', 3);
      emulator.exchange.fill(order);
      const last = emulator.stream.sent.at(-1) ?? '';
      for (let n = 0; n < 3; n += 1) emulator.stream.raw(last);
      await bench.settle();
      expect(desk.of('k').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled']);
    },
  },
  {
    ...{ id: 'A4', given: 'an order that fills without any frame', when: 'seconds pass' },
    ...{
      then: 'it is found by asking and counts once; a late frame adds nothing',
      source: 'Lean.Brokerages.Alpaca#28',
    },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      emulator.faults.next('drop', 'trade_updates', 2);
      emulator.exchange.fill(order, dec('4'));
      emulator.exchange.fill(order, dec('6'), dec('101.5'));
      await bench.until('both are found', () => desk.filled('k').equals(dec('10')));
      expect(shown(bench)).toEqual(['4 at 100.00', '6 at 101.50']);
      const frames = bench.emulator.exchange.events.filter(({ execution }) => execution !== undefined);
      for (const event of frames) emulator.stream.publish(event);
      await bench.settle();
      expect(desk.of('k')).toHaveLength(3);
    },
  },
  {
    ...{ id: 'AL16', given: 'three executions of which the second has no frame', when: 'the third comes' },
    ...{ then: 'all three count with their own prices', source: 'alpaca.md trade_updates; own' },
    run: async (bench) => {
      const order = await opened(bench);
      bench.emulator.exchange.fill(order, dec('2'), dec('100'));
      await bench.settle();
      bench.emulator.faults.next('drop', 'partial_fill');
      bench.emulator.exchange.fill(order, dec('3'), dec('101'));
      bench.emulator.exchange.fill(order, dec('5'), dec('103'));
      await bench.until('all are known', () => bench.desk.filled('k').equals(dec('10')));
      expect(shown(bench)).toEqual(['2 at 100.00', '3 at 101.00', '5 at 103.00']);
    },
  },
  {
    ...{ id: 'AL17', given: 'frames in the wrong order', when: 'an order trades in two parts' },
    ...{ then: 'both count once, and the end comes last', source: 'issue 15 (reorder); own' },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      emulator.faults.next('reorder', 'partial_fill');
      emulator.exchange.fill(order, dec('4'), dec('100'));
      emulator.exchange.fill(order, dec('6'), dec('102'));
      await bench.until('both', () => desk.filled('k').equals(dec('10')));
      expect(shown(bench)).toEqual(['4 at 100.00', '6 at 102.00']);
    },
  },
  {
    ...{ id: 'AL18', given: 'records that lag behind the order', when: 'frames are lost' },
    ...{
      then: 'the growth of the order is reported with all that it traded, and the records add nothing',
      source: 'own',
    },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      emulator.account.recordsLagMs = 60_000;
      emulator.faults.next('drop', 'trade_updates', 2);
      emulator.exchange.fill(order, dec('4'), dec('100'));
      emulator.exchange.fill(order, dec('6'), dec('102'));
      await bench.until('the growth', () => desk.filled('k').equals(dec('10')));
      expect(desk.fills('k').map(({ soFar, price }) => [soFar?.quantity.text(), price.shortText()])).toEqual([
        ['10', '101.2'],
      ]);
      emulator.account.recordsLagMs = 0;
      bench.move(1_000);
      const answer = await desk.find('k');
      expect(answer?.updates.map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'filled']);
      expect(answer?.updates.every((update) => update.kind !== 'filled' || update.soFar !== undefined)).toBe(true);
    },
  },
  {
    ...{ id: 'AL19', given: 'a frame whose price is the average of the order', when: 'it comes' },
    ...{ then: 'the execution has its own price, from the records', source: 'alpaca.md trade_updates (price)' },
    run: async (bench) => {
      const { emulator } = bench;
      const order = await opened(bench);
      emulator.exchange.fill(order, dec('5'), dec('100'));
      await bench.settle();
      emulator.faults.next('drop', 'trade_updates fill');
      emulator.exchange.fill(order, dec('5'), dec('104'));
      const { execution, ...event } = emulator.exchange.events.at(-1)!;
      emulator.stream.publish({ ...event, execution: { ...execution!, price: dec('102') } });
      await bench.until('both', () => bench.desk.filled('k').equals(dec('10')));
      expect(shown(bench)).toEqual(['5 at 100.00', '5 at 104.00']);
    },
  },
  {
    ...{ id: 'AL20', given: 'text frames, and binary frames that hold text', when: 'an order trades' },
    ...{ then: 'both kinds are read', source: 'alpaca.md trade_updates (binary)' },
    run: async (bench) => {
      const order = await opened(bench);
      bench.emulator.exchange.fill(order, dec('4'));
      await bench.settle();
      bench.emulator.stream.binary = false;
      bench.emulator.exchange.fill(order, dec('6'));
      await bench.settle();
      expect(bench.desk.filled('k').text()).toBe('10');
    },
  },
  {
    ...{ id: 'AL21', given: 'times with nanoseconds, with Z and with an offset, in one object', when: 'they are read' },
    ...{ then: 'each is the right instant', source: 'alpaca.md Hosts' },
    run: async (bench) => {
      const order = await opened(bench);
      const { createdAt } = bench.emulator.exchange.order(order);
      expect((await bench.broker.openOrders())[0]?.placedAt).toBe(createdAt);
      const execution = bench.emulator.exchange.fill(order);
      await bench.settle();
      expect(bench.desk.fills('k')[0]?.filledAt).toBe(execution.at);
    },
  },
  {
    ...{ id: 'AL22', given: 'an execution that is busted, and one that is corrected', when: 'the exchange says so' },
    ...{
      then: 'each is reported of the execution that it is of',
      source: 'alpaca.md trade_updates (trade_bust, trade_correct)',
    },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      const [first, second] = [emulator.exchange.fill(order, dec('4')), emulator.exchange.fill(order, dec('6'))];
      await bench.settle();
      const ids = desk.fills('k').map(({ executionId }) => executionId);
      emulator.exchange.correct(second.id, { price: dec('99') });
      await bench.settle();
      expect(desk.reported.at(-1)).toMatchObject({ kind: 'corrected', correctsExecutionId: ids[1], price: dec('99') });
      emulator.exchange.bust(first.id);
      await bench.settle();
      expect(desk.reported.at(-1)).toMatchObject({ kind: 'busted', executionId: ids[0] });
    },
  },
  {
    ...{ id: 'AL23', given: 'an order in a status that no document names', when: 'it is read' },
    ...{ then: 'it is open, not ended, and its later end counts', source: 'issue 15 (unknown enum values); own' },
    run: async (bench) => {
      const { desk, emulator } = bench;
      const order = await opened(bench);
      const json = {
        ...orderJson(emulator.exchange.order(order)),
        status: 'quantum',
        order_class: 'spooky',
        asset_class: 'new',
      };
      emulator.stream.send({ event: 'new', timestamp: '2026-01-05T14:35:01Z', order: json }, 'new');
      await bench.settle();
      expect(desk.of('k').map(({ kind }) => kind)).toEqual(['acknowledged']);
      emulator.exchange.expire(order);
      await bench.until('the end', () => desk.of('k').at(-1)?.kind === 'expired');
    },
  },
  {
    ...{
      id: 'AL24',
      given: 'an order that the broker rejects after it took it',
      when: 'nothing and when a part has traded',
    },
    ...{ then: 'it is rejected, or ends with what traded', source: 'alpaca.md Orders (status)' },
    run: async (bench) => {
      const { desk, emulator } = bench;
      emulator.exchange.reject(await opened(bench, 'whole'), 'no reason');
      const part = await opened(bench, 'part');
      emulator.exchange.fill(part, dec('4'));
      emulator.exchange.reject(part, 'no reason');
      await bench.settle();
      expect(desk.of('whole').at(-1)).toMatchObject({ kind: 'rejected', code: 'BROKER_REJECTED' });
      expect(desk.of('part').at(-1)).toMatchObject({ kind: 'cancelled', filledQuantity: dec('4') });
    },
  },
  {
    ...{ id: 'AL25', given: 'an order that a person placed on the website', when: 'it trades' },
    ...{
      then: 'it is listed as placed by hand, reported under the id that Alpaca gave it, and moves the position',
      source: 'T3; own',
    },
    run: async (bench) => {
      const { broker, emulator } = bench;
      const facts = { symbol: 'SPY', side: 'buy', quantity: dec('3'), notional: null, type: 'market' } as const;
      const order = emulator.exchange.placeByHand({ ...facts, limitPrice: null, stopPrice: null, timeInForce: 'day' });
      const [listed] = await broker.openOrders();
      expect(listed).toMatchObject({
        clientOrderId: null,
        symbol: 'SPY',
        side: 'buy',
        quantity: dec('3'),
        state: 'working',
      });
      emulator.exchange.fill(order.id);
      await bench.settle();
      const traded = bench.desk.reported.filter(({ kind }) => kind === 'filled');
      expect(traded.map((update) => [update.brokerOrderId, update.clientOrderId])).toEqual([
        [listed?.brokerOrderId, clientIdOf(order)],
      ]);
      expect((await broker.positions())[0]?.quantity.text()).toBe('3');
    },
  },
  {
    ...{ id: 'A14', given: 'an order of extended hours that is open at 20:00 in New York', when: 'it trades at 02:00' },
    ...{ then: 'its execution has that time, in stream and records', source: 'docs 245-trading' },
    run: async (bench) => {
      const { broker, desk, emulator } = bench;
      const order = await opened(bench);
      bench.moveTo('2026-01-06T07:00:00.000Z');
      emulator.exchange.fill(order);
      await bench.settle();
      expect(toUtcText(desk.fills('k')[0]!.filledAt)).toMatch(/^2026-01-06T07:00:00/);
      const [row] = await broker.activities(null, 10);
      expect([row?.kind, toUtcText(row!.at)]).toEqual(['fill', expect.stringMatching(/^2026-01-06T07:00:00/)]);
    },
  },
  {
    ...{
      id: 'A15',
      given: 'a fee of yesterday that appears after later rows, then is taken back',
      when: 'records are read',
    },
    ...{ then: 'it is one movement, then a second one that reverses it', source: 'alpaca.md Activities; own' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      await bench.transfer('ref', dec('50.00'), 'in');
      const [deposit] = await broker.activities(null, 100, 'cash');
      const yesterday = {
        at: parseUtcText('2026-01-05T05:00:00.000Z'),
        description: 'TAF fee for proceed of 56 shares',
      };
      const fee = emulator.exchange.row('fee', dec('-0.01'), yesterday);
      const next = await broker.activities(deposit!.activityId, 100, 'cash');
      expect(next.map((row) => [row.kind, 'amount' in row ? row.amount.text() : ''])).toEqual([['fee', '-0.01']]);
      emulator.exchange.account.takeBack(fee.id, 'canceled');
      const back = await broker.activities(deposit!.activityId, 100, 'cash');
      expect(back).toMatchObject([
        { kind: 'fee', activityId: `${next[0]!.activityId}/taken-back`, reverses: next[0]!.activityId },
      ]);
      expect(await broker.activities(deposit!.activityId, 100, 'cash')).toEqual([]);
      // a successor reads the days before again: nothing that the books have is missing, and each id is there once
      const successor = bench.adapter();
      await successor.connect();
      const again = await successor.activities(deposit!.activityId, 100, 'cash');
      expect(again.map(({ activityId }) => activityId)).toEqual([next[0]!.activityId, back[0]!.activityId]);
    },
  },
  {
    ...{ id: 'AL27', given: 'more records than a page of 100', when: 'they are read' },
    ...{ then: 'all come, each once, over pages without a next token', source: 'alpaca.md Activities (page_token)' },
    run: async (bench) => {
      for (let n = 0; n < 230; n += 1) bench.emulator.exchange.row('deposit', dec('1'));
      const rows = await allActivities(bench.broker, 100);
      expect([rows.length, new Set(rows.map(({ activityId }) => activityId)).size]).toEqual([230, 230]);
    },
  },
  {
    ...{ id: 'AL28', given: 'a symbol that was renamed overnight', when: 'the old one is asked for' },
    ...{ then: 'it cannot be traded, and the position has the new one', source: 'issue 15, bad input' },
    run: async (bench) => {
      const { broker, emulator } = bench;
      emulator.exchange.tradeByHand('BRK.B', 'buy', dec('2'));
      emulator.exchange.rename('BRK.B', 'BRKX');
      expect(await broker.asset(parseSymbol('BRK.B'))).toBeUndefined();
      expect((await broker.positions()).map(({ symbol }) => symbol)).toEqual(['BRKX']);
      const sale = bench.desk.order('old', '2', { ...SALE, symbol: parseSymbol('BRK.B') });
      expect(await verdictOf(broker.submit(sale))).toMatch(/^refuse (UNKNOWN_SYMBOL|INSUFFICIENT_POSITION)$/);
      expect(await broker.orderByClientId(id('old'))).toBeUndefined();
    },
  },
];
