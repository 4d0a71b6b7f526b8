import { setTimeout as pause } from 'node:timers/promises';
import { ReplaySubject, type Observable } from 'rxjs';
import { findingError, stopsForGood } from '../../app/streams/finding-error.js';
import type { StreamName } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { StreamFinding } from '../../ports/journal.js';
import { journalBusy } from '../journal-common/errors.js';
import type { EsdbConnection } from './esdb-connection.js';
import { failureOf, journalErrorOf } from './esdb-errors.js';
import type { LogPosition } from './esdb-position.js';
import type { EsdbReader } from './esdb-reader.js';
import { createdAt, serverIdOf, type EsdbRecord } from './event-record.js';
import { LogFollower } from './log-follower.js';
import type { NotOwn } from './stream-course.js';
import {
  cutFinding,
  deletedFinding,
  foreignFinding,
  lostFinding,
  protectedFinding,
  restoredFinding,
  restrictedFinding,
  unprotectedFinding,
} from './stream-findings.js';
import { ownRights, settingsOf, takesOurRights, withoutHarm, type StreamSettings } from './stream-settings.js';

export interface StreamGuardParts {
  readonly connection: EsdbConnection;
  readonly reader: EsdbReader;
  readonly prefix: string;
  /** Our user on the server; undefined where there are no users, so that no settings of rights hold. */
  readonly user: string | undefined;
}

/** Findings that a late watcher still gets. */
const KEPT_FINDINGS = 200;
/** How long after a failure the settings are followed again. */
const FOLLOW_AGAIN_MS = 2_000;
const METADATA = '$metadata';

/**
 * Knows what others did to our streams on the server. Looks at the settings of a stream before this process appends to
 * it for the first time, and from then on follows the settings of all streams, so that an ordinary append asks nothing.
 * A stream of ours whose events are hidden stops the writing of the whole journal until its settings are written again.
 */
export class StreamGuard {
  readonly #parts: StreamGuardParts;
  readonly #user: string | undefined;
  /** What stops writing, by stream. */
  readonly #stops = new Map<string, StreamFinding>();
  /** Streams whose settings took our rights. */
  readonly #restricted = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #findings = new ReplaySubject<StreamFinding>(KEPT_FINDINGS);
  /** Met under our names, and not looked at yet: the newest of each stream. */
  readonly #met = new Map<StreamName, { readonly record: EsdbRecord; readonly taken: NotOwn }>();
  #follower: LogFollower | undefined;
  #from: LogPosition | undefined;
  #mayProtect = true;
  #protects = false;
  readonly #closing = new AbortController();

  constructor(parts: StreamGuardParts) {
    this.#parts = parts;
    this.#user = parts.user;
  }

  get findings(): Observable<StreamFinding> {
    return this.#findings;
  }

  /** Where the log ended when the journal was opened; the settings are followed from there. */
  startAt(position: LogPosition | undefined): void {
    this.#from = position;
  }

  close(): void {
    this.#closing.abort();
    this.#follower?.stop();
    this.#findings.complete();
  }

  /** Throws while the journal must not be written: `JOURNAL_STREAM_CUT` or `JOURNAL_STREAM_DELETED` (stop). */
  assertWritable(): void {
    const [first] = this.#stops.values();
    if (first !== undefined) throw findingError(first);
  }

