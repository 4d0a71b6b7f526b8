import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { Actor } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';
import { obeyed, refused, type CommandOutcome } from './commands.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';

/**
 * Moves the bot to another state. A transition that RUN-11 does not have changes nothing: it is reported as
 * ErrorRecorded, and the outcome says why.
 */
export async function changeBotState(
  appender: EngineAppender,
  to: BotState,
  why: { readonly reason: string; readonly actor?: Actor },
): Promise<CommandOutcome> {
  const correlationId = appender.sessionDate === null ? 'lifecycle' : `session/${appender.sessionDate}`;
  const { state } = appender;
  try {
    await appender.decide(
      STREAMS.lifecycle,
      () => [
        botStateChanged(
          { from: state.botState, to, reason: why.reason },
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
