import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type Database from 'better-sqlite3';

const POLL_MS = 250;
/** After a notification: when to look again, each time since the previous look. */
const LOOK_AGAIN_MS = [1, 1, 2, 4, 8, 16, 32, 64] as const;

/**
 * Wakes subscribers: at once for commits of this process; for other processes by a watch on the files with a slow poll
 * as a fallback, because a watch may be refused or miss a change. Both only query PRAGMA data_version, which changes
 * when another connection has committed. A notification is for the write to the log, which precedes its fsync and the
 * visible commit, so each one is followed by a few looks. Nothing is open without subscribers.
 */
export class ChangeWatcher {
  readonly #path: string;
  #dataVersion: Database.Statement<[], number>;
  readonly #listeners = new Map<() => void, () => void>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #looks = 0;
  #seen = -1;

  constructor(db: Database.Database, path: string) {
    this.#path = path;
    this.#dataVersion = dataVersionOf(db);
  }

  /** Watches by another connection to the same file; what was missed in between is looked at once. */
  watchBy(db: Database.Database): void {
    this.#dataVersion = dataVersionOf(db);
    this.#seen = -1;
  }

  add(wake: () => void, closed: () => void): () => void {
    this.#listeners.set(wake, closed);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(wake);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Something was committed here. */
  wakeAll(): void {
    for (const wake of this.#listeners.keys()) wake();
  }

  /** Completes every subscription. */
  close(): void {
    for (const closed of [...this.#listeners.values()]) closed();
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    this.#seen = this.#dataVersion.get() ?? -1;
    this.#timer = setInterval(this.#look, POLL_MS);
    const name = basename(this.#path);
    try {
      this.#watcher = watch(dirname(this.#path), (_change, file) => {
        if (file === null || file.startsWith(name)) this.#noticed();
      });
      this.#watcher.on('error', () => this.#unwatch());
    } catch {
      this.#unwatch();
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#timer = undefined;
    this.#again = undefined;
    this.#unwatch();
  }

  /** Only the poll remains. */
  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Another process wrote: the commit is visible, or will be in a moment. */
  #noticed(): void {
    clearTimeout(this.#again);
    this.#looks = 0;
    this.#lookAgain();
  }

  readonly #lookAgain = (): void => {
    const wait = LOOK_AGAIN_MS[this.#looks];
    this.#looks += 1;
    this.#look();
    // Also after a change was found: two writes may give one notification.
    if (wait === undefined || this.#timer === undefined) return;
    this.#again = setTimeout(this.#lookAgain, wait);
  };

  readonly #look = (): void => {
    const version = this.#dataVersion.get() ?? -1;
    if (version === this.#seen) return;
    this.#seen = version;
    this.wakeAll();
  };
}

function dataVersionOf(db: Database.Database): Database.Statement<[], number> {
  return db.prepare<[], number>('PRAGMA data_version').pluck();
}
