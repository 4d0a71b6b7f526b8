import { describe, expect, test } from '@jest/globals';
import { occurrenceOf } from '../../../src/domain/orders/decide-execution.js';
import { numberReports } from '../../../src/domain/orders/number-reports.js';
import { decideOrder, type OrderCommand } from '../../../src/domain/orders/decide-order.js';
import { reduceOrder, type Order, type OrderEvent } from '../../../src/domain/orders/order.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseUtcText, type EpochMs, type UtcText } from '../../../src/kernel/time.js';
import { applied, intended, report } from './support.js';

describe('an execution that the broker cancels and books again under its id', () => {
  const first = { kind: 'filled', ...report('2001', 10) } as const;
  const bust = { kind: 'busted', executionId: '2001', reason: 'cancelled by the broker' } as const;
  const second = { ...first, commission: Decimal.ZERO } as const;
  const after = (...commands: readonly OrderCommand[]): Order =>
    commands.reduce((order, command) => applied(order, decideOrder(order, command)), intended());
  const at = (time: string) => ({ at: parseUtcText(time) });
  const types = (order: Order, command: OrderCommand): readonly string[] =>
    decideOrder(order, command).map((event) => event.type);

  test('counts again, with the figures of the second booking', () => {
    const order = after(first, bust, second);
    expect(order.filled.text()).toBe('10');
    expect(order.executions.get('2001')?.commission.text()).toBe('0.00');
    expect(types(order, second)).toEqual([]);
  });

  test('the first report delivered once more after the bust does not count', () => {
    expect(types(after(first, bust), first)).toEqual([]);
    expect(types(after(first, bust, second), first)).toEqual([]);
  });

  test('a report with the same figures counts when the broker made it after the bust', () => {
    const times = { first: at('2026-01-06T15:00:00.100Z'), bust: at('2026-01-06T15:05:00.000Z') };
    const order = intended();
    const filled = reduced(order, decideOrder(order, { ...first, ...times.first }), '2026-01-06T15:00:00.100Z');
    const gone = reduced(filled, decideOrder(filled, { ...bust, ...times.bust }), '2026-01-06T15:05:00.000Z');
    expect(types(gone, { ...first, ...times.first })).toEqual([]);
    const later = at('2026-01-06T15:06:00.000Z');
    expect(types(gone, { ...first, ...later })).toEqual(['OrderFilled']);
    const again = reduced(gone, decideOrder(gone, { ...first, ...later }), '2026-01-06T15:06:00.000Z');
    expect(types(again, { ...bust, ...times.bust })).toEqual([]);
    expect(types(again, { ...bust, ...at('2026-01-06T15:07:00.000Z') })).toEqual(['OrderFillBusted']);
  });

  test('a query result that lists the second booking with the same figures makes it count, once', () => {
    const listed = numberReports([first, bust, first], intended());
    expect(listed.map(({ occurrence }) => occurrence)).toEqual([1, 1, 2]);
    const order = after(...listed);
    expect([order.filled.text(), order.history.get('2001')?.bookings.length]).toEqual(['10', 2]);
    expect(listed.flatMap((command) => decideOrder(order, command))).toEqual([]);
    const twice = numberReports([first, first, bust, bust, first, bust, first], intended());
    expect(twice.map(({ occurrence }) => occurrence)).toEqual([1, 1, 1, 1, 2, 2, 3]);
  });

  test('a booking that was busted before the journal took it does not count the second one twice (P2)', () => {
    const corrected = { ...second, kind: 'corrected', correctsExecutionId: '2001', executionId: '2001-c1' } as const;
    const list = [first, bust, { ...second, ...at('2026-01-06T15:06:00.000Z') }, corrected];
    const known = after(second);
    const [lost, gone, again] = numberReports(list, known);
    expect([lost, gone, again].map((each) => each?.occurrence)).toEqual([0, 0, 1]);
    expect(numberReports(list.slice(0, 3), known).flatMap((command) => decideOrder(known, command))).toEqual([]);
    const order = after(second, corrected);
    expect(numberReports(list, order).flatMap((command) => decideOrder(order, command))).toEqual([]);
    expect([order.filled.text(), [...order.executions.keys()]]).toEqual(['10', ['2001-c1']]);
  });

  test('a bust from before the only known booking ended another one, whose report was lost', () => {
    const again = { ...first, filledAt: parseUtcText('2026-01-06T15:06:00.000Z') };
    expect(types(after(again), { ...bust, ...at('2026-01-06T15:05:59.999Z') })).toEqual([]);
    expect(types(after(again), { ...bust, ...at('2026-01-06T15:06:00.001Z') })).toEqual(['OrderFillBusted']);
  });

  test('in an old list, a bust from before the booking that is known is none of it, and a booking from before its end is over', () => {
    const [early, later] = ['2026-01-06T15:05:00.000Z', '2026-01-06T15:06:00.000Z'].map(parseUtcText) as [
      EpochMs,
      EpochMs,
    ];
    const again = { ...first, at: later, filledAt: later } as const;
    const list = [first, { ...bust, at: early }, again];
    const known = after(again);
    expect(numberReports(list.slice(0, 2), known).flatMap((command) => decideOrder(known, command))).toEqual([]);
    const corrected = { ...second, kind: 'corrected', correctsExecutionId: '2001', executionId: '2001-c1' } as const;
    const replaced = reduced(after(first), decideOrder(after(first), corrected), '2026-01-06T15:07:00.000Z');
    expect(numberReports(list, replaced).flatMap((command) => decideOrder(replaced, command))).toEqual([]);
  });

  test('a correction that was booked as a fill of its own ends the execution that it replaces', () => {
    const corrected = {
      ...first,
      kind: 'corrected',
      correctsExecutionId: '2001',
      executionId: '2001-c1',
      ...at('2026-01-06T15:07:00.000Z'),
    } as const;
    const fill = { ...corrected, kind: 'filled' } as const;
    for (const order of [after(first, fill), after(fill, first)]) {
      expect(types(order, corrected)).toEqual(['OrderFillBusted']);
      const ended = reduced(order, decideOrder(order, corrected), '2026-01-06T15:07:00.000Z');
      expect([[...ended.executions.keys()], types(ended, corrected)]).toEqual([['2001-c1'], []]);
    }
  });

  test('a listed correction of an execution that was busted too early is booked, once', () => {
    const corrected = { ...first, kind: 'corrected', correctsExecutionId: '2001', executionId: '2001-c1' } as const;
    const order = after(second, bust);
    expect(types(order, corrected)).toEqual([]);
    const listed = numberReports([first, bust, second, corrected], order);
    const booked = listed.reduce((before, command) => applied(before, decideOrder(before, command)), order);
    expect([booked.filled.text(), [...booked.executions.keys()]]).toEqual(['10', ['2001-c1']]);
    expect(listed.flatMap((command) => decideOrder(booked, command))).toEqual([]);
  });

  test('a booking after those that are known counts, whatever was lost before', () => {
    const known = after(second);
    const third = { ...first, ...at('2026-01-06T15:07:00.000Z') };
    const listed = numberReports([first, bust, second, bust, third], known);
    expect(listed.map(({ occurrence }) => occurrence)).toEqual([0, 0, 1, 1, 2]);
    const order = listed.reduce((before, command) => applied(before, decideOrder(before, command)), known);
    expect([order.filled.text(), order.history.get('2001')?.bookings.length]).toEqual(['10', 2]);
  });

  test('a list with other figures than the known booking is taken by its order', () => {
    const other = { ...second, price: Decimal.parse('100.00'), commission: Decimal.parse('0.77') };
    expect(numberReports([other, bust, first], after(first)).map(({ occurrence }) => occurrence)).toEqual([0, 0, 1]);
    expect(numberReports([other, bust], after(first)).map(({ occurrence }) => occurrence)).toEqual([1, 1]);
  });

  test('a correction under the id of its execution counts once', () => {
    const corrected = { ...second, kind: 'corrected', correctsExecutionId: '2001' } as const;
    const order = after(first, corrected);
    expect([order.filled.text(), order.executions.get('2001')?.commission.text()]).toEqual(['10', '0.00']);
    expect(types(order, corrected)).toEqual([]);
    expect(numberReports([first, corrected, corrected], intended()).map(({ occurrence }) => occurrence)).toEqual([
      1, 2, 3,
    ]);
  });

  test('each event of an id that comes again has a number of its own', () => {
    const order = after(first);
    const [busted] = decideOrder(order, bust);
    const gone = after(first, bust);
    const [again] = decideOrder(gone, second);
    expect(
      [busted, again].map((event) => (event === undefined ? 0 : occurrenceOf(event === busted ? order : gone, event))),
    ).toEqual([1, 2]);
  });
});

