import type { StreamName } from '../../events/event.js';
import type { Direction, EventFilter } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbConnection } from './esdb-connection.js';
import { unreadable } from './esdb-errors.js';
import { isAfter, type LogPosition } from './esdb-position.js';
import type { EsdbRecord } from './event-record.js';
import type { StreamFilter } from './read-request.js';

export interface RecordPage {
  readonly records: readonly EsdbRecord[];
  /** False when the page ends at the last event. */
  readonly more: boolean;
}

export interface StreamRead {
  readonly stream: StreamName;
  /** Inclusive; undefined is the end at which the direction starts. */
  readonly from: number | undefined;
  readonly direction: Direction;
  readonly limit: number;
}

export interface AllRead {
  /** Exclusive; undefined is the end at which the direction starts. */
  readonly after: LogPosition | undefined;
  readonly direction: Direction;
  readonly limit: number;
  readonly filter: EventFilter | undefined;
}

/** Number of events of a stream whose positions are compared with the log. */
const CHECKED_POSITIONS = 50;

/** Bounded reads of this bot's events, in pages. */
export class EsdbReader {
  readonly #connection: EsdbConnection;
  readonly #prefix: string;
  /**
   * Servers differ in the positions that they report when a stream is read: none, or not those of the log. The first
   * read that has positions is compared with the log; unless they agree, the events of streams are looked up in the
   * log.
   */
  #streamPositions: 'to be checked' | 'as in the log' | 'useless' = 'to be checked';

  constructor(connection: EsdbConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  serverName(stream: string): string {
    return this.#prefix + stream;
  }

  /** One page of a stream from a revision on; positions may be null. */
  async streamPage(stream: StreamName, from: number): Promise<RecordPage> {
    return this.#streamPage(stream, from, 'forwards', PAGE_EVENTS);
  }

  /** Events of a stream with their positions. */
  async readStream(read: StreamRead): Promise<readonly EsdbRecord[]> {
    const { stream, direction, limit } = read;
    if (limit === 0 || (direction === 'backwards' && read.from !== undefined && read.from < 0)) return [];
    if (this.#streamPositions === 'useless') return this.#streamThroughAll(read);
    const step = direction === 'forwards' ? 1 : -1;
    const found: EsdbRecord[] = [];
    let from: number | undefined = direction === 'forwards' ? Math.max(read.from ?? 0, 0) : read.from;
    for (;;) {
      const page: RecordPage = await this.#streamPage(
        stream,
        from,
        direction,
        Math.min(limit - found.length, PAGE_EVENTS),
      );
      if (!(await this.#positionsHold(page.records))) return this.#streamThroughAll(read);
      for (const record of page.records) found.push(record);
      const next: number = (page.records.at(-1)?.revision ?? 0) + step;
      if (!page.more || found.length >= limit || next < 0) return found;
      from = next;
    }
  }

  async readAll(read: AllRead): Promise<readonly EsdbRecord[]> {
    const { direction, limit, filter } = read;
    const types: readonly string[] | undefined = filter?.types;
    if (limit === 0 || types?.length === 0) return [];
    const of = { prefix: this.serverName(filter?.streamPrefix ?? '') };
    const size = types === undefined ? Math.min(limit, PAGE_EVENTS) : PAGE_EVENTS;
    const found: EsdbRecord[] = [];
    let cursor = read.after;
    for (;;) {
      const page: RecordPage = await this.allPage(of, cursor, direction, size);
      for (const record of page.records) {
        if (types === undefined || types.includes(record.type)) found.push(record);
        if (found.length >= limit) return found;
      }
      if (!page.more) return found;
      cursor = positionOf(page.records.at(-1));
    }
  }

  /** The event of this bot at a position of the log; undefined when the log has none there. */
  async at(position: LogPosition): Promise<EsdbRecord | undefined> {
    const filter = { prefix: this.#prefix };
    const [record] = await this.#connection.read({ of: 'all', from: position, filter, backwards: false, count: 1 });
    return record?.position?.commit === position.commit && record.position.prepare === position.prepare
      ? record
      : undefined;
  }

  /** Up to `size` events of the log after (or, backwards, before) `cursor`, exclusive. */
  async allPage(
    filter: StreamFilter,
    cursor: LogPosition | undefined,
    direction: Direction,
    size: number,
  ): Promise<RecordPage> {
    const backwards = direction === 'backwards';
    // The server starts a forward read with the event at the position itself.
    const count = cursor === undefined || backwards ? size : size + 1;
    const from = cursor ?? (backwards ? 'end' : 'start');
    const records = await this.#connection.read({ of: 'all', from, filter, backwards, count });
    const fresh =
      cursor === undefined
        ? records
        : records.filter((record) => {
            const position = positionOf(record);
            return backwards ? isAfter(cursor, position) : isAfter(position, cursor);
          });
    return { records: fresh.slice(0, size), more: records.length >= count && fresh.length > 0 };
  }

  async #streamPage(
    stream: StreamName,
    from: number | undefined,
    direction: Direction,
    count: number,
  ): Promise<RecordPage> {
    const backwards = direction === 'backwards';
    const records = await this.#connection.read({
      of: 'stream',
      stream: this.serverName(stream),
      from: from ?? (backwards ? 'end' : 'start'),
      backwards,
      count,
    });
    return { records, more: records.length >= count };
  }

  async #positionsHold(records: readonly EsdbRecord[]): Promise<boolean> {
    if (records.some((record) => record.position === null)) this.#streamPositions = 'useless';
    if (this.#streamPositions !== 'to be checked' || records.length === 0) return this.#streamPositions !== 'useless';
    const sorted = [...records].sort((a, b) => a.revision - b.revision).slice(0, CHECKED_POSITIONS);
    const [first] = sorted;
    if (first?.position === null || first === undefined) return false;
    const filter = { exactly: this.serverName(first.stream) };
    const count = sorted.length;
    // A server may refuse a position that is not in its log; a server that is down shows in the next read.
    const logged = await this.#connection
      .read({ of: 'all', from: first.position, filter, backwards: false, count })
      .catch((): readonly EsdbRecord[] => []);
    const agree = sorted.every((record, index) => isSamePlace(record, logged[index]));
    this.#streamPositions = agree ? 'as in the log' : 'useless';
    return agree;
  }

  async #streamThroughAll(read: StreamRead): Promise<readonly EsdbRecord[]> {
    const { stream, from, direction, limit } = read;
    const found: EsdbRecord[] = [];
    let cursor: LogPosition | undefined;
    for (;;) {
      const page: RecordPage = await this.allPage({ exactly: this.serverName(stream) }, cursor, direction, PAGE_EVENTS);
      for (const record of page.records) {
        const wanted =
          from === undefined || (direction === 'forwards' ? record.revision >= from : record.revision <= from);
        if (wanted) found.push(record);
        if (found.length >= limit) return found;
      }
      if (!page.more) return found;
      cursor = positionOf(page.records.at(-1));
    }
  }
}

function isSamePlace(a: EsdbRecord, b: EsdbRecord | undefined): boolean {
  return (
    a.revision === b?.revision &&
    a.position?.commit === b.position?.commit &&
    a.position?.prepare === b.position?.prepare
  );
}

/** Every event of the log has a position. */
function positionOf(record: EsdbRecord | undefined): LogPosition {
  if (record?.position === null || record?.position === undefined) {
    throw unreadable(record?.stream ?? 'the end of a page', 'its position in $all is missing');
  }
  return record.position;
}
