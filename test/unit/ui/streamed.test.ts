import { expect, test } from '@jest/globals';
import { filterOf, rowOfLive, streamed, withStreamed, type EventRow } from '../../../src/ui/pages/events/streamed.js';

const at = (position: string): EventRow => ({
  ...{ position, type: 'OrderFilled', stream: 'orders-1', occurredAt: '2013-10-07T14:00:00.000Z' },
  ...{ meta: { actor: 'system:engine' }, data: { strategy: 'open' } },
});
const text = (row: EventRow, more: object = {}): string =>
  JSON.stringify({ type: row.type, at: row.occurredAt, stream: row.stream, ...row.meta, data: row.data, ...more });
const none = filterOf({});

test.each([
  ['everything is followed', none, at('7')],
  ['a type and a stream that fit', { ...none, type: 'OrderSent, OrderFilled', stream: 'orders-' }, at('7')],
  ['another type', { ...none, type: 'OrderSent' }, null],
  ['another stream', { ...none, stream: 'lifecycle' }, null],
  ['the whole name of its stream', { ...none, streamName: 'orders-1' }, at('7')],
  ['the whole name of a stream, with which its own begins', { ...none, streamName: 'orders-' }, null],
  ['a correlation, which the line does not name', { ...none, correlation: 'c1' }, undefined],
] as const)('the row of a live event: %s', (_case, filter, row) => {
  expect(rowOfLive({ id: '7', type: 'OrderFilled', data: text(at('7')) }, filter)).toEqual(row);
});

test('an event that was sent again after a lost line has no row', () => {
  expect(rowOfLive({ id: '7', type: 'OrderFilled', data: text(at('7'), { stream: undefined }) }, none)).toBeUndefined();
});

test('a row stays until an answer has it, or the answer after the next has not', () => {
  const came = (position: string) => ({ came: at(position) });
  const two = streamed(streamed([], came('7')), came('8'));
  const positions = (drawn: typeof two): readonly string[] => drawn.map(({ row }) => row.position);
  expect(positions(two)).toEqual(['8', '7']);
  const once = streamed(two, { answered: [at('7'), at('6')] });
  expect(positions(once)).toEqual(['8']);
  expect(streamed(once, { answered: [at('30'), at('29')] })).toEqual([]);
  expect(streamed(two, 'none')).toEqual([]);
});

test('what an answer has is shown once, and rows are untouched when nothing is ahead of them', () => {
  const rows = [at('8'), at('7')];
  expect(withStreamed([at('9'), at('8')], rows).map(({ position }) => position)).toEqual(['9', '8', '7']);
  expect(withStreamed([at('8')], rows)).toBe(rows);
});

test('the stream of an address is a beginning, or with `whole` the name of one', () => {
  expect(filterOf({ stream: 'position-A', type: 'OrderFilled' })).toEqual({
    ...{ ...none, type: 'OrderFilled', stream: 'position-A' },
  });
  expect(filterOf({ stream: 'position-A', whole: '1' })).toEqual({ ...none, streamName: 'position-A' });
});
