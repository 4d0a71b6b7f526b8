import type { JournalHead } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbReader } from './esdb-reader.js';
import { positionText } from './esdb-position.js';
import type { LogPosition } from './esdb-position.js';
import { hashOf } from './event-record.js';
import type { EsdbRecord } from './event-record.js';
import { SerialQueue } from '../../app/journal/serial-queue.js';

/**
 * The number of events of this bot, and the last one. The server knows neither without a walk, so each process walks
 * once, and from then on reads only new events.
 */
export class Tally {
  readonly #reader: EsdbReader;
  #count = 0;
  #last: EsdbRecord | undefined;
  readonly #queue = new SerialQueue();

  constructor(reader: EsdbReader) {
    this.#reader = reader;
  }

  async head(): Promise<JournalHead | undefined> {
    await this.#queue.run(() => this.#refresh());
    const last = this.#last;
    if (last?.position === null || last?.position === undefined) return undefined;
    return { position: positionText(last.position), hash: hashOf(last), count: this.#count };
  }

  /** Events of a read of everything after `after`, in order: counted when they continue the counted ones. */
  observe(after: LogPosition | undefined, records: readonly EsdbRecord[]): void {
    const last = this.#last?.position ?? undefined;
    if (after?.commit !== last?.commit || after?.prepare !== last?.prepare) return;
    this.#count += records.length;
    this.#last = records.at(-1) ?? this.#last;
  }

  async #refresh(): Promise<void> {
    for (let more = true; more;) {
      const after = this.#last?.position ?? undefined;
      const page = await this.#reader.allPage({ prefix: this.#reader.serverName('') }, after, 'forwards', PAGE_EVENTS);
      this.observe(after, page.records);
      more = page.more || this.#last?.position !== (page.records.at(-1)?.position ?? after);
    }
  }
}
