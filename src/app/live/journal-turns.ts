import type { EngineState } from '../../domain/session/engine-state.js';
import { changeState, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { Actor, StreamName } from '../../events/event.js';
import type { Draft } from '../../events/draft.js';
import type { Recorder } from '../execution/recorder.js';
import { STREAMS } from '../../events/streams.js';

/** The engine's recorder, as code outside a session uses it. */
export type FollowingRecorder = Pick<Recorder, 'state' | 'sessionDate' | 'decide' | 'follow'>;

/**
 * Appends outside a session. Whoever decides sees the newest state first; a lost race is decided anew, so that what
 * another process did meanwhile is never written over.
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
    await this.recorder.follow();
    await this.recorder.decide(stream, () => decide(this.recorder.state), actor);
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
}
