import { describe, expect, test } from '@jest/globals';
import type { ClientOrderId } from '../../../src/events/names.js';
import { importActivities } from '../../../src/app/day/import-activities.js';
import { STREAMS } from '../../../src/events/streams.js';
import { MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { timeOf } from '../trading/support/rule-world.js';
import { AccountWorld } from './support/account-world.js';

/** A world in which the bot holds 100 AIG at 50, and the broker has reported it. */
async function holding(shares = '100'): Promise<{ readonly world: AccountWorld; readonly id: string }> {
  const world = await AccountWorld.open();
  const id = await world.enter({ shares, price: '50' });
  world.account.fill(id, shares, '50');
  await world.deliver();
  return { world, id };
}

/** Books equal broker, and the position of the bot has so many shares with a stop. */
function expectPosition(world: AccountWorld, shares: string): void {
  const { books, broker } = world.both();
  expect(books).toEqual(broker);
  expect(world.sharesOfBot('AIG')).toBe(shares);
  const [position] = [...world.state.positions.values()];
  if (shares !== '0') expect(position?.stop).toBeDefined();
  expect(position?.exitReason).toBeUndefined();
}

describe('what others do with the shares of a position (TRD-63)', () => {
  test('a part that is sold by hand leaves the rest with its stop', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'sell', '60');
    world.account.fill(hand, '60', '51');
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '40');
    expect(await world.events('PositionClosed')).toEqual([]);
  });

  test('all of it, in two executions, of which the reports are lost: the activities close it with price and fees', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'sell', '100');
    world.account.fill(hand, '30', '51');
    world.account.fill(hand, '70', '52');
    await world.deliver([]);
    await world.minutes(20);
    expectPosition(world, '0');
    const [closed] = await world.events('PositionClosed');
    expect(closed?.data).toMatchObject({
      exitReason: 'manual',
      quantity: '100',
      exitPrice: '51.70',
      grossPnl: '170.00',
    });
    expect(await world.events('BooksMismatchFound')).toEqual([]);
  });

  test('without an activity it stays a mismatch, and nothing is invented', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'sell', '60');
    world.account.fill(hand, '60', '51');
    world.account.activitiesHeld = 1;
    await world.deliver([]);
    await world.minutes(30);
    expect(world.sharesOfBot('AIG')).toBe('100');
    expect((await world.events('BooksMismatchFound')).map(({ data }) => data.delta).sort()).toEqual(['-60', '3059.64']);
    world.account.activitiesHeld = 0;
    await world.minutes(20);
    expectPosition(world, '40');
  });

  test('shares that somebody adds are not the bot’s: its exit sells its own', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'buy', '50');
    world.account.fill(hand, '50', '51');
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '100');
    expect(world.state.foreign.shares).toEqual({ AIG: '50' });
    world.account.fill(world.account.byHand('AIG', 'sell', '80'), '80', '51');
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '70');
    expect(world.state.foreign.shares).toEqual({});
  });

  test('a bust of what was sold by hand gives the shares back, also after the position ended', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'sell', '100');
    world.account.fill(hand, '100', '51');
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '0');
    world.account.bust(hand);
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '100');
    expect(await world.events('PositionOpened')).toHaveLength(2);
  });

  test('a report and its activity are one execution, and a lost list books nothing', async () => {
    const { world } = await holding();
    world.account.failing.add('openOrders');
    const hand = world.account.byHand('AIG', 'sell', '60');
    world.account.fill(hand, '60', '51');
    await world.deliver([0, 0]);
    await world.minutes(10);
    expect(world.sharesOfBot('AIG')).toBe('100');
    world.account.failing.clear();
    await world.minutes(20);
    expectPosition(world, '40');
    expect(await world.events('ForeignFillBooked')).toHaveLength(1);
  });
});

