import { stageOf, type BotState, type ControlCommand } from '../../domain/lifecycle/bot-state.js';

/** Whether a command does anything in this state, and why not when it does not. */
export interface CommandAllowed {
  readonly allowed: boolean;
  /** Empty when it is allowed. */
  readonly reason: string;
}

const REFUSALS: Readonly<Record<ControlCommand, (state: string) => string>> = {
  start: (state) => `The bot is ${state}; only one that is stopped or in error is started by hand.`,
  stop: (state) => `The bot is ${state}; only one that is ready or at work can be stopped.`,
  kill: () => 'The bot is not set up yet; there is nothing to close.',
};

/** What a person may ask for now, by the table of bot states. */
export function allowedCommands(state: BotState): Readonly<Record<ControlCommand, CommandAllowed>> {
  const offered = stageOf(state).commands;
  const verdict = (command: ControlCommand): CommandAllowed =>
    offered.includes(command)
      ? { allowed: true, reason: '' }
      : { allowed: false, reason: REFUSALS[command](state.replaceAll('_', ' ')) };
  return { start: verdict('start'), stop: verdict('stop'), kill: verdict('kill') };
}
