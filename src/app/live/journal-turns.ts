import type { EngineState } from '../../domain/session/engine-state.js';
import { changeState, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { Actor, StreamName } from '../../events/event.js';
import { invariant, TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { Draft } from '../engine/action.js';
import { STREAMS } from '../engine/streams.js';

/** The engine's recorder, as code outside a session uses it. */
export interface FollowingRecorder {
  readonly state: EngineState;
  /** The trading day that events belong to; null outside a session. */
  sessionDate: DateText | null;
  record(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void>;
  /** Folds what other processes have appended since. */
  follow(): Promise<void>;
}

/** More writers than there are processes of a bot never meet at one revision. */
const MAX_RACES = 20;

/**
 * Appends outside a session. Whoever asks sees the newest state first; a lost race is decided anew, so that what another
 * process did meanwhile is never written over.
 */
export class JournalTurns {
  constructor(private readonly recorder: FollowingRecorder) {}

  get state(): EngineState {
    return this.recorder.state;
  }

  follow(): Promise<void> {
    return this.recorder.follow();
  }

  /** Records what `decide` says of the newest state; nothing when it says nothing. Throws what it throws. */
  async decide(stream: StreamName, decide: (state: EngineState) => readonly Draft[], actor?: Actor): Promise<void> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      await this.recorder.follow();
      const drafts = decide(this.recorder.state);
      if (drafts.length === 0) return;
      try {
        await this.recorder.record(stream, drafts, actor);
        return;
      } catch (error) {
        if (!(error instanceof TradeBotError) || error.code !== 'WRONG_EXPECTED_REVISION') throw error;
      }
    }
    invariant(false, 'STREAM_NEVER_QUIET', `${stream} moved on ${MAX_RACES} times while an event was to follow`);
  }

  /** Nothing when the bot is there already. Throws BOT_STATE_TRANSITION for a way that RUN-11 does not have. */
  changeBotState(to: BotState, reason: string, actor?: Actor): Promise<void> {
    return this.decide(
      STREAMS.lifecycle,
      (state) => {
        if (state.botState === to) return [];
        return [
          {
            type: 'BotStateChanged',
            data: changeState(state.botState, to, reason),
            correlationId: 'lifecycle',
            causationId: state.botStateEventId,
          },
        ];
      },
      actor,
    );
  }

  /** Each step in turn; those that the bot has behind it are left out by whoever asks. */
  async walk(steps: readonly BotState[], reason: string, actor?: Actor): Promise<void> {
    for (const step of steps) await this.changeBotState(step, reason, actor);
  }
}
