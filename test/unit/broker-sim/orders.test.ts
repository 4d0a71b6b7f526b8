import { describe, expect, test } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import type { OrderRequest } from '../../../src/ports/order-entry.js';
import type { SimProfile } from '../../../src/adapters/broker-sim/profile.js';
import { BAC, COVER, dec, flat, minute, minuteStart, order, Rig, SELL_LONG, SELL_SHORT } from './harness.js';

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof TradeBotError ? `${error.kind} ${error.callerMust} ${error.code}` : 'other'),
  );

describe('the price within a minute', () => {
  // Falls: open 100, high 103, low 97, close 98; the path is open, high, low, close in thirds.
  const falls = { SPY: { ohlc: [100, 103, 97, 98] as const, spread: 0 } };
  // Rises: open 100, low 97, high 103, close 102.
  const rises = { SPY: { ohlc: [100, 103, 97, 102] as const, spread: 0 } };

  test('a falling minute goes to its high first, a rising one to its low', async () => {
    for (const [specs, expected] of [
      [falls, '102.9900'],
      [rises, '97.0100'],
    ] as const) {
      const rig = await new Rig({ profile: { latencyMs: 19_900 } }).open();
      await rig.play(minute(0, specs), (broker) => broker.submit(order('p-1', '1')));
      const price = rig.fills()[0]?.price.toApproximateNumber() ?? 0;
      expect(Math.abs(price - Number(expected))).toBeLessThanOrEqual(0.02);
    }
  });

  test('a resting limit fills at its price when the path reaches it after its arrival', async () => {
    const rig = await new Rig().open();
    const limit = { orderType: 'limit', limitPrice: dec('98.50') } as const;
    await rig.play(minute(0, falls), (broker) => broker.submit(order('l-1', '10', limit)));
    expect(rig.fills()[0]?.price.text()).toBe('98.50');
    expect(rig.fills()[0]?.at).toBeGreaterThan(minuteStart(0) + 20_000);
    expect(rig.fills()[0]?.at).toBeLessThan(minuteStart(0) + 40_000);
  });

  test('a limit that the market never reaches expires', async () => {
    const rig = await new Rig({ minutes: 2 }).open();
    const limit = { orderType: 'limit', limitPrice: dec('96.99') } as const;
    await rig.play(minute(0, falls), (broker) => broker.submit(order('l-1', '10', limit)));
    await rig.play(minute(1, falls));
    expect((await rig.broker.orderByClientId(parseClientOrderId('l-1')))?.status).toBe('working');
    await rig.close();
    expect(rig.kinds()).toEqual(['acknowledged', 'expired']);
    expect((await rig.broker.account()).cash.text()).toBe('100000.00');
  });

  test('a stop triggers on the path and then trades at the market', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('b-1', '10')));
    const stop = { ...SELL_LONG, orderType: 'stop', stopPrice: dec('98.00') } as const;
    await rig.play(minute(1, { SPY: flat(99) }), (broker) => broker.submit(order('s-1', '10', stop)));
    expect(rig.fills()).toHaveLength(1);
    await rig.play(minute(2, falls));
    const sale = rig.fills()[1];
    expect(sale?.price.toApproximateNumber()).toBeLessThanOrEqual(98);
    expect(sale?.price.toApproximateNumber()).toBeGreaterThan(97.9);
  });

  test('slippage is adverse on both sides', async () => {
    const profile = { slippageType: 'rule_based', slippageMeanPct: 0.15 } as const;
    const rig = await new Rig({ profile }).open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('b-1', '10')));
    await rig.play(minute(1, { SPY: flat(100) }), (broker) => broker.submit(order('b-2', '10', SELL_LONG)));
    // 100.01 x 1.0015 = 100.160015 up; 99.99 x 0.9985 = 99.840015 down
    expect(rig.fills().map((fill) => fill.price.text())).toEqual(['100.1700', '99.8400']);
  });

  test('below a dollar prices have four decimals; without quotes the default spread applies', async () => {
    const rig = await new Rig({ profile: { defaultSpreadPct: 1 } }).open();
    const penny = { ohlc: [0.5, 0.5, 0.5, 0.5] as const };
    await rig.play(minute(0, { BAC: penny }), (broker) => broker.submit(order('b-1', '10', { symbol: BAC })));
    expect(rig.fills()[0]?.price.text()).toBe('0.5025');
  });
});