describe('a report on an order of others that the account does not show', () => {
  test('books nothing, and is kept for a person', async () => {
    const { world } = await holding();
    const hand = world.account.byHand('AIG', 'sell', '60');
    world.account.fill(hand, '60', '51');
    world.account.bust(hand);
    await world.deliver([0]);
    await world.minutes(12);
    expectPosition(world, '100');
    expect(await world.events('ForeignFillBooked')).toEqual([]);
    expect((await world.events('BrokerFactRefused')).map(({ data }) => data.code)).toEqual(['ORDER_NOT_OURS']);
  });

  test('is not proven by a difference of another amount', async () => {
    const { world } = await holding();
    world.account.fill(world.account.byHand('AIG', 'sell', '60'), '60', '51');
    world.account.activitiesHeld = 1;
    const hand = world.account.byHand('AIG', 'sell', '10');
    world.account.fill(hand, '10', '51');
    world.account.bust(hand);
    await world.deliver([1]);
    await world.minutes(3);
    expect(await world.events('ForeignFillBooked')).toEqual([]);
    expect(world.sharesOfBot('AIG')).toBe('100');
  });

  test('is not proven by a fill of the bot whose report is late', async () => {
    const world = await AccountWorld.open();
    const id = await world.enter({ shares: '100', price: '50' });
    world.account.fill(id, '25', '50');
    const hand = world.account.byHand('AIG', 'buy', '25');
    world.account.fill(hand, '25', '50');
    world.account.bust(hand);
    world.account.failing.add('orderByClientId');
    await world.deliver([2]);
    await world.minutes(1);
    world.account.failing.clear();
    await world.minutes(12);
    expect(await world.events('ForeignFillBooked')).toEqual([]);
    expectPosition(world, '25');
  });
});

describe('an order that the broker no longer has (X2)', () => {
  test('of this session: cancelled after five minutes, when a whole list lacks it; the exit of what was filled follows', async () => {
    const world = await AccountWorld.open();
    const id = await world.enter({ shares: '100', price: '50' });
    world.account.fill(id, '40', '50');
    await world.deliver();
    world.account.purge(id);
    world.account.failing.add('openOrders');
    await world.minutes(10);
    expect(await world.events('OrderCancelled')).toEqual([]);
    world.account.failing.clear();
    await world.minutes(20);
    const [ended] = await world.events('OrderCancelled');
    expect(ended?.data).toMatchObject({ filledQuantity: '40', reason: 'the broker no longer has the order' });
    expectPosition(world, '40');
  });

  test('of an earlier session: it ended with its day, at the first answer; nothing fails', async () => {
    const { world } = await holding();
    const before = { ...world.rules.context().strategyContext };
    const stale = await world.enter({ symbol: 'BAC', shares: '100', price: '50' });
    await world.deliver();
    world.account.purge(stale);
    // the day of the order is over: the next one opens an hour later
    world.opensAt = plusMs(before.opensAt, 60 * MINUTE_MS);
    await world.minutes(60);
    const [ended] = await world.events('OrderExpired');
    expect(ended?.data).toEqual({ clientOrderId: stale, filledQuantity: '0' });
  });
});

describe('what the broker does to orders of the bot leaves exactly the rest with a stop (TRD-51)', () => {
  test.each<[string, (world: AccountWorld, id: string) => void, string]>([
    ['a bust of one of two fills of the entry', (world, id) => world.account.bust(id), '60'],
    ['a late fill after the cancel', (world, id) => world.account.fill(id, '10', '50'), '110'],
    [
      'a fill of an entry that is sold by hand in part',
      (world) => {
        world.account.fill(world.account.byHand('AIG', 'sell', '30'), '30', '49');
      },
      '70',
    ],
  ])('%s', async (_name, change, shares) => {
    const world = await AccountWorld.open();
    const id = await world.enter({ shares: '200', price: '50' });
    world.account.fill(id, '60', '50');
    world.account.fill(id, '40', '50');
    await world.deliver();
    await world.account.cancel(id as ClientOrderId);
    await world.deliver();
    change(world, id);
    await world.deliver();
    await world.minutes(3);
    expectPosition(world, shares);
  });

  test('an exit that is filled beyond its quantity: the other side is closed at once, and all is flat', async () => {
    const { world } = await holding();
    world.now = timeOf('15:59');
    await world.minutes(3);
    const [exit] = world.account.submitted.filter(({ side }) => side === 'sell');
    world.account.fill(exit?.clientOrderId ?? '', '130', '51');
    await world.deliver();
    await world.minutes(1);
    const cover = world.account.submitted.at(-1);
    expect([cover?.side, cover?.quantity?.shortText()]).toEqual(['buy', '30']);
    world.account.fill(cover?.clientOrderId ?? '', '30', '51');
    await world.deliver();
    await world.minutes(3);
    const { books, broker } = world.both();
    expect(books).toEqual(broker);
    expect(world.sharesOfBot('AIG')).toBe('0');
  });
});

