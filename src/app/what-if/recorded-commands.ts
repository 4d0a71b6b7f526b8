import { CLOSING_STATE } from '../../domain/lifecycle/bot-state.js';
import type { Actor, RecordedEvent } from '../../events/event.js';
import { epochMs } from '../../kernel/time.js';
import type { EngineCommand } from '../live/commands.js';

const RULES: Actor = 'system:engine';

/**
 * The command that an event of a session records; undefined when a rule decided it. A shutdown has no deadline in the
 * journal. `grace` is the reason of the end of the grace without a main, which closes positions by itself.
 */
export function commandIn(event: RecordedEvent, grace: string | undefined): EngineCommand | undefined {
  const { actor } = event.meta;
  switch (event.type) {
    case 'BotStateChanged':
      return transition(event.data, actor, grace);
    case 'EngineSupervisionChanged':
      return { kind: 'supervision', ...event.data };
    case 'ErrorRecorded':
      return actor === RULES ? undefined : refusedCommand(event.data, actor);
    default:
      return undefined;
  }
}

function transition(
  { to, reason }: { readonly to: string; readonly reason: string },
  actor: Actor,
  grace: string | undefined,
): EngineCommand | undefined {
  switch (to) {
    case CLOSING_STATE.kill:
      return actor === RULES ? undefined : { kind: 'kill', reason, actor };
    case CLOSING_STATE.stop:
      if (actor !== RULES) return { kind: 'stop', reason, actor };
      return reason === grace ? undefined : { kind: 'shutdown', reason, deadline: epochMs(0) };
    case 'started':
      return { kind: 'start', reason, actor };
    case 'updating':
      return { kind: 'reload' };
    default:
      return undefined;
  }
}

/** A command that changed nothing left its refusal only. */
function refusedCommand(
  { errorCode, context }: { readonly errorCode: string; readonly context?: Readonly<Record<string, unknown>> },
  actor: Actor,
): EngineCommand | undefined {
  const reason = 'refused';
  if (errorCode === 'COMMAND_REFUSED') return { kind: 'kill', reason, actor };
  if (errorCode !== 'BOT_STATE_TRANSITION') return undefined;
  switch (context?.['to']) {
    case CLOSING_STATE.kill:
      return { kind: 'kill', reason, actor };
    case CLOSING_STATE.stop:
      return { kind: 'stop', reason, actor };
    case 'started':
      return { kind: 'start', reason, actor };
    default:
      return undefined;
  }
}
