import { readFileSync, rmSync } from 'node:fs';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { takeExclusive } from '../files/exclusive-lock.js';
import { causeText } from '../files/system-error.js';
import { runningEngine } from './engine-lock.js';

export interface HomeLock {
  /** Releases the home; a second call does nothing. */
  release(): void;
}

export interface LockHomeOptions {
  readonly paths: Pick<BasePaths, 'home' | 'lock'>;
  /** Shown to a process that is refused: the running command, such as `day`. */
  readonly command: string;
  readonly pid: number;
  readonly clock: Clock;
  /** Why the command needs the home for itself, as a sentence; left out: a running bot would have done it for the command. */
  readonly why?: string;
}

/** The process that holds a home: its id and the command that it runs. */
export interface HomeHolder {
  readonly pid: number;
  readonly command: string;
}

/** Who holds the home by its note; undefined when there is none. */
export function homeHolder(paths: Pick<BasePaths, 'lock'>): HomeHolder | undefined {
  try {
    const { pid, command } = JSON.parse(readFileSync(paths.lock.holder, 'utf8')) as Partial<HomeHolder>;
    return typeof pid === 'number' && typeof command === 'string' ? { pid, command } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes this process the only one that works on the home (RUN-3). The lock is the operating system's, taken through an
 * exclusive transaction on a file that is never written, so it ends with the process in any case. Throws ConfigError
 * HOME_IN_USE, naming the holder, when another process has it; HOME_NOT_LOCKABLE when the file is unusable.
 */
export function lockHome(options: LockHomeOptions): HomeLock {
  const { paths } = options;
  const free = taken(options);
  refuseOrphan(options, free);
  noteHolder(paths, { pid: options.pid, command: options.command, since: toUtcText(options.clock.now()) });
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      removeNote(paths);
      free();
    },
  };
}

/** For people, scripts and what a refusal says: on a disk that takes no note the home is locked all the same, to close positions. */
function noteHolder(paths: LockHomeOptions['paths'], holder: HomeHolder & { readonly since: string }): void {
  try {
    writeFileAtomic(paths.lock.holder, `${JSON.stringify(holder)}\n`);
  } catch {
    // one of an earlier holder would name a process that is gone
    removeNote(paths);
  }
}

function removeNote({ lock }: LockHomeOptions['paths']): void {
  try {
    rmSync(lock.holder, { force: true });
  } catch {
    // the lock is the system's: it ends with the process
  }
}

/** An engine without main holds positions: only another main takes them over. */
function refuseOrphan({ paths, command }: LockHomeOptions, free: () => void): void {
  const engine = command === 'run' ? undefined : runningEngine(paths.lock);
  if (engine === undefined) return;
  free();
  throw configError({
    code: 'HOME_IN_USE',
    message: `${paths.home} is in use by an engine whose main process has ended${engine.pid === null ? '' : ` (process ${engine.pid})`}`,
    remedy: 'Start TradeBot, which takes its positions over (tradebot run), or close them first (tradebot kill).',
    details: { orphan: true },
  });
}

function taken(options: LockHomeOptions): () => void {
  const { paths } = options;
  let free: (() => void) | undefined;
  try {
    free = takeExclusive(paths.lock.db, 0);
  } catch (cause) {
    throw notLockable(paths, cause);
  }
  if (free === undefined) throw inUse(options);
  return free;
}

function inUse({ paths, command, why }: LockHomeOptions): TradeBotError {
  const isBot = homeHolder(paths)?.command === 'run';
  const message = `${paths.home} is in use${holderText(paths)}`;
  return configError({
    code: 'HOME_IN_USE',
    message: why === undefined ? message : `tradebot ${command} needs the home for itself, and ${message}. ${why}`,
    remedy: isBot
      ? `End the bot first (Ctrl-C, SIGTERM or its service), then run tradebot ${command} again; or use another --home.`
      : `Wait until that command has ended, then run tradebot ${command} again; or use another --home.`,
  });
}

function notLockable(paths: LockHomeOptions['paths'], cause: unknown): TradeBotError {
  return configError({
    code: 'HOME_NOT_LOCKABLE',
    message: `${paths.lock.db} cannot be locked: ${causeText(cause)}`,
    remedy:
      'Make the file and its folder writable for this user; it is empty and may be deleted while TradeBot is stopped.',
    cause,
  });
}

function holderText(paths: LockHomeOptions['paths']): string {
  const holder = holderOf(paths);
  if (holder === undefined) return '';
  return ` by "tradebot ${holder.command}" (process ${holder.pid}, since ${holder.since})`;
}

/** The process that took the home last, best effort: it may be writing or deleting the file right now. */
function holderOf(
  paths: LockHomeOptions['paths'],
): { readonly pid: string; readonly command: string; readonly since: string } | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(paths.lock.holder, 'utf8'));
    if (typeof holder !== 'object' || holder === null) return undefined;
    const { pid, command, since } = holder as Record<string, unknown>;
    return { pid: String(pid), command: String(command), since: String(since) };
  } catch {
    return undefined;
  }
}
