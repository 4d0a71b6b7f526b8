import { describe, expect, test } from '@jest/globals';
import { fencedBroker } from '../../../src/app/ownership/fenced-broker.js';
import type { EffectsGuard } from '../../../src/app/ownership/effects-guard.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { networkError, TradeBotError } from '../../../src/kernel/errors.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { OrderRequest } from '../../../src/ports/order-entry.js';

const AIG = parseSymbol('AIG');

interface Asked {
  readonly positions: number;
  readonly submits: number;
}

interface Settled {
  readonly answer: string;
  readonly asked: Asked;
}

/** What happens to a closing order of a process whose journal is away, when the broker holds so many shares. */
async function closing(
  order: Partial<OrderRequest>,
  held: string | undefined,
  isUnconfirmed = true,
  position?: Broker['position'],
): Promise<Settled> {
  const asked = { positions: 0, submits: 0 };
  const below = {
    ...(position !== undefined && { position }),
    positions: () => {
      asked.positions += 1;
      const quantity = Decimal.parse(held ?? '0');
      return Promise.resolve(held === undefined ? [] : [{ symbol: AIG, quantity, averagePrice: Decimal.ONE }]);
    },
    submit: () => {
      asked.submits += 1;
      return Promise.resolve();
    },
    cancel: () => Promise.resolve(),
  } as unknown as Broker;
  const guard: EffectsGuard = {
    confirmOwnership: () => Promise.resolve(),
    refuseStale: () => undefined,
    isUnconfirmed,
  };
  const request: OrderRequest = {
    clientOrderId: parseClientOrderId('DEMO-1'),
    symbol: AIG,
    side: 'sell',
    positionEffect: 'close_long',
    quantity: Decimal.parse('10'),
    notional: null,
    orderType: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    ...order,
  };
  const answer = await fencedBroker(below, guard)
    .submit(request)
    .then(
      () => 'sent',
      (error: unknown) => (error instanceof TradeBotError ? `${error.callerMust} ${error.code}` : 'other'),
    );
  return { answer, asked };
}

describe('a closing order that leaves without a confirmation of the owner (JRN-9)', () => {
  test.each([
    ['all that is held', {}, '10', 'sent'],
    ['less than is held: a new owner bought more', {}, '25', 'sent'],
    ['more than is held', {}, '4', 'refuse POSITION_NOT_HELD'],
    ['a position that is gone', {}, undefined, 'refuse POSITION_NOT_HELD'],
    ['the other side: a new owner sold short', {}, '-10', 'refuse POSITION_NOT_HELD'],
    ['a short that is held', { side: 'buy', positionEffect: 'close_short' }, '-10', 'sent'],
    ['a short that is gone', { side: 'buy', positionEffect: 'close_short' }, '10', 'refuse POSITION_NOT_HELD'],
  ] as const)('%s', async (_name, order, held, wanted) => {
    const { answer, asked } = await closing(order, held);
    expect([answer, asked]).toEqual([wanted, { positions: 1, submits: wanted === 'sent' ? 1 : 0 }]);
  });

  test('a broker with a query for one symbol is not asked for the list, and no answer is not zero shares', async () => {
    const one = (quantity: string | Error): Promise<Settled> =>
      closing({}, '99', true, () =>
        typeof quantity === 'string'
          ? Promise.resolve({ symbol: AIG, quantity: Decimal.parse(quantity), averagePrice: Decimal.ONE })
          : Promise.reject(quantity),
      );
    expect(await one('10')).toEqual({ answer: 'sent', asked: { positions: 0, submits: 1 } });
    expect(await one('9')).toEqual({ answer: 'refuse POSITION_NOT_HELD', asked: { positions: 0, submits: 0 } });
    const lost = networkError('retry', { code: 'NO_ANSWER', message: 'no answer', remedy: 'Ask again.' });
    expect(await one(lost)).toEqual({ answer: 'retry NO_ANSWER', asked: { positions: 0, submits: 0 } });
  });

  test('a confirmed owner asks nothing, and an entry is not asked about', async () => {
    expect((await closing({}, undefined, false)).asked).toEqual({ positions: 0, submits: 1 });
    const entry = await closing({ side: 'buy', positionEffect: 'open_long' }, undefined);
    expect(entry.asked).toEqual({ positions: 0, submits: 1 });
  });
});
