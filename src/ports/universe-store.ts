import type { ProviderName } from '../domain/universe/observation.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText, UtcText } from '../kernel/time.js';
import type { ProviderUse } from './universe-provider.js';

/** Everything that a build begins with; it never changes until the build has ended. */
export interface SnapshotHead {
  readonly format: 1;
  readonly build_id: string;
  readonly date: DateText;
  readonly started_at: UtcText;
  readonly providers: readonly (ProviderUse & { readonly name: ProviderName })[];
  /** The settings that decide, as texts. */
  readonly settings: Readonly<Record<string, string>>;
  readonly blocklist: string;
}

/** A request that was answered: with a text by its hash, or with why there is none. */
export interface SnapshotLine {
  readonly provider: ProviderName;
  readonly path: string;
  readonly at: UtcText;
  readonly sha256: Sha256Hex | null;
  readonly why: 'NOT_FOUND' | 'NOT_IN_PLAN' | null;
}

export interface Snapshot {
  readonly head: SnapshotHead;
  readonly lines: readonly SnapshotLine[];
}

/** The files of a finished build. */
export interface UniverseFiles {
  readonly raw: string;
  readonly unfiltered: string;
  readonly published: string;
}

/**
 * The files of the universe: what sessions read, and the recorded answers of each build. A crash at any instant leaves each
 * file old or new. Throws node's file system errors when the disk refuses.
 */
export interface UniverseStore {
  /** The admin's blocklist; made with its header when there is none. */
  blocklistText(): string;
  /** A build that has not ended; an answer that was being written when it was cut off is not in it. */
  unfinished(): Snapshot | undefined;
  /** A new build, with the answers that it takes over from one that was cut off. */
  begin(head: SnapshotHead, lines: readonly SnapshotLine[]): void;
  /** Durable when it returns; `text` is undefined for a line without one, and for one that an earlier build has. */
  keep(line: SnapshotLine, text: string | undefined): void;
  /** The text of a recorded answer. Throws SNAPSHOT_DAMAGED when it is missing or not that text. */
  textOf(sha256: Sha256Hex): string;
  hasText(sha256: Sha256Hex): boolean;
  /** A finished build of a date; undefined when none is kept. */
  snapshot(date: DateText): Snapshot | undefined;
  /** Dates of the builds that are kept, oldest first. */
  dates(): readonly DateText[];
  /** Shows how far a build has come. */
  showProgress(text: string): void;
  /** Publishes the files, the universe itself last. */
  publish(files: UniverseFiles): void;
  /** The build that is unfinished becomes the snapshot of its date. */
  finish(date: DateText): void;
  /** Says that there are no credentials to build with, or that there are. */
  noteWaiting(waiting: boolean): void;
  /** One line in the log of the universe. */
  log(line: string): void;
  /** Removes builds and answers of dates before `oldest`. */
  prune(oldest: DateText): void;
  /** The published universe; undefined when there is none. */
  published(): string | undefined;
  unfiltered(): string | undefined;
  /** The figures that a session reads before it opens; those before `oldest` are removed. */
  keepFundamentals(session: DateText, text: string, oldest: DateText): void;
}
