import type { JournalHead } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbReader } from './esdb-reader.js';
import { isLogPosition, logPosition, positionText } from './esdb-position.js';
import type { LogPosition } from './esdb-position.js';
import type { OwnRecord } from './event-record.js';
import { SerialQueue } from '../../app/journal/serial-queue.js';

/**
 * The number of events of this bot, and the last one. The server knows neither without a walk, so the first process of
 * a home walks once; the others begin where it ended, and read only new events.
 */
export class Tally {
  readonly #reader: EsdbReader;
  #count = 0;
  #last: OwnRecord | undefined;
  readonly #queue = new SerialQueue();
  #counted: JournalHead | undefined;

  /** `counted` is a head that was counted before; it is taken when the log has that event. */
  constructor(reader: EsdbReader, counted: JournalHead | undefined) {
    this.#reader = reader;
    this.#counted = counted;
  }

  async head(): Promise<JournalHead | undefined> {
    await this.#queue.run(() => this.#refresh());
    const last = this.#last;
    const position = last?.record.position ?? undefined;
    if (last === undefined || position === undefined) return undefined;
    return { position: positionText(position), hash: last.link.hash, count: this.#count };
  }

  /** Events of a read of everything after `after`, in order: counted when they continue the counted ones. */
  observe(after: LogPosition | undefined, records: readonly OwnRecord[]): void {
    const last = this.#last?.record.position ?? undefined;
    if (after?.commit !== last?.commit || after?.prepare !== last?.prepare) return;
    this.#count += records.length;
    this.#last = records.at(-1) ?? this.#last;
  }

  async #begin(): Promise<void> {
    const counted = this.#counted;
    this.#counted = undefined;
    if (counted === undefined || this.#count > 0 || !isLogPosition(counted.position)) return;
    const last = await this.#reader.at(logPosition(counted.position));
    // a read of everything may have counted from the start meanwhile
    if (last === undefined || this.#count > 0 || last.link.hash !== counted.hash) return;
    this.#count = counted.count;
    this.#last = last;
  }

  async #refresh(): Promise<void> {
    await this.#begin();
    for (let more = true; more;) {
      const after = this.#last?.record.position ?? undefined;
      const read = { after, direction: 'forwards', limit: PAGE_EVENTS, filter: undefined } as const;
      const records = await this.#reader.readAll(read);
      this.observe(after, records);
      const end = records.at(-1)?.record.position;
      // Another read may have counted meanwhile: then this one is repeated from there.
      more = records.length === PAGE_EVENTS || (end !== undefined && end !== this.#last?.record.position);
    }
  }
}
