import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type Database from 'better-sqlite3';

const POLL_MS = 250;
/** After a notification the pause between looks doubles from here, */
const FIRST_LOOK_MS = 1;
/** to this as long as the commit is not visible: a slow disk may take long for its fsync, and the look after it comes soon, */
const LONGEST_UNSEEN_MS = 8;
/** or to this when a change was found, for a second write that came with the same notification. */
const LONGEST_SEEN_MS = 64;

/**
 * Wakes subscribers: at once for commits of this process; for other processes by a watch on the files with a slow poll
 * as a fallback, because a watch may be refused or miss a change. Both only query PRAGMA data_version, which changes
 * when another connection has committed. A notification is for the write to the log, which precedes its fsync and the
 * visible commit, so each one is followed by looks until the next poll. Nothing is open without subscribers.
 */
export class ChangeWatcher {
  readonly #path: string;
  #dataVersion: Database.Statement<[], number>;
  readonly #listeners = new Map<() => void, () => void>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  /** Milliseconds since the notification, by the looks that were ordered. */
  #looked = 0;
  #pause = FIRST_LOOK_MS;
  #longest = LONGEST_UNSEEN_MS;
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
    this.#timer = setInterval(() => this.#look(), POLL_MS);
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
    this.#looked = 0;
    this.#pause = FIRST_LOOK_MS;
    this.#longest = LONGEST_UNSEEN_MS;
    this.#lookAgain();
  }

  readonly #lookAgain = (): void => {
    if (this.#look()) this.#longest = LONGEST_SEEN_MS;
    if (this.#looked >= POLL_MS || this.#timer === undefined) return;
    this.#again = setTimeout(this.#lookAgain, this.#pause);
    this.#looked += this.#pause;
    this.#pause = Math.min(this.#pause * 2, this.#longest);
  };

  /** True when something was committed since the last look. */
  #look(): boolean {
    const version = this.#dataVersion.get() ?? -1;
    if (version === this.#seen) return false;
    this.#seen = version;
    this.wakeAll();
    return true;
  }
}

function dataVersionOf(db: Database.Database): Database.Statement<[], number> {
  return db.prepare<[], number>('PRAGMA data_version').pluck();
}
