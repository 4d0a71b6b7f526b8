import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, watch, type FSWatcher } from 'node:fs';
import type { FlagFile } from '../../app/flags/flag.js';
import { CONTROL_FLAGS } from '../../app/flags/flag.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { closeToOthers } from '../files/owner.js';
import { makeFolders } from '../files/make-folders.js';
import type { FileControlFolder } from './control-folder.js';

export interface FlagWatchParts {
  readonly folder: FileControlFolder;
  readonly control: BasePaths['control'];
  /** Kill flags that exist now. */
  readonly onUrgent: (found: readonly FlagFile[]) => void;
  /** Something in the folder may have changed. */
  readonly onChange: () => void;
  /** The folder was open to others, or not ours: what was done about it, reported once each time. */
  readonly onSecured: (what: string) => void;
  /** The folder is gone and cannot be created again; reported once each time. */
  readonly onTrouble: (error: unknown) => void;
}

const POLL_MS = 50;
/** The time of a folder is coarse: a file created in the tick of the last scan does not change it. */
const LOOKS_AFTER_CHANGE = 20;
/** The folder is scanned periodically even without a change: failed deletions are retried. */
const SLOW_LOOK = 20;
/** Who replaces the folder again and again does not fill the home with folders. */
const MOST_SECURED = 100;

/**
 * Signals when to scan for flags: at once by a watch of the folder, and by a poll as a fallback, because a watch may be
 * refused, miss a change, or watch a folder that was deleted and created again. An idle poll is three system calls.
 */
export class FlagWatch {
  #watcher: FSWatcher | undefined;
  #watched: string | undefined;
  #stamp: string | undefined;
  #looks = 0;
  #polls = 0;
  #troubled = false;
  #secured = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly parts: FlagWatchParts) {
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    this.#poll();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unwatch();
  }

  #poll(): void {
    this.#polls += 1;
    this.#secure();
    const stamp = this.parts.folder.stamp();
    if (stamp === undefined) {
      this.#makeAgain();
      return;
    }
    this.#troubled = false;
    if (stamp.folder !== this.#watched) this.#watch(stamp.folder);
    const urgent = this.parts.folder.lookForUrgent(CONTROL_FLAGS.kill);
    if (urgent.length > 0) this.parts.onUrgent(urgent);
    if (stamp.changed !== this.#stamp) this.#looks = LOOKS_AFTER_CHANGE;
    this.#stamp = stamp.changed;
    this.#looks -= 1;
    if (this.#looks >= 0 || this.#polls % SLOW_LOOK === 0) this.parts.onChange();
  }

  #watch(folder: string): void {
    this.#unwatch();
    this.#watched = folder;
    try {
      this.#watcher = watch(this.parts.control.dir, () => this.#poll());
      this.#watcher.on('error', () => this.#unwatch());
    } catch {
      this.#unwatch();
    }
  }

  /** Only the poll remains. */
  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /**
   * Who may write in the home can put a folder of their own in the place of ours, and the owner's flags then lie elsewhere. It
   * is moved aside, within the home, and ours is made again: the next `touch` of the owner finds it.
   */
  #secure(): void {
    const { folder, control } = this.parts;
    const fault = folder.fault();
    if (fault === undefined || this.#secured >= MOST_SECURED) return;
    try {
      if (fault.kind === 'open') closeToOthers(control.dir, lstatSync(control.dir));
      else renameSync(control.dir, `${control.dir}-not-ours-${randomBytes(4).toString('hex')}`);
    } catch (error) {
      if (!this.#troubled) this.parts.onTrouble(error);
      this.#troubled = true;
      return;
    }
    this.#secured += 1;
    const done =
      fault.kind === 'open' ? 'the right of others to write was removed' : 'it was moved aside and made again';
    this.parts.onSecured(`the folder of the control flags ${fault.text}: ${done}`);
  }

  #makeAgain(): void {
    this.#unwatch();
    this.#watched = undefined;
    try {
      makeFolders(this.parts.control.dir, 0o755);
    } catch (error) {
      if (!this.#troubled) this.parts.onTrouble(error);
      this.#troubled = true;
    }
  }
}
