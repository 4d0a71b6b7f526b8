import type { Actor, StreamName } from '../../events/event.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { DamageCode } from '../../ports/journal.js';
import { GENESIS_HASH } from '../event-codec/codec.js';
import type { LogPosition } from './esdb-position.js';
import { createdAt, digestOf, judge, placeOf, type EsdbRecord, type NotOurs, type OwnRecord } from './event-record.js';

/** Adjacent events of a stream that this program did not write. */
export interface ForeignRun {
  readonly stream: StreamName;
  readonly from: number;
  to: number;
  /** Over the digests of all of them, in order. */
  sha256: Sha256Hex;
  bytes: number;
  /** Of the first. */
  readonly type: string;
  readonly at: UtcText | null;
  readonly position: LogPosition | null;
  readonly fault: RunFault;
  /** The first names our last event as its predecessor: one of ours that was changed, rather than a stranger's. */
  readonly changed: boolean;
  /** The read began inside of it: events of it may be before `from`. */
  readonly partial: boolean;
}

interface RunFault {
  readonly code: NotOurs['code'] | 'CHAIN_BROKEN';
  readonly message: string;
}

/** Revisions that are missing in a stream, between two events that are there. */
export interface Gap {
  readonly stream: StreamName;
  readonly from: number;
  readonly to: number;
  readonly after: UtcText | null;
  readonly before: UtcText | null;
}

/** Foreign events that an admin has acknowledged; the chain of the stream goes around them. */
export interface Acknowledged {
  readonly run: ForeignRun;
  readonly by: Actor;
  readonly at: UtcText;
  readonly reason: string;
}

export interface CourseFault {
  readonly code: DamageCode;
  readonly stream: StreamName;
  readonly message: string;
  readonly position: LogPosition | null;
  readonly gap?: Gap;
}

export type Taken =
  | {
      readonly kind: 'ours';
      readonly own: OwnRecord;
      readonly fault?: CourseFault;
      readonly acknowledged?: Acknowledged;
    }
  | { readonly kind: 'foreign'; readonly run: ForeignRun; readonly fault?: CourseFault }
  | { readonly kind: 'deleted' };

/** What a read met that is not ours. */
export type NotOwn = Exclude<Taken, { readonly kind: 'ours' }>;

/** The server's event that ends a stream for good. */
const TOMBSTONE = '$streamDeleted';
/** The type of the event that acknowledges the foreign events directly before it. */
export const ACKNOWLEDGEMENT = 'ForeignEventsAcknowledged';

/** Whether an event ends its stream for good. */
export function isTombstone({ type }: Pick<EsdbRecord, 'type'>): boolean {
  return type === TOMBSTONE;
}

/** The events of one stream in their order: which are ours, and whether our chain is whole. */
export class StreamCourse {
  /** Of the last event, by any writer; -1 before the first. */
  revision: number;
  /** Of our last event. */
  hash: Sha256Hex;
  ownRevision = -1;
  /** The bot of our last event. */
  #writer: string;
  #at: UtcText | null = null;
  #run: ForeignRun | undefined;
  /** Missing before foreign events, while there is no event of ours. */
  #gap: CourseFault | undefined;
  /** False until the first event of ours, in a stream that is not read from its first event. */
  #linked: boolean;
  #begun: boolean;

  constructor(
    readonly stream: StreamName,
    identity: string,
    fromStart: boolean,
  ) {
    this.#writer = identity;
    this.revision = -1;
    this.hash = GENESIS_HASH;
    this.#linked = fromStart;
    this.#begun = fromStart;
  }

  /** Foreign events at the end that nobody has acknowledged. */
  get run(): ForeignRun | undefined {
    return this.#run;
  }

  get isOurs(): boolean {
    return this.ownRevision >= 0;
  }

