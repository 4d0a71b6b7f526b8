import { CLOSING_STATE, isActive } from '../../domain/lifecycle/bot-state.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { changeBotState } from './bot-transitions.js';
import { obeyed, type CommandOutcome, type EngineCommand } from './commands.js';

type Supervision = Extract<EngineCommand, { kind: 'supervision' }>;

/**
 * Records whether a main supervises the engine; the rules suspend entries while none does. When the grace is over under
 * the policy `close`, an active bot closes its positions in order, with an exit reason of its own.
 */
export async function changeSupervision(appender: EngineAppender, command: Supervision): Promise<CommandOutcome> {
  const { to, reason, policy, graceSeconds } = command;
  await appender.decide(STREAMS.processes, (state) =>
    state.supervision === to
      ? []
      : [
          {
            type: 'EngineSupervisionChanged',
            data: { to, reason, policy, graceSeconds },
            correlationId: 'processes',
            causationId: null,
          },
        ],
  );
  if (to !== 'grace_over' || !isActive(appender.state.botState)) return obeyed(reason);
  return changeBotState(appender, CLOSING_STATE.stop, { reason });
}