describe('liquidity, halts and gaps', () => {
  test('an order takes at most its share of the volume and continues in later minutes', async () => {
    const rig = await new Rig({ profile: { maxParticipation: 0.1 } }).open();
    await rig.play(minute(0, { SPY: flat(100, 400) }), (broker) => broker.submit(order('b-1', '100')));
    await rig.play(minute(1, { SPY: flat(100, 500) }));
    await rig.play(minute(2, { SPY: flat(100, 5_000) }));
    expect(rig.fills().map((fill) => fill.quantity.text())).toEqual(['40', '50', '10']);
    // 40 x 0.0035 = 0.14, the minimum 0.35 covers 100 shares: charged once
    expect(rig.fills().map((fill) => fill.commission.text())).toEqual(['0.35', '0.00', '0.00']);
    expect((await rig.broker.orderByClientId(parseClientOrderId('b-1')))?.status).toBe('filled');
  });

  test('two orders share the volume of one minute', async () => {
    const rig = await new Rig({ profile: { maxParticipation: 0.1 } }).open();
    await rig.play(minute(0, { SPY: flat(100, 1_000) }), async (broker) => {
      await broker.submit(order('b-1', '80'));
      await broker.submit(order('b-2', '80'));
    });
    const total = rig.fills().reduce((sum, fill) => sum + fill.quantity.toApproximateNumber(), 0);
    expect(total).toBe(100);
  });

  test('orders wait during a halt and expire when it lasts beyond the close', async () => {
    const rig = await new Rig({ minutes: 4 }).open();
    await rig.play(minute(0, { SPY: flat(100) }));
    await rig.play(minute(1, { SPY: { ...flat(100), halted: true } }), (broker) => broker.submit(order('b-1', '5')));
    expect(rig.kinds()).toEqual(['acknowledged']);
    await rig.play(minute(2, { SPY: flat(101) }));
    expect(rig.fills()[0]?.price.text()).toBe('101.0100');
    await rig.play(minute(3, { SPY: { halted: true } }), (broker) => broker.submit(order('b-2', '5')));
    await rig.close();
    expect(rig.reported.at(-1)).toMatchObject({ kind: 'expired', clientOrderId: 'b-2' });
  });

  test('orders wait through a minute without bar or quote', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { BAC: flat(10) }), (broker) => broker.submit(order('b-1', '5')));
    await rig.play(minute(1, { SPY: flat(100) }));
    expect(rig.fills()[0]?.at).toBeGreaterThan(minuteStart(1));
  });

  test.each([
    ['a bar without a share and with quotes', flat(100, 0)],
    ['a bar without a share and without quotes', { ohlc: [100, 100, 100, 100], volume: 0 }],
    ['quotes alone', { ...flat(100), noBar: true }],
  ] as const)('nothing fills in a minute in which nobody traded: %s', async (_, silent) => {
    const rig = await new Rig().open();
    const resting = { orderType: 'limit', limitPrice: dec('101.00') } as const;
    await rig.play(minute(0, { SPY: silent }), async (broker) => {
      await broker.submit(order('b-1', '5'));
      await broker.submit(order('b-2', '5', resting));
      await broker.submit(order('b-3', '5', { orderType: 'stop', stopPrice: dec('99.00') }));
    });
    expect(rig.fills()).toEqual([]);
    await rig.play(minute(1, { SPY: flat(100) }));
    expect(rig.fills()).toHaveLength(3);
    expect(rig.fills().every(({ at }) => at > minuteStart(1))).toBe(true);
  });

  test('a price that nobody paid is no mark and no listing', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('b-1', '100')));
    await rig.play(minute(1, { SPY: flat(50, 0), XOM: flat(50, 0) }), (broker) =>
      broker.submit(order('b-2', '5', { symbol: parseSymbol('XOM') })),
    );
    await rig.play(minute(2, { SPY: flat(100) }));
    const { cash, equity } = await rig.broker.account();
    expect(equity.minus(cash).text()).toBe('10000.00');
    expect(rig.reported.find(({ clientOrderId }) => clientOrderId === 'b-2')).toMatchObject({ code: 'UNKNOWN_SYMBOL' });
  });

  test('an immediate-or-cancel order takes only what is available', async () => {
    const rig = await new Rig().open();
    const ioc = { timeInForce: 'ioc' } as const;
    await rig.play(minute(0, { SPY: flat(100, 30) }), (broker) => broker.submit(order('b-1', '50', ioc)));
    expect(rig.kinds()).toEqual(['acknowledged', 'filled', 'cancelled']);
    expect(rig.reported.at(-1)).toMatchObject({ filledQuantity: dec('30') });
  });

  test('seeded partial fills come some 100 ms apart and add up', async () => {
    const rig = await new Rig({ profile: { partialFillProbability: 1 } }).open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('b-1', '100')));
    const fills = rig.fills();
    expect(fills.length).toBeGreaterThanOrEqual(2);
    expect(fills.length).toBeLessThanOrEqual(3);
    expect(fills.reduce((sum, fill) => sum + fill.quantity.toApproximateNumber(), 0)).toBe(100);
    expect((fills[1]?.at ?? 0) - (fills[0]?.at ?? 0)).toBeGreaterThanOrEqual(100);
  });
});

