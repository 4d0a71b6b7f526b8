import { changeState, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { Actor } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Recorder } from '../execution/recorder.js';
import { STREAMS } from '../../events/streams.js';
import type { CommandOutcome } from './commands.js';

export const obeyed = (reason: string): CommandOutcome => ({ outcome: 'obeyed', reason });
export const refused = (reason: string): CommandOutcome => ({ outcome: 'refused', reason });

/**
 * Moves the bot to another state. A way that RUN-11 does not have changes nothing: it is told as ErrorRecorded, and the
 * answer says why.
 */
export async function changeBotState(
  recorder: Recorder,
  to: BotState,
  why: { readonly reason: string; readonly actor?: Actor },
): Promise<CommandOutcome> {
  const correlationId = recorder.sessionDate === null ? 'lifecycle' : `session/${recorder.sessionDate}`;
  const { state } = recorder;
  try {
    await recorder.decide(
      STREAMS.lifecycle,
      () => [
        {
          type: 'BotStateChanged',
          data: changeState(state.botState, to, why.reason),
          correlationId,
          causationId: state.botStateEventId,
        },
      ],
      why.actor,
    );
    return obeyed(`the bot is in ${to}`);
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'BOT_STATE_TRANSITION') throw error;
    await tellRefused(recorder, to, error, why.actor);
    return refused(error.message);
  }
}

async function tellRefused(recorder: Recorder, to: BotState, error: TradeBotError, actor?: Actor): Promise<void> {
  await recorder.add(
    STREAMS.errors,
    [
      {
        type: 'ErrorRecorded',
        data: {
          errorType: error.kind,
          errorCode: error.code,
          message: error.message,
          strategy: null,
          broker: null,
          context: { from: recorder.state.botState, to },
          traceback: null,
        },
        correlationId: 'lifecycle',
        causationId: recorder.state.botStateEventId,
      },
    ],
    actor,
  );
}
