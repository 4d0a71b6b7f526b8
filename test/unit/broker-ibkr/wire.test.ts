import { describe, expect, test } from '@jest/globals';
import { Decoder } from '@stoqey/ib/dist/core/io/decoder.js';
import fc from 'fast-check';
import { gatewayAddress } from '../../../src/adapters/broker-ibkr/gateway-address.js';
import { gatewayTime } from '../../../src/adapters/broker-ibkr/execution-time.js';
import { GatewayFrameReader } from '../../../src/adapters/broker-ibkr/frame-reader.js';
import { executionOf } from '../../../src/adapters/broker-ibkr/order-executions.js';
import { gatewayOrder } from '../../../src/adapters/broker-ibkr/order-shape.js';
import { readMessage } from '../../../src/adapters/broker-ibkr/read-message.js';
import { wireDecimal } from '../../../src/adapters/broker-ibkr/wire-text.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs, toUtcText } from '../../../src/kernel/time.js';
import { EmulatedExchange } from '../../emulators/exchange/exchange.js';
import * as layout from '../../emulators/ibkr/layouts.js';

const dec = (text: string): Decimal => Decimal.parse(text);

describe('numbers of the wire', () => {
  test('a figure of up to 12 digits and 8 decimals is read exactly', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 0, max: 8 }),
        (units, scale) => {
          const value = Decimal.of(units, scale);
          expect(wireDecimal(value.text())?.equals(value)).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['', undefined],
    ['1.7976931348623157E308', undefined],
    ['2147483647', undefined],
    ['NaN', undefined],
    ['1e', undefined],
    ['1,234.5', '1234.5'],
    ['1E-7', '0.0000001'],
    ['1.5e3', '1500'],
    ['-2.50E+1', '-25.0'],
    ['9E-99', '0'],
  ])('%p is %p', (text, value) => {
    expect(wireDecimal(text)?.text()).toBe(value);
  });

  test('a quantity of 4 decimals and a price of 4 leave with their exact text', () => {
    const order = {
      symbol: parseSymbol('SPY'),
      side: 'buy',
      positionEffect: 'open_long',
      notional: null,
      stopPrice: null,
    } as const;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999_999_999 }),
        fc.integer({ min: 1, max: 99_999_999 }),
        (shares, price) => {
          const [quantity, limitPrice] = [Decimal.of(shares, 4), Decimal.of(price, 4)];
          const clientOrderId = parseClientOrderId('k-1');
          const made = gatewayOrder(
            { ...order, clientOrderId, quantity, limitPrice, orderType: 'limit', timeInForce: 'day' },
            undefined,
          );
          expect([String(made.totalQuantity), String(made.lmtPrice), made.transmit]).toEqual([
            quantity.shortText(),
            limitPrice.shortText(),
            true,
          ]);
        },
      ),
    );
  });
});

describe('times of the gateway', () => {
  test.each([
    ['20260105 09:31:00 US/Eastern', '2026-01-05T14:31:00.000Z'],
    ['20260105-14:31:00', '2026-01-05T14:31:00.000Z'],
    ['20260105  09:31:00', '2026-01-05T14:31:00.000Z'],
    ['20260706 09:31:00 America/New_York', '2026-07-06T13:31:00.000Z'],
    ['20260308 01:59:59 US/Eastern', '2026-03-08T06:59:59.000Z'],
    ['20260308 03:00:00 US/Eastern', '2026-03-08T07:00:00.000Z'],
    ['20261101 00:59:59 US/Eastern', '2026-11-01T04:59:59.000Z'],
    ['20261101 01:30:00 US/Eastern', '2026-11-01T05:30:00.000Z'],
    ['20261101 01:30:00 EDT', '2026-11-01T05:30:00.000Z'],
    ['20261101 01:30:00 EST', '2026-11-01T06:30:00.000Z'],
    ['20261101 02:00:00 US/Eastern', '2026-11-01T07:00:00.000Z'],
    ['20260105 15:31:00 MET', '2026-01-05T14:31:00.000Z'],
  ])('%s is %s', (text, utc) => {
    const at = gatewayTime(text);
    expect(at === undefined ? undefined : toUtcText(at)).toBe(utc);
  });

  test.each([
    '',
    '20261301 10:00:00',
    '20260230 10:00:00',
    '20260105 25:00:00',
    '20260105 10:00:00 Mars/Base',
    'yesterday',
  ])('%p is no time', (text) => {
    expect(gatewayTime(text)).toBeUndefined();
  });
});

test('frames come together again from pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (texts, size) => {
        const bytes = Buffer.concat(texts.map((text) => layout.frame([text])));
        const reader = new GatewayFrameReader();
        const read: string[] = [];
        for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
        expect(read).toEqual(texts.map((text) => `${Buffer.from(text, 'utf8').toString('utf8')}\0`));
      },
    ),
  );
});

