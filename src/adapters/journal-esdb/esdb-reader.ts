import type { StreamName } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Direction, EventFilter } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbConnection } from './esdb-connection.js';
import { unreadable } from './esdb-errors.js';
import { isAfter, type LogPosition } from './esdb-position.js';
import { judge, type EsdbRecord, type OwnRecord } from './event-record.js';
import { SETTINGS_OF, type StreamFilter } from './read-request.js';
import { StreamCourses, type NotOwn } from './stream-course.js';
import { faultError } from './stream-findings.js';
import { settingsOf } from './stream-settings.js';

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
  /** Streams in which all events of the filter's types lie, by their names or the beginnings of these; left out: any. */
  readonly places?: readonly string[];
}

/** Events at the start of a stream that are looked at to see whether one of them is ours. */
const LOOKED_AT = 100;

/** Takes what a read met under our names that is not ours. */
type Met = (record: EsdbRecord, taken: NotOwn) => void;

/** Events of the first page of a short read in known places; each page has four times as many as the one before it. */
export const FIRST_PAGE = 16;
export const GROWTH = 4;

/** Number of events of a stream whose positions are compared with the log. */
const CHECKED_POSITIONS = 50;

/** Bounded reads of this bot's events, in pages. */
export class EsdbReader {
  readonly #connection: EsdbConnection;
  readonly #prefix: string;
  readonly #identity: string;
  readonly #met: Met;
  /** The last read from the start of the log, as far as it came. */
  #walk: { readonly courses: StreamCourses; readonly cursor: LogPosition | null } | undefined;
  /**
   * Servers differ in the positions that they report when a stream is read: none, or not those of the log. The first
   * read that has positions is compared with the log; unless they agree, the events of streams are looked up in the
   * log.
   */
  #streamPositions: 'to be checked' | 'as in the log' | 'useless' = 'to be checked';

