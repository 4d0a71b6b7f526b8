import { randomUUID } from 'node:crypto';
import type { GeneratedLog } from './generated-log.js';
import {
  isSoftDeleted,
  metastreamOf,
  parseMetadata,
  softDeletedText,
  streamOfMetastream,
  type StreamMetadata,
} from './stream-metadata.js';

/** An event as the double keeps it. Positions are sparse and grow, as in the log of a server. */
export interface StoredRecord {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  readonly contentType: string;
  /** By the clock of the server, in ms. */
  readonly created: number;
  data: Buffer;
  metadata: Buffer;
}

export interface ProposedRecord {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export type Expected = 'any' | 'noStream' | 'streamExists' | number;

export type AppendOutcome =
  | { readonly kind: 'written' | 'idempotent'; readonly last: number; readonly position: bigint }
  | { readonly kind: 'wrong version'; readonly actual: number | null }
  | { readonly kind: 'deleted' };

/** What a reader of a stream sees: its visible events, or why there are none. */
export type StreamView = readonly StoredRecord[] | 'not found' | 'deleted';

interface Kept {
  /** From the first that is left; adjacent revisions. */
  records: StoredRecord[];
  /** Revision of the last event, also when it is hidden. */
  last: number;
  tombstoned: boolean;
}

/** Overhead of an event in the log, in addition to its bytes. */
const RECORD_BYTES = 97;
/** The revision of the event that ends a stream for ever, 2^63 - 1, as near as a number can be. */
export const TOMBSTONE_REVISION = 2 ** 63;
/** The last appends, for `loseLast`. */
const KEPT_APPENDS = 4_096;

/**
 * Streams and log of one server, with its exact rules of idempotency: ids alone are compared, at the expected place for
 * an explicit revision, in a cache of recent ids for `any` and `streamExists`.
 */
export class DoubleStore {
  /** The events that were written; those of `generated` precede them. */
  readonly log: StoredRecord[] = [];
  readonly #generated: GeneratedLog | undefined;
  readonly #streams = new Map<string, Kept>();
  readonly #recent = new Map<string, StoredRecord>();
  readonly #watchers = new Set<() => void>();
  /** How many events each of the last appends wrote. */
  #appends: number[] = [];
  #end = 1_000n;

  constructor(generated?: GeneratedLog) {
    this.#generated = generated;
    this.#end = generated?.end ?? this.#end;
  }

