import { clockDifference, type ClockDifference } from '../../domain/risk/clock-difference.js';
import { RESPONSE_WHEN_DOWN } from '../../domain/watchdog/responses.js';
import type { Sample, WatchChange } from '../../domain/watchdog/watch.js';
import { WATCH_TABLE } from '../../domain/watchdog/watch-table.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Clock, EpochMs } from '../../kernel/time.js';
import type { Alerts } from '../../ports/alerts.js';
import type { Broker } from '../../ports/broker.js';
import type { DiskSpace } from '../../ports/disk-space.js';
import type { Journal } from '../../ports/journal.js';
import type { MarketDataFeed } from '../../ports/market-data.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import type { EventAppender } from '../journal/event-appender.js';
import { BrokerMeter } from './broker-meter.js';
import { MarketMeter, type MarketHours } from './market-meter.js';
import { JournalMeter } from './timed-journal.js';
import { WatchedBroker } from './watched-broker.js';
import { Watchdog } from './watchdog.js';

export interface WorldWatchParts {
  /** The engine's own clock, which the broker's clock is compared with. */
  readonly clock: Clock;
  /** The clock that the engine's follows, and its speed in seconds per second; null where time is simulated. */
  readonly pace: { readonly clock: Clock; readonly speed: number } | null;
  /** All time that passes, which the clock is compared with. */
  readonly stopwatch: Stopwatch;
  /** The time in which the process ran, which answers are measured by: one that was paused waits for nobody. */
  readonly ranFor: Stopwatch;
  readonly disk: DiskSpace;
  readonly alerts: Alerts;
  readonly orders: WatchOrders;
  /** An existing meter of the journal, which is opened before there is a clock. */
  readonly journalMeter?: JournalMeter;
}

/** The watchdog's calls to the engine; none may throw, and none is awaited. */
export interface WatchOrders {
  /** The `stop` command, by `system:watchdog`. */
  controlledStop(reason: string): void;
  /** Nothing can be recorded, so no order may be sent: the process must end. */
  freeze(reason: string): void;
}

const MB = 1_000_000;

/**
 * Everything that the watchdog checks in an engine process: wrap broker, journal and market data with it, `begin` it,
 * and call `watchdog.look()` every few seconds, in a session and between sessions.
 */
export class WorldWatch {
  readonly #broker: BrokerMeter;
  readonly #market: MarketMeter;
  readonly #journal: JournalMeter;
  #watched: WatchedBroker | undefined;
  #hasOwnClock = false;
  #difference: ClockDifference | undefined;
  #probing = false;
  #seen: { readonly shown: number; readonly passed: number } | undefined;

  constructor(private readonly parts: WorldWatchParts) {
    this.#broker = new BrokerMeter(parts.ranFor);
    this.#market = new MarketMeter(parts.clock);
    this.#journal = parts.journalMeter ?? new JournalMeter(parts.ranFor);
  }

  journal(journal: Journal): Journal {
    return this.#journal.watch(journal);
  }

  /** `hasOwnClock`: false for a simulated broker, which uses our time. */
  broker(broker: Broker, hasOwnClock: boolean): Broker {
    this.#hasOwnClock = hasOwnClock;
    this.#difference = undefined;
    this.#broker.streamIs('connected');
    this.#watched = new WatchedBroker(broker, this.#broker);
    return this.#watched.broker;
  }

  market(feed: MarketDataFeed, hours: MarketHours): MarketDataFeed {
    return this.#market.watch(feed, hours);
  }

  /** See `MarketMeter.figures`. */
  marketFigures(): Readonly<Record<string, string>> {
    return this.#market.figures();
  }

  /** See `MarketMeter.halted`. */
  get halted(): ReadonlyMap<TickerSymbol, EpochMs> {
    return this.#market.halted;
  }

  /** The watchdog over everything that was wrapped, continuing from the last journaled changes. */
  begin(appender: Pick<EventAppender, 'append'>, last: readonly WatchChange[]): Watchdog {
    return new Watchdog({
      appender,
      begin: last,
      respond: (change) => this.#respond(change),
      sources: [
        { subject: 'broker', sample: () => this.#brokerSample() },
        { subject: 'market_data', sample: () => this.#market.sample() },
        { subject: 'clock', sample: () => this.#clockSample() },
        { subject: 'disk', sample: () => this.#diskSample() },
        { subject: 'journal', sample: () => this.#journal.sample() },
      ],
    });
  }

  #brokerSample(): Sample {
    void this.#probe();
    return this.#watched?.connected === true ? this.#broker.sample() : {};
  }

  /** Asks the broker for its time: a sign of life, and the value for our clock's skew. One query at a time. */
  async #probe(): Promise<void> {
    if (this.#watched?.connected !== true || this.#probing) return;
    this.#probing = true;
    try {
      // the engine's own clock stands still while a session waits for its next minute
      const { clock, speed } = this.parts.pace ?? { clock: this.parts.clock, speed: 1 };
      const asked = clock.now();
      const theirs = await this.#watched.broker.clock();
      const answered = clock.now();
      // The broker's time may be any time between query and answer.
      if (!this.#hasOwnClock) return;
      const { aheadMs, behindMs } = clockDifference({ askedAt: asked, theirs, answeredAt: answered });
      this.#difference = { aheadMs: aheadMs / speed, behindMs: behindMs / speed };
    } catch {
      // The meter has counted it; without an answer the skew is unknown.
      this.#difference = undefined;
    } finally {
      this.#probing = false;
    }
  }

  #clockSample(): Sample {
    const driftMs = this.#driftMs();
    return {
      ...this.#difference,
      ...(driftMs === undefined ? {} : { driftMs }),
    };
  }

  /** How far the clock deviated from elapsed time since the last check, in milliseconds of the machine. */
  #driftMs(): number | undefined {
    const { pace, stopwatch } = this.parts;
    if (pace === null) return undefined;
    const before = this.#seen;
    this.#seen = { shown: pace.clock.now(), passed: stopwatch.elapsedMs() };
    if (before === undefined) return undefined;
    return Math.abs((this.#seen.shown - before.shown) / pace.speed - (this.#seen.passed - before.passed));
  }

  #diskSample(): Sample {
    const free = this.parts.disk.freeBytes();
    return free === undefined ? {} : { freeMb: free / MB };
  }

  #respond(change: WatchChange): void {
    if (change.to === 'down') this.#obey(change);
    else if (change.from === 'down') this.#lift(change);
  }

  #obey({ subject, reason }: WatchChange): void {
    const { alerts, clock, orders } = this.parts;
    const why = `the watchdog found ${subject} down: ${reason}. ${WATCH_TABLE[subject].remedy}`;
    const response = RESPONSE_WHEN_DOWN[subject];
    if (response === 'suspend-broker') this.#watched?.found({ at: clock.now(), state: 'disconnected', reason: why });
    if (response === 'controlled-stop') orders.controlledStop(why);
    if (response === 'freeze') orders.freeze(why);
    alerts.raise({ at: clock.now(), severity: 'critical', code: `WATCHDOG_${subject.toUpperCase()}`, message: why });
  }

  #lift({ subject, reason }: WatchChange): void {
    if (RESPONSE_WHEN_DOWN[subject] !== 'suspend-broker') return;
    this.#watched?.found({ at: this.parts.clock.now(), state: 'connected', reason });
  }
}
