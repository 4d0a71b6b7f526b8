import { deedId, factId } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import { currentVersion, type Actor, type NewEvent, type StreamName } from '../../events/event.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Journal } from '../../ports/journal.js';
import type { Draft } from './action.js';

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly identity: BotIdentity;
  readonly actor: Actor;
  readonly state: EngineState;
}

interface Place {
  readonly stream: StreamName;
  readonly revision: number;
  readonly actor: Actor;
}

/**
 * Makes events of drafts, appends them at the revision that the state knows, and folds what was recorded. A second
 * writer on a stream is refused by the journal (WRONG_EXPECTED_REVISION) rather than overwritten.
 */
export class Recorder {
  sessionDate: DateText | null = null;

  constructor(private readonly options: RecorderOptions) {}

  get state(): EngineState {
    return this.options.state;
  }

  async record(stream: StreamName, drafts: readonly Draft[], actor: Actor = this.options.actor): Promise<void> {
    const { journal, state } = this.options;
    const revision = state.revisionOf(stream);
    const events = drafts.map((draft, index) =>
      this.eventOf({ stream, revision: (revision ?? -1) + 1 + index, actor }, draft),
    );
    const result = await journal.append(stream, events, { expectedRevision: revision ?? 'noStream' });
    for (const event of result.events) state.apply(event);
  }

  private eventOf(place: Place, draft: Draft): NewEvent {
    const { clock, identity } = this.options;
    const { stream, revision, actor } = place;
    const now = clock.now();
    return {
      id: draft.fact === undefined ? deedId(now, identity, stream, String(revision)) : factId(...draft.fact),
      type: draft.type,
      schemaVersion: currentVersion(draft.type),
      occurredAt: toUtcText(draft.occurredAt ?? now),
      data: draft.data,
      meta: {
        correlationId: draft.correlationId,
        causationId: draft.causationId,
        actor,
        botIdentity: identity,
        sessionDate: this.sessionDate,
      },
    } as NewEvent;
  }
}

/** Folds a whole journal in pages; the engine starts from nothing else (RUN-2). */
export async function foldJournal(journal: Journal, state: EngineState): Promise<void> {
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
