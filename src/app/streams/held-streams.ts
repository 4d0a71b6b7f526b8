import type { RecordedEvent } from '../../events/event.js';
import type { TradeBotError } from '../../kernel/errors.js';
import type { StreamFinding } from '../../ports/journal.js';
import { findingError, holdsWriting, stopsForGood } from './finding-error.js';

/** Streams that are named; a stranger may reach any number. */
const MOST_HELD = 50;

/** What stops the writing of our streams at the present time, as far as this process has seen it. */
export class HeldStreams {
  readonly #held = new Map<string, StreamFinding>();
  #forGood: StreamFinding | undefined;

  /** The newest finding of each stream that a person can undo or acknowledge, in the order in which they came. */
  get held(): readonly StreamFinding[] {
    return [...this.#held.values()];
  }

  /** What nobody can undo: nothing may be written to the journal any more. */
  get fault(): TradeBotError | undefined {
    return this.#forGood === undefined ? undefined : findingError(this.#forGood);
  }

  /** A finding of the journal. */
  take(finding: StreamFinding): void {
    const { kind, stream } = finding;
    if (stopsForGood(finding)) this.#forGood ??= finding;
    // foreign events stay, whatever its settings are
    if (kind === 'restored' && this.#held.get(stream)?.kind !== 'blocked') this.#held.delete(stream);
    if (holdsWriting(finding) && (this.#held.has(stream) || this.#held.size < MOST_HELD)) {
      this.#held.set(stream, finding);
    }
  }

  /** An event of the journal. */
  follow({ type, stream }: Pick<RecordedEvent, 'type' | 'stream'>): void {
    if (type === 'ForeignEventsAcknowledged') this.#held.delete(stream);
  }
}