function reduced(order: Order, events: readonly OrderEvent[], at: string): Order {
  return events.reduce((before, event) => reduceOrder(before, event, null, at as UtcText), order);
}

describe('a charge that the broker reports after its fill', () => {
  const charged = { kind: 'filled', ...report('2001', 10) } as const;
  const first = { ...charged, commission: Decimal.ZERO } as const;
  const bust = { kind: 'busted', executionId: '2001', reason: 'cancelled by the broker' } as const;
  const take = (order: Order, commands: readonly OrderCommand[]): Order =>
    commands.reduce((state, command) => applied(state, decideOrder(state, command)), order);
  const booked = (order: Order): readonly unknown[] => [
    order.filled.text(),
    order.executions.get('2001')?.commission.text(),
    order.history.get('2001')?.bookings.length,
  ];

  test('is booked once, as a report or in a list, whatever comes again', () => {
    const order = take(intended(), [first, charged]);
    expect(booked(order)).toEqual(['10', '0.35', 2]);
    expect(booked(take(order, [charged, first, charged]))).toEqual(['10', '0.35', 2]);
    expect(booked(take(order, numberReports([charged], order)))).toEqual(['10', '0.35', 2]);
    const restarted = take(intended(), [first]);
    expect(booked(take(restarted, numberReports([charged], restarted)))).toEqual(['10', '0.35', 2]);
    const corrected = { ...charged, kind: 'corrected', correctsExecutionId: '2001' } as const;
    expect(booked(take(order, numberReports([first, corrected], order)))).toEqual(['10', '0.35', 2]);
  });

  test('with other shares or another price is no charge', () => {
    const order = take(intended(), [first]);
    expect(decideOrder(order, { ...charged, price: Decimal.parse('99.00') })).toEqual([]);
    expect(decideOrder(order, { ...charged, quantity: Decimal.of(9) })).toEqual([]);
  });

  test('hides no bust of its execution in a list, and no second booking', () => {
    const order = take(intended(), [first, charged]);
    const gone = take(order, numberReports([charged, bust], order));
    expect(gone.filled.text()).toBe('0');
    expect(take(gone, numberReports([charged, bust], gone)).filled.text()).toBe('0');
    expect(take(gone, numberReports([charged, bust, charged], gone)).filled.text()).toBe('10');
  });
});
