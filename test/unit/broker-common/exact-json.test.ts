import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fields } from '../../../src/adapters/broker-common/fields.js';
import { parseExactJson } from '../../../src/adapters/broker-common/exact-json.js';
import { parseWireTime } from '../../../src/adapters/broker-common/wire-time.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { toUtcText } from '../../../src/kernel/time.js';

const textOf = (json: string): string => (parseExactJson(json) as Decimal).text();

describe('JSON with exact numbers', () => {
  test('every number keeps the digits that were sent', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.integer({ min: 0, max: 18 }),
        (units, scale) => {
          const sent = Decimal.of(units, scale);
          const [first, second] = parseExactJson(`[${sent.text()},{"a":${sent.text()}}]`) as [Decimal, { a: Decimal }];
          expect(first.text()).toBe(sent.text());
          expect(second.a.text()).toBe(sent.text());
        },
      ),
    );
  });

  test.each([
    ['9007199254740993', '9007199254740993'],
    ['0.1', '0.1'],
    ['290.12300', '290.12300'],
    ['1e3', '1000'],
    ['1.5E-7', '0.00000015'],
    ['-2.50e+1', '-25.0'],
    ['0.1234567890123456789012', '0.1234567890123456789012'],
    ['12345678901234567890123456789012345678901234', '12345678901234567890123456789012345678901234'],
  ])('%s is %s', (sent, exact) => {
    expect(textOf(sent)).toBe(exact);
  });

  test.each(['1e99', '1e-99', `1${'0'.repeat(90)}`])('%s is refused rather than rounded', (sent) => {
    expect(() => parseExactJson(sent)).toThrow(/outside the range/);
  });

  test.each(['<html>busy</html>', '', '{"a":1', 'undefined'])('%j is no JSON', (text) => {
    expect(() => parseExactJson(text)).toThrow(/is not JSON/);
  });

  test('texts that look like numbers stay texts', () => {
    expect(parseExactJson('{"qty":"1.50","symbol":"1"}')).toEqual({ qty: '1.50', symbol: '1' });
  });
});

describe('fields of an answer', () => {
  const order = Fields.of(
    parseExactJson('{"qty":"1.50","price":2.5,"note":null,"on":true,"at":"","odd":{"x":1}}'),
    'order',
  );

  test('a figure is read from a text or a number', () => {
    expect([order.decimal('qty').text(), order.decimal('price').text()]).toEqual(['1.50', '2.5']);
  });

  test('a missing or empty field that has another value is no fault', () => {
    expect(order.decimalOr('note', null)).toBeNull();
    expect(order.timeOr('at', null)).toBeNull();
    expect([order.flag('on'), order.flag('missing'), order.textOr('note', '-')]).toEqual([true, false, '-']);
  });

  test.each(['note', 'odd', 'missing', 'on'])('%s is named when it is needed and is no figure', (name) => {
    expect(() => order.decimal(name)).toThrow(new RegExp(`order: ${name} is`));
  });

  test('a list is never made of something else', () => {
    expect(() => Fields.listOf(parseExactJson('{"message":"down"}'), 'orders')).toThrow(/not a list/);
    expect(() => Fields.listOf(undefined, 'orders')).toThrow(/not a list/);
  });
});

describe('times of the wire', () => {
  test.each([
    ['2026-01-05T14:31:00.123456789Z', '2026-01-05T14:31:00.123Z'],
    ['2026-01-05T09:31:00.1-05:00', '2026-01-05T14:31:00.100Z'],
    ['2026-07-05T09:31:00-04:00', '2026-07-05T13:31:00.000Z'],
  ])('%s is %s', (sent, utc) => {
    expect(toUtcText(parseWireTime(sent))).toBe(utc);
  });

  test.each(['', '2026-01-05', '2026-13-05T00:00:00Z', 'soon', '2026-01-05T14:31:00'])('%j is no time', (sent) => {
    expect(() => parseWireTime(sent)).toThrow(/is not a time/);
  });
});
