import type { Observable } from 'rxjs';
import type { AppendedEvent, EventType, NewEvent, Position, RecordedEvent, StreamName } from '../events/event.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { UtcText } from '../kernel/time.js';

/** `any` checks nothing; a number is the revision of the last event in the stream. */
export type ExpectedRevision = 'any' | 'noStream' | 'streamExists' | number;
export type Direction = 'forwards' | 'backwards';

export interface AppendResult {
  /** Revision of the last event of the batch. */
  readonly revision: number;
  /** True when every event was already in the journal with the same bytes (JRN-2) and nothing was written. */
  readonly alreadyThere: boolean;
  /** As recorded, in order. */
  readonly events: readonly AppendedEvent[];
  /**
   * The same events with their positions, which are the original ones when the batch was already in the journal. A server
   * does not report them when it stores a batch: a journal there reads them when it is asked.
   */
  recorded(): Promise<readonly RecordedEvent[]>;
}

export interface EventFilter {
  /** A journal on a server finds them in the streams that `src/events/event-streams.ts` names for them. */
  readonly types?: readonly EventType[];
  readonly streamPrefix?: string;
}

export interface JournalHead {
  readonly position: Position;
  readonly hash: Sha256Hex;
  /** Events in the journal. */
  readonly count: number;
}

export type DamageCode =
  | 'HASH_MISMATCH'
  | 'CHAIN_BROKEN'
  | 'GAP'
  | 'COLUMN_MISMATCH'
  | 'UNREADABLE'
  /** Of a journal on a server: the settings of a stream hide events, it was deleted, or another program wrote to it. */
  | 'STREAM_CUT'
  | 'STREAM_DELETED'
  | 'FOREIGN_EVENTS';

export type VerifyResult =
  | {
      readonly ok: true;
      readonly count: number;
      readonly head: Sha256Hex | null;
      /**
       * SHA-256 over the texts of all events in order, each with a line feed after it, without hashes and positions: equal
       * in every journal with the same events. Left out when only what follows an earlier verification was verified.
       */
      readonly eventsDigest?: Sha256Hex;
      /** What others did to the streams on a server that harms nothing any more. */
      readonly findings?: readonly StreamFinding[];
    }
  | {
      readonly ok: false;
      /** First position that fails verification. */
      readonly position: Position;
      readonly code: DamageCode;
      readonly message: string;
      readonly remedy?: string;
      readonly findings?: readonly StreamFinding[];
    };

/**
 * `cut`: its settings hide events that are still there. `restricted`: its settings take our rights. `deleted`: ended for
 * good. `lost`: events are gone. `blocked`: another program wrote to a stream of ours; `acknowledged`: an admin has seen
 * that. `foreign`: a stream that only another program wrote. `protected`, `unprotected`: we have set the rights of our
 * streams, or may not. `restored`: a stream that was cut or restricted is neither any more.
 */
export type StreamFindingKind =
  | 'cut'
  | 'restricted'
  | 'deleted'
  | 'lost'
  | 'blocked'
  | 'acknowledged'
  | 'foreign'
  | 'protected'
  | 'unprotected'
  | 'restored';

/** What was done to the streams of a bot from outside of it. Every text is printable and bounded. */
export interface StreamFinding {
  readonly kind: StreamFindingKind;
  readonly stream: string;
  /** A sentence without its end: what was done, when, by which event of the server. */
  readonly message: string;
  readonly remedy: string;
  /** The revisions that it is about; `to` is null when that is not known. */
  readonly from?: number;
  readonly to?: number | null;
  /** When it was done, by the clock of the server. */
  readonly at?: UtcText | null;
  /** Position of the event that shows it. */
  readonly position?: Position;
  /** Of foreign events: SHA-256 over all of them, bytes together, and the type of the first. */
  readonly sha256?: Sha256Hex;
  readonly bytes?: number;
  readonly type?: string;
  /** Our user on the server. */
  readonly user?: string;
}

