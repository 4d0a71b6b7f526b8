import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type { Actor, AppendedEvent, EventType, StreamName } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { AppendResult } from '../../ports/journal.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { foldJournal } from './fold-journal.js';
import {
  isRevisionConflict,
  limitConflicts,
  RevisionedAppender,
  type AppendBy,
  type AppenderOptions,
  type StreamEnd,
} from './revisioned-appender.js';

/** Events of money that no rule has tried on the books before; fills are tried when the broker reports them. */
const UNTRIED: readonly EventType[] = ['BrokerActivityImported', 'FloatAdjusted', 'OpeningBalancesRecorded'];

export interface EngineAppenderOptions extends AppenderOptions {
  readonly state: EngineState;
}

/**
 * Appends for the engine, which folds the whole journal: decides on the state, and folds what it recorded. Events of
 * other processes that precede its own are folded first, in journal order.
 */
export class EngineAppender extends RevisionedAppender<EngineState> {
  /** The session that events belong to; null outside a session. */
  sessionDate: DateText | null = null;
  readonly state: EngineState;
  /** Refusals of `tryAppend` in a row. */
  #conflicts = 0;

  constructor(options: EngineAppenderOptions) {
    super(options);
    this.state = options.state;
  }

  /** Appends drafts that stay true whatever other processes wrote meanwhile. */
  append(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void> {
    return this.decide(stream, () => drafts, actor);
  }

  /** Appends the drafts that `decide` returns for the state; it is asked again after a conflict. */
  async decide(stream: StreamName, decide: (state: EngineState) => readonly Draft[], actor?: Actor): Promise<void> {
    await this.decideAs(stream, decide, () => this.by(actor));
  }

  /** Folds the events of other processes, then decides: for decisions outside a session. */
  async decideOnNewest(
    stream: StreamName,
    decide: (state: EngineState) => readonly Draft[],
    actor?: Actor,
  ): Promise<void> {
    await this.follow();
    await this.decide(stream, decide, actor);
  }

  /** Throws WRONG_EXPECTED_REVISION when another writer was first: nothing was written, its events are folded. */
  appendIfUnchanged(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.appendAt(stream, this.state.revisionOf(stream), drafts, this.by(actor));
      } catch (error) {
        if (!isRevisionConflict(error)) throw error;
        await this.onConflict(stream, error);
        throw wrongRevision(stream, error);
      }
    });
  }

  /** False when another writer was first: its events are folded, and the caller decides again. */
  async tryAppend(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<boolean> {
    try {
      await this.appendIfUnchanged(stream, drafts, actor);
      this.#conflicts = 0;
      return true;
    } catch (error) {
      if (!isRevisionConflict(error) || error.code === 'EVENT_ID_CONFLICT') throw error;
      this.#conflicts += 1;
      limitConflicts(stream, this.#conflicts);
      return false;
    }
  }

  /** Folds what other processes have appended since. */
  follow(): Promise<void> {
    return this.inTurn(() => foldJournal(this.options.journal, this.state));
  }

  /**
   * Moves the bot to another state outside a session; does nothing when it is already there. Throws
   * BOT_STATE_TRANSITION for a transition that RUN-11 does not have.
   */
  changeBotState(to: BotState, reason: string, actor?: Actor): Promise<void> {
    return this.decideOnNewest(
      STREAMS.lifecycle,
      ({ botState: from, botStateEventId: causationId }) =>
        from === to ? [] : [botStateChanged({ from, to, reason }, { correlationId: 'lifecycle', causationId })],
      actor,
    );
  }

  protected endOf(stream: StreamName): Promise<StreamEnd<EngineState>> {
    return Promise.resolve({ seen: this.state, revision: this.state.revisionOf(stream) });
  }

  protected async onAppended(result: AppendResult): Promise<void> {
    const mayHaveMissed = this.options.journal.chainsStreams === true;
    if (result.alreadyThere || mayHaveMissed || result.events[0]?.prevHash !== this.state.lastHash) {
      await foldJournal(this.options.journal, this.state);
      return;
    }
    for (const event of await result.recorded()) this.state.apply(event);
  }

  /** Throws BOOKS_OUT_OF_RANGE for amounts that would stop the ledger files for good. */
  protected override async appendAt(
    stream: StreamName,
    last: number | undefined,
    drafts: readonly Draft[],
    by: AppendBy,
  ): Promise<readonly AppendedEvent[]> {
    if (drafts.some(({ type }) => UNTRIED.includes(type))) {
      const fault = postingPreflight(this.state, drafts, this.options.clock.now());
      if (fault?.code === 'BOOKS_OUT_OF_RANGE') throw fault;
    }
    return await super.appendAt(stream, last, drafts, by);
  }

  /** A conflict over an id in a stream without new events is not a race, and would recur. */
  protected async onConflict(stream: StreamName, error: TradeBotError): Promise<void> {
    const before = this.state.revisionOf(stream);
    await foldJournal(this.options.journal, this.state);
    if (error.code === 'EVENT_ID_CONFLICT' && this.state.revisionOf(stream) === before) throw error;
  }

  private by(actor: Actor = this.options.actor): AppendBy {
    return { actor, sessionDate: this.sessionDate };
  }
}

/** One code for both kinds of conflict. */
function wrongRevision(stream: StreamName, cause: TradeBotError): TradeBotError {
  if (cause.code === 'WRONG_EXPECTED_REVISION') return cause;
  return journalError('refuse', {
    code: 'WRONG_EXPECTED_REVISION',
    message: `another process wrote to ${stream} first: ${cause.message}`,
    remedy: 'Decide again from the current journal.',
    cause,
  });
}
