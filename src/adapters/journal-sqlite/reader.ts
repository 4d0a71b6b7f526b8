import type Database from 'better-sqlite3';
import type { RecordedEvent, StreamName } from '../../events/event.js';
import { EVOLUTION, type Evolution } from '../../events/upcasters.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Direction, EventFilter, JournalHead } from '../../ports/journal.js';
import { GENESIS_HASH, decodeEvent } from '../event-codec/codec.js';
import type { Page } from '../journal-common/paging.js';
import { positionText } from '../journal-common/position.js';
import { firstOf, lastOf, SPAN, spanOf, TypeSpans } from './type-spans.js';

/** `[position, body, hash]`; arrays cost less to make than objects. */
type Row = readonly [number, string, Sha256Hex];
type Params = (number | string)[];

export interface Read {
  readonly events: readonly RecordedEvent[];
  readonly more: boolean;
}

/** Positions that one query may examine when few events match its filter: bounds how long the process is blocked. */
const SCAN_SPAN = 20_000;
const STATEMENTS_KEPT = 64;
/** Streams of a prefix, and events in them, that are looked up by stream instead of in the order of the journal. */
const FEW_STREAMS = 512;
const FEW_EVENTS = 20_000;
/** Sorts behind every character of a name. */
const AFTER_ALL = '\u{10ffff}';
/** Spans that one query may look through for the first time: as many events as it may examine. */
const LEARNED_AT_ONCE = SCAN_SPAN / SPAN;

/** What one query examines, both ends included. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

interface Filtered {
  readonly where: string;
  readonly params: Params;
}

/** `streams`: ids of all streams that the prefix fits, when they are known. */
function conditions(filter: EventFilter | undefined, streams?: readonly number[]): Filtered {
  const where: string[] = [];
  const params: Params = [];
  if (filter?.types !== undefined) {
    where.push('AND type_id IN (SELECT type_id FROM types WHERE name IN (SELECT value FROM json_each(?)))');
    params.push(JSON.stringify(filter.types));
  }
  if (streams !== undefined) {
    where.push('AND stream_id IN (SELECT value FROM json_each(?))');
    params.push(JSON.stringify(streams));
  } else if (filter?.streamPrefix !== undefined) {
    where.push('AND (SELECT substr(name, 1, ?) = ? FROM streams WHERE streams.stream_id = events.stream_id)');
    params.push(filter.streamPrefix.length, filter.streamPrefix);
  }
  return { where: where.join(' '), params };
}

/** Pages of the file, each read in one step by `all()`. */
export class PageReader {
  readonly #db: Database.Database;
  readonly #evolution: Evolution;
  readonly #statements = new Map<string, Database.Statement<Params, Row>>();
  readonly #streamId: Database.Statement<[string], number>;
  readonly #forwardRows: Database.Statement<[number, number, number], Row>;
  readonly #backwardRows: Database.Statement<[number, number, number], Row>;
  readonly #plainRows: Database.Statement<[number, number], Row>;
  readonly #streamsOf: Database.Statement<[string, string, number], { id: number; events: number }>;
  readonly #hashAt: Database.Statement<[number], Sha256Hex>;
  readonly #last: Database.Statement<[], { position: number; hash: Sha256Hex }>;
  readonly #spans: TypeSpans;

