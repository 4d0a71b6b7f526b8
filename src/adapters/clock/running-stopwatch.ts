import { Worker } from 'node:worker_threads';
import type { Stopwatch } from '../../ports/stopwatch.js';

const NS_PER_MS = 1_000_000;
/** The watching thread looks so often, and sleeps in between. */
const LOOK_MS = 200;
/** What the time between two looks has beyond this, the process did not run. */
const LATE_NS = 500_000_000n;

/** Cells that the threads share: the number of looks, and a pair for even and one for odd looks. */
const CELLS = 5;
/** Reads until no look was counted meanwhile; the thread looks five times a second. */
const MOST_READS = 100;

/**
 * The time in which this process ran: a pause of the process or of the machine does not count, a call that blocks does. A second
 * thread shows which it was: a pause stops both threads, a slow disk only the one that waits for it. One for a process.
 */
export class RunningStopwatch implements Stopwatch {
  readonly #cells = new BigInt64Array(new SharedArrayBuffer(CELLS * BigInt64Array.BYTES_PER_ELEMENT));
  #stillWithoutThread: bigint | undefined;

  constructor() {
    this.#cells[1] = process.hrtime.bigint();
    const thread = new Worker(`(${countPauses.toString()})(require('node:worker_threads').workerData)`, {
      eval: true,
      execArgv: [],
      workerData: { cells: this.#cells, lookMs: LOOK_MS, lateNs: LATE_NS },
    });
    thread.unref();
    // without it every time counts, as of a plain stopwatch
    const lost = (): void => void (this.#stillWithoutThread ??= this.#look().still);
    thread.on('error', lost).on('exit', lost);
  }

  elapsedMs(): number {
    return Number(process.hrtime.bigint() - this.#still()) / NS_PER_MS;
  }

  /** What the thread counted, and the pause that it has not counted yet: after one, either thread may run first. */
  #still(): bigint {
    if (this.#stillWithoutThread !== undefined) return this.#stillWithoutThread;
    const { at, still } = this.#look();
    const late = process.hrtime.bigint() - at - LATE_NS;
    return late > 0n ? still + late : still;
  }

  /** The time of the last look, and the time without running until then, in nanoseconds. */
  #look(): { readonly at: bigint; readonly still: bigint } {
    for (let read = 0; ; read += 1) {
      const looks = Atomics.load(this.#cells, 0);
      const pair = looks % 2n === 0n ? 1 : 3;
      const [at, still] = [Atomics.load(this.#cells, pair), Atomics.load(this.#cells, pair + 1)];
      if (Atomics.load(this.#cells, 0) === looks || read === MOST_READS) return { at, still };
    }
  }
}

interface Watched {
  readonly cells: BigInt64Array;
  readonly lookMs: number;
  readonly lateNs: bigint;
}

/** The body of the thread: it runs from its text, so it uses nothing of this module. */
function countPauses({ cells, lookMs, lateNs }: Watched): never {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let at = Atomics.load(cells, 1);
  let still = 0n;
  for (let looks = 1n; ; looks += 1n) {
    Atomics.wait(sleeper, 0, 0, lookMs);
    const now = process.hrtime.bigint();
    if (now - at > lateNs) still += now - at - lateNs;
    at = now;
    const pair = looks % 2n === 0n ? 1 : 3;
    Atomics.store(cells, pair, at);
    Atomics.store(cells, pair + 1, still);
    Atomics.store(cells, 0, looks);
  }
}
