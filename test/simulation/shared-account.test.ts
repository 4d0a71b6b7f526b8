import { describe, expect, test } from '@jest/globals';
import type { SimFault } from '../../src/adapters/broker-sim/faults.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { parseClientOrderId, parseSymbol } from '../../src/events/names.js';
import { STREAMS } from '../../src/events/streams.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { networkError } from '../../src/kernel/errors.js';
import { openOrder } from '../support/open-orders.js';
import { AccountView } from './support/account-view.js';
import { CODES } from './support/day-harness.js';
import { after, BOTH_WAYS } from './support/days.js';
import { dieAt, liveHome, type LiveHarness } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const COPY = parseClientOrderId('TEST_US_SIM_B01-20260106-40');
const OFTEN = { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '5' };

async function entryTimes(live: LiveHarness): Promise<readonly string[]> {
  const orders = await live.eventsOf('OrderIntended');
  return orders.filter(({ data }) => data.purpose === 'entry').map(({ occurredAt }) => occurredAt.slice(11, 16));
}

describe('another copy of the bot at the same account (issue 14, A)', () => {
  test('an open order under an id of this bot holds entries, exits continue, and an admin allows entries again', async () => {
    const view = new AccountView();
    const live = liveHome({ wrapBroker: view.wrap, settings: OFTEN });
    const life = await live.start();
    // both positions of the first strategy are open then
    life.pacer.plan(live.at('15:00:00.500'), () => {
      view.extraOrders = [openOrder(COPY)];
      return Promise.resolve();
    });
    life.pacer.plan(live.at('17:20:00.500'), async () => {
      await live
        .appender(life.pacer, 'user:admin')
        .append(STREAMS.risk, [
          { type: 'BotCopyAcknowledged', data: { reason: 'switched off' }, correlationId: 'risk', causationId: null },
        ]);
      life.session.followed();
    });
    await life.session.run();
    expect(
      (await live.eventsOf('BotCopyFound')).map(({ data, occurredAt }) => [occurredAt.slice(11, 16), data]),
    ).toEqual([['15:05', { clientOrderId: COPY, brokerOrderId: `broker-${COPY}`, symbol: 'SPY', sign: 'open_order' }]]);
    const closed = (await live.eventsOf('PositionClosed')).map(({ occurredAt }) => occurredAt.slice(11, 16));
    expect(closed.filter((at) => at === '15:30')).toHaveLength(2);
    // without the copy NOVQ is entered at 17:16
    expect(await entryTimes(live)).toEqual(['14:51', '14:56', '17:24']);
    expect(life.state.botCopy).toBeUndefined();
    await expectGoodBooks(live.home, { trades: 3 });
  });

  test('a restart keeps the hold: only an admin ends it', async () => {
    const view = new AccountView();
    view.extraOrders = [openOrder(COPY)];
    const live = liveHome({ wrapBroker: view.wrap });
    await dieAt(live, await live.start(), '14:40:00.500');
    view.extraOrders = [];
    await (await live.start({ startsAt: '14:45:00.000' })).session.run();
    expect(await entryTimes(live)).toEqual([]);
    expect(await live.eventsOf('BotCopyFound')).toHaveLength(1);
    expect((await live.eventsOf('ForeignOrderSeen')).map(({ data }) => data.state)).toEqual(['working', 'gone']);
  });
});

describe('orders of others in the account (TRD-63)', () => {
  test('a list of open orders that cannot be read whole is unknown: nothing is said to be gone, once', async () => {
    const view = new AccountView();
    view.extraOrders = [openOrder(null)];
    const live = liveHome({ wrapBroker: view.wrap, settings: OFTEN });
    const life = await live.start();
    life.pacer.plan(live.at('14:45:00.500'), () => {
      view.extraOrders = [];
      view.beforeOrders = () =>
        Promise.reject(networkError('retry', { code: 'CUT', message: 'the list was cut', remedy: 'Wait.' }));
      return Promise.resolve();
    });
    life.pacer.plan(live.at('16:00:00.500'), () => {
      view.beforeOrders = () => Promise.resolve();
      return Promise.resolve();
    });
    await life.session.run();
    const unknown = (await live.eventsOf('BooksCompared')).filter(({ data }) => data.outcome === 'unknown');
    expect(unknown.map(({ data }) => data.reason)).toEqual(['the list was cut. Wait.']);
    const seen = (await live.eventsOf('ForeignOrderSeen')).map(({ data, occurredAt }) => [
      data.state,
      occurredAt.slice(11, 16),
    ]);
    expect(seen).toEqual([
      ['working', '14:29'],
      ['gone', '16:01'],
    ]);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('a part of a position that is sold by hand leaves a position with its stop, and its exit closes the rest', async () => {
    const faults: readonly SimFault[] = [
      {
        kind: 'outside_order',
        at: after('15:05:00.500'),
        symbol: parseSymbol('TLRX'),
        side: 'sell',
        quantity: Decimal.ONE,
        reported: true,
      },
    ];
    const live = liveHome({ faults, settings: { ...OFTEN, FRACTIONAL: 'false' } });
    const life = await live.start();
    await life.session.run();
    const [sold] = await live.eventsOf('ForeignFillBooked');
    expect(sold?.data).toMatchObject({ symbol: 'TLRX', side: 'sell', quantity: '1', positions: [{ quantity: '1' }] });
    const orders = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.symbol === 'TLRX');
    const [entry, exit] = orders.map(({ data }) => Number(data.quantity));
    expect([orders.length, exit]).toEqual([2, (entry ?? 0) - 1]);
    const state = new EngineState(CODES);
    await foldJournal(live.journal, state);
    expect(state.foreign.shares).toEqual({});
    await expectGoodBooks(live.home, { trades: 4 });
  });
});
