import type { Position, StreamName } from '../../events/event.js';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import type { JournalHead, StreamFinding, VerifyResult } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbReader, RecordPage } from './esdb-reader.js';
import { isLogPosition, logPosition, positionText, type LogPosition } from './esdb-position.js';
import { createdAt, judge, type EsdbRecord } from './event-record.js';
import { SETTINGS_OF } from './read-request.js';
import { isTombstone, StreamCourses, type CourseFault, type ForeignRun, type Taken } from './stream-course.js';
import {
  acknowledgedFinding,
  cutFinding,
  deletedFinding,
  foreignFinding,
  lostFinding,
  restrictedFinding,
} from './stream-findings.js';
import { isSettings, settingsOf, takesOurRights, type StreamSettings } from './stream-settings.js';

export interface StreamHead {
  readonly revision: number;
  readonly hash: Sha256Hex;
}

export type Progress = (checked: number, total: number) => void;
type Damage = Extract<VerifyResult, { readonly ok: false }>;

/** The result of the walk, and the head of each stream: what a seal over this journal must cover (JRN-30). */
export interface Walk {
  readonly result: VerifyResult;
  readonly heads: ReadonlyMap<StreamName, StreamHead>;
  readonly findings: readonly StreamFinding[];
}

export interface VerifyOptions {
  readonly onProgress?: Progress | undefined;
  readonly since?: JournalHead | undefined;
  /** Our user on the server: settings that leave it out are a finding. */
  readonly user?: string | undefined;
}

/** Findings that are kept; a stranger may write any number of streams. */
const MOST_FINDINGS = 1_000;
/** Events before the start of the walk that are looked at to find our last one. */
const MOST_BEFORE = 5_000;

/**
 * Walks all events of the bot in global order and verifies the chain of each stream (JRN-30): revisions without a gap,
 * each hash recomputed over the stored bytes, the server's id derived from the hash; and the settings of the streams in
 * the same order. `total` is an estimate until the end: the server does not count. The walk starts after `since` when the
 * log has that event there; `heads` then has the streams that continued after it.
 */
export async function verifyStreams(reader: EsdbReader, options: VerifyOptions = {}): Promise<Walk> {
  const { onProgress, since } = options;
  const names = reader.serverName('');
  const of = { prefixes: [names, SETTINGS_OF + names] };
  const newest = await reader.allPage(of, undefined, 'backwards', 1);
  const end = newest.records[0]?.position?.commit ?? 0n;
  const known = since !== undefined && (await isThere(reader, since)) ? since : undefined;
  const walk = new VerifyWalk(reader, known, options.user);
  let cursor: LogPosition | undefined = known === undefined ? undefined : logPosition(known.position);
  for (;;) {
    const page: RecordPage = await reader.allPage(of, cursor, 'forwards', PAGE_EVENTS);
    for (const record of page.records) await walk.take(record);
    cursor = page.records.at(-1)?.position ?? cursor;
    if (!page.more || (cursor?.commit ?? 0n) >= end) break;
    const { count } = walk;
    onProgress?.(count, Math.max(count, Math.round((count * Number(end)) / Math.max(Number(cursor?.commit ?? 1n), 1))));
  }
  onProgress?.(walk.count, walk.count);
  return await walk.result();
}

class VerifyWalk {
  count: number;
  /** Over the texts of all events; undefined when the walk does not begin with the first. */
  readonly #digest: LinesDigest | undefined;
  #head: Sha256Hex | null;
  #damage: Damage | undefined;
  readonly #courses: StreamCourses;
  readonly #settings = new Map<StreamName, StreamSettings>();
  readonly #findings: StreamFinding[] = [];
  /** Streams whose event before the walk the server does not show. */
  readonly #unseen = new Map<StreamName, { readonly record: EsdbRecord; readonly from: number; readonly to: number }>();

  constructor(
    private readonly reader: EsdbReader,
    private readonly since: JournalHead | undefined,
    private readonly user: string | undefined,
  ) {
    this.count = since?.count ?? 0;
    this.#digest = since === undefined ? new LinesDigest() : undefined;
    this.#head = since?.hash ?? null;
    this.#courses = new StreamCourses(reader.identity, since === undefined);
  }

  async take(record: EsdbRecord): Promise<void> {
    if (isSettings(record)) {
      const settings = settingsOf(record);
      this.#settings.set(settings.stream, settings);
      return;
    }
    const isNew = this.since !== undefined && !this.#courses.has(record.stream);
    if (isNew && !isTombstone(record)) await this.#goBack(record);
    const taken = this.#courses.take(record);
    if (taken.kind === 'deleted') await this.#ended(record, isNew);
    else this.#judge(taken);
  }

