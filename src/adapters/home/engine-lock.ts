import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { networkError } from '../../kernel/errors.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { takeExclusive } from '../files/exclusive-lock.js';

/** How long an engine waits for its predecessor to hand over. */
const WAIT_MS = 15_000;
const LOOK_MS = 100;

/** What an engine without main writes of itself, for `tradebot status` and scripts. */
export interface OrphanNote {
  /** Since when, as UTC text. */
  readonly since: string;
  readonly policy: string;
  readonly graceSeconds: number;
  readonly state: string;
  /** Symbols with a position or an open order. */
  readonly open: readonly string[];
  /** Why it ended; null while it runs. */
  readonly ended: string | null;
}

/** The lock of the one engine of a home. */
export interface EngineLock {
  /** Replaces the note; a full disk leaves the old one. */
  note(orphan: OrphanNote): void;
  release(): void;
}

export interface LockEngineOptions {
  readonly lock: BasePaths['lock'];
  readonly pid: number;
  readonly clock: Clock;
  readonly waitMs?: number;
}

/**
 * Two engines never work on one home: waits for a predecessor that hands over, then throws ENGINE_RUNS (retry). A lock
 * file that is unusable, as on a full disk, keeps no engine from closing positions: main starts one engine only.
 */
export async function lockEngine({ lock, pid, clock, waitMs = WAIT_MS }: LockEngineOptions): Promise<EngineLock> {
  const own = { pid, since: toUtcText(clock.now()) };
  const write = (note: object): void => {
    try {
      writeFileAtomic(lock.engineHolder, `${JSON.stringify(note)}\n`);
    } catch {
      // for people and scripts only
    }
  };
  const free = await engineLockWithin(lock, waitMs);
  write(own);
  let orphaned = false;
  return {
    note: (orphan) => {
      orphaned = true;
      write({ ...own, orphan });
    },
    release: () => {
      // the last note of an orphan says what it left
      if (!orphaned) rmSync(lock.engineHolder, { force: true });
      free();
    },
  };
}

async function engineLockWithin(lock: BasePaths['lock'], waitMs: number): Promise<() => void> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const free = tryEngineLock(lock);
    if (free !== undefined) return free;
    if (waited >= waitMs) throw stillRuns(lock);
    await pause(LOOK_MS);
  }
}

/** Process id of an engine that holds the home's engine lock; undefined when none does. */
export function runningEngine(lock: BasePaths['lock']): { readonly pid: number | null } | undefined {
  if (!existsSync(lock.engineDb)) return undefined;
  const free = tryEngineLock(lock);
  free?.();
  if (free !== undefined) return undefined;
  try {
    const { pid } = JSON.parse(readFileSync(lock.engineHolder, 'utf8')) as { readonly pid?: unknown };
    return { pid: typeof pid === 'number' ? pid : null };
  } catch {
    return { pid: null };
  }
}

function tryEngineLock(lock: BasePaths['lock']): (() => void) | undefined {
  try {
    return takeExclusive(lock.engineDb, 0);
  } catch {
    return () => undefined;
  }
}

function stillRuns(lock: BasePaths['lock']): Error {
  const pid = runningEngine(lock)?.pid ?? null;
  return networkError('retry', {
    code: 'ENGINE_RUNS',
    message: `another engine works on this home${pid === null ? '' : ` (process ${pid})`}`,
    remedy: 'It hands over when it sees the new main; end the process when it does not.',
  });
}