test('a kill closes the position of the bot and leaves the shares of others', async () => {
  const { world } = await holding();
  world.account.fill(world.account.byHand('AIG', 'buy', '50'), '50', '51');
  await world.deliver();
  await world.minutes(2);
  await world.append(STREAMS.lifecycle, {
    type: 'BotStateChanged',
    data: { from: 'trading', to: 'emergency_closing_positions', reason: 'by hand' },
    correlationId: 'lifecycle',
    causationId: null,
  });
  await world.settle();
  const exit = world.account.submitted.at(-1);
  expect([exit?.side, exit?.quantity?.shortText()]).toEqual(['sell', '100']);
  world.account.fill(exit?.clientOrderId ?? '', '100', '51');
  await world.deliver();
  await world.minutes(2);
  expect(world.state.botState).toBe('stopped');
  expect(world.both().books).toEqual(world.both().broker);
  expect(world.state.foreign.shares).toEqual({ AIG: '50' });
});

describe('charges that the broker reports after the fill', () => {
  test.each([
    ['with its report', undefined],
    ['with its order alone, as after a restart', []],
  ])('of the bot are booked once: %s', async (_how, reports) => {
    const world = await AccountWorld.open();
    world.account.chargesLater = true;
    const id = await world.enter({ shares: '100', price: '50' });
    world.account.fill(id, '100', '50');
    await world.deliver();
    world.account.charge(id);
    await world.deliver(reports);
    await world.minutes(20);
    expectPosition(world, '100');
    await world.engine.askAfterOrders();
    expect(await world.events('OrderFillCorrected')).toHaveLength(1);
    expect(await world.events('BooksMismatchFound')).toEqual([]);
  });

  test('of others are booked once, when the cash shows them', async () => {
    const { world } = await holding();
    world.account.chargesLater = true;
    const hand = world.account.byHand('AIG', 'sell', '60');
    world.account.fill(hand, '60', '51');
    await world.deliver();
    await world.minutes(2);
    expectPosition(world, '40');
    world.account.charge(hand);
    const [report] = world.account.outbox;
    await world.deliver();
    await world.minutes(12);
    expectPosition(world, '40');
    if (report !== undefined) await world.engine.onUpdate(report);
    await world.minutes(12);
    expectPosition(world, '40');
    expect((await world.events('ForeignFillBooked')).map(({ data }) => data.commission)).toEqual(['0.00', '0.35']);
    expect(await world.events('ForeignFillBusted')).toHaveLength(1);
  });
});

test('money of another currency moves no dollars: it is kept once, with its amount and what to do', async () => {
  const { world } = await holding();
  world.account.feeIn('EUR', '0.85');
  const deps = { broker: world.account.port, appender: world.appender, state: world.state };
  for (let look = 0; look < 2; look += 1) await importActivities(deps);
  expectPosition(world, '100');
  expect(await world.events('BrokerActivityImported')).toEqual([]);
  const refused = await world.events('BrokerFactRefused');
  expect(refused.map(({ data }) => data.code)).toEqual(['OTHER_CURRENCY']);
  expect(refused[0]?.data.message).toContain('a fee of 0.85 EUR (charge of execution e-1)');
});