test.each([
  ['0000e0d5.6579b7a1.01.01', '0000e0d5.6579b7a1.01', 1],
  ['0000e0d5.6579b7a1.01.02', '0000e0d5.6579b7a1.01', 2],
  ['plain', 'plain', 1],
])('execution %s is %s in version %i', (execId, id, version) => {
  expect(executionOf(execId)).toEqual({ id, version });
});

test('a bot keeps its client ids, a feed has another, and an address without a port is that of a paper gateway', () => {
  const one = gatewayAddress({ url: 'tcp://127.0.0.1:7497', host: '' }, 'DEMO_US_IBKR_B01', 'broker');
  const feed = gatewayAddress({ url: '', host: 'gateway' }, 'DEMO_US_IBKR_B01', 'feed');
  expect(one).toMatchObject({ host: '127.0.0.1', port: 7_497 });
  expect(feed).toEqual({ host: 'gateway', port: 4_002, clientId: one.clientId + 1 });
  expect(() => gatewayAddress({ url: 'https://x/y', host: '' }, 'B', 'broker')).toThrow(/no address of TWS/);
});

describe.each([164, 176, 187, 193])('rows of version %i', (version) => {
  const exchange = new EmulatedExchange({
    clock: { now: () => epochMs(Date.parse('2026-01-05T15:00:00.000Z')) },
    cash: dec('100000'),
    symbols: [{ symbol: 'SPY', price: dec('500') }],
  });
  const ask = {
    clientId: 'k-1',
    symbol: 'SPY',
    side: 'buy',
    quantity: dec('1.2345'),
    notional: null,
    type: 'limit',
  } as const;
  const order = exchange.place({ ...ask, limitPrice: dec('499.99'), stopPrice: null, timeInForce: 'DAY' });
  const ids = { orderId: 5, clientId: 7, permId: 1_200_000_001, account: 'DU1' };

  /** What the library of the vendor makes of a row. */
  const byLibrary = (fields: readonly string[]): { readonly events: unknown[][]; readonly faults: string[] } => {
    const events: unknown[][] = [];
    const faults: string[] = [];
    const decoder = new Decoder({
      serverVersion: version,
      emitEvent: (name: unknown, ...args: unknown[]) => events.push([name, ...args]),
      emitError: (message: string) => faults.push(message),
      emitInfo: () => undefined,
    });
    decoder.enqueueMessage([...fields]);
    decoder.process();
    return { events, faults };
  };
  const textOf = (fields: readonly layout.Field[]): readonly string[] =>
    layout.frame(fields).toString('utf8', 4).split('\0').slice(0, -1);

  test('an open order of the emulator is read alike by the library and by the adapter', () => {
    const fields = textOf(layout.openOrder(order, ids, version));
    const { events, faults } = byLibrary(fields);
    expect(faults).toEqual([]);
    expect(events).toMatchObject([
      [
        'openOrder',
        5,
        { symbol: 'SPY' },
        { orderRef: 'k-1', totalQuantity: 1.2345, lmtPrice: 499.99, permId: ids.permId },
        { status: 'Submitted' },
      ],
    ]);
    expect(readMessage(fields, version)).toMatchObject({
      kind: 'openOrder',
      orderId: 5,
      orderRef: 'k-1',
      status: 'Submitted',
      permId: '1200000001',
      quantity: dec('1.2345'),
    });
  });

  test('a completed order has its state, quantity and reason', () => {
    const fields = textOf(
      layout.completedOrder({ ...order, state: 'cancelled', reason: 'Cancelled by Trader' }, ids, version),
    );
    expect(readMessage(fields, version)).toMatchObject({
      kind: 'completedOrder',
      orderRef: 'k-1',
      status: 'Cancelled',
      reason: 'Cancelled by Trader',
      permId: '1200000001',
    });
    const quantityAt = 13;
    const read = (quantity: string): unknown =>
      readMessage(
        fields.map((each, at) => (at === quantityAt ? quantity : each)),
        version,
      );
    expect(read('12.5')).toMatchObject({ quantity: dec('12.5') });
    for (const none of ['0', '0.0', '']) expect(read(none)).toMatchObject({ quantity: undefined });
    // the library reads the field of an advisor's profile in no version
    if (version >= 177) expect(byLibrary(fields).faults).toEqual([]);
  });

  test('the details of a security have its id, exchange and step', () => {
    const fields = textOf(
      layout.contractDetails(9, { symbol: 'SPY', primary: 'ARCA', step: '0.0001', conId: 756_733 }, version),
    );
    expect(byLibrary(fields).faults).toEqual([]);
    expect(readMessage(fields, version)).toMatchObject({
      kind: 'contract',
      reqId: 9,
      contract: { conId: 756_733, symbol: 'SPY' },
      primaryExchange: 'ARCA',
      sizeIncrement: dec('0.0001'),
    });
  });
});
