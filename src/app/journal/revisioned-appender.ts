import type { Draft } from '../../events/draft.js';
import type { Actor, AppendedEvent, NewEvent, StreamName } from '../../events/event.js';
import { invariant, TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { AppendResult, Journal } from '../../ports/journal.js';
import { eventOf } from './envelope.js';
import { SerialQueue } from './serial-queue.js';

/** What every appender needs. */
export interface AppenderOptions {
  readonly journal: Pick<Journal, 'append' | 'readStream' | 'readAll' | 'chainsStreams'>;
  readonly clock: Clock;
  readonly identity: BotIdentity;
  /** The author of events that name no other. */
  readonly actor: Actor;
}

/** The end of a stream as the appender knows it, with the basis of a decision. */
export interface StreamEnd<Seen> {
  readonly seen: Seen;
  /** Undefined for a stream without events. */
  readonly revision: number | undefined;
}

/** Who appends, and where the events belong. */
export interface AppendBy {
  readonly actor: Actor;
  readonly sessionDate: DateText | null;
  /** Separates the ids of several writers in one stream, revision and millisecond. */
  readonly writer?: string;
}

/** Fast writers may win many times in a row; a stream that never accepts an event is a defect. */
const MAX_CONFLICTS = 1_000;

/** The second: another writer took the same revision in the same millisecond. */
const CONFLICTS: readonly string[] = ['WRONG_EXPECTED_REVISION', 'EVENT_ID_CONFLICT'];

/** True when the journal refused a batch because another writer was first. */
export function isRevisionConflict(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && CONFLICTS.includes(error.code);
}

/** Throws STREAM_NEVER_QUIET after too many conflicts in a row. */
export function limitConflicts(stream: StreamName, conflicts: number): void {
  invariant(
    conflicts < MAX_CONFLICTS,
    'STREAM_NEVER_QUIET',
    `other processes wrote to ${stream} during each of ${conflicts} attempts to append`,
  );
}

/**
 * The one way to write an event: look at the end of the stream, decide, append at that revision, and repeat when
 * another writer was first. One append at a time. Subclasses define the basis of a decision.
 */
export abstract class RevisionedAppender<Seen> {
  /** Two appends of one process at once would find the same revision and make the same event id. */
  readonly #queue = new SerialQueue();

  constructor(protected readonly options: AppenderOptions) {}

  protected abstract endOf(stream: StreamName): Promise<StreamEnd<Seen>>;
  protected abstract onAppended(result: AppendResult): Promise<void>;
  /** Reads what other processes wrote; throws an error that a repetition cannot solve. */
  protected abstract onConflict(stream: StreamName, error: TradeBotError): Promise<void>;

  /** Runs after all earlier appends of this appender. */
  protected inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  protected decideAs(
    stream: StreamName,
    decide: (seen: Seen) => readonly Draft[] | Promise<readonly Draft[]>,
    by: () => AppendBy,
  ): Promise<readonly AppendedEvent[]> {
    return this.inTurn(async () => {
      for (let conflicts = 0; ; conflicts += 1) {
        limitConflicts(stream, conflicts);
        const end = await this.endOf(stream);
        const drafts = await decide(end.seen);
        if (drafts.length === 0) return [];
        try {
          return await this.appendAt(stream, end.revision, drafts, by());
        } catch (error) {
          if (!isRevisionConflict(error)) throw error;
          await this.onConflict(stream, error);
        }
      }
    });
  }

  protected async appendAt(
    stream: StreamName,
    last: number | undefined,
    drafts: readonly Draft[],
    by: AppendBy,
  ): Promise<readonly AppendedEvent[]> {
    const result = await this.write(stream, this.eventsAt(stream, last, drafts, by), last ?? 'noStream');
    await this.onAppended(result);
    return result.events;
  }

  /** The events that follow revision `last` of a stream. */
  protected eventsAt(
    stream: StreamName,
    last: number | undefined,
    drafts: readonly Draft[],
    by: AppendBy,
  ): readonly NewEvent[] {
    const first = (last ?? -1) + 1;
    return drafts.map((draft, index) => eventOf(this.options, { stream, revision: first + index, ...by }, draft));
  }

  protected write(
    stream: StreamName,
    events: readonly NewEvent[],
    expectedRevision: number | 'noStream',
  ): Promise<AppendResult> {
    return this.options.journal.append(stream, events, { expectedRevision });
  }
}