/** The streams of a journal that other programs can reach. */
export interface StreamsHealth {
  /** Everything that is known now, then each new finding, until the journal closes. */
  watch(): Observable<StreamFinding>;
  /** Walks the whole journal; what it finds, in the order of the log. */
  look(): Promise<readonly StreamFinding[]>;
  /** Foreign events at the end of one of our streams; undefined when there are none. */
  blocked(stream: StreamName): Promise<StreamFinding | undefined>;
  /**
   * Writes the settings of a stream again without what hides its events or takes our rights; undefined when there is
   * nothing to undo. Throws JournalError `JOURNAL_ACCESS_DENIED` for a user without the right to write them.
   */
  undo(stream: StreamName): Promise<StreamFinding | undefined>;
  /** Each event of ours that is left, whatever is damaged around it, in the order of the log. */
  left(): AsyncIterable<RecordedEvent>;
}

/** Why an open journal is no longer the file at its path. */
export interface LostJournalFile {
  /** What happened to which file, as a sentence without its end. */
  readonly message: string;
  /** The folder in which the whole journal is now; null when it was deleted, replaced or cut. */
  readonly movedTo: string | null;
}

/** A copy of an open journal whose file was lost. */
export interface SavedJournal {
  readonly path: string;
  /** Of its last event. */
  readonly position: Position;
  readonly count: number;
}

/** The file behind a journal, as seen from the open handle. */
export interface JournalFile {
  /** Compares device, inode and size with the file at the path; undefined while they are those of the open one. */
  look(): LostJournalFile | undefined;
  /**
   * Saves every event of the open journal into a new file next to its path, verified, never over an existing one; a
   * repeated call replaces its own earlier copy. Throws JournalError `JOURNAL_NOT_SAVED` or `JOURNAL_CORRUPT` (stop).
   */
  saveAside(): Promise<SavedJournal>;
}

/** What a move or a restore noted next to a journal on a server, the last one. */
export type RelocationNote =
  /** Not all events are there. */
  | { readonly kind: 'started'; readonly id: string; readonly count: number; readonly eventsDigest: string }
  | { readonly kind: 'finished'; readonly id: string }
  /** The events are in another journal, which goes its own way from there. */
  | { readonly kind: 'moved'; readonly id: string; readonly to: string };

/** An event of another journal as it is taken over: its text is kept byte for byte. */
export interface ImportedEvent {
  readonly stream: StreamName;
  readonly revision: number;
  readonly type: string;
  readonly id: string;
  readonly body: string;
}

/** Events of another journal, in order, and what they are all together. */
export interface ImportSource {
  readonly count: number;
  readonly eventsDigest: Sha256Hex;
  all(): Iterable<ImportedEvent>;
}

/** How a journal on a server takes over the events of another one. */
export interface JournalRelocation {
  note(): Promise<RelocationNote | undefined>;
  /**
   * Notes that the import `id` has started and adds the events that are not there yet, in order; repeated after a crash it
   * continues. One event of the type `closing` may be there after them. The journal counts as unfinished until `finish`.
   * Throws JournalError `JOURNAL_NOT_EMPTY` (refuse) when events are there that no import or move left; then nothing is
   * written.
   */
  importEvents(
    id: string,
    source: ImportSource,
    closing: EventType,
    onProgress?: (done: number, total: number) => void,
  ): Promise<void>;
  finish(id: string): Promise<void>;
  markMoved(id: string, to: string): Promise<void>;
}

/**
 * The append-only event store (JRN-1..7). Errors are TradeBotError of kind JournalError: `WRONG_EXPECTED_REVISION`
 * (refuse; details.expected, details.actual), `EVENT_ID_CONFLICT` (refuse), `SCHEMA_VIOLATION` (refuse; details.pointer),
 * `JOURNAL_BUSY` (retry), `JOURNAL_STALLED`, `JOURNAL_CORRUPT`, `JOURNAL_NEWER`, `JOURNAL_FOREIGN` (stop). A journal on a
 * server adds `JOURNAL_UNREACHABLE` (retry), `JOURNAL_ACCESS_DENIED` and `JOURNAL_BATCH_TOO_LARGE` (refuse), and, for
 * what others did to its streams, `JOURNAL_STREAM_CUT`, `JOURNAL_STREAM_DELETED`, `JOURNAL_STREAM_FOREIGN` and
 * `JOURNAL_EVENTS_LOST` (stop).
 */
