import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs } from '../../../src/kernel/time.js';
import { averagePrice, EmulatedExchange } from './exchange.js';
import { FaultPlan } from './fault-plan.js';
import { Refusal, type OrderAsk } from './types.js';

const dec = (text: string): Decimal => Decimal.parse(text);

function exchange(): EmulatedExchange {
  const symbols = [
    { symbol: 'SPY', price: dec('500.00') },
    { symbol: 'THIN', price: dec('3.00'), shortable: false, fractionable: false },
  ];
  return new EmulatedExchange({
    clock: { now: () => epochMs(1_000) },
    cash: dec('10000.00'),
    symbols,
    uniqueClientIds: true,
  });
}

const ask = (clientId: string, more: Partial<OrderAsk> = {}): OrderAsk => ({
  clientId,
  ...{ symbol: 'SPY', side: 'buy', quantity: dec('10'), notional: null, type: 'market' },
  ...{ limitPrice: null, stopPrice: null, timeInForce: 'day' },
  ...more,
});

const refusalOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
};

describe('the account behind the emulators', () => {
  test('cash and position follow from executions, busts and corrections', () => {
    const venue = exchange();
    const order = venue.place(ask('a'));
    const first = venue.fill(order.id, dec('4'), dec('500.10'));
    const second = venue.fill(order.id, dec('6'), dec('500.20'));
    expect([order.state, averagePrice(order)?.shortText(2)]).toEqual(['filled', '500.16']);
    expect(venue.account.cash.text()).toBe('4998.40');
    venue.bust(first.id);
    expect(venue.account.quantity('SPY').text()).toBe('6');
    venue.correct(second.id, { price: dec('500.00') });
    expect([venue.account.cash.text(), venue.account.quantity('SPY').text()]).toEqual(['7000.00', '6']);
    expect(venue.events.map(({ kind }) => kind)).toEqual([
      'received',
      'open',
      'partial_fill',
      'fill',
      'bust',
      'correct',
    ]);
  });

  test('a sale beyond the position, a doubled id, an unknown symbol and a price too fine are refused', () => {
    const venue = exchange();
    venue.fill(venue.place(ask('a')).id);
    expect([
      refusalOf(() => venue.place(ask('b', { side: 'sell', quantity: dec('11') }))),
      refusalOf(() => venue.place(ask('a'))),
      refusalOf(() => venue.place(ask('c', { symbol: 'NONE' }))),
      refusalOf(() => venue.place(ask('d', { type: 'limit', limitPrice: dec('499.995') }))),
      refusalOf(() => venue.place(ask('e', { quantity: dec('100') }))),
      refusalOf(() => venue.place(ask('f', { symbol: 'THIN', side: 'sell' }))),
      refusalOf(() => venue.place(ask('g', { symbol: 'THIN', quantity: dec('1.5') }))),
    ]).toEqual([
      'quantity',
      'duplicate_id',
      'unknown_symbol',
      'sub_penny',
      'buying_power',
      'not_shortable',
      'not_fractionable',
    ]);
  });

  test('by itself it trades what its prices reach, the same for the same seed', () => {
    const run = (seed: number): readonly string[] => {
      const venue = exchange();
      venue.autoTrade(seed);
      venue.place(ask('a'));
      const resting = venue.place(ask('b', { quantity: dec('2'), type: 'limit', limitPrice: dec('499.00') }));
      expect(resting.state).toBe('open');
      venue.setPrice('SPY', dec('498.50'));
      expect(resting.state).toBe('filled');
      return venue.account.executions.map(({ quantity, price }) => `${quantity.text()} ${price.text()}`);
    };
    expect(run(3)).toEqual(run(3));
  });

  test('faults by hand come first and once, those by seed are the same for the same calls', () => {
    const plan = new FaultPlan(7, { drop: 0.5 });
    plan.next('lose_answer', 'POST');
    expect([plan.request('GET /a'), plan.request('POST /a'), plan.request('POST /a')]).toEqual([
      undefined,
      'lose_answer',
      undefined,
    ]);
    const draws = (): readonly unknown[] => {
      const fresh = new FaultPlan(7, { drop: 0.5 });
      return Array.from({ length: 20 }, () => fresh.frame('fill'));
    };
    expect(draws()).toEqual(draws());
    expect(new Set(draws())).toEqual(new Set(['drop', undefined]));
  });
});
