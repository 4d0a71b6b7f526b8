import type { EpochMs } from '../../kernel/time.js';
import { isJournalOutage } from '../../ports/journal.js';
import type { MainJournal } from './main-journal.js';

/** Writes one fact, which was so at `at`. */
export type ProcessFact = (
  journal: Pick<MainJournal, 'processStarted' | 'processCrashed'>,
  at: EpochMs,
) => Promise<unknown>;

export interface ProcessFactsDeps {
  readonly now: () => EpochMs;
  readonly onTrouble: (error: unknown) => void;
}

/** More only gather when a process of a bot that is not set up dies for hours; the oldest are dropped. */
const MOST_KEPT = 200;

/**
 * Starts and ends of processes until the journal has them, in their order: before the set-up there is no journal, and
 * during an outage it takes nothing.
 */
export class ProcessFacts {
  readonly #kept: { readonly fact: ProcessFact; readonly at: EpochMs }[] = [];

  constructor(private readonly deps: ProcessFactsDeps) {}

  get waiting(): boolean {
    return this.#kept.length > 0;
  }

  keep(fact: ProcessFact): void {
    this.#kept.push({ fact, at: this.deps.now() });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  /** Writes what is kept; an outage of the journal leaves the rest for the next time. Never throws. */
  async writeTo(journal: Parameters<ProcessFact>[0]): Promise<void> {
    for (let next = this.#kept[0]; next !== undefined; next = this.#kept[0]) {
      try {
        await next.fact(journal, next.at);
      } catch (error) {
        this.deps.onTrouble(error);
        if (isJournalOutage(error)) return;
      }
      // one that was kept meanwhile may have pushed it out
      if (this.#kept[0] === next) this.#kept.shift();
    }
  }
}
