import { expect, test } from '@jest/globals';
import { closingFigures } from '../../../src/app/live/time-to-flat.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs } from '../../../src/kernel/time.js';

type State = Parameters<typeof closingFigures>[0];
type Limit = NonNullable<Parameters<typeof closingFigures>[1]>;

function stateOf(botState: State['botState'], orders: number, shares: readonly string[]): State {
  const positions = shares.map((quantity, at) => [
    String(at),
    { quantity: Decimal.parse(quantity), symbol: `S${at}`, side: 'long' },
  ]);
  return {
    botState,
    liveOrders: new Map(
      Array.from({ length: orders }, (_, at) => [
        String(at),
        { intent: { clientOrderId: `B01-${at}` }, stage: 'working' },
      ]),
    ),
    positions: new Map(positions as never),
  } as unknown as State;
}

const limit = (orderCallsPerMinute: number | null, left?: number): Limit =>
  ({
    capabilities: { orderCallsPerMinute },
    ...(left === undefined ? {} : { budget: () => ({ left, nextFreeAt: epochMs(0) }) }),
  }) as unknown as Limit;

test.each([
  ['nothing is being closed', 'trading', 3, ['5'], limit(60), {}],
  ['no limit', 'emergency_closing_positions', 3, ['5', '0', '-2'], limit(null), { orders: '3', positions: '2' }],
  [
    'within the limit',
    'emergency_closing_positions',
    3,
    ['5'],
    limit(60),
    { orders: '3', positions: '1', seconds: '0' },
  ],
  [
    'beyond it',
    'graceful_closing_positions',
    60,
    Array(30).fill('1'),
    limit(60),
    { orders: '60', positions: '30', seconds: '30' },
  ],
  [
    'with little left of it',
    'emergency_closing_positions',
    10,
    ['1'],
    limit(60, 1),
    { orders: '10', positions: '1', seconds: '10', calls: '1' },
  ],
] as const)('%s', (_what, botState, orders, shares, broker, expected) => {
  const named = Object.fromEntries(Object.entries(expected).map(([name, text]) => [`closing_${name}`, text]));
  const found = closingFigures(stateOf(botState, orders, shares as readonly string[]), broker);
  expect({ ...found, closing_left: undefined }).toEqual({ ...named, closing_left: undefined });
});

test('what is left is named, as far as it fits on a line', () => {
  const few = closingFigures(stateOf('emergency_closing_positions', 1, ['5', '0']), undefined);
  expect(few['closing_left']).toBe('S0 5 long, order B01-0 working');
  const many = closingFigures(stateOf('emergency_closing_positions', 60, ['5']), undefined)['closing_left'] ?? '';
  expect(many.length).toBeLessThanOrEqual(405);
  expect(many).toMatch(/^S0 5 long, order B01-0 working, .* working, \.\.\.$/);
});
