import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { Actor } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';
import { obeyed, refused, type CommandOutcome } from './commands.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { botStateChanged, stopWhileLeaving } from '../../domain/lifecycle/bot-state-changed.js';

/**
 * Moves the bot to another state. A transition that RUN-11 does not have changes nothing: it is reported as
 * ErrorRecorded, and the outcome says why.
 */
export async function changeBotState(
  appender: EngineAppender,
  to: BotState,
  why: { readonly reason: string; readonly actor?: Actor; readonly resumes?: boolean },
): Promise<CommandOutcome> {
  const correlationId = correlationOf(appender);
  const { state } = appender;
  try {
    await appender.decide(
      STREAMS.lifecycle,
      () => [
        botStateChanged(
          { from: state.botState, to, reason: why.reason, ...(why.resumes === true ? { resumes: true } : {}) },
          { correlationId, causationId: state.botStateEventId },
        ),
      ],
      why.actor,
    );
    return obeyed(`the bot is in ${to}`);
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'BOT_STATE_TRANSITION') throw error;
    await tellRefused(appender, to, error, why.actor);
    return refused(error.message);
  }
}

/** Records a stop of a bot that rests only because the program ends: its next start finds it stopped. */
export async function keepStopped(
  appender: EngineAppender,
  { reason, actor }: { readonly reason: string; readonly actor: Actor },
): Promise<void> {
  const correlationId = correlationOf(appender);
  const { state } = appender;
  await appender.decide(
    STREAMS.lifecycle,
    () => [stopWhileLeaving(state.botState, reason, { correlationId, causationId: state.botStateEventId })],
    actor,
  );
}

function correlationOf({ sessionDate }: EngineAppender): string {
  return sessionDate === null ? 'lifecycle' : `session/${sessionDate}`;
}

async function tellRefused(appender: EngineAppender, to: BotState, error: TradeBotError, actor?: Actor): Promise<void> {
  await appender.append(
    STREAMS.errors,
    [
      errorRecorded(
        {
          errorType: error.kind,
          errorCode: error.code,
          message: error.message,
          context: { from: appender.state.botState, to },
        },
        { correlationId: 'lifecycle', causationId: appender.state.botStateEventId },
      ),
    ],
    actor,
  );
}

/** Reports a kill that had nothing to close; the bot stays in its state. */
export async function recordRefusal(appender: EngineAppender, reason: string, actor: Actor): Promise<void> {
  const message = `kill was refused: ${reason}`;
  await appender.append(
    STREAMS.errors,
    [
      errorRecorded(
        { errorType: 'LogicError', errorCode: 'COMMAND_REFUSED', message },
        { correlationId: 'lifecycle', causationId: appender.state.botStateEventId },
      ),
    ],
    actor,
  );
}
