import { ProcessStopwatch } from '../adapters/clock/process-stopwatch.js';
import type { ClockScale } from '../adapters/clock/scaled-clock.js';
import type { SteadyClock } from '../adapters/clock/steady-clock.js';
import { SystemPacer } from '../adapters/clock/system-pacer.js';
import { FolderDiskSpace } from '../adapters/files/disk-space.js';
import { ErrorHandler } from '../app/errors/error-handler.js';
import { LOOK_EVERY_MS, WatchKeeper } from '../app/health/keep-watch.js';
import type { JournalMeter } from '../app/health/timed-journal.js';
import { lastWatchChanges } from '../app/health/watchdog.js';
import { WorldWatch, type WatchOrders } from '../app/health/world-watch.js';
import { EventAppender } from '../app/journal/event-appender.js';
import type { Clock } from '../kernel/time.js';
import type { Alerts } from '../ports/alerts.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import type { Stopwatch } from '../ports/stopwatch.js';

export interface LiveWatchDeps {
  readonly home: string;
  readonly identity: BotIdentity;
  readonly journal: Journal;
  /** The engine's own clock, and how time passes in its world: null means machine time. */
  readonly clock: Clock;
  readonly scale: ClockScale | null;
  readonly steady: SteadyClock;
  readonly alerts: Alerts;
  readonly orders: WatchOrders;
  readonly journalMeter: JournalMeter;
  /** The time in which the process ran. */
  readonly ranFor: Stopwatch;
}

/** The watchdog of an engine process: `watch` wraps what it observes, `background` runs next to the engine's loop. */
export interface LiveWatch {
  readonly watch: WorldWatch;
  readonly background: { run(): Promise<void>; stop(): void };
}

/** Builds the watchdog with its own pacer, since a pacer has one waiter; it looks every five seconds of machine time. */
export async function liveWatch(deps: LiveWatchDeps): Promise<LiveWatch> {
  const { journal, clock, scale, steady, alerts, orders, identity } = deps;
  const pacer = new SystemPacer(scale === null ? { steady } : { steady, scale });
  const speed = scale?.speed ?? 1;
  const watch = new WorldWatch({
    clock,
    pace: { clock: pacer, speed },
    stopwatch: new ProcessStopwatch(),
    ranFor: deps.ranFor,
    disk: new FolderDiskSpace(deps.home),
    alerts,
    orders,
    journalMeter: deps.journalMeter,
  });
  const appender = new EventAppender({ journal, clock: pacer, identity, actor: 'system:watchdog' });
  const handler = new ErrorHandler({ appender, clock: pacer, alerts, lastResort: () => undefined });
  const watchdog = watch.begin(appender, await lastWatchChanges(journal));
  const keeper = new WatchKeeper(watchdog, pacer, (fault) => void handler.handle(fault), LOOK_EVERY_MS * speed);
  return { watch, background: { run: () => keeper.run(), stop: () => keeper.stop() } };
}
