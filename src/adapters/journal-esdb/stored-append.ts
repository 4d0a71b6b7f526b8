import type { AppendedEvent, Position, RecordedEvent } from '../../events/event.js';
import type { AppendResult } from '../../ports/journal.js';
import { decodeEvent, type StoredEvent } from '../event-codec/codec.js';

/** An event as an append sent it: the server has exactly these bytes at this revision. */
export interface SentEvent extends Omit<StoredEvent, 'position'> {
  readonly revision: number;
}

const UNKNOWN = '' as Position;

/**
 * The result of an append that the server has stored. The server reports the position of the last event alone; where the
 * others are in the log is read when somebody asks, once.
 */
export class StoredAppend implements AppendResult {
  readonly alreadyThere: boolean;
  readonly #sent: readonly SentEvent[];
  readonly #locate: (sent: readonly SentEvent[]) => Promise<readonly StoredEvent[]>;
  #recorded: Promise<readonly RecordedEvent[]> | undefined;

  constructor(
    sent: readonly SentEvent[],
    alreadyThere: boolean,
    locate: (sent: readonly SentEvent[]) => Promise<readonly StoredEvent[]>,
  ) {
    this.#sent = sent;
    this.alreadyThere = alreadyThere;
    this.#locate = locate;
  }

  get revision(): number {
    return this.#sent.at(-1)?.revision ?? 0;
  }

  get events(): readonly AppendedEvent[] {
    return this.#sent.map((event) => {
      const { position: _position, ...appended } = decodeEvent({ ...event, position: UNKNOWN });
      return appended;
    });
  }

  /** Rejects with the error of the read; what is appended is stored all the same, and the next call reads again. */
  recorded(): Promise<readonly RecordedEvent[]> {
    this.#recorded ??= this.#read();
    return this.#recorded;
  }

  async #read(): Promise<readonly RecordedEvent[]> {
    try {
      return (await this.#locate(this.#sent)).map((stored) => decodeEvent(stored));
    } catch (error) {
      this.#recorded = undefined;
      throw error;
    }
  }
}
