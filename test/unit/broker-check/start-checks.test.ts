import { describe, expect, test } from '@jest/globals';
import { startChecks, type CheckedBroker } from '../../../src/app/broker-check/start-checks.js';
import { blocksSession } from '../../../src/domain/lifecycle/blocking-checks.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { brokerError, networkError } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { parseUtcText, plusMs } from '../../../src/kernel/time.js';
import { checkOfError } from '../../../src/ports/broker-connection.js';
import type { OpenOrder } from '../../../src/ports/order-entry.js';
import { openOrder } from '../../support/open-orders.js';
import { parseClientOrderId } from '../../../src/events/names.js';

const FACTS = { code: 'WHY', message: 'why', remedy: 'Do.' };
const NOW = parseUtcText('2026-11-30T14:00:00.000Z');
const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'ALPACA', botId: 'B01' });
const orderOf = (id: string): OpenOrder => openOrder(parseClientOrderId(id));

async function faultsOf(
  over: Partial<CheckedBroker> = {},
  shortSellers: readonly string[] = [],
): Promise<readonly string[]> {
  const account = { accountId: 'A', cash: Decimal.ONE, buyingPower: Decimal.ONE, equity: Decimal.ONE };
  const broker: CheckedBroker = {
    capabilities: { clientIdLength: 48 },
    connect: () => Promise.resolve(),
    selfCheck: () => Promise.resolve([{ name: 'broker.key', ok: true, cause: '', remedy: '' }]),
    clock: () => Promise.resolve(NOW),
    openOrders: () => Promise.resolve([orderOf(`${identity}-20261130-1`), { ...orderOf('x'), clientOrderId: null }]),
    positions: () => Promise.resolve([]),
    account: () => Promise.resolve(account),
    ...over,
  };
  const checks = await startChecks({
    broker,
    identity,
    shortSellers,
    clock: { now: () => NOW },
    within: (_name, work) => work(),
  });
  expect(checks.every(({ ok, remedy }) => ok === (remedy === ''))).toBe(true);
  return checks.flatMap(({ name, ok, cause }) => (ok ? [] : [`${name}: ${cause}`]));
}

describe('what must be right before a bot trades in an account', () => {
  test('an account of its own passes, orders placed by hand included', async () => {
    expect(await faultsOf()).toEqual([]);
  });

  test('a fault of the broker’s own check is the answer: nothing else is asked', async () => {
    const key = { name: 'broker.key', ok: false, cause: 'the key is refused', remedy: 'Enter a valid key.' };
    const never = (): Promise<never> => Promise.reject(new Error('asked'));
    const over = { selfCheck: () => Promise.resolve([key]), clock: never, openOrders: never, account: never };
    expect(await faultsOf(over)).toEqual(['broker.key: the key is refused']);
  });

  test.each([
    [-31_000, 'ahead of'],
    [31_000, 'behind'],
  ])('a clock that differs by %s ms: the text says that ours is %s theirs', async (ms, side) => {
    const [fault] = await faultsOf({ clock: () => Promise.resolve(plusMs(NOW, ms)) });
    expect(fault).toContain(`clock: the clock of this machine is 31 s ${side} that of the broker: it is 2026-11-30T14`);
  });

  test('an account that may not sell short: a finding when a strategy sells short, which keeps nothing else from trading', async () => {
    const account = { accountId: 'A', cash: Decimal.ONE, buyingPower: Decimal.ONE, equity: Decimal.ONE };
    const withShortSales = (shortSales: boolean) => ({ account: () => Promise.resolve({ ...account, shortSales }) });
    expect(await faultsOf(withShortSales(false))).toEqual([]);
    expect(await faultsOf(withShortSales(true), ['SHORT_TYPE_OPEN'])).toEqual([]);
    expect(await faultsOf({}, ['SHORT_TYPE_OPEN'])).toEqual([]);
    expect(await faultsOf(withShortSales(false), ['SHORT_TYPE_OPEN', 'SHORT_TYPE_MID'])).toEqual([
      'broker.short sales: the account may not sell short, and SHORT_TYPE_OPEN and SHORT_TYPE_MID of the settings want it: ' +
        'their bearish signals are not traded',
    ]);
    expect(blocksSession({ module: 'broker.short sales', ok: false })).toBe(false);
    expect(blocksSession({ module: 'broker.key', ok: false })).toBe(true);
  });

  test('orders of another bot with the same key', async () => {
    const orders = ['DEMO_US_ALPACA_B02-20261130-7', `${identity}-20261130-1`].map(orderOf);
    const [fault] = await faultsOf({ openOrders: () => Promise.resolve(orders) });
    expect(fault).toContain('another bot: DEMO_US_ALPACA_B02-20261130-7');
    expect(fault).not.toContain(`${identity}-20261130-1`);
  });

  test('ids that the broker would cut', async () => {
    expect(await faultsOf({ capabilities: { clientIdLength: `${identity}-G0123450a1b2c3d`.length } })).toEqual([]);
    const [fault] = await faultsOf({ capabilities: { clientIdLength: 30 } });
    expect(fault).toContain('takes order ids of 30 characters');
  });

  test.each(['account', 'positions', 'openOrders', 'clock'] as const)('%s that cannot be read', async (name) => {
    const error = networkError('retry', { code: 'API_TIMEOUT', message: `no answer to ${name}`, remedy: 'Check it.' });
    expect((await faultsOf({ [name]: () => Promise.reject(error) }))[0]).toContain(`no answer to ${name}`);
  });

  test('a defect of the adapter is a failed check with a remedy', async () => {
    expect(await faultsOf({ selfCheck: () => Promise.reject(new TypeError('x is undefined')) })).toEqual([
      'connection: x is undefined',
    ]);
  });
});

test.each([
  ['an error of which the caller may ask again', checkOfError('a', networkError('retry', FACTS)), true],
  ['an unknown outcome', checkOfError('a', networkError('reconcile', FACTS)), undefined],
  ['a refusal', checkOfError('a', brokerError('refuse', FACTS)), undefined],
])('%s: whether the check may pass without a person', (_, check, mayPass) => {
  expect(check).toMatchObject({ name: 'a', ok: false, cause: 'why', remedy: 'Do.' });
  expect(check.mayPass).toBe(mayPass);
});
