import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DiskSpace } from '../../ports/disk-space.js';
import { FolderDiskSpace } from './disk-space.js';

const MIB = 1_048_576;

/**
 * What a kill needs on a disk that has nothing left, for any number of positions: the journal's write-ahead log up to its
 * checkpoint (1,000 pages of 8 KiB: 8 MiB), that of the simulated broker (1,000 of 4 KiB: 4 MiB), and 4 MiB for the growth
 * of both files (15 kB for each closed position), locks, logs and the users' database.
 */
const HALT_BYTES = 16 * MIB;
/** What exits need: the same logs exist then, and grow by 15 kB for each closed position, 500 of them. */
const EXITS_BYTES = 8 * MIB;
/** Below this, a disk is as good as full: a single commit of the journal may need it. */
const FULL_BELOW_BYTES = 4 * MIB;
/** Nothing is set aside on a disk that would have less than this afterwards. */
const LEFT_FREE_BYTES = 64 * MIB;

/** On a disk with less than this free, space is left to what must be recorded: what can wait is not written. */
export const KEPT_FREE_BYTES = HALT_BYTES + EXITS_BYTES + FULL_BELOW_BYTES;

/** What the space is given back for: recording exits of open positions, or also a kill or stop. */
export type ReservePurpose = 'exits' | 'halt';

export interface ReservePaths {
  readonly exits: string;
  readonly halt: string;
}

const BYTES: Readonly<Record<ReservePurpose, number>> = { exits: EXITS_BYTES, halt: HALT_BYTES };
const PURPOSES = ['halt', 'exits'] as const;

/**
 * Files that only occupy space, so that there is some to give back when the disk is full. Any process may give it back;
 * main sets it aside again when there is room. Never throws.
 */
export class DiskReserve {
  #making: Promise<void> | undefined;

  constructor(
    private readonly paths: ReservePaths,
    private readonly disk: DiskSpace = new FolderDiskSpace(dirname(paths.halt)),
  ) {}

  /** Everything that is to be set aside is. */
  get isWhole(): boolean {
    return PURPOSES.every((purpose) => this.#sizeOf(purpose) >= BYTES[purpose]);
  }

  /** Sets aside what is missing, when the disk has room for it; one attempt at a time. */
  make(): Promise<void> {
    this.#making ??= this.#makeAll().finally(() => (this.#making = undefined));
    return this.#making;
  }

  /** For a process that is about to write what matters: gives the space back when the disk is as good as full. */
  releaseIfFull(purpose: ReservePurpose): void {
    const free = this.disk.freeBytes();
    if (free === undefined || free < FULL_BELOW_BYTES) this.release(purpose);
  }

  /** For a halt everything is given back, for exits their share. */
  release(purpose: ReservePurpose): void {
    for (const one of purpose === 'halt' ? PURPOSES : ([purpose] as const)) {
      try {
        rmSync(this.paths[one], { force: true });
      } catch {
        // A file system that refuses this has no space to give back.
      }
    }
  }

  async #makeAll(): Promise<void> {
    for (const purpose of PURPOSES) {
      const missing = BYTES[purpose] - this.#sizeOf(purpose);
      const free = this.disk.freeBytes() ?? 0;
      if (missing > 0 && free - missing >= LEFT_FREE_BYTES) await this.#fill(purpose, missing);
    }
  }

  /** In parts, so that the process is never blocked for long. A file that could not be completed is removed. */
  async #fill(purpose: ReservePurpose, missing: number): Promise<void> {
    // not zeros: some file systems store none
    const part = randomBytes(MIB);
    try {
      const file = await open(this.paths[purpose], 'a', 0o600);
      try {
        for (let left = missing; left > 0; left -= MIB) await file.appendFile(part.subarray(0, Math.min(left, MIB)));
        await file.sync();
      } finally {
        await file.close();
      }
    } catch {
      this.release(purpose);
    }
  }

  #sizeOf(purpose: ReservePurpose): number {
    try {
      return statSync(this.paths[purpose], { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      return 0;
    }
  }
}
