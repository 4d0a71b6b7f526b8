import { open, readdir, rm } from 'node:fs/promises';
import { SerialQueue } from '../../app/journal/serial-queue.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { addDays, dateOf, toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { DiskSpace } from '../../ports/disk-space.js';
import type { RawFrame, RawFrames } from '../../ports/raw-frames.js';
import { RunningTimer } from '../clock/running-timer.js';
import { KEPT_FREE_BYTES } from '../files/disk-reserve.js';
import { makeFolders } from '../files/make-folders.js';
import { dayOfFile, frameFile, frameLine, type FrameSide } from './frame-line.js';

/** How often what came is written and synced; a crash loses at most that much evidence, and no fact. */
const WRITE_EVERY_MS = 250;
/** What waits for a slow disk; what comes above it is counted and not kept. */
const MOST_WAITING_CHARS = 16 * 1024 * 1024;
/** A day of one side; market data of a busy day is far below. */
const MOST_DAY_CHARS = 1024 * 1024 * 1024;
/** Digests of frames that came already today: answers of polls repeat themselves. */
const MOST_REMEMBERED = 8_192;

export interface RawFrameFilesOptions {
  readonly dir: string;
  readonly side: FrameSide;
  readonly clock: Clock;
  readonly disk: DiskSpace;
  /** Days that are kept. */
  readonly keepDays: () => number;
  readonly limits?: { readonly waiting: number; readonly day: number };
}

/** What of the frames is on disk. */
export interface FrameCounts {
  readonly kept: number;
  /** Not kept: the disk was full or slow, or the day had more than its share. */
  readonly lost: number;
}

/**
 * The frames of one side in a file for each day: appended in batches, synced, deleted when they are older than the setting.
 * Nothing waits for it, and no fault of the disk reaches the caller.
 */
export class RawFrameFiles implements RawFrames {
  readonly #seen = new Set<Sha256Hex>();
  #waiting: { readonly date: DateText; readonly line: string }[] = [];
  #waitingChars = 0;
  #day: DateText | undefined;
  #dayChars = 0;
  #timer: RunningTimer | undefined;
  readonly #writing = new SerialQueue();
  #counts = { kept: 0, lost: 0 };

  constructor(private readonly options: RawFrameFilesOptions) {}

  get counts(): FrameCounts {
    return this.#counts;
  }

  keep(frame: RawFrame): Sha256Hex {
    const sha256 = sha256Hex(frame.text);
    const now = this.options.clock.now();
    this.#beginDay(dateOf(now));
    if (this.#seen.has(sha256)) return sha256;
    const line = frameLine({ ...frame, at: toUtcText(now), sha256 });
    const { waiting, day } = this.options.limits ?? { waiting: MOST_WAITING_CHARS, day: MOST_DAY_CHARS };
    if (this.#waitingChars + line.length > waiting || this.#dayChars + line.length > day) {
      this.#counts.lost += 1;
      return sha256;
    }
    this.#remember(sha256);
    this.#waiting.push({ date: dateOf(now), line });
    this.#waitingChars += line.length;
    this.#dayChars += line.length;
    this.#timer ??= new RunningTimer(WRITE_EVERY_MS, () => void this.flush());
    return sha256;
  }

  /** Writes what waits; never throws. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    return this.#writing.run(() => this.#write(batch));
  }

  #beginDay(date: DateText): void {
    if (this.#day === date) return;
    this.#day = date;
    this.#dayChars = 0;
    this.#seen.clear();
    void this.#writing.run(() => this.#deleteOld(date));
  }

  #remember(sha256: Sha256Hex): void {
    if (this.#seen.size >= MOST_REMEMBERED) this.#seen.clear();
    this.#seen.add(sha256);
  }

  async #write(batch: readonly { readonly date: DateText; readonly line: string }[]): Promise<void> {
    const { disk } = this.options;
    for (const date of new Set(batch.map((one) => one.date))) {
      const lines = batch.filter((one) => one.date === date).map(({ line }) => line);
      const text = lines.join('');
      const isRoom = (disk.freeBytes() ?? KEPT_FREE_BYTES) >= KEPT_FREE_BYTES;
      const kept = isRoom && (await this.#append(date, text));
      if (kept) this.#counts.kept += lines.length;
      else this.#lose(lines.length);
      this.#waitingChars -= text.length;
    }
  }

  /** A frame that comes again may be kept then. */
  #lose(count: number): void {
    this.#counts.lost += count;
    this.#seen.clear();
  }

  async #append(date: DateText, text: string): Promise<boolean> {
    const { dir, side } = this.options;
    try {
      makeFolders(dir, 0o700);
      const file = await open(`${dir}/${frameFile(date, side)}`, 'a+', 0o600);
      try {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await file.read(last, 0, 1, size - 1);
        // the last line of a process that crashed may be torn
        const isTorn = size > 0 && last.toString('latin1') !== '\n';
        await file.appendFile(isTorn ? `\n${text}` : text);
        await file.datasync();
      } finally {
        await file.close();
      }
      return true;
    } catch {
      return false;
    }
  }

  async #deleteOld(today: DateText): Promise<void> {
    const { dir, keepDays } = this.options;
    try {
      const oldest = addDays(today, -keepDays());
      for (const name of await readdir(dir)) {
        const day = dayOfFile(name);
        if (day !== undefined && day < oldest) await rm(`${dir}/${name}`, { force: true });
      }
    } catch {
      // the next day tries again
    }
  }
}
