import { stageOf, type BotState, type ControlCommand } from '../../domain/lifecycle/bot-state.js';

/** Whether a command has an effect in this state, and why not otherwise. */
export interface CommandAllowed {
  readonly allowed: boolean;
  /** Empty when it is allowed. */
  readonly reason: string;
}

const REFUSALS: Readonly<Record<ControlCommand, (state: string) => string>> = {
  start: (state) => `The bot is ${state}; only a stopped bot or one in error can be started.`,
  stop: (state) => `The bot is ${state}; only an idle or running bot can be stopped.`,
  kill: () => 'The bot is not set up yet; there is nothing to close.',
};

/** The commands that a user may send now, by the table of bot states. */
export function allowedCommands(state: BotState): Readonly<Record<ControlCommand, CommandAllowed>> {
  const offered = stageOf(state).commands;
  const verdict = (command: ControlCommand): CommandAllowed =>
    offered.includes(command)
      ? { allowed: true, reason: '' }
      : { allowed: false, reason: REFUSALS[command](state.replaceAll('_', ' ')) };
  return { start: verdict('start'), stop: verdict('stop'), kill: verdict('kill') };
}
