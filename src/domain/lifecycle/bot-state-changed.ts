import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { changeState } from './bot-state.js';

/** Builds BotStateChanged; throws BOT_STATE_TRANSITION for a transition that RUN-11 does not allow. */
export function botStateChanged(
  { from, to, reason }: EventData<'BotStateChanged'>,
  cause: Pick<Draft, 'correlationId' | 'causationId'>,
): Draft<'BotStateChanged'> {
  return { type: 'BotStateChanged', data: changeState(from, to, reason), ...cause };
}