  async result(): Promise<Walk> {
    const heads = new Map<StreamName, StreamHead>();
    for (const course of this.#courses.all()) {
      const { stream, run, isOurs, ownRevision: revision, hash } = course;
      if (isOurs) heads.set(stream, { revision, hash });
      if (run?.changed === true) this.#fault({ ...run.fault, stream, position: run.position });
    }
    for (const settings of this.#settings.values()) {
      const { stream } = settings;
      const isHarmed = settings.cuts.length > 0 || takesOurRights(settings, this.user);
      if (isHarmed && (heads.has(stream) || (this.since !== undefined && (await this.reader.hasOurs(stream))))) {
        this.#harmed(settings);
      }
    }
    for (const [stream, { record, from, to }] of this.#unseen) {
      if ((this.#settings.get(stream)?.cuts.length ?? 0) > 0) continue;
      const { position, revision } = record;
      const message = `the event before revision ${revision} of stream ${stream} is missing`;
      const gap = { stream, from, to, after: null, before: createdAt(record) };
      this.#fault({ code: 'GAP', stream, message, position, gap });
    }
    // last: what stops a single stream counts as damage only when nothing else does
    for (const { run, isOurs } of this.#courses.all()) if (run?.changed === false) this.#trailing(run, isOurs);
    const findings = this.#findings;
    const found = findings.length === 0 ? {} : { findings };
    const damage = this.#damage;
    const digest = this.#digest === undefined ? {} : { eventsDigest: this.#digest.hex() };
    const whole = { ok: true, count: this.count, head: this.#head, ...digest, ...found } as const;
    return { result: damage === undefined ? whole : { ...damage, ...found }, heads, findings };
  }

  async #ended(record: EsdbRecord, isNew: boolean): Promise<void> {
    const { stream, position } = record;
    if (!this.#courses.of(stream).isOurs && !(isNew && (await this.reader.hasOurs(stream)))) return;
    const finding = deletedFinding(record, createdAt(record));
    this.#find(finding);
    this.#harm('STREAM_DELETED', finding, position);
  }

  #judge(taken: Exclude<Taken, { readonly kind: 'deleted' }>): void {
    if (taken.fault !== undefined) this.#fault(taken.fault);
    if (taken.kind !== 'ours') return;
    if (taken.acknowledged !== undefined) this.#find(acknowledgedFinding(taken.acknowledged));
    this.count += 1;
    this.#head = taken.own.link.hash;
    this.#digest?.add(taken.own.link.body);
  }

  /** Foreign events at the end of a stream: in one of ours they stop writing, else they are only reported. */
  #trailing(run: ForeignRun, isOurs: boolean): void {
    const finding = foreignFinding(run, isOurs);
    this.#find(finding);
    if (isOurs) this.#harm('FOREIGN_EVENTS', finding, run.position);
  }

  #harmed(settings: StreamSettings): void {
    const isCut = settings.cuts.length > 0;
    const finding = isCut ? cutFinding(settings) : restrictedFinding(settings, this.user ?? '');
    this.#find(finding);
    if (isCut) this.#harm('STREAM_CUT', finding, settings.position);
  }

  #fault(fault: CourseFault): void {
    const { code, message, position, gap } = fault;
    if (gap === undefined) {
      this.#damage ??= { ok: false, position: positionOrNone(position), code, message };
      return;
    }
    const finding = lostFinding(gap, position);
    this.#find(finding);
    this.#harm(code, finding, position, message);
  }

  #harm(code: Damage['code'], { message, remedy }: StreamFinding, position: LogPosition | null, shown = message): void {
    this.#damage ??= { ok: false, position: positionOrNone(position), code, message: shown, remedy };
  }

  #find(finding: StreamFinding): void {
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push(finding);
  }

  /** Gives the course of a stream its events from our last one before the walk on. */
  async #goBack(record: EsdbRecord): Promise<void> {
    const { stream, revision } = record;
    let before: readonly EsdbRecord[] = [];
    let to = revision - 1;
    while (to >= 0 && before.length < MOST_BEFORE && !before.some(isOurs)) {
      // Our last one is the event directly before, unless others wrote behind it.
      const from = Math.max(to - (before.length === 0 ? 0 : PAGE_BEFORE), 0);
      const page = await this.reader.streamSlice(stream, from, to - from + 1);
      before = [...page, ...before];
      if (page.length <= to - from) {
        this.#unseen.set(stream, { record, from, to: (page[0]?.revision ?? to + 1) - 1 });
        break;
      }
      to = from - 1;
    }
    const course = this.#courses.of(stream);
    for (const one of before.slice(Math.max(before.findLastIndex(isOurs), 0))) course.take(one);
  }
}

/** Events that are read at once when others wrote behind our last one. */
const PAGE_BEFORE = 100;

function isOurs(record: EsdbRecord): boolean {
  return 'record' in judge(record);
}

async function isThere(reader: EsdbReader, { position, hash }: JournalHead): Promise<boolean> {
  if (!isLogPosition(position)) return false;
  return (await reader.at(logPosition(position)))?.link.hash === hash;
}

function positionOrNone(position: LogPosition | null): Position {
  return position === null ? ('' as Position) : positionText(position);
}