  constructor(db: Database.Database, evolution: Evolution = EVOLUTION) {
    this.#db = db;
    this.#evolution = evolution;
    this.#streamId = db.prepare<[string], number>('SELECT stream_id FROM streams WHERE name = ?').pluck();
    const ofStream = `SELECT position, body, hash FROM events WHERE stream_id = ? AND revision`;
    this.#forwardRows = db.prepare<[number, number, number], Row>(`${ofStream} >= ? ORDER BY revision LIMIT ?`).raw();
    this.#backwardRows = db
      .prepare<[number, number, number], Row>(`${ofStream} <= ? ORDER BY revision DESC LIMIT ?`)
      .raw();
    this.#plainRows = db
      .prepare<[number, number], Row>(
        'SELECT position, body, hash FROM events WHERE position > ? ORDER BY position LIMIT ?',
      )
      .raw();
    this.#streamsOf = db.prepare(
      `SELECT stream_id AS id, 1 + (SELECT max(revision) FROM events WHERE events.stream_id = streams.stream_id) AS events
       FROM streams WHERE name >= ? AND name < ? LIMIT ?`,
    );
    this.#hashAt = db.prepare<[number], Sha256Hex>('SELECT hash FROM events WHERE position = ?').pluck();
    this.#spans = new TypeSpans(db);
    this.#last = db.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1');
  }

  head(): JournalHead | undefined {
    const last = this.#last.get();
    if (last === undefined) return undefined;
    return { position: positionText(last.position), hash: last.hash, count: last.position };
  }

  /** `from` is inclusive; undefined is the end at which the direction starts. */
  readStream(stream: StreamName, from: number | undefined, direction: Direction, limit: number): Read {
    const id = this.#streamId.get(stream);
    if (id === undefined) return { events: [], more: false };
    const rows =
      direction === 'forwards'
        ? this.#forwardRows.all(id, from ?? 0, limit)
        : this.#backwardRows.all(id, from ?? Number.MAX_SAFE_INTEGER, limit);
    return { events: this.#decode(rows), more: rows.length === limit };
  }

  readPage(cursor: number, filter: EventFilter | undefined, limit: number): Page {
    if (filter?.types === undefined && filter?.streamPrefix === undefined) return this.#readPlain(cursor, limit);
    const head = this.#last.get()?.position ?? 0;
    const start = this.#skipForwards(cursor, head, filter.types);
    const to = Math.min(start + SCAN_SPAN, head);
    const { where, params } = conditions(filter);
    const rows = this.#rows(`position > ? AND position <= ? ${where} ORDER BY position LIMIT ?`).all(
      start,
      to,
      ...params,
      limit,
    );
    const end = rows.length === limit ? (rows.at(-1)?.[0] ?? to) : Math.max(to, start);
    return { events: this.#decode(rows), cursor: end, more: end < head };
  }

  /** Before `before`, exclusive, newest first. */
  readPageBackwards(before: number, filter: EventFilter | undefined, limit: number): Page {
    const few = this.#fewStreams(filter);
    if (few !== undefined) return this.#readFew(before, conditions(filter, few), limit);
    const stretch = this.#stretchBefore(before, filter?.types);
    if (stretch === undefined) return { events: [], cursor: 1, more: false };
    const { from, to } = stretch;
    const { where, params } = conditions(filter);
    const rows = this.#rows(`position <= ? AND position >= ? ${where} ORDER BY position DESC LIMIT ?`).all(
      to,
      from,
      ...params,
      limit,
    );
    const end = rows.length === limit ? (rows.at(-1)?.[0] ?? from) : from;
    return { events: this.#decode(rows), cursor: end, more: end > 1 };
  }

  /** Looks through the newest full span that nobody has looked through, below `span`; the next one to look at, -1 at the end. */
  learnBelow(span: number | undefined): number {
    const next = (span ?? spanOf((this.#last.get()?.position ?? 0) + 1)) - 1;
    if (next >= 0) this.#spans.learn(next);
    return next;
  }

  /** Past the spans after the cursor that are known to have none of these types. */
  #skipForwards(cursor: number, head: number, types: EventFilter['types']): number {
    if (types === undefined) return cursor;
    const bits = this.#spans.bitsOf(types);
    let after = cursor;
    while (after < head && this.#spans.has(spanOf(after + 1), bits) === false) after = lastOf(spanOf(after + 1));
    return Math.min(after, Math.max(head, cursor));
  }

  /**
   * The next stretch below `before` that may have one of these types; undefined when there is none. Old spans are looked
   * through first: what is frequent is found among the newest events, and what is not lies in few spans.
   */
  #stretchBefore(before: number, types: EventFilter['types']): Stretch | undefined {
    let to = before - 1;
    if (types === undefined) return to < 1 ? undefined : { from: Math.max(before - SCAN_SPAN, 1), to };
    const bits = this.#spans.bitsOf(types);
    if (bits === 0n) return undefined;
    const head = this.#last.get()?.position ?? 0;
    const isOld = (span: number): boolean => lastOf(span) <= head - SCAN_SPAN;
    for (let learned = 0; to >= 1; to = firstOf(spanOf(to)) - 1) {
      const span = spanOf(to);
      if (this.#spans.has(span, bits) === undefined && isOld(span)) {
        if (learned >= LEARNED_AT_ONCE) return { from: to, to };
        this.#spans.learn(span);
        learned += 1;
      }
      if (this.#spans.has(span, bits) !== false) break;
    }
    if (to < 1) return undefined;
    let from = firstOf(spanOf(to));
    const mayHave = (span: number): boolean => this.#spans.has(span, bits) ?? !isOld(span);
    while (from > 1 && to - from < SCAN_SPAN && mayHave(spanOf(from - 1))) from -= SPAN;
    return { from, to };
  }

  /** All streams of a prefix when they have few events; undefined when they have many, which are soon found by position. */
  #fewStreams(filter: EventFilter | undefined): readonly number[] | undefined {
    if (filter?.streamPrefix === undefined) return undefined;
    const found = this.#streamsOf.all(filter.streamPrefix, `${filter.streamPrefix}${AFTER_ALL}`, FEW_STREAMS + 1);
    const events = found.reduce((sum, stream) => sum + stream.events, 0);
    return found.length > FEW_STREAMS || events > FEW_EVENTS ? undefined : found.map(({ id }) => id);
  }

  /** By the index of streams: `+position` keeps SQLite from going through the whole journal. */
  #readFew(before: number, { where, params }: Filtered, limit: number): Page {
    const rows = this.#rows(
      `position IN (SELECT position FROM events WHERE +position < ? ${where} ORDER BY +position DESC LIMIT ?)
       ORDER BY position DESC`,
    ).all(before, ...params, limit);
    return { events: this.#decode(rows), cursor: rows.at(-1)?.[0] ?? 1, more: rows.length === limit };
  }

  #readPlain(cursor: number, limit: number): Page {
    const rows = this.#plainRows.all(cursor, limit);
    return { events: this.#decode(rows), cursor: rows.at(-1)?.[0] ?? cursor, more: rows.length === limit };
  }

  /** The previous row in the page is mostly the previous event in the journal, so its hash need not be read again. */
  #decode(rows: readonly Row[]): readonly RecordedEvent[] {
    let lastPosition = -1;
    let lastHash = GENESIS_HASH;
    return rows.map(([position, body, hash]) => {
      const adjacent = position === lastPosition + 1;
      const prevHash = adjacent ? lastHash : (this.#hashAt.get(position - 1) ?? GENESIS_HASH);
      lastPosition = position;
      lastHash = hash;
      return decodeEvent({ position: positionText(position), body, prevHash, hash }, this.#evolution);
    });
  }

  #rows(tail: string): Database.Statement<Params, Row> {
    const known = this.#statements.get(tail);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    const made = this.#db.prepare<Params, Row>(`SELECT position, body, hash FROM events WHERE ${tail}`).raw();
    this.#statements.set(tail, made);
    return made;
  }
}
