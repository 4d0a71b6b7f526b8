import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { changeState, CLOSING_STATE, type BotState } from './bot-state.js';

/** Builds BotStateChanged; throws BOT_STATE_TRANSITION for a transition that RUN-11 does not allow. */
export function botStateChanged(
  { from, to, reason, resumes }: EventData<'BotStateChanged'>,
  cause: Pick<Draft, 'correlationId' | 'causationId'>,
): Draft<'BotStateChanged'> {
  const data = { ...changeState(from, to, reason), ...(resumes === true ? { resumes } : {}) };
  return { type: 'BotStateChanged', data, ...cause };
}

/** A user stops a bot that rests only because the program ends: the next start does not continue it. */
export function stopWhileLeaving(
  state: BotState,
  reason: string,
  cause: Pick<Draft, 'correlationId' | 'causationId'>,
): Draft<'BotStateChanged'> {
  return { type: 'BotStateChanged', data: { from: state, to: state, reason }, ...cause };
}

/** Whether the bot closes its positions, or has closed them, only because the program ends: after `change`, given before it. */
export function leavesAfter(before: boolean, { from, to, resumes }: EventData<'BotStateChanged'>): boolean {
  if (to === CLOSING_STATE.stop) return resumes === true;
  return before && from === CLOSING_STATE.stop && to === 'stopped';
}
