import type { Sample } from '../../domain/watchdog/watch.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import type { Stopwatch } from '../../ports/stopwatch.js';

const WINDOW_MS = 20_000;
const MOST_APPENDS = 2_000;

/** The duration of appends, including pending ones (TRD-43, P1). */
export class JournalMeter {
  #done: { readonly at: number; readonly ms: number }[] = [];
  readonly #underWay = new Set<{ since: number }>();
  #stalled = false;
  #suspended = false;

  constructor(private readonly stopwatch: Stopwatch) {}

  /** The journal with every append measured. */
  watch(journal: Journal): Journal {
    return {
      ...(journal.file === undefined ? {} : { file: journal.file }),
      ...(journal.chainsStreams === undefined ? {} : { chainsStreams: journal.chainsStreams }),
      ...(journal.streamsHealth === undefined ? {} : { streamsHealth: journal.streamsHealth }),
      append: (stream, events, options) => this.#measure(() => journal.append(stream, events, options)),
      readStream: (stream, options) => journal.readStream(stream, options),
      readAll: (options) => journal.readAll(options),
      head: () => journal.head(),
      subscribe: (options) => journal.subscribe(options),
      verify: (onProgress, since) => journal.verify(onProgress, since),
      close: () => journal.close(),
    };
  }

  /** While the journal is away somebody else says so: it is not measured until it is back, and then from there on. */
  suspend(suspended: boolean): void {
    this.#suspended = suspended;
    this.#stalled = false;
    this.#done = [];
    for (const append of this.#underWay) append.since = this.stopwatch.elapsedMs();
  }

  /** The slowest recent append; infinite when the journal reported a stall, nothing while it is away. */
  sample(): Sample {
    if (this.#suspended) return {};
    const now = this.stopwatch.elapsedMs();
    this.#done = this.#done.filter(({ at }) => now - at < WINDOW_MS).slice(-MOST_APPENDS);
    if (this.#stalled) return { appendMs: Number.POSITIVE_INFINITY };
    const waits = [...this.#underWay].map(({ since }) => now - since);
    return { appendMs: Math.max(0, ...this.#done.map(({ ms }) => ms), ...waits) };
  }

  async #measure<T>(append: () => Promise<T>): Promise<T> {
    const mine = { since: this.stopwatch.elapsedMs() };
    this.#underWay.add(mine);
    try {
      const result = await append();
      this.#stalled = false;
      return result;
    } catch (error) {
      if (error instanceof TradeBotError && error.kind === 'JournalError' && error.callerMust === 'stop')
        this.#stalled = !this.#suspended;
      throw error;
    } finally {
      this.#underWay.delete(mine);
      const at = this.stopwatch.elapsedMs();
      this.#done.push({ at, ms: at - mine.since });
    }
  }
}
