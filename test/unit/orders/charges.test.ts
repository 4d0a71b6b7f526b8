import { describe, expect, test } from '@jest/globals';
import { bookedCharges, NO_CHARGES, unbookedAfter } from '../../../src/domain/orders/charges.js';
import { decideOrder, type OrderCommand } from '../../../src/domain/orders/decide-order.js';
import type { Charges, Order } from '../../../src/domain/orders/order.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { applied, intended, report } from './support.js';

const charges = (commission: string, fee = '0'): Charges => ({
  commission: Decimal.parse(commission),
  fee: Decimal.parse(fee),
});
const fill = (id: string, commission: string, fee = '0'): OrderCommand & { readonly kind: 'filled' } => ({
  kind: 'filled',
  ...report(id, 1),
  ...charges(commission, fee),
});
const bust = (executionId: string): OrderCommand => ({ kind: 'busted', executionId, reason: 'test' });

/** The order after these commands, and what its account has unbooked then. */
function after(...commands: readonly OrderCommand[]): { readonly order: Order; readonly unbooked: Charges } {
  let order = intended();
  let unbooked = NO_CHARGES;
  for (const command of commands) {
    const next = applied(order, decideOrder(order, command, unbooked));
    unbooked = unbookedAfter(unbooked, order, next);
    order = next;
  }
  return { order, unbooked };
}

function booked({ order }: { readonly order: Order }): readonly string[] {
  return [...order.executions.values()].map(({ commission, fee }) => `${commission.text()} ${fee.text()}`);
}

describe('charges of parts of a cent', () => {
  test('add up until they make a cent', () => {
    const four = ['E1', 'E2', 'E3', 'E4'].map((id) => fill(id, '0.0035'));
    expect(booked(after(...four))).toEqual(['0.00 0.00', '0.01 0.00', '0.00 0.00', '0.00 0.00']);
    const { unbooked } = after(...four);
    expect(unbooked.commission.text()).toBe('0.0040');
  });

  test('a commission and a fee of a third of a cent together are a cent, once', () => {
    expect(booked(after(fill('E1', '0.0033', '0.0033'), fill('E2', '0.0033', '0.0033')))).toEqual([
      '0.00 0.01',
      '0.01 -0.01',
    ]);
  });

  test('rebates of parts of a cent add up as well', () => {
    expect(booked(after(fill('E1', '-0.004'), fill('E2', '-0.004')))).toEqual(['0.00 0.00', '-0.01 0.00']);
  });

  test('whole cents stay as they are next to parts of a cent', () => {
    const execution = { ...report('E1', 1), ...charges('0.35', '0.02'), side: 'buy' } as const;
    expect(bookedCharges(charges('0.004'), execution)).toEqual(charges('0.35', '0.02'));
  });

  test.each([
    ['buy', undefined, '0.00'],
    ['buy', '0', '0.00'],
    ['buy', '0.0038', '0.01'],
    ['sell', '0', '0.00'],
    ['sell', '-0.0038', '-0.01'],
  ] as const)('a share at 46.3313 (%s): with %s of amounts unbooked the fee is %s', (side, amounts, fee) => {
    const unbooked = { ...NO_CHARGES, ...(amounts === undefined ? {} : { amounts: Decimal.parse(amounts) }) };
    const execution = { ...report('E1', 1, '46.3313'), ...NO_CHARGES, side };
    expect(bookedCharges(unbooked, execution).fee.text()).toBe(fee);
  });

  test('the event has both figures, and only when they differ', () => {
    const [event] = decideOrder(intended(), fill('E1', '0.3535', '0.02'), NO_CHARGES).slice(-1);
    expect(event?.data).toMatchObject({ commission: '0.35', fee: '0.02' });
    expect(event?.data).toHaveProperty('reportedCharges', { commission: '0.3535', fee: '0.02' });
    const [whole] = decideOrder(intended(), fill('E1', '0.3500'), NO_CHARGES).slice(-1);
    expect(whole?.data).not.toHaveProperty('reportedCharges');
  });

  test('a bust takes back what was reported, and the next execution settles it', () => {
    const state = after(fill('E1', '0.0035'), fill('E2', '0.0035'), bust('E1'), fill('E3', '0.0001'));
    // 0.0036 stand, nothing of a cent
    expect(booked(state)).toEqual(['0.01 0.00', '-0.01 0.00']);
    expect(state.unbooked.commission.text()).toBe('0.0036');
  });

  test('a correction replaces the reported charges', () => {
    const corrected = { ...fill('E2', '0.0085'), kind: 'corrected', correctsExecutionId: 'E1' } as const;
    const state = after(fill('E1', '0.0060'), corrected);
    expect(booked(state)).toEqual(['0.01 0.00']);
    expect(state.unbooked.commission.text()).toBe('-0.0015');
  });

  test('P2 a report that comes again after its bust does not count, whatever its parts of a cent', () => {
    const { order, unbooked } = after(fill('E1', '0.0035'), bust('E1'));
    expect(decideOrder(order, fill('E1', '0.0035'), unbooked)).toEqual([]);
    expect(decideOrder(order, fill('E1', '0.0036'), unbooked).map(({ type }) => type)).toEqual(['OrderFilled']);
  });

  test('P2 nor does one that an earlier version recorded without its parts of a cent', () => {
    const events = decideOrder(intended(), fill('E1', '0.00'), NO_CHARGES);
    const gone = applied(applied(intended(), events), [
      ...decideOrder(applied(intended(), events), bust('E1'), NO_CHARGES),
    ]);
    expect(decideOrder(gone, fill('E1', '0.0035'), NO_CHARGES)).toEqual([]);
  });
});
