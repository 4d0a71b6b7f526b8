import { describe, expect, test } from '@jest/globals';
import { eventsOf, type ServerEvent } from '../../../src/ui/api/server-events.js';
import { dollars, grouped, isDay, sentence, shortPosition, signOf, span } from '../../../src/ui/lib/format.js';

describe('figures of the app', () => {
  test.each([
    ['1234567.50', '$1,234,567.50'],
    ['-0.05', '\u2212$0.05'],
    ['0.00', '$0.00'],
    ['123456789012345678901234567890.123456789', '$123,456,789,012,345,678,901,234,567,890.123456789'],
  ])('%s dollars are shown as %s, to the last digit', (text, shown) => {
    expect(dollars(text)).toBe(shown);
  });

  test('a day is one of the calendar, in ISO form', () => {
    const days = ['2013-10-07', '2024-02-29', '2023-02-29', '2013-10-7', '10/07/2013', '2013-13-01', ''];
    expect(days.filter(isDay)).toEqual(['2013-10-07', '2024-02-29']);
  });

  test('a quantity keeps its digits, and a sign is that of the exact value', () => {
    expect(grouped('60.975609')).toBe('60.975609');
    expect(['0.00', '-0.00', '-0.000001', '0.1'].map(signOf)).toEqual(['flat', 'flat', 'down', 'up']);
  });

  test('a sentence begins with a capital letter, and names moments as a person reads them', () => {
    expect(sentence('trading in AIG is halted since 2026-01-06T15:20:00.000Z and held')).toBe(
      'Trading in AIG is halted since 2026-01-06 15:20:00 UTC and held',
    );
    expect(sentence('from 2026-01-06T15:20:00Z to 2026-01-06')).toBe('From 2026-01-06 15:20:00 UTC to 2026-01-06');
  });

  test('ages and positions are short', () => {
    expect([-3, 59, 60, 3_599, 7_200, 200_000].map(span)).toEqual(['0 s', '59 s', '1 min', '59 min', '2 h', '2 d']);
    expect(['0000000000000412', '0', '0000'].map(shortPosition)).toEqual(['412', '0', '0']);
  });
});

describe('server-sent events', () => {
  test('events are whole wherever the stream is cut; heartbeats are heard and are no events', async () => {
    const text =
      'retry: 2000\n\nid: 7\nevent: OrderFilled\ndata: {"a":"\u20ac"}\n\n: still here\n\nevent: reset\ndata: {}\n\nid: 9\n';
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 5, bytes.length]) {
      let heard = 0;
      const found: ServerEvent[] = [];
      for await (const event of eventsOf(streamOf(bytes, size), () => (heard += 1))) found.push(event);
      expect(found).toEqual([
        { id: '7', type: 'OrderFilled', data: '{"a":"\u20ac"}' },
        { id: '', type: 'reset', data: '{}' },
      ]);
      expect(heard).toBe(Math.ceil(bytes.length / size));
    }
  });
});

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}
