import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { FileMarketRecorder } from '../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../src/adapters/market-recorder/recorded-feed.js';
import type { MarketSlice } from '../../src/domain/market/types.js';
import type { ClientOrderId } from '../../src/events/names.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { plusMs, SECOND_MS, type DateText } from '../../src/kernel/time.js';
import { BOTH_WAYS } from './support/days.js';
import type { RecordedSession } from '../../src/ports/market-data.js';
import { BareBroker } from './support/bare-broker.js';
import { LateChargeBroker } from './support/late-charges.js';
import { dieAt, liveHome, type Life, type LiveHarness, type LiveOptions } from './support/live-harness.js';
import { orderly, PushFeed, unruly, type Sent } from './support/push-feed.js';
import { openOrder } from '../support/open-orders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradebot-bare-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const paths = () => ({
  marketRecording: (day: DateText) => `${folder}/market/${day}.csv.gz`,
  marketRecordingPart: (day: DateText) => `${folder}/market/${day}.part.csv`,
});

/** A home with a real broker and a real feed: nothing in it is simulated, and no process can ask for the past. */
class BareHome {
  readonly live: LiveHarness;
  readonly session: RecordedSession;
  readonly slices: readonly MarketSlice[];

  constructor(
    options: Partial<LiveOptions> = {},
    readonly broker = new BareBroker(),
  ) {
    this.live = liveHome(options);
    this.session = marketOf(1).openSession(this.live.date);
    this.slices = [...this.session.slices(this.live.opensAt, this.live.closesAt)];
  }

  /** A new process with a feed of its own, which sends what lies ahead. */
  async start(
    items: readonly Sent[],
    { startsAt, feed = new PushFeed(this.session) }: { readonly startsAt?: string; readonly feed?: PushFeed } = {},
  ): Promise<Life> {
    const recorder = new FileMarketRecorder(paths(), 'as they come');
    const bare = { feed, broker: this.broker, recorder };
    const life = await this.live.start({ bare, ...(startsAt === undefined ? {} : { startsAt }) });
    this.broker.clockOf = life.pacer;
    for (const slice of this.slices) {
      life.pacer.plan(slice.end, () => slice.bars.forEach((bar) => this.broker.prices.set(bar.symbol, bar.close)));
    }
    feed.plan(life.pacer, items);
    return life;
  }

  recorded(): readonly MarketSlice[] {
    const again = new RecordedFeed(paths().marketRecording).openSession(this.live.date);
    return [...again.slices(this.live.opensAt, this.live.closesAt)];
  }

  charges(): void {
    if (this.broker instanceof LateChargeBroker) this.broker.reportCharges();
  }

  async findings(): Promise<Readonly<Record<string, string>> | undefined> {
    return (await this.live.eventsOf('MarketDataRecorded'))[0]?.data.findings;
  }
}

class Died extends Error {}

/** Types and data of the events; ids and times of recording are of one run. */
const facts = (events: readonly RecordedEvent[]) =>
  events
    .filter(({ type }) => !['MarketDataRecorded', 'JournalSealed'].includes(type))
    .map(({ type, occurredAt, data }) => ({ type, occurredAt, data }));

