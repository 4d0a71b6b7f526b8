/** An event as the double keeps it. Positions are sparse and grow, as in the log of a server. */
export interface StoredRecord {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  readonly contentType: string;
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
  | { readonly kind: 'wrong version'; readonly actual: number | null };

/** Overhead of an event in the log, in addition to its bytes. */
const RECORD_BYTES = 97;

/**
 * Streams and log of one server, with its exact rules of idempotency: ids alone are compared, at the expected place for
 * an explicit revision, in a cache of recent ids for `any` and `streamExists`.
 */
export class DoubleStore {
  readonly log: StoredRecord[] = [];
  readonly #streams = new Map<string, StoredRecord[]>();
  readonly #recent = new Map<string, StoredRecord>();
  readonly #watchers = new Set<() => void>();
  #end = 1_000n;

  stream(name: string): readonly StoredRecord[] | undefined {
    return this.#streams.get(name);
  }

  append(name: string, events: readonly ProposedRecord[], expected: Expected): AppendOutcome {
    const stored = this.#streams.get(name);
    const current = stored === undefined ? -1 : stored.length - 1;
    const wrong: AppendOutcome = { kind: 'wrong version', actual: stored === undefined ? null : current };
    if (expected === 'any' || expected === 'streamExists') {
      if (expected === 'streamExists' && stored === undefined) return wrong;
      return this.#bestEffort(name, events) ?? this.#write(name, events);
    }
    const number = expected === 'noStream' ? -1 : expected;
    if (number === current) return this.#write(name, events);
    if (number > current || events.length === 0) return wrong;
    const same = events.every((event, index) => stored?.[number + 1 + index]?.id === event.id);
    if (!same) return wrong;
    const last = stored?.[number + events.length];
    return { kind: 'idempotent', last: number + events.length, position: last?.position ?? 0n };
  }

  /** Clears the cache of recent ids, like a restart. */
  forgetRecent(): void {
    this.#recent.clear();
  }

  /** Deletes events as an administrator could; the log keeps the gaps. */
  remove(name: string, from: number): void {
    const kept = (this.#streams.get(name) ?? []).slice(0, from);
    this.#streams.set(name, kept);
    const gone = this.log.filter((record) => record.stream === name && record.revision >= from);
    for (const record of gone) this.log.splice(this.log.indexOf(record), 1);
  }

  /** Calls back after each write; returns the way out. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #bestEffort(name: string, events: readonly ProposedRecord[]): AppendOutcome | undefined {
    const known = events.map((event) => this.#recent.get(`${name} ${event.id}`));
    if (known[0] === undefined) return undefined;
    const last = known.at(-1);
    if (last === undefined || known.includes(undefined)) {
      return { kind: 'wrong version', actual: (this.#streams.get(name)?.length ?? 0) - 1 };
    }
    return { kind: 'idempotent', last: last.revision, position: last.position };
  }

  #write(name: string, events: readonly ProposedRecord[]): AppendOutcome {
    const stored = this.#streams.get(name) ?? [];
    this.#streams.set(name, stored);
    for (const event of events) {
      const record = { ...event, stream: name, revision: stored.length, position: this.#end };
      this.#end += BigInt(RECORD_BYTES + event.data.length + event.metadata.length);
      stored.push(record);
      this.log.push(record);
      this.#recent.set(`${name} ${event.id}`, record);
    }
    for (const changed of [...this.#watchers]) changed();
    const last = stored.at(-1);
    return { kind: 'written', last: stored.length - 1, position: last?.position ?? 0n };
  }

  /** Index of the first event of the log at or after a position. */
  indexAt(position: bigint): number {
    let low = 0;
    let high = this.log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.log[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