export interface Journal {
  /** Undefined for a journal that is no file of the home. */
  readonly file?: JournalFile;
  /** True when each stream has a chain of its own: the hash before an event does not show what precedes it in the global order. */
  readonly chainsStreams?: boolean;
  /** Undefined for a journal that no other program can reach. */
  readonly streamsHealth?: StreamsHealth;
  /** Undefined for a journal that is a file, which is replaced as a whole. */
  readonly relocation?: JournalRelocation;

  /** Atomic for its batch; durable when the promise resolves. An invalid or conflicting batch writes nothing. */
  append(
    stream: StreamName,
    events: readonly NewEvent[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult>;

  /** Up to `limit` events of one stream; an absent stream reads as empty. `from` is a revision, inclusive. */
  readStream(
    stream: StreamName,
    options?: { readonly from?: number; readonly direction?: Direction; readonly limit?: number },
  ): Promise<readonly RecordedEvent[]>;

  /** Up to `limit` events of the whole journal in global order, after (or, backwards, before) `after`; exclusive. */
  readAll(options?: {
    readonly after?: Position;
    readonly direction?: Direction;
    readonly limit?: number;
    readonly filter?: EventFilter;
  }): Promise<readonly RecordedEvent[]>;

  /** The last event; undefined for an empty journal. */
  head(): Promise<JournalHead | undefined>;

  /** The same without waiting; left out by a journal that has to ask a server. */
  headNow?(): JournalHead | undefined;

  /**
   * Past events, then live ones, in global order, without gap or duplicate; includes events of other processes.
   * Pages are read only as fast as the subscriber processes them.
   */
  subscribe(options?: { readonly after?: Position; readonly filter?: EventFilter }): Observable<RecordedEvent>;

  /**
   * Verifies the hash chain over the exact stored bytes (JRN-30). With `since`, the head that an earlier verification
   * reached, only what follows it is verified; the whole journal when it does not have that event with that hash.
   */
  verify(onProgress?: (checked: number, total: number) => void, since?: JournalHead): Promise<VerifyResult>;

  close(): Promise<void>;
}

/** The journal cannot be written now, and may be later: another process holds it, its disk or its server refuses. */
const OUTAGES: readonly string[] = ['JOURNAL_BUSY', 'JOURNAL_STALLED', 'JOURNAL_UNREACHABLE'];
/** What others did on the server stops the writing until a person undoes or acknowledges it; no event is lost. */
const HELD_BY_OTHERS: readonly string[] = ['JOURNAL_STREAM_CUT', 'JOURNAL_STREAM_FOREIGN', 'JOURNAL_ACCESS_DENIED'];
/** What others destroyed on the server: nothing may follow it, and no wait brings it back. */
const DESTROYED: readonly string[] = ['JOURNAL_STREAM_DELETED', 'JOURNAL_EVENTS_LOST'];

/** Whether an error, of this process or reported by another one, is an outage of the journal: it may be written again later. */
export function isJournalOutage(error: unknown): boolean {
  return isOneOf(error, OUTAGES) || waitsForPerson(error);
}

/** Whether an outage lasts until a person does something on the server, or in the journal. */
export function waitsForPerson(error: unknown): boolean {
  return isOneOf(error, HELD_BY_OTHERS);
}

/** Whether events of the journal are gone for good: only a backup has them. */
export function isJournalLost(error: unknown): boolean {
  return isOneOf(error, DESTROYED);
}

/**
 * Whether a process that holds the state of the bot continues without the journal: entries are held, exits and kills are sent, and what
 * is recorded is kept in the home.
 */
export function isJournalAway(error: unknown): boolean {
  return isJournalOutage(error) || isJournalLost(error);
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return typeof error.code === 'string' && codes.includes(error.code);
}