  /** Before the first append to a stream that has no events: nobody has deleted it, and its rights are ours. */
  async begin(stream: StreamName): Promise<void> {
    this.#follow();
    if (this.#user !== undefined && this.#mayProtect && (await this.#protect(stream, this.#user))) return;
    await this.check(stream);
  }

  /** Before the first append of this process to a stream that has events. */
  async check(stream: StreamName): Promise<void> {
    this.#follow();
    const settings = await this.settings(stream);
    if (settings === undefined) return;
    await this.#judge(settings, true);
    this.assertWritable();
  }

  /** The settings of a stream; undefined when it has none, or when we may not read them. */
  async settings(stream: string): Promise<StreamSettings | undefined> {
    const { connection, prefix } = this.#parts;
    try {
      const name = `$$${prefix}${stream}`;
      const [record] = await connection.read({ of: 'stream', stream: name, from: 'end', backwards: true, count: 1 });
      return record === undefined ? undefined : settingsOf(record);
    } catch (error) {
      if (error instanceof TradeBotError && error.code === 'JOURNAL_ACCESS_DENIED') return undefined;
      throw error;
    }
  }

  /** What a subscription met under our names that is not ours. */
  met(record: EsdbRecord, taken: NotOwn): void {
    const { stream } = record;
    const waits = this.#met.has(stream);
    if (this.#met.size >= KEPT_FINDINGS && !waits) return;
    this.#met.set(stream, { record, taken });
    // A read must not wait; what it met is judged separately, one look at a stream at a time, however much is there.
    if (!waits) void this.#meet(stream).catch(() => this.#met.delete(stream));
  }

  /** Takes a finding that a read or an append has made. */
  report(finding: StreamFinding): void {
    const { kind, stream, from, to, sha256, message } = finding;
    const key = [kind, stream, from, to, sha256 ?? message].join(' ');
    if (this.#reported.has(key) || this.#closing.signal.aborted) return;
    if (this.#reported.size >= KEPT_FINDINGS * 10) this.#reported.clear();
    this.#reported.add(key);
    this.#findings.next(finding);
  }

  /** The error for an append that the server denied: it names the settings that took the right. */
  async denied(stream: StreamName, error: unknown): Promise<TradeBotError> {
    const settings = await this.settings(stream).catch(() => undefined);
    if (settings?.writers === undefined || this.#user === undefined) {
      return journalErrorOf(error, this.#parts.connection.url, `an append to ${stream}`);
    }
    const finding = restrictedFinding(settings, this.#user);
    this.#restricted.add(stream);
    this.report(finding);
    return findingError(finding);
  }

  /** Writes the settings of a stream again without harm. Throws `JOURNAL_ACCESS_DENIED` (refuse), `JOURNAL_EVENTS_LOST` (stop). */
  async undo(stream: StreamName): Promise<StreamFinding | undefined> {
    const settings = await this.settings(stream);
    const finding = settings === undefined ? undefined : this.#harmOf(settings);
    if (settings === undefined || finding === undefined) return undefined;
    const isWritten = await this.#write(stream, withoutHarm(settings, this.#user), settings.revision);
    if (!isWritten) throw journalBusy(`others wrote the settings of stream ${stream} at the same time`);
    this.#stops.set(stream, finding);
    await this.#lift({ ...settings, revision: settings.revision + 1 });
    this.assertWritable();
    return finding;
  }

  async #meet(stream: StreamName): Promise<void> {
    const ours = await this.#parts.reader.hasOurs(stream);
    const met = this.#met.get(stream);
    this.#met.delete(stream);
    if (met?.taken.kind === 'foreign') this.report(foreignFinding(met.taken.run, ours));
    else if (met !== undefined && ours) this.#stop(deletedFinding(met.record, createdAt(met.record)), stream);
  }

  #follow(): void {
    if (this.#follower !== undefined || this.#closing.signal.aborted) return;
    const { connection, prefix } = this.#parts;
    const follower = new LogFollower({
      ...{ connection, prefix, after: this.#from },
      filter: { prefixes: [`$$${prefix}`] },
      take: (record) => {
        this.#from = record.position ?? this.#from;
        void this.#changed(settingsOf(record)).catch(() => undefined);
      },
    });
    this.#follower = follower;
    follower.run().catch(() => this.#followAgain());
  }

  async #followAgain(): Promise<void> {
    await pause(FOLLOW_AGAIN_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    this.#follower = undefined;
    this.#follow();
  }

  async #changed(settings: StreamSettings): Promise<void> {
    const { stream } = settings;
    if (this.#harmOf(settings) === undefined) await this.#lift(settings);
    else if (await this.#parts.reader.hasOurs(stream)) await this.#judge(settings, false);
  }

  /** `ours` is true for a stream that is about to be written: what is done to it concerns us, even when it is empty. */
  async #judge(settings: StreamSettings, ours: boolean): Promise<void> {
    const { stream } = settings;
    const finding = this.#harmOf(settings);
    if (finding === undefined) return this.#lift(settings);
    if (finding.kind === 'restricted') this.#restricted.add(stream);
    if (finding.kind === 'cut' || ours) this.#stop(finding, stream);
    else this.report(finding);
  }

  #stop(finding: StreamFinding, stream: string): void {
    const before = this.#stops.get(stream);
    if (before === undefined || !stopsForGood(before)) this.#stops.set(stream, finding);
    this.report(finding);
  }

  /** The settings harm a stream no more. What a scavenge destroyed while it was cut stops the writing for good. */
  async #lift(settings: StreamSettings): Promise<void> {
    const { stream } = settings;
    const before = this.#stops.get(stream);
    if (before === undefined && !this.#restricted.has(stream)) return;
    if (before !== undefined && stopsForGood(before)) return;
    const lost = before?.kind === 'cut' ? await this.#lostFrom(stream) : undefined;
    if (lost !== undefined) {
      this.#stop(lost, stream);
      return;
    }
    this.#stops.delete(stream);
    this.#restricted.delete(stream);
    this.report(restoredFinding(settings));
  }

  /** Settings destroy the first events of a stream only: what is gone shows at its start. */
  async #lostFrom(stream: StreamName): Promise<StreamFinding | undefined> {
    const [first] = (await this.#parts.reader.streamPage(stream, 0)).records;
    if (first?.revision === 0) return undefined;
    const to = first === undefined ? null : first.revision - 1;
    return lostFinding(
      { stream, from: 0, to, after: null, before: first === undefined ? null : createdAt(first) },
      null,
    );
  }

  #harmOf(settings: StreamSettings): StreamFinding | undefined {
    if (settings.cuts.length > 0) return cutFinding(settings);
    return this.#user !== undefined && takesOurRights(settings, this.#user)
      ? restrictedFinding(settings, this.#user)
      : undefined;
  }

  /** True when the rights of a new stream are set; false when it has settings already, or we may not write them. */
  async #protect(stream: StreamName, user: string): Promise<boolean> {
    try {
      const isWritten = await this.#write(stream, ownRights(user), 'noStream');
      // The finding of the first stream stands for all of them.
      if (isWritten && !this.#protects) this.report(protectedFinding(stream, user));
      this.#protects ||= isWritten;
      return isWritten;
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'JOURNAL_ACCESS_DENIED') throw error;
      this.#mayProtect = false;
      this.report(unprotectedFinding(stream, user));
      return false;
    }
  }

  /** Sends the same settings at the same revision, so that repeating it writes them once; false when others were first. */
  async #write(stream: StreamName, text: string, expected: number | 'noStream'): Promise<boolean> {
    const { connection, prefix } = this.#parts;
    const name = `$$${prefix}${stream}`;
    const id = serverIdOf(sha256Hex(`${name} ${expected} ${text}`));
    const data = JSON.parse(text) as Record<string, unknown>;
    const event = { id, type: METADATA, contentType: 'application/json' as const, data, metadata: undefined };
    const write = async (): Promise<boolean> => {
      try {
        await connection.append(name, [event], expected);
        return true;
      } catch (error) {
        if (failureOf(error) === 'wrong-revision') return false;
        throw error;
      }
    };
    return connection.retried(write, (error) => journalErrorOf(error, connection.url, `the settings of ${stream}`));
  }
}
