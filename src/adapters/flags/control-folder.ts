import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs';
import { basename } from 'node:path';
import {
  CONTROL_FLAGS,
  FLAG_NAMES,
  LONGEST_FLAG,
  type ControlFolder,
  type FlagFile,
  type FlagOutcome,
} from '../../app/flags/flag.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { Secret } from '../../kernel/secret.js';
import { epochMs } from '../../kernel/time.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { isOwn, othersMayWrite, ownUser, type OwnUser } from '../files/owner.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { provenUser } from './flag-proof.js';

/**
 * A folder with more entries is full of invalid files: flags are found by name, and the rest is not reported one by
 * one.
 */
const MOST_LISTED = 500;
const README = 'README.md';
const NS_PER_MS = 1_000_000n;
const MAKING_NS = 1_000n * NS_PER_MS;
const HALTS: readonly string[] = [...CONTROL_FLAGS.kill, ...CONTROL_FLAGS.stop];

export interface ControlFolderOptions {
  /** Key of this run of main, which the web has too; without it no flag names a user. */
  readonly key?: Secret | undefined;
  /** Another user in tests. */
  readonly own?: OwnUser | undefined;
}

/**
 * The flags of a home (RUN-15). The known names are looked up one by one, so that no number of other files hides them.
 */
export class FileControlFolder implements ControlFolder {
  readonly #botState: string;
  readonly #own: OwnUser | undefined;

  constructor(
    private readonly control: BasePaths['control'],
    private readonly options: ControlFolderOptions = {},
  ) {
    this.#botState = basename(control.botState);
    this.#own = options.own ?? ownUser();
  }

