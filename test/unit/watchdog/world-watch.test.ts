import { NEVER, Subject } from 'rxjs';
import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { WorldWatch } from '../../../src/app/health/world-watch.js';
import { lastWatchChanges, type Watchdog } from '../../../src/app/health/watchdog.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import type { Bar } from '../../../src/domain/market/types.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { journalError, networkError } from '../../../src/kernel/errors.js';
import { plusMs, type EpochMs } from '../../../src/kernel/time.js';
import type { Alert } from '../../../src/ports/alerts.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { MarketDataFeed, MarketDay } from '../../../src/ports/market-data.js';
import { BOT, reset, START, ALPHA } from '../../contract/support/journal-events.js';

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A world whose parts can all fail. Time passes only through `pass`. */
class World {
  readonly clock = new VirtualClock(START);
  passed = 0;
  freeBytes: number | undefined = 50e9;
  brokerMs = 5;
  brokerDown = false;
  brokerSkewMs = 0;
  appendMs = 1;
  stalled = false;
  wallRunsAhead = 0;
  readonly status$ = new Subject<BrokerStatus>();
  readonly alerts: Alert[] = [];
  readonly orders: string[] = [];
  readonly reported: BrokerStatus[] = [];
  readonly memory = new MemoryJournal({ clock: this.clock });
  readonly watch = new WorldWatch({
    clock: this.clock,
    pace: { clock: { now: () => plusMs(this.clock.now(), this.wallRunsAhead) }, speed: 1 },
    stopwatch: { elapsedMs: () => this.passed },
    ranFor: { elapsedMs: () => this.passed },
    disk: { freeBytes: () => this.freeBytes },
    alerts: { raise: (alert) => this.alerts.push(alert) },
    orders: {
      controlledStop: (reason) => this.orders.push(`stop: ${reason}`),
      freeze: (reason) => this.orders.push(`freeze: ${reason}`),
    },
  });
  readonly journal = this.watch.journal({
    append: async (...batch) => {
      this.pass(this.appendMs);
      if (this.stalled) throw journalError('stop', { code: 'JOURNAL_STALLED', message: 'x', remedy: 'y' });
      return this.memory.append(...batch);
    },
    readStream: (...asked) => this.memory.readStream(...asked),
    readAll: (...asked) => this.memory.readAll(...asked),
    head: () => this.memory.head(),
    subscribe: (...asked) => this.memory.subscribe(...asked),
    verify: () => this.memory.verify(),
    close: () => this.memory.close(),
  });
  readonly broker = this.watch.broker(this.inner(), true);
  readonly appender = new EventAppender({
    journal: this.memory,
    clock: this.clock,
    identity: BOT,
    actor: 'system:watchdog',
  });
  watchdog: Watchdog = this.watch.begin(this.appender, []);

  constructor() {
    this.broker.status$.subscribe((status) => this.reported.push(status));
    void this.broker.connect();
  }

  inner(): Broker {
    const clock = async (): Promise<EpochMs> => {
      await Promise.resolve();
      this.pass(this.brokerMs);
      if (this.brokerDown) throw networkError('retry', { code: 'CONNECTION_LOST', message: 'down', remedy: 'wait' });
      return plusMs(this.clock.now(), this.brokerSkewMs);
    };
    const connect = (): Promise<void> => Promise.resolve();
    const rest: Partial<Broker> = { code: 'SIM', status$: this.status$, orderUpdates$: new Subject(), clock, connect };
    return rest as Broker;
  }

  pass(ms: number): void {
    this.clock.advanceTo(plusMs(this.clock.now(), ms));
    this.passed += ms;
  }

  /** The given number of checks, five seconds apart. */
  async looks(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await turns();
      this.pass(5_000);
      await this.watchdog.look();
      await turns();
    }
  }

  async changes(): Promise<readonly string[]> {
    const events = await this.memory.readAll({ filter: { types: ['WatchdogStateChanged'] } });
    return (events as readonly RecordedEvent<'WatchdogStateChanged'>[]).map(
      ({ data }) => `${data.subject} ${data.from} -> ${data.to}`,
    );
  }
}

