import { describe, expect, test } from '@jest/globals';
import { OrderExecutions, type ExecutionVersion } from '../../../src/adapters/broker-ibkr/order-executions.js';
import { ClockOrderIds } from '../../../src/adapters/broker-ibkr/order-ids.js';
import { UpdateQueue } from '../../../src/adapters/broker-ibkr/update-queue.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { parseUtcText } from '../../../src/kernel/time.js';
import type { BrokerUpdate } from '../../../src/ports/order-entry.js';

const dec = (text: string): Decimal => Decimal.parse(text);
const AT = parseUtcText('2026-01-05T15:00:00.000Z');

function version(execId: string, quantity: string, price = '50.00'): ExecutionVersion {
  return {
    ...{ execId, symbol: parseSymbol('SPY'), side: 'buy', quantity: dec(quantity), price: dec(price), filledAt: AT },
    ...{ brokerOrderId: '900', rawSha256: sha256Hex(execId) },
  };
}

function oneOrder(): { readonly executions: OrderExecutions; readonly said: () => readonly string[] } {
  const updates: BrokerUpdate[] = [];
  const executions = new OrderExecutions(
    parseClientOrderId('k-1'),
    new UpdateQueue((each) => updates.push(each)),
    60_000,
  );
  const figure = (each: BrokerUpdate): string =>
    'commission' in each ? `${each.kind} ${each.price.shortText()} ${each.commission.shortText()}` : each.kind;
  return { executions, said: () => updates.map(figure) };
}

describe('charges of an execution that was corrected', () => {
  const FIRST = '0001.01.01';
  const SECOND = '0001.01.02';

  test.each([
    ['oldest first', [FIRST, SECOND]],
    ['newest first', [SECOND, FIRST]],
  ])('the list of today, read again %s, reports nothing once more', (_order, ids) => {
    const { executions, said } = oneOrder();
    const charges: Readonly<Record<string, Decimal>> = { [FIRST]: dec('1'), [SECOND]: dec('1.05') };
    const versions: Readonly<Record<string, ExecutionVersion>> = {
      [FIRST]: version(FIRST, '10'),
      [SECOND]: version(SECOND, '10', '49.50'),
    };
    const read = (list: readonly string[]): void => {
      for (const id of list) {
        executions.add(versions[id] ?? version(id, '0'), undefined);
        executions.charge(id, charges[id] ?? Decimal.ZERO);
      }
    };
    read([FIRST, SECOND]);
    const before = said();
    expect(before.at(-1)).toBe('corrected 49.5 1.05');
    read(ids);
    expect(said()).toEqual(before);
  });

  test('the first charge counts until the correction has one of its own', () => {
    const { executions, said } = oneOrder();
    executions.add(version(FIRST, '10'), undefined);
    executions.add(version(SECOND, '10', '49.50'), undefined);
    executions.charge(FIRST, dec('1'));
    expect(said().at(-1)).toBe('corrected 49.5 1');
  });

  test('an execution that was taken back is reported so once, whatever charges follow', () => {
    const { executions, said } = oneOrder();
    executions.add(version(FIRST, '10'), dec('1'));
    executions.add(version(SECOND, '0'), undefined);
    for (const charge of ['0', '1', '0']) executions.charge(SECOND, dec(charge));
    expect(said()).toEqual(['filled 50 1', 'busted']);
  });

  test('an execution that was taken back while no process ran is reported so by the next one', () => {
    const { executions, said } = oneOrder();
    executions.add(version(SECOND, '0'), undefined);
    expect(said()).toEqual(['busted']);
    expect(executions.filled.isZero()).toBe(true);
  });
});

test('order ids rise over restarts also where the clock of the bot shows an earlier year', () => {
  const at = (text: string): ClockOrderIds => {
    const now = parseUtcText(text);
    return new ClockOrderIds({ now: () => now });
  };
  const first = at('2013-10-07T13:28:00.000Z');
  first.use(first.highest() + 1);
  expect(at('2013-10-07T13:29:00.000Z').highest()).toBeGreaterThan(first.highest());
  // below the ids of questions, for decades
  expect(at('2045-01-01T00:00:00.000Z').highest()).toBeLessThan(1_500_000_000);
});
