import type { Observable } from 'rxjs';
import type { NewEvent, Position, RecordedEvent, StreamName } from '../../events/event.js';
import { EVOLUTION, type Evolution } from '../../events/upcasters.js';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type {
  AppendResult,
  Direction,
  EventFilter,
  ExpectedRevision,
  Journal,
  JournalHead,
  VerifyResult,
} from '../../ports/journal.js';
import { GENESIS_HASH, bodyText, chainHash, decodeEvent } from '../event-codec/codec.js';
import {
  Appended,
  alreadyAppended,
  encodeBatch,
  findBatch,
  revisionFits,
  type FoundEvent,
} from '../journal-common/append.js';
import { journalClosed, wrongRevision } from '../journal-common/errors.js';
import { PAGE_EVENTS, collect, limitOf, subscribeToPages, type Page } from '../journal-common/paging.js';
import { positionNumber, positionText } from '../journal-common/position.js';

interface Row extends FoundEvent {
  readonly stream: StreamName;
  readonly type: string;
  decoded: RecordedEvent | undefined;
}

interface StreamRows {
  readonly rows: Row[];
  readonly byId: Map<string, Row>;
}

/** Events that one page may examine when few match its filter. */
const SCAN_LIMIT = 20_000;

function matches(row: Row, filter: EventFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (filter.types !== undefined && !(filter.types as readonly string[]).includes(row.type)) return false;
  return filter.streamPrefix === undefined || row.stream.startsWith(filter.streamPrefix);
}

/** The journal of tests and simulations: the semantics of the sqlite journal, in memory only. */
export class MemoryJournal implements Journal {
  readonly #clock: Clock;
  readonly #evolution: Evolution;
  readonly #rows: Row[] = [];
  readonly #streams = new Map<StreamName, StreamRows>();
  readonly #wakers = new Map<() => void, () => void>();
  #headHash: Sha256Hex = GENESIS_HASH;
  #closed = false;

  constructor(options: { readonly clock: Clock; readonly evolution?: Evolution }) {
    this.#clock = options.clock;
    this.#evolution = options.evolution ?? EVOLUTION;
  }