describe('fractions and dollars', () => {
  test('a notional order buys millionths at its fill price, never for more than its amount', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) =>
      broker.submit(order('n-1', null, { notional: dec('500.00') })),
    );
    expect(rig.fills()[0]?.quantity.text()).toBe('4.999500');
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
    expect((await rig.broker.orderByClientId(parseClientOrderId('n-1')))?.status).toBe('filled');
  });

  test('a fractional position closes to exactly zero', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('f-1', '2.500001')));
    await rig.play(minute(1, { SPY: flat(100) }), (broker) => broker.submit(order('f-2', '2.500001', SELL_LONG)));
    expect(await rig.broker.positions()).toEqual([]);
  });
});

describe('refusals', () => {
  interface Row {
    readonly name: string;
    readonly code: string;
    readonly order: OrderRequest;
    readonly profile?: Partial<SimProfile>;
    readonly halted?: boolean;
    readonly cash?: string;
    readonly before?: OrderRequest;
  }
  const rows: readonly Row[] = [
    { name: 'unknown symbol', code: 'UNKNOWN_SYMBOL', order: order('r', '1', { symbol: parseSymbol('NOPE') }) },
    {
      name: 'untradable symbol',
      code: 'NOT_TRADABLE',
      order: order('r', '1', { symbol: BAC }),
      profile: { untradable: [BAC] },
    },
    { name: 'halted before its open', code: 'SYMBOL_HALTED', order: order('r', '1'), halted: true },
    { name: 'not enough cash', code: 'INSUFFICIENT_BUYING_POWER', order: order('r', '10'), cash: '1000.00' },
    { name: 'too fine', code: 'QUANTITY_PRECISION', order: order('r', '1.0000001') },
    { name: 'dollars too fine', code: 'NOTIONAL_PRECISION', order: order('r', null, { notional: dec('10.001') }) },
    {
      name: 'whole shares only',
      code: 'FRACTIONAL_NOT_SUPPORTED',
      order: order('r', '1.5'),
      profile: { fractional: false },
    },
    { name: 'a fraction short', code: 'FRACTIONAL_SHORT', order: order('r', '1.5', SELL_SHORT) },
    {
      name: 'not to borrow',
      code: 'NOT_SHORTABLE',
      order: order('r', '1', { ...SELL_SHORT, symbol: BAC }),
      profile: { hardToBorrow: [BAC] },
    },
    {
      name: 'no shorts here',
      code: 'NOT_SHORTABLE',
      order: order('r', '1', SELL_SHORT),
      profile: { shortSell: false },
    },
    {
      name: 'short without cover',
      code: 'INSUFFICIENT_BUYING_POWER',
      order: order('r', '30', SELL_SHORT),
      cash: '1000.00',
    },
    { name: 'a sale of what is not held', code: 'INSUFFICIENT_POSITION', order: order('r', '1', SELL_LONG) },
    {
      name: 'a sale across zero',
      code: 'INSUFFICIENT_POSITION',
      order: order('r', '11', SELL_LONG),
      before: order('b', '10'),
    },
    {
      name: 'a cover of a long',
      code: 'INSUFFICIENT_POSITION',
      order: order('r', '1', COVER),
      before: order('b', '10'),
    },
    {
      name: 'a short over a long',
      code: 'OPPOSITE_POSITION',
      order: order('r', '1', SELL_SHORT),
      before: order('b', '10'),
    },
    { name: 'side against effect', code: 'BAD_POSITION_EFFECT', order: order('r', '1', { side: 'sell' }) },
    {
      name: 'a limit between two cents',
      code: 'PRICE_INCREMENT',
      order: order('r', '1', { orderType: 'limit', limitPrice: dec('100.005') }),
    },
    {
      name: 'a stop between two cents',
      code: 'PRICE_INCREMENT',
      order: order('r', '1', { orderType: 'stop', stopPrice: dec('1.0001') }),
    },
    {
      name: 'a limit between two hundredths of a cent',
      code: 'PRICE_INCREMENT',
      order: order('r', '1', { orderType: 'limit', limitPrice: dec('0.50005') }),
    },
    { name: 'by seed', code: 'BROKER_REJECTED', order: order('r', '1'), profile: { rejectProbability: 1 } },
  ];

  test.each(rows)('$name: $code', async (row) => {
    const rig = await new Rig({ profile: row.profile ?? {}, cash: row.cash ?? '100000.00' }).open();
    const { before } = row;
    if (before !== undefined) await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(before));
    const cash = (await rig.broker.account()).cash.text();
    const halted = row.halted === true ? { SPY: { halted: true } } : { SPY: flat(100), BAC: flat(10) };
    await rig.play(minute(1, halted), (broker) => broker.submit(row.order));
    expect(rig.reported.at(-1)).toMatchObject({ kind: 'rejected', code: row.code, clientOrderId: 'r' });
    expect((await rig.broker.account()).cash.text()).toBe(cash);
  });

  test('malformed requests are refused immediately', async () => {
    const rig = await new Rig().open();
    rig.clock.moveTo(rig.session.opensAt);
    const bad = [
      order('x', null),
      order('x', '0'),
      order('x', '1', { notional: dec('5.00') }),
      order('x', '1', { orderType: 'limit' }),
      order('x', '1', { stopPrice: dec('5') }),
    ];
    for (const each of bad) {
      expect(await codeOf(rig.broker.submit(each))).toBe('BrokerError refuse INVALID_ORDER');
    }
  });

  test('requests outside a session, without a connection or for an unknown order are refused', async () => {
    const rig = new Rig();
    expect(await codeOf(rig.broker.submit(order('x', '1')))).toBe('NetworkError retry NOT_CONNECTED');
    await rig.broker.connect();
    expect(await codeOf(rig.broker.submit(order('x', '1')))).toBe('BrokerError refuse MARKET_CLOSED');
    await rig.open();
    expect(await codeOf(rig.broker.cancel(parseClientOrderId('nobody')))).toBe('BrokerError refuse UNKNOWN_ORDER');
  });

  test('an order that arrives after the close is refused when the session ends', async () => {
    const rig = await new Rig({ minutes: 1, profile: { latencyMs: 61_000 } }).open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('late', '1')));
    await rig.close();
    expect(rig.reported).toMatchObject([{ kind: 'rejected', code: 'MARKET_CLOSED' }]);
  });
});

describe('buying power', () => {
  test('working buys reserve their cash, so two orders cannot spend it twice', async () => {
    const rig = await new Rig({ cash: '1500.00' }).open();
    const limit = { orderType: 'limit', limitPrice: dec('90.00') } as const;
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('b-1', '10', limit)));
    expect((await rig.broker.account()).buyingPower.text()).toBe('600.00');
    await rig.play(minute(1, { SPY: flat(100) }), (broker) => broker.submit(order('b-2', '10', limit)));
    expect(rig.reported.at(-1)).toMatchObject({ kind: 'rejected', code: 'INSUFFICIENT_BUYING_POWER' });
  });

  test('a short reserves half its value beyond its proceeds', async () => {
    const rig = await new Rig({ cash: '10000.00' }).open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('s-1', '100', SELL_SHORT)));
    rig.clock.moveTo(minuteStart(1));
    const account = await rig.broker.account();
    // cash 10000 + 9999.00 - 0.35 - 0.30; reserve 1.5 x 10000
    expect(account.cash.text()).toBe('19998.35');
    expect(account.buyingPower.text()).toBe('4998.35');
    expect(account.equity.text()).toBe('9998.35');
  });
});