describe('TRD-43: the broker', () => {
  test('it goes down and comes back: entries are suspended once by its own status, and resumed', async () => {
    const world = new World();
    await world.looks(5);
    expect(await world.changes()).toEqual([]);
    world.brokerDown = true;
    await world.looks(10);
    expect(await world.changes()).toEqual(['broker healthy -> degraded', 'broker degraded -> down']);
    expect(world.reported).toMatchObject([
      { state: 'disconnected', reason: expect.stringContaining('requests to the') },
    ]);
    expect(world.alerts).toMatchObject([{ severity: 'critical', code: 'WATCHDOG_BROKER' }]);
    world.brokerDown = false;
    await world.looks(12);
    expect((await world.changes()).at(-1)).toBe('broker down -> healthy');
    expect(world.reported.map(({ state }) => state)).toEqual(['disconnected', 'connected']);
  });

  test('it answers slowly: degraded, nothing is suspended', async () => {
    const world = new World();
    world.brokerMs = 3_000;
    await world.looks(4);
    expect(await world.changes()).toEqual(['broker healthy -> degraded']);
    expect(world.reported).toEqual([]);
  });

  test('it never answers: the pending query counts', async () => {
    const world = new World();
    const silent = { ...world.inner(), clock: () => new Promise<EpochMs>(() => undefined) };
    const broker = world.watch.broker(silent, true);
    broker.status$.subscribe((status) => world.reported.push(status));
    await broker.connect();
    await world.looks(8);
    expect(await world.changes()).toEqual(['broker healthy -> degraded', 'broker degraded -> down']);
    expect(world.reported).toMatchObject([{ state: 'disconnected' }]);
  });

  test('its stream is cut: a broker that reports itself down is not reported up by us', async () => {
    const world = new World();
    world.status$.next({ at: START, state: 'disconnected', reason: 'cut' });
    await world.looks(6);
    expect((await world.changes()).at(-1)).toBe('broker healthy -> down');
    world.watch.broker(world.inner(), true);
    expect(world.reported.filter(({ state }) => state === 'connected')).toEqual([]);
    world.status$.next({ at: START, state: 'connected', reason: 'back' });
    expect(world.reported.at(-1)?.state).toBe('connected');
  });
});

test('a released broker is not queried and not missed', async () => {
  const world = new World();
  const broker = world.watch.broker({ ...world.inner(), disconnect: () => Promise.resolve() }, true);
  broker.status$.subscribe();
  await broker.connect();
  await world.looks(1);
  await broker.disconnect();
  world.status$.next({ at: START, state: 'disconnected', reason: 'disconnected on request' });
  world.brokerDown = true;
  await world.looks(20);
  expect(await world.changes()).toEqual([]);
});

describe('TRD-43: market data', () => {
  test('no data while the market is open: a controlled stop, and its return is reported', async () => {
    const world = new World();
    const bars$ = new Subject<Bar>();
    const inner = { bars$, trades$: NEVER, halts$: NEVER, status$: NEVER } as unknown as MarketDataFeed;
    const hours = { opensAt: START, closesAt: plusMs(START, 3_600_000) };
    const listening = world.watch.market(inner, hours).bars$.subscribe();
    for (let minute = 0; minute < 60; minute += 1) {
      const start = plusMs(START, minute * 60_000);
      while (world.clock.now() < plusMs(start, 60_000)) await world.looks(1);
      if (minute < 10 || minute >= 30) bars$.next({ start } as Bar);
    }
    listening.unsubscribe();
    expect(await world.changes()).toEqual([
      'market_data healthy -> degraded',
      'market_data degraded -> down',
      'market_data down -> healthy',
    ]);
    expect(world.orders).toEqual([expect.stringMatching(/^stop: the watchdog found market_data down/)]);
  });

  test('a session that begins at midday has no silence of the morning', async () => {
    const world = new World();
    const bars$ = new Subject<Bar>();
    const inner = { bars$, trades$: NEVER, halts$: NEVER, status$: NEVER } as unknown as MarketDataFeed;
    const hours = { opensAt: plusMs(START, -3 * 3_600_000), closesAt: plusMs(START, 3_600_000) };
    const listening = world.watch.market(inner, hours).bars$.subscribe();
    await world.looks(1);
    expect(await world.changes()).toEqual([]);
    while (world.clock.now() < plusMs(START, 700_000)) await world.looks(1);
    listening.unsubscribe();
    expect(await world.changes()).toEqual(['market_data healthy -> degraded', 'market_data degraded -> down']);
  });

  test('everything that a feed has reaches the session: auctions, chains, options, minutes again', () => {
    const inner: Required<MarketDataFeed> = {
      ...{ bars$: NEVER, quotes$: NEVER, trades$: NEVER, halts$: NEVER, vix$: NEVER, status$: NEVER },
      ...{ imbalances$: NEVER, chains$: NEVER, settlesAfterMs: 3_000 },
      open: () => ({}) as MarketDay,
      prepare: () => Promise.resolve(),
      backfill: () => Promise.resolve([]),
      follow: () => undefined,
      close: () => undefined,
    };
    const hours = { opensAt: START, closesAt: plusMs(START, 3_600_000) };
    expect(Object.keys(new World().watch.market(inner, hours)).sort()).toEqual(Object.keys(inner).sort());
    const { follow: _, imbalances$: __, ...least } = inner;
    expect(Object.keys(new World().watch.market(least, hours)).sort()).toEqual(Object.keys(least).sort());
  });

  test('it is not checked while the market is closed', async () => {
    const world = new World();
    await world.looks(400);
    expect(await world.changes()).toEqual([]);
  });
});