  async append(
    stream: StreamName,
    events: readonly NewEvent[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    this.#assertOpen();
    const batch = encodeBatch(stream, events);
    const known = this.#streams.get(stream);
    const found = findBatch(stream, batch, (id) => known?.byId.get(id));
    if (found !== undefined) return alreadyAppended(found);
    const actual = known === undefined ? null : known.rows.length - 1;
    if (!revisionFits(options.expectedRevision, actual)) throw wrongRevision(stream, options.expectedRevision, actual);
    const target = known ?? { rows: [], byId: new Map<string, Row>() };
    if (known === undefined) this.#streams.set(stream, target);
    const recordedAt = toUtcText(this.#clock.now());
    const first = this.#rows.length;
    for (const encoded of batch) {
      const revision = target.rows.length;
      const body = bodyText(encoded, recordedAt, revision);
      const hash = chainHash(this.#headHash, body);
      const position = positionText(this.#rows.length + 1);
      const { type, id } = encoded.event;
      const row: Row = { position, body, prevHash: this.#headHash, hash, revision, stream, type, decoded: undefined };
      this.#headHash = hash;
      this.#rows.push(row);
      target.rows.push(row);
      target.byId.set(id, row);
    }
    for (const wake of this.#wakers.keys()) wake();
    return new Appended(this.#rows.slice(first), target.rows.length - 1, false);
  }

  async readStream(
    stream: StreamName,
    options: { readonly from?: number; readonly direction?: Direction; readonly limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const rows = this.#streams.get(stream)?.rows ?? [];
    const limit = limitOf(options.limit);
    if (options.direction !== 'backwards') {
      const from = Math.max(0, options.from ?? 0);
      return rows.slice(from, Math.min(rows.length, from + limit)).map((row) => this.#read(row));
    }
    const end = Math.min(rows.length, (options.from ?? rows.length) + 1);
    return rows
      .slice(Math.max(0, end - limit), Math.max(0, end))
      .reverse()
      .map((row) => this.#read(row));
  }

  async readAll(
    options: {
      readonly after?: Position;
      readonly direction?: Direction;
      readonly limit?: number;
      readonly filter?: EventFilter;
    } = {},
  ): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const limit = limitOf(options.limit);
    const after = options.after === undefined ? undefined : positionNumber(options.after);
    if (options.direction === 'backwards')
      return this.#readBackwards(after ?? this.#rows.length + 1, limit, options.filter);
    return collect<Page>(limit, (previous, size) =>
      this.#readPage(previous?.cursor ?? after ?? 0, options.filter, size),
    );
  }

  async head(): Promise<JournalHead | undefined> {
    this.#assertOpen();
    const last = this.#rows.at(-1);
    return last === undefined ? undefined : { position: last.position, hash: last.hash, count: this.#rows.length };
  }

  subscribe(options: { readonly after?: Position; readonly filter?: EventFilter } = {}): Observable<RecordedEvent> {
    this.#assertOpen();
    const after = options.after === undefined ? 0 : positionNumber(options.after);
    const source = {
      readPage: (cursor: number, filter: EventFilter | undefined, limit: number) =>
        this.#readPage(cursor, filter, limit),
      onChange: (wake: () => void, closed: () => void) => {
        this.#wakers.set(wake, closed);
        return () => this.#wakers.delete(wake);
      },
    };
    return subscribeToPages(source, after, options.filter);
  }

  async verify(onProgress?: (checked: number, total: number) => void, since?: JournalHead): Promise<VerifyResult> {
    this.#assertOpen();
    const known = since === undefined ? undefined : this.#rows[since.count - 1];
    const from = known?.position === since?.position && known?.hash === since?.hash ? (since?.count ?? 0) : 0;
    const digest = from === 0 ? new LinesDigest() : undefined;
    let prev = this.#rows[from - 1]?.hash ?? GENESIS_HASH;
    for (let index = from; index < this.#rows.length; index += 1) {
      const row = this.#rows[index];
      if (row === undefined) break;
      if (chainHash(prev, row.body) !== row.hash) {
        const message = `the stored text at position ${row.position} does not match its hash`;
        return { ok: false, position: row.position, code: 'HASH_MISMATCH', message };
      }
      prev = row.hash;
      digest?.add(row.body);
      if ((index + 1) % PAGE_EVENTS === 0) onProgress?.(index + 1, this.#rows.length);
    }
    onProgress?.(this.#rows.length, this.#rows.length);
    const whole = digest === undefined ? {} : { eventsDigest: digest.hex() };
    return { ok: true, count: this.#rows.length, head: this.#rows.length === 0 ? null : prev, ...whole };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const closed of [...this.#wakers.values()]) closed();
    this.#wakers.clear();
  }

  #readPage(cursor: number, filter: EventFilter | undefined, limit: number): Page {
    const events: RecordedEvent[] = [];
    const end = Math.min(this.#rows.length, cursor + SCAN_LIMIT);
    let at = cursor;
    while (at < end && events.length < limit) {
      const row = this.#rows[at];
      at += 1;
      if (row !== undefined && matches(row, filter)) events.push(this.#read(row));
    }
    return { events, cursor: at, more: at < this.#rows.length };
  }

  #readBackwards(before: number, limit: number, filter: EventFilter | undefined): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    for (let at = Math.min(before - 1, this.#rows.length); at >= 1 && events.length < limit; at -= 1) {
      const row = this.#rows[at - 1];
      if (row !== undefined && matches(row, filter)) events.push(this.#read(row));
    }
    return events;
  }

  #read(row: Row): RecordedEvent {
    const { position, body, prevHash, hash } = row;
    row.decoded ??= decodeEvent({ position, body, prevHash, hash }, this.#evolution);
    return row.decoded;
  }

  #assertOpen(): void {
    if (this.#closed) throw journalClosed();
  }
}