  constructor(connection: EsdbConnection, prefix: string, met: Met) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#identity = prefix.slice(0, -1);
    this.#met = met;
  }

  /** The name of the bot. */
  get identity(): string {
    return this.#identity;
  }

  /** False on a server that does not report where in the log the events of a stream are. */
  get knowsPositions(): boolean {
    return this.#streamPositions !== 'useless';
  }

  serverName(stream: string): string {
    return this.#prefix + stream;
  }

  /** One page of a stream from a revision on; positions may be null. */
  async streamPage(stream: StreamName, from: number): Promise<RecordPage> {
    return this.#streamPage(stream, from, 'forwards', PAGE_EVENTS);
  }

  /** The events of a stream with these revisions; fewer when the server does not show them, or has deleted the stream. */
  async streamSlice(stream: StreamName, from: number, count: number): Promise<readonly EsdbRecord[]> {
    try {
      const { records } = await this.#streamPage(stream, from, 'forwards', count);
      return records.filter(({ revision }) => revision < from + count);
    } catch (error) {
      if (error instanceof TradeBotError && error.code === 'JOURNAL_STREAM_DELETED') return [];
      throw error;
    }
  }

  /** Whether a stream has an event of ours, hidden or not. */
  async hasOurs(stream: string): Promise<boolean> {
    const page = await this.allPage({ exactly: this.serverName(stream) }, undefined, 'forwards', LOOKED_AT);
    return page.records.some((record) => 'record' in judge(record));
  }

  /** Our events of a stream with their positions, also those that the settings of the stream hide. */
  async readStream(read: StreamRead): Promise<readonly OwnRecord[]> {
    const { stream, direction, limit } = read;
    if (limit === 0 || (direction === 'backwards' && read.from !== undefined && read.from < 0)) return [];
    if (this.#streamPositions === 'useless') return this.#streamThroughAll(read);
    const backwards = direction === 'backwards';
    const courses = new StreamCourses(this.#identity, !backwards && (read.from ?? 0) <= 0);
    const found: OwnRecord[] = [];
    let from: number | undefined = backwards ? read.from : Math.max(read.from ?? 0, 0);
    for (;;) {
      const page: RecordPage = await this.#streamPage(
        stream,
        from,
        direction,
        Math.min(limit - found.length, PAGE_EVENTS),
      );
      const [first] = page.records;
      const last = page.records.at(-1);
      if (first === undefined || last === undefined) {
        return found.length === 0 && (await this.#hidesEvents(stream)) ? this.#streamThroughAll(read) : found;
      }
      const isCut = backwards
        ? !page.more && last.revision > 0 && limit > found.length + page.records.length
        : first.revision !== from;
      if (isCut || !(await this.#positionsHold(page.records))) return this.#streamThroughAll(read);
      for (const own of this.#oursOf(page.records, courses, direction)) found.push(own);
      const next: number = last.revision + (backwards ? -1 : 1);
      if (!page.more || found.length >= limit || next < 0) return found;
      from = next;
    }
  }

  /** Our events. What others wrote under our names is left out; throws when events between two of ours are missing. */
  async readAll(read: AllRead): Promise<readonly OwnRecord[]> {
    const { direction, limit, filter } = read;
    const types: readonly string[] | undefined = filter?.types;
    if (limit === 0 || types?.length === 0) return [];
    const places = read.places ?? [filter?.streamPrefix ?? ''];
    const of = { prefixes: places.map((place) => this.serverName(place)) };
    // Without places most events that the server sends may be of other types.
    let size = Math.min(limit, PAGE_EVENTS);
    if (types !== undefined) size = read.places === undefined ? PAGE_EVENTS : Math.max(size, FIRST_PAGE);
    const courses = this.#coursesFor(read);
    const found: OwnRecord[] = [];
    let cursor = read.after;
    for (;;) {
      const page: RecordPage = await this.allPage(of, cursor, direction, size);
      for (const own of this.#oursOf(page.records, courses, direction)) {
        if (types === undefined || types.includes(own.record.type)) found.push(own);
        if (found.length < limit) continue;
        if (isWholeWalk(read)) this.#walk = { courses, cursor: own.record.position };
        return found;
      }
      if (!page.more) return found;
      cursor = positionOf(page.records.at(-1));
      if (types !== undefined) size = Math.min(size * GROWTH, PAGE_EVENTS);
    }
  }

  /** The last event of the log, of any bot; undefined for an empty one. */
  async end(): Promise<LogPosition | undefined> {
    const [last] = await this.#connection.read({ of: 'all', from: 'end', backwards: true, count: 1 });
    return last?.position ?? undefined;
  }

  /** The event of ours at a position of the log; undefined when the log has none there. */
  async at(position: LogPosition): Promise<OwnRecord | undefined> {
    const filter = { prefixes: [this.#prefix] };
    const [record] = await this.#connection.read({ of: 'all', from: position, filter, backwards: false, count: 1 });
    if (record === undefined || !isSame(record.position, position)) return undefined;
    const own = judge(record);
    return 'record' in own ? own : undefined;
  }

  /** A walk of the whole log in several reads is one walk for its courses, so that a gap between two reads shows. */
  #coursesFor(read: AllRead): StreamCourses {
    const walk = this.#walk;
    const { after } = read;
    if (isWholeWalk(read) && after !== undefined && isSame(walk?.cursor, after)) {
      // Two reads must not continue one walk: the second begins its own.
      this.#walk = undefined;
      if (walk !== undefined) return walk.courses;
    }
    return new StreamCourses(this.#identity, read.direction === 'forwards' && after === undefined);
  }

  /** Those of a page that are ours, one after the other, in the order of the page. */
  *#oursOf(records: readonly EsdbRecord[], courses: StreamCourses, direction: Direction): Iterable<OwnRecord> {
    if (direction === 'backwards') {
      const ours = [...this.#oursOf([...records].reverse(), new StreamCourses(this.#identity, false), 'forwards')];
      return yield* ours.reverse();
    }
    for (const record of records) {
      const taken = courses.take(record);
      if (taken.kind !== 'deleted' && taken.fault !== undefined) throw faultError(taken.fault);
      if (taken.kind === 'ours') yield taken.own;
      else this.#met(record, taken);
    }
  }

  /** Whether a stream that reads as empty has events that its settings hide. */
  async #hidesEvents(stream: StreamName): Promise<boolean> {
    const name = `${SETTINGS_OF}${this.serverName(stream)}`;
    const [record] = await this.#connection.read({
      of: 'stream',
      stream: name,
      from: 'end',
      backwards: true,
      count: 1,
    });
    return record !== undefined && settingsOf(record).cuts.length > 0;
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

  async #streamThroughAll(read: StreamRead): Promise<readonly OwnRecord[]> {
    const { stream, from, direction, limit } = read;
    const courses = new StreamCourses(this.#identity, direction === 'forwards');
    const found: OwnRecord[] = [];
    let cursor: LogPosition | undefined;
    for (;;) {
      const page: RecordPage = await this.allPage({ exactly: this.serverName(stream) }, cursor, direction, PAGE_EVENTS);
      for (const own of this.#oursOf(page.records, courses, direction)) {
        const { revision } = own.record;
        const wanted = from === undefined || (direction === 'forwards' ? revision >= from : revision <= from);
        if (wanted) found.push(own);
        if (found.length >= limit) return found;
      }
      if (!page.more) return found;
      cursor = positionOf(page.records.at(-1));
    }
  }
}

function isWholeWalk({ direction, filter, places }: AllRead): boolean {
  return direction === 'forwards' && places === undefined && (filter?.streamPrefix ?? '') === '';
}

function isSame(a: LogPosition | null | undefined, b: LogPosition): boolean {
  return a?.commit === b.commit && a.prepare === b.prepare;
}

function isSamePlace(a: EsdbRecord, b: EsdbRecord | undefined): boolean {
  return (
    a.revision === b?.revision &&
    a.position?.commit === b.position?.commit &&
    a.position?.prepare === b.position?.prepare
  );
}

/** Every event of the log has a position. */
export function positionOf(record: EsdbRecord | undefined): LogPosition {
  if (record?.position === null || record?.position === undefined) {
    throw unreadable(record?.stream ?? 'the end of a page', 'its position in $all is missing');
  }
  return record.position;
}
