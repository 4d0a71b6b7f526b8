import { invariant, journalError, TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { Actor, StreamName } from '../../events/event.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Journal } from '../../ports/journal.js';
import type { Draft } from '../../events/draft.js';
import { eventOf } from './envelope.js';

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly identity: BotIdentity;
  readonly actor: Actor;
  readonly state: EngineState;
}

/** A writer at full speed beside us may win many times in a row; one that never lets us in is a defect. */
const MAX_RACES = 1_000;

/** The second: another writer took this revision in this very millisecond. */
const LOST_RACE: readonly string[] = ['WRONG_EXPECTED_REVISION', 'EVENT_ID_CONFLICT'];

function isLostRace(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && LOST_RACE.includes(error.code);
}

/** One code for both ways to lose. */
function wrongRevision(stream: StreamName, cause: TradeBotError): TradeBotError {
  if (cause.code === 'WRONG_EXPECTED_REVISION') return cause;
  return journalError('refuse', {
    code: 'WRONG_EXPECTED_REVISION',
    message: `another process wrote to ${stream} first: ${cause.message}`,
    remedy: 'Decide anew from what is in the journal now.',
    cause,
  });
}

/**
 * Makes events of drafts, appends them at the revision that the state knows, and folds what was recorded. Other
 * processes write to the same journal: whatever stands before our own events is folded before them, in journal order,
 * and a stream that moved on refuses ours, which are then decided anew. One append at a time.
 */
export class Recorder {
  sessionDate: DateText | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RecorderOptions) {}

  get state(): EngineState {
    return this.options.state;
  }

  /** Throws WRONG_EXPECTED_REVISION when another writer was faster: nothing was written, its events are folded. */
  record(stream: StreamName, drafts: readonly Draft[], actor = this.options.actor): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.append(stream, drafts, actor);
      } catch (error) {
        if (!isLostRace(error)) throw error;
        const before = this.state.revisionOf(stream);
        await foldJournal(this.options.journal, this.state);
        // a conflict that reading on does not explain is no race
        if (this.state.revisionOf(stream) === before) throw error;
        throw wrongRevision(stream, error);
      }
    });
  }

  /** For what stays true whatever others wrote meanwhile: tried again at the stream's new end. */
  add(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void> {
    return this.decide(stream, () => drafts, actor);
  }

  /** `decide` looks at the state and says what follows; asked again when another writer was faster. No drafts, nothing. */
  async decide(stream: StreamName, decide: () => readonly Draft[], actor?: Actor): Promise<void> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const drafts = decide();
      if (drafts.length === 0 || (await this.tryRecord(stream, drafts, actor))) return;
    }
    invariant(false, 'STREAM_NEVER_QUIET', `${stream} moved on ${MAX_RACES} times while an event was to follow`);
  }

  /** False when another writer was faster: its events are folded, and all may be otherwise now. */
  async tryRecord(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<boolean> {
    try {
      await this.record(stream, drafts, actor);
      return true;
    } catch (error) {
      if (!isLostRace(error) || error.code === 'EVENT_ID_CONFLICT') throw error;
      return false;
    }
  }

  /** Folds what other processes have appended since. */
  follow(): Promise<void> {
    return this.inTurn(() => foldJournal(this.options.journal, this.state));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  private async append(stream: StreamName, drafts: readonly Draft[], actor: Actor): Promise<void> {
    const { journal, state } = this.options;
    const revision = state.revisionOf(stream);
    const events = drafts.map((draft, index) =>
      eventOf(
        this.options,
        { stream, revision: (revision ?? -1) + 1 + index, actor, sessionDate: this.sessionDate },
        draft,
      ),
    );
    const result = await journal.append(stream, events, { expectedRevision: revision ?? 'noStream' });
    const recorded = result.events;
    if (result.alreadyThere || recorded[0]?.prevHash !== state.lastHash) {
      await foldJournal(journal, state);
      return;
    }
    for (const event of recorded) state.apply(event);
  }
}

/** Folds what the state has not had yet, in pages; the engine starts from nothing else (RUN-2). */
export async function foldJournal(journal: Pick<Journal, 'readAll'>, state: EngineState): Promise<void> {
  const limit = 1_000;
  for (;;) {
    const page = await journal.readAll({
      limit,
      ...(state.lastPosition === undefined ? {} : { after: state.lastPosition }),
    });
    for (const event of page) state.apply(event);
    if (page.length < limit) return;
  }
}