  /** How many events the log has, those that are generated included. */
  get size(): number {
    return (this.#generated?.count ?? 0) + this.log.length;
  }

  /** The event at an index of the log when its stream passes the filter. */
  passing(index: number, passes: (stream: string) => boolean): StoredRecord | undefined {
    const generated = this.#generated;
    if (generated !== undefined && index < generated.count) {
      return passes(generated.streamAt(index)) ? generated.at(index) : undefined;
    }
    const record = this.log[index - (generated?.count ?? 0)];
    return record !== undefined && passes(record.stream) ? record : undefined;
  }

  /** The position of the event at an index. */
  positionAt(index: number): bigint | undefined {
    return this.passing(index, () => true)?.position;
  }

  /** Every event of a stream that is left, also the hidden ones. */
  stream(name: string): readonly StoredRecord[] | undefined {
    return this.#look(name)?.records;
  }

  /** The metadata that hold now. */
  metadataOf(stream: string): StreamMetadata {
    // A stream of metadata has only its last event.
    if (streamOfMetastream(stream) !== undefined) return { $maxCount: 1 };
    const text = this.stream(metastreamOf(stream))?.at(-1)?.data.toString('utf8');
    return text === undefined ? {} : parseMetadata(text);
  }

  /** What a reader of a stream gets. */
  view(name: string): StreamView {
    const kept = this.#look(name);
    if (this.#isTombstoned(name)) return 'deleted';
    const metadata = this.metadataOf(name);
    if (kept === undefined || isSoftDeleted(metadata)) return 'not found';
    const { $tb, $maxCount, $maxAge } = metadata;
    if (($tb ?? $maxCount ?? $maxAge) === undefined) return kept.records;
    return kept.records.filter((record) => isVisible(record, kept.last, metadata));
  }

  append(name: string, events: readonly ProposedRecord[], expected: Expected): AppendOutcome {
    if (this.#isTombstoned(name)) return { kind: 'deleted' };
    const kept = this.#look(name);
    const current = kept?.last ?? -1;
    const wrong: AppendOutcome = { kind: 'wrong version', actual: kept === undefined ? null : current };
    if (expected === 'any' || expected === 'streamExists') {
      if (expected === 'streamExists' && kept === undefined) return wrong;
      return this.#bestEffort(name, events) ?? this.#write(name, events);
    }
    const number = expected === 'noStream' ? -1 : expected;
    if (number === current) return this.#write(name, events);
    if (number > current || events.length === 0) return wrong;
    const same = events.every((event, index) => recordAt(kept, number + 1 + index)?.id === event.id);
    if (same) {
      const last = number + events.length;
      return { kind: 'idempotent', last, position: recordAt(kept, last)?.position ?? 0n };
    }
    return number === -1 && isSoftDeleted(this.metadataOf(name)) ? this.#write(name, events) : wrong;
  }

  /** Clears the cache of recent ids, like a restart. */
  forgetRecent(): void {
    this.#recent.clear();
  }

  /** Writes the metadata of a stream as an administrator does: an event of `$$<stream>`. */
  setMetadata(stream: string, metadata: StreamMetadata | string): void {
    const text = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
    this.append(metastreamOf(stream), [systemEvent('$metadata', text)], 'any');
  }

  /** Hides every event; the next append continues at the old revision + 1. */
  softDelete(stream: string): void {
    if (this.#isTombstoned(stream)) return;
    this.setMetadata(stream, softDeletedText(this.metadataOf(stream)));
  }

  /** Ends a stream for ever. */
  tombstone(stream: string): void {
    if (this.#isTombstoned(stream)) return;
    const kept = this.#kept(stream);
    const event = systemEvent('$streamDeleted', '');
    this.#record({ ...event, stream, revision: TOMBSTONE_REVISION }, kept);
    kept.tombstoned = true;
    this.#written(1);
  }

  /** Removes from the log what is hidden, but never the last event of a stream. */
  scavenge(): void {
    const gone = new Set<StoredRecord>();
    for (const [name, kept] of this.#streams) {
      const metadata = this.metadataOf(name);
      const left = kept.records.filter(
        (record, index) =>
          index === kept.records.length - 1 || (!this.#isTombstoned(name) && isVisible(record, kept.last, metadata)),
      );
      if (left.length === kept.records.length) continue;
      for (const record of kept.records) if (!left.includes(record)) gone.add(record);
      kept.records = left;
    }
    this.#keepOnly((record) => !gone.has(record));
    this.#appends = [];
  }

  /** Forgets the last appends, of at least so many events together: what a power cut takes that was not flushed. */
  loseLast(events: number): void {
    let count = 0;
    while (count < events && this.#appends.length > 0) count += this.#appends.pop() ?? 0;
    const lost = new Set(this.log.splice(this.log.length - count));
    for (const { stream } of lost) {
      const kept = this.#kept(stream);
      kept.records = kept.records.filter((record) => !lost.has(record));
      kept.last = kept.records.at(-1)?.revision ?? -1;
      kept.tombstoned = false;
      if (kept.records.length === 0) this.#streams.delete(stream);
    }
    const end = this.log.at(-1);
    this.#end = end === undefined ? (this.#generated?.end ?? 1_000n) : end.position + sizeOf(end);
    this.forgetRecent();
  }

  /** Calls back after each write; returns the way out. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** Index of the first event of the log at or after a position. */
  indexAt(position: bigint): number {
    const generated = this.#generated;
    if (generated !== undefined && position < generated.end) return generated.indexAt(position);
    let low = 0;
    let high = this.log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.log[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return (generated?.count ?? 0) + low;
  }

  #isTombstoned(name: string): boolean {
    return this.#streams.get(streamOfMetastream(name) ?? name)?.tombstoned === true;
  }

  /** A stream that was generated is kept from the first look on. */
  #look(name: string): Kept | undefined {
    const kept = this.#streams.get(name);
    const records = kept === undefined ? (this.#generated?.stream(name) ?? []) : [];
    if (records.length === 0) return kept;
    const made = { records: [...records], last: records.length - 1, tombstoned: false };
    this.#streams.set(name, made);
    return made;
  }

  #kept(name: string): Kept {
    const kept = this.#look(name) ?? { records: [], last: -1, tombstoned: false };
    this.#streams.set(name, kept);
    return kept;
  }

  #keepOnly(wanted: (record: StoredRecord) => boolean): void {
    const left = this.log.filter(wanted);
    this.log.length = 0;
    for (const record of left) this.log.push(record);
  }

  #bestEffort(name: string, events: readonly ProposedRecord[]): AppendOutcome | undefined {
    const known = events.map((event) => this.#recent.get(`${name} ${event.id}`));
    if (known[0] === undefined) return undefined;
    const last = known.at(-1);
    if (last === undefined || known.includes(undefined)) {
      return { kind: 'wrong version', actual: this.#streams.get(name)?.last ?? -1 };
    }
    return { kind: 'idempotent', last: last.revision, position: last.position };
  }

  #write(name: string, events: readonly ProposedRecord[]): AppendOutcome {
    const metadata = this.metadataOf(name);
    const kept = this.#kept(name);
    const first = kept.last + 1;
    for (const event of events) {
      this.#recent.set(`${name} ${event.id}`, this.#record({ ...event, stream: name, revision: kept.last + 1 }, kept));
      kept.last += 1;
    }
    let written = events.length;
    if (isSoftDeleted(metadata) && events.length > 0) {
      // The stream begins with the first of the new events.
      const meta = this.#kept(metastreamOf(name));
      const event = systemEvent('$metadata', JSON.stringify({ ...metadata, $tb: first }));
      this.#record({ ...event, stream: metastreamOf(name), revision: meta.last + 1 }, meta);
      meta.last += 1;
      written += 1;
    }
    this.#written(written);
    return { kind: 'written', last: kept.last, position: kept.records.at(-1)?.position ?? 0n };
  }

  #record(event: ProposedRecord & { readonly stream: string; readonly revision: number }, kept: Kept): StoredRecord {
    const record = { ...event, position: this.#end, created: Date.now() };
    this.#end += sizeOf(record);
    kept.records.push(record);
    this.log.push(record);
    return record;
  }

  #written(events: number): void {
    this.#appends.push(events);
    if (this.#appends.length > 2 * KEPT_APPENDS) this.#appends = this.#appends.slice(-KEPT_APPENDS);
    for (const changed of [...this.#watchers]) changed();
  }
}

function sizeOf({ data, metadata }: ProposedRecord): bigint {
  return BigInt(RECORD_BYTES + data.length + metadata.length);
}

function recordAt(kept: Kept | undefined, revision: number): StoredRecord | undefined {
  const first = kept?.records[0];
  return first === undefined ? undefined : kept?.records[revision - first.revision];
}

function isVisible(record: StoredRecord, last: number, { $tb, $maxCount, $maxAge }: StreamMetadata): boolean {
  if ($tb !== undefined && record.revision < $tb) return false;
  if ($maxCount !== undefined && record.revision <= last - $maxCount) return false;
  return $maxAge === undefined || record.created > Date.now() - $maxAge * 1_000;
}

function systemEvent(type: string, data: string): ProposedRecord {
  const contentType = 'application/json';
  return { id: randomUUID(), type, contentType, data: Buffer.from(data), metadata: Buffer.alloc(0) };
}