  take(record: EsdbRecord): Taken {
    if (isTombstone(record)) return { kind: 'deleted' };
    const gap = this.#gapBefore(record);
    if (gap !== undefined) this.#linked = false;
    this.#begun = true;
    this.revision = record.revision;
    const judged = judge(record);
    const taken = 'record' in judged ? this.#takeWhole(judged) : this.#takeForeign(record, judged);
    const at = createdAt(record);
    this.#at = at;
    if (gap !== undefined) this.#gap ??= { ...gap, gap: { ...gap.gap, before: at } };
    // In a stream without an event of ours nobody knows whose the missing ones were: a stranger may cut its own streams.
    if (this.#gap === undefined || taken.kind === 'deleted' || !this.isOurs) return taken;
    const fault = this.#gap;
    this.#gap = undefined;
    return { ...taken, fault };
  }

  /** What this process has appended itself. */
  appended(events: readonly { readonly revision: number; readonly hash: Sha256Hex }[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.revision = last.revision;
    this.ownRevision = last.revision;
    this.hash = last.hash;
    this.#run = undefined;
    this.#linked = true;
    this.#begun = true;
  }

  #gapBefore(record: EsdbRecord): (CourseFault & { readonly gap: Gap }) | undefined {
    const expected = this.revision + 1;
    if (!this.#begun || record.revision === expected) return undefined;
    const { stream } = this;
    const gap = { stream, from: expected, to: record.revision - 1, after: this.#at, before: null };
    const message = `found ${placeOf(record)}, expected revision ${expected}`;
    return { code: 'GAP', stream, message, position: record.position, gap };
  }

  #takeWhole(own: OwnRecord): Taken {
    const { record, link } = own;
    const run = this.#run;
    if (this.#linked && link.prevHash !== this.hash) return this.#takeUnlinked(own);
    const acknowledged = run === undefined ? undefined : acknowledgementOf(own, run);
    this.#follow(own);
    if (run === undefined || acknowledged !== undefined) {
      return { kind: 'ours', own, ...(acknowledged === undefined ? {} : { acknowledged }) };
    }
    const { stream, position } = run;
    const message = `revisions ${run.from} to ${run.to} of stream ${stream} are not ours, and ${placeOf(record)} does not acknowledge them`;
    return { kind: 'ours', own, fault: { code: 'FOREIGN_EVENTS', stream, message, position } };
  }

  /** One of ours whose predecessor is gone or was changed; a copy of another bot's event is only foreign. */
  #takeUnlinked(own: OwnRecord): Taken {
    const { record, botIdentity } = own;
    const { stream } = this;
    const run = this.#run;
    if (run?.changed !== true && botIdentity !== this.#writer) {
      return this.#takeForeign(record, { code: 'HASH_MISMATCH', message: '', prevHash: own.link.prevHash });
    }
    const { code, message } = run?.fault ?? unlinked(record);
    this.#follow(own);
    return { kind: 'ours', own, fault: { code, stream, message, position: run?.position ?? record.position } };
  }

  #takeForeign(record: EsdbRecord, { code, message, prevHash }: NotOurs): Taken {
    const digest = digestOf(record);
    const bytes = Buffer.byteLength(record.data) + Buffer.byteLength(record.metadata);
    const run = this.#run;
    if (run !== undefined) {
      run.to = record.revision;
      run.sha256 = sha256Hex(run.sha256 + digest);
      run.bytes += bytes;
      return { kind: 'foreign', run };
    }
    const { stream, revision, type, position } = record;
    const follows = prevHash === undefined || !this.#linked || prevHash === this.hash;
    this.#run = {
      ...{ stream, from: revision, to: revision, sha256: sha256Hex(digest), bytes, type, position },
      at: createdAt(record),
      fault: follows ? { code, message } : unlinked(record),
      changed: this.#linked && prevHash === this.hash,
      partial: !this.#linked,
    };
    return { kind: 'foreign', run: this.#run };
  }

  #follow({ record, link, botIdentity }: OwnRecord): void {
    this.#writer = botIdentity;
    this.#run = undefined;
    this.#linked = true;
    this.hash = link.hash;
    this.ownRevision = record.revision;
  }
}

function unlinked(record: EsdbRecord): RunFault {
  return { code: 'CHAIN_BROKEN', message: `${placeOf(record)} does not follow the previous event of its stream` };
}

/** Which foreign events an acknowledgement names. */
export interface NamedRun {
  readonly from: number;
  readonly to: number;
  readonly sha256: string;
}

export function isNamed(run: ForeignRun, named: NamedRun): boolean {
  return run.from === named.from && run.to === named.to && run.sha256 === named.sha256;
}

function acknowledgementOf({ record }: OwnRecord, run: ForeignRun): Acknowledged | undefined {
  if (record.type !== ACKNOWLEDGEMENT) return undefined;
  const { fromRevision, toRevision, sha256, reason } = JSON.parse(record.data) as {
    readonly fromRevision: number;
    readonly toRevision: number;
    readonly sha256: string;
    readonly reason: string;
  };
  const isAll = run.partial && fromRevision <= run.from && toRevision === run.to;
  if (!isAll && !isNamed(run, { from: fromRevision, to: toRevision, sha256 })) return undefined;
  const { meta, occurredAt } = JSON.parse(record.metadata) as {
    readonly meta: { readonly actor: Actor };
    readonly occurredAt: UtcText;
  };
  return { run, by: meta.actor, at: occurredAt, reason };
}

/** The courses of all streams that a read meets. */
export class StreamCourses {
  readonly #courses = new Map<StreamName, StreamCourse>();

  /** `fromStart` is true for a read from the first event of the log. */
  constructor(
    private readonly identity: string,
    private readonly fromStart: boolean,
  ) {}

  has(stream: StreamName): boolean {
    return this.#courses.has(stream);
  }

  of(stream: StreamName): StreamCourse {
    const course = this.#courses.get(stream) ?? new StreamCourse(stream, this.identity, this.fromStart);
    this.#courses.set(stream, course);
    return course;
  }

  take(record: EsdbRecord): Taken {
    return this.of(record.stream).take(record);
  }

  all(): readonly StreamCourse[] {
    return [...this.#courses.values()];
  }
}