  look(): readonly FlagFile[] {
    const names = new Set([...FLAG_NAMES, ...this.#listed()]);
    return [...names].flatMap((name) => this.#find(name) ?? []);
  }

  /** The urgent flags, without listing the folder: three system calls. */
  lookForUrgent(names: readonly string[]): readonly FlagFile[] {
    return names.flatMap((name) => this.#find(name) ?? []);
  }

  remove(flag: FlagFile, outcome?: FlagOutcome): boolean {
    if (outcome !== undefined) this.show(outcome);
    const path = this.#path(flag.name);
    try {
      if (identityOf(lstatSync(path, { bigint: true })) !== flag.identity) return false;
      unlinkSync(path);
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return true;
      throw error;
    }
  }

  /** Changes when a file is added or removed; undefined when the folder does not exist. */
  stamp(): { readonly folder: string; readonly changed: string } | undefined {
    const stats = lstatOf(this.control.dir);
    if (stats?.isDirectory() !== true) return undefined;
    return { folder: `${stats.dev}:${stats.ino}`, changed: String(stats.mtimeNs) };
  }

  /** Why others may put, take or replace flags here, and what to do; undefined when only we can, or there is no folder. */
  fault(): { readonly kind: 'foreign' | 'open'; readonly text: string } | undefined {
    const stats = lstatOf(this.control.dir);
    if (stats === undefined || this.#own === undefined) return undefined;
    if (stats.isSymbolicLink()) return { kind: 'foreign', text: 'is a symbolic link' };
    const found = { uid: Number(stats.uid), gid: Number(stats.gid), mode: Number(stats.mode) };
    if (!isOwn(found, this.#own)) return { kind: 'foreign', text: `belongs to user ${found.uid}` };
    return othersMayWrite(found, this.#own) ? { kind: 'open', text: 'is writable by other users' } : undefined;
  }

  /** For people and scripts only: a failed write does not prevent the deletion of a flag. */
  show({ flag, command, by, outcome, reason, flagAt }: FlagOutcome): void {
    const text = `${JSON.stringify({ flag, command, by, outcome, reason, flag_at: flagAt })}\n`;
    try {
      writeFileAtomic(this.control.lastCommand, text);
    } catch {
      // The journal has the outcome.
    }
  }

  #listed(): readonly string[] {
    const names: string[] = [];
    try {
      const dir = opendirSync(this.control.dir);
      try {
        for (let entry = dir.readSync(); entry !== null && names.length < MOST_LISTED; entry = dir.readSync()) {
          if (!this.#isBystander(entry.name)) names.push(entry.name);
        }
      } finally {
        dir.closeSync();
      }
    } catch {
      // The folder is gone or not a folder: there are no flags. The watch creates it again.
    }
    return names;
  }

  /** Files here that are not flags, including atomic writes in progress and the bot state file. */
  #isBystander(name: string): boolean {
    return (
      name === README ||
      name === basename(this.control.lastCommand) ||
      name.startsWith(basename(this.control.terminalLost)) ||
      name.startsWith('.') ||
      name.startsWith(this.#botState)
    );
  }

  #find(name: string): FlagFile | undefined {
    const path = this.#path(name);
    const stats = lstatOf(path);
    if (stats === undefined) return undefined;
    const identity = identityOf(stats);
    const madeAt = epochMs(Number(stats.mtimeNs / NS_PER_MS));
    const content = this.#strangeness(name, stats) ?? contentOf(path, stats);
    const provenBy = 'text' in content ? provenUser(name, content.text, this.options.key) : null;
    return { name, identity, madeAt, content, provenBy };
  }

  /**
   * Only we and root may command the bot. In a folder that others may write, a file of ours may have been put there by them, so that
   * it can halt and nothing else: nobody but its owner is ever kept from a kill.
   */
  #strangeness(name: string, stats: BigIntStats): { readonly fault: string } | undefined {
    const uid = Number(stats.uid);
    if (!isOwn({ uid }, this.#own)) return { fault: `it belongs to user ${uid}, not to the user of the bot` };
    if (HALTS.includes(name)) return undefined;
    const fault = this.fault();
    return fault === undefined ? undefined : { fault: `its folder ${fault.text}: only a stop or kill is obeyed there` };
  }

  /** Names come from a listing of the folder itself, which contains no separators and no dot entries. */
  #path(name: string): string {
    return `${this.control.dir}/${name}`;
  }
}

function lstatOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * A new file is still being written: `touch` creates it and then sets its time, a shell creates it and then fills it.
 * It is still one flag; a file touched again later is a new one.
 */
function identityOf(stats: BigIntStats): string {
  const { dev, ino, birthtimeNs, mtimeNs } = stats;
  const age = mtimeNs - birthtimeNs;
  const inTheMaking = age < MAKING_NS && age > -MAKING_NS;
  return `${dev}:${ino}:${birthtimeNs}:${inTheMaking ? 'new' : mtimeNs}`;
}

function contentOf(path: string, stats: BigIntStats): FlagFile['content'] {
  if (stats.isDirectory()) return { fault: 'it is a folder' };
  if (stats.isSymbolicLink()) return { fault: 'it is a symbolic link' };
  if (!stats.isFile()) return { fault: 'it is not a regular file' };
  if (stats.size > BigInt(LONGEST_FLAG)) return { fault: `it has ${stats.size} bytes; the limit is ${LONGEST_FLAG}` };
  try {
    return textOf(path);
  } catch (error) {
    return { fault: `it cannot be read: ${causeText(error)}` };
  }
}

/** Never follows a link and never waits for a pipe that replaced the file meanwhile. */
function textOf(path: string): FlagFile['content'] {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(handle).isFile()) return { fault: 'it is not a regular file' };
    const bytes = Buffer.alloc(LONGEST_FLAG + 1);
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    if (length > LONGEST_FLAG) return { fault: `it has more than ${LONGEST_FLAG} bytes` };
    const text = bytes.toString('utf8', 0, length);
    if (text.includes('\u0000') || text.includes('\ufffd')) return { fault: 'it is not text' };
    return { text };
  } finally {
    closeSync(handle);
  }
}