describe('TRD-43: clock, disk, journal', () => {
  test("the broker's clock differs: entries wait with an alert, which is lifted later", async () => {
    const world = new World();
    world.brokerSkewMs = 60_000;
    await world.looks(4);
    expect(await world.changes()).toEqual(['clock healthy -> down']);
    expect(world.alerts).toMatchObject([{ code: 'WATCHDOG_CLOCK', message: expect.stringContaining('time service') }]);
    world.brokerSkewMs = 0;
    await world.looks(4);
    expect((await world.changes()).at(-1)).toBe('clock down -> healthy');
  });

  test('an engine that waits for its next minute is behind the broker, and no clock is called wrong', async () => {
    const world = new World();
    // the time of the world has passed, the engine's own clock stands
    world.wallRunsAhead = 60_000;
    world.brokerSkewMs = 60_000;
    await world.looks(3);
    expect((await world.changes()).filter((change) => change.endsWith('down'))).toEqual([]);
  });

  test('a clock that drifts is reported; one jump is not enough', async () => {
    const world = new World();
    // the broker's clock does the same: the drift alone is judged
    const jump = (ms: number): void => {
      world.wallRunsAhead += ms;
      world.brokerSkewMs = world.wallRunsAhead;
    };
    await world.looks(2);
    jump(3_600_000);
    await world.looks(2);
    expect(await world.changes()).toEqual([]);
    for (let n = 0; n < 3; n += 1) {
      jump(40_000);
      await world.looks(1);
    }
    expect(await world.changes()).toEqual(['clock healthy -> down']);
  });

  test('the disk fills up and is emptied; a disk that does not report changes nothing', async () => {
    const world = new World();
    world.freeBytes = 90e6;
    await world.looks(1);
    world.freeBytes = undefined;
    await world.looks(3);
    expect(await world.changes()).toEqual(['disk healthy -> down']);
    expect(world.alerts).toMatchObject([{ code: 'WATCHDOG_DISK', message: expect.stringContaining('Free space') }]);
    world.freeBytes = 5e9;
    await world.looks(2);
    expect(await world.changes()).toEqual(['disk healthy -> down', 'disk down -> healthy']);
  });

  test('the journal gets slow, then stalls: nothing may be sent any more', async () => {
    const world = new World();
    const append = (n: number): Promise<unknown> =>
      world.journal.append(ALPHA, [reset(`e${n}`)], { expectedRevision: 'any' });
    world.appendMs = 1_200;
    await append(1);
    await world.looks(1);
    expect(await world.changes()).toEqual(['journal healthy -> degraded']);
    world.stalled = true;
    await expect(append(2)).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    await world.looks(1);
    expect(world.orders).toEqual([expect.stringMatching(/^freeze: the watchdog found journal down/)]);
  });

  test('an event that cannot be recorded still has its response, and the error is thrown', async () => {
    const world = new World();
    const broken = { append: () => Promise.reject(new Error('no room')) };
    world.watchdog = world.watch.begin(broken, []);
    world.freeBytes = 1;
    await expect(world.looks(1)).rejects.toThrow('no room');
    expect(world.alerts).toHaveLength(1);
  });
});

test('a successor continues from the journal', async () => {
  const world = new World();
  world.freeBytes = 1;
  await world.looks(1);
  world.watchdog = world.watch.begin(world.appender, await lastWatchChanges(world.memory));
  expect(world.watchdog.states().get('disk')).toBe('down');
  await world.looks(3);
  expect(await world.changes()).toEqual(['disk healthy -> down']);
  world.freeBytes = 5e9;
  await world.looks(2);
  expect((await world.changes()).at(-1)).toBe('disk down -> healthy');
});
