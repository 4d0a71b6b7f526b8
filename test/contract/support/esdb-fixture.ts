import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { EsdbJournal, type EsdbJournalOptions } from '../../../src/adapters/journal-esdb/esdb-journal.js';
import { EsdbDouble, type DoubleOptions } from '../../support/esdb-double/double.js';
import { ALPHA, BOT, START } from './journal-events.js';

/** Short pauses; HASTY for servers that never answer. Outcomes are tested, not durations. */
export const BRISK = { pauseMs: 5, attempts: 4 };
export const HASTY = { callTimeoutMs: 2_000 };

/** One double and the journals that a test opens on it; `end` closes them all. */
export class EsdbFixture {
  readonly clock = new VirtualClock(START);
  readonly #journals: EsdbJournal[] = [];
  readonly #doubles: EsdbDouble[] = [];

  get double(): EsdbDouble {
    const [double] = this.#doubles;
    if (double === undefined) throw new Error('the test has started no double');
    return double;
  }

  async start(options: DoubleOptions = {}): Promise<EsdbDouble> {
    const double = await EsdbDouble.start(options);
    this.#doubles.push(double);
    return double;
  }

  async open(more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
    const { clock } = this;
    const url = more.url ?? this.double.url;
    const journal = await EsdbJournal.open({ botIdentity: BOT, clock, ...BRISK, ...more, url });
    this.#journals.push(journal);
    return journal;
  }

  /** A double and a journal on it. */
  async begin(options: DoubleOptions = {}, more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
    await this.start(options);
    return this.open(more);
  }

  /** Events of a stream on the server. */
  stored(stream = `${BOT}-${ALPHA}`): number {
    return this.double.store.stream(stream)?.length ?? 0;
  }

  async end(): Promise<void> {
    for (const journal of this.#journals) await journal.close();
    for (const double of this.#doubles) double.stop();
  }
}