describe('a session with a feed that cannot be asked twice and a broker that is a bare double', () => {
  test('it trades, is flat and reconciled at the close, and has recorded what it saw', async () => {
    const home = new BareHome();
    const life = await home.start(orderly(home.slices));
    expect(await life.session.run()).toBe('closed');
    expect((await home.live.eventsOf('PositionClosed')).length).toBeGreaterThan(2);
    expect((await home.live.eventsOf('SessionClosed'))[0]?.data).toMatchObject({
      outcome: 'completed',
      reconciled: true,
    });
    expect(home.recorded()).toEqual(home.slices);
    expect(await home.findings()).toEqual({});
  });

  test.each([
    ['within three minutes of the close: the books of the session have them', '+90', true],
    ['later: the session does not wait for ever, and the next question for its orders brings them once', '+900', false],
  ])('charges that come %s', async (_, secondsAfterClose, reconciled) => {
    const home = new BareHome({}, new LateChargeBroker());
    const life = await home.start(orderly(home.slices));
    const at = plusMs(home.live.closesAt, Number(secondsAfterClose) * SECOND_MS);
    life.pacer.plan(at, () => home.charges());
    expect(await life.session.run()).toBe('closed');
    expect((await home.live.eventsOf('SessionClosed'))[0]?.data.reconciled).toBe(reconciled);
    const fills = await home.live.eventsOf('OrderFilled');
    const corrected = await home.live.eventsOf('OrderFillCorrected');
    expect(fills.length).toBeGreaterThan(2);
    expect(corrected.length).toBe(reconciled ? fills.length : 0);
  });

  test('charges that come after the close, while no process runs, are booked by the next process', async () => {
    const broker = new LateChargeBroker();
    const home = new BareHome({}, broker);
    const life = await home.start(orderly(home.slices));
    await dieAt(home.live, life, '20:59:59');
    expect(await home.live.eventsOf('OrderFillCorrected')).toEqual([]);
    broker.settleCharges();
    const next = await home.start([], { startsAt: '21:20:00.000' });
    expect(await next.session.run()).toBe('closed');
    const [closed] = await home.live.eventsOf('SessionClosed');
    expect(closed?.data).toMatchObject({ outcome: 'completed', reconciled: true });
    const fills = await home.live.eventsOf('OrderFilled');
    const corrected = await home.live.eventsOf('OrderFillCorrected');
    expect(fills.length).toBeGreaterThan(2);
    expect(corrected.map(({ data }) => `${data.executionId} ${data.commission}`).sort()).toEqual(
      fills.map(({ data }) => `${data.executionId} 1.25`).sort(),
    );
    expect(closed?.data.fees).toBe((1.25 * fills.length).toFixed(2));
  });

  test('an open order of another program or person is reported once, and is never ours', async () => {
    const home = new BareHome();
    home.broker.othersOrders = [openOrder('web-order-1' as ClientOrderId), openOrder(null)];
    await (await home.start(orderly(home.slices))).session.run();
    const seen = await home.live.eventsOf('ForeignOrderSeen');
    expect(seen.map(({ data }) => [data.brokerOrderId, data.clientOrderId, data.state])).toEqual([
      ['broker-web-order-1', 'web-order-1', 'working'],
      ['broker-by-hand', null, 'working'],
    ]);
    expect(await home.live.eventsOf('ErrorRecorded')).toEqual([]);
    expect(await home.live.eventsOf('BotCopyFound')).toEqual([]);
    expect(home.broker.orders.some(({ clientOrderId }) => clientOrderId === 'web-order-1')).toBe(false);
  });

  test('symbols that the broker does not know or trade are reported once in a session, over a restart too', async () => {
    const home = new BareHome();
    home.broker.unknownSymbols.add('TLRX');
    home.broker.haltedAssets.add('QRVS');
    const first = await home.start(orderly(home.slices));
    const stop = home.live.at('14:40:00.000');
    first.pacer.plan(stop, () => first.session.leave());
    expect(await first.session.run()).toBe('left');
    await (await home.start(orderly(home.slices), { startsAt: '14:40:01.000' })).session.run();
    const reports = await home.live.eventsOf('ErrorRecorded');
    expect(reports.map(({ data }) => [data.errorCode, data.message])).toEqual([
      [
        'SYMBOLS_NOT_TRADED',
        `${home.broker.code} does not know or does not trade QRVS, TLRX: no position is opened in them`,
      ],
    ]);
    const symbols = (await home.live.eventsOf('OrderIntended')).map(({ data }) => String(data.symbol));
    expect(symbols.filter((symbol) => ['QRVS', 'TLRX'].includes(symbol))).toEqual([]);
  });

  test('two homes trade one account: an id that the other one took holds the entries of this one', async () => {
    const first = new BareHome();
    const held = await first.start(orderly(first.slices));
    await dieAt(first.live, held, '15:00:00.500');
    const before = first.broker.orders.length;
    const settings = { ...BOTH_WAYS, TOTAL_ALLOCATION: '0.3' };
    const second = new BareHome({ settings }, first.broker);
    await (await second.start(orderly(second.slices))).session.run();
    const [found] = await second.live.eventsOf('BotCopyFound');
    expect(found?.data).toMatchObject({ clientOrderId: 'TEST_US_SIM_B01-20260106-1', sign: 'id_taken' });
    expect((await second.live.eventsOf('OrderIntended')).length).toBe(1);
    expect(first.broker.orders.length).toBe(before);
    await (await first.start(orderly(first.slices), { startsAt: '15:05:00.000' })).session.run();
    expect(await first.live.eventsOf('BotCopyFound')).toEqual([]);
    expect((await first.live.eventsOf('SessionClosed'))[0]?.data.reconciled).toBe(true);
  });

  test('a feed that repeats, reorders and delays gives the same journal, and each case is counted', async () => {
    const [calm, wild] = [new BareHome(), new BareHome()];
    await (await calm.start(orderly(calm.slices))).session.run();
    rmSync(`${folder}/market`, { recursive: true });
    await (await wild.start(unruly(wild.slices))).session.run();
    expect(facts(await wild.live.events())).toEqual(facts(await calm.live.events()));
    const bars = wild.slices.reduce((sum, slice) => sum + slice.bars.length, 0);
    const last = wild.slices.at(-1)?.bars.length ?? 0;
    expect(await wild.findings()).toMatchObject({ BAR_REPEATED: String(bars), BAR_LATE: String(bars - last) });
    expect(wild.recorded()).toEqual(wild.slices);
  });

  test('killed and started again in mid-session, it has the minutes before from its recording', async () => {
    const home = new BareHome();
    const first = await home.start(orderly(home.slices));
    const died = '16:00:30';
    first.pacer.plan(home.live.at(died), () => {
      throw new Died(died);
    });
    await expect(first.session.run()).rejects.toThrow(Died);
    const openBefore = (await home.live.eventsOf('PositionClosed')).length;
    const sent = home.broker.orders.length;
    const second = await home.start(orderly(home.slices), { startsAt: '16:10:30.000' });
    expect(await second.session.run()).toBe('closed');
    expect((await home.live.eventsOf('SessionClosed'))[0]?.data).toMatchObject({ reconciled: true, openPositions: [] });
    expect((await home.live.eventsOf('PositionClosed')).length).toBeGreaterThanOrEqual(openBefore);
    expect(new Set(home.broker.orders.map(({ clientOrderId }) => clientOrderId)).size).toBe(home.broker.orders.length);
    expect(home.broker.orders.length).toBeGreaterThanOrEqual(sent);
    const [from, to] = [home.live.at('16:00:00'), home.live.at('16:10:00')];
    const expected = home.slices.map((slice) =>
      slice.start >= from && slice.end <= to ? { ...slice, bars: [], quotes: [] } : slice,
    );
    expect(home.recorded()).toEqual(expected);
    expect(await home.findings()).toEqual({ MINUTE_MISSED: '10' });
  });

  test('a feed that can give minutes again fills the gap; they are seen, not acted on', async () => {
    const home = new BareHome();
    const first = await home.start(orderly(home.slices));
    first.pacer.plan(home.live.at('16:00:30'), () => {
      throw new Died('here');
    });
    await expect(first.session.run()).rejects.toThrow(Died);
    const asked: string[] = [];
    const feed = new PushFeed(home.session, (from, to) => {
      asked.push(`${new Date(from).toISOString().slice(11, 19)}-${new Date(to).toISOString().slice(11, 19)}`);
      return Promise.resolve(home.slices.filter(({ start }) => start >= from && start < to));
    });
    const second = await home.start(orderly(home.slices), { startsAt: '16:10:30.000', feed });
    expect(await second.session.run()).toBe('closed');
    expect(asked).toEqual(['16:00:00-16:10:30']);
    expect(home.recorded()).toEqual(home.slices);
    expect(await home.findings()).toEqual({ MINUTE_BACKFILLED: '10' });
    const between = (await home.live.events()).filter(({ occurredAt, type }) => {
      const clock = occurredAt.slice(11, 19);
      return clock > '16:00:30' && clock < '16:10:30' && type === 'OrderIntended';
    });
    expect(between).toEqual([]);
  });

  test('a feed that never answers for the gap does not hold the session', async () => {
    const home = new BareHome();
    const feed = new PushFeed(home.session, () => new Promise(() => undefined));
    const life = await home.start(orderly(home.slices), { startsAt: '14:40:30.000', feed });
    expect(await life.session.run()).toBe('closed');
    const missed = Number((await home.findings())?.['MINUTE_MISSED']);
    expect(missed).toBeGreaterThan(9);
    expect(missed).toBeLessThan(13);
  });

  test('a feed that reports its loss is lost at the next minute and restored with data', async () => {
    const home = new BareHome();
    const silent = (slice: MarketSlice): boolean =>
      slice.start >= home.live.at('16:00:00') && slice.start < home.live.at('16:03:00');
    const items = orderly(home.slices.filter((slice) => !silent(slice)));
    const say = (at: string, state: 'lost' | 'connected', reason: string): Sent => ({
      at: home.live.at(at),
      send: (feed) => feed.status$.next({ at: home.live.at(at), state, reason }),
    });
    const status = [
      say('15:30:10', 'lost', 'a short interruption'),
      say('15:30:20', 'connected', 'again'),
      say('16:00:20', 'lost', 'the line is cut'),
      say('16:02:50', 'connected', 'again'),
    ];
    const life = await home.start([...items, ...status]);
    await life.session.run();
    const [lost, ...more] = await home.live.eventsOf('MarketDataLost');
    expect(more).toEqual([]);
    expect(lost?.data).toMatchObject({ reason: 'lost: the line is cut' });
    expect(lost?.recordedAt.slice(11, 19)).toBe('16:01:02');
    expect((await home.live.eventsOf('MarketDataRestored')).map(({ recordedAt }) => recordedAt.slice(11, 19))).toEqual([
      '16:04:02',
    ]);
  });
});
