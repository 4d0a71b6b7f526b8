import { startRefusal } from '../../domain/risk/protections.js';
import { stageOf, type BotState, type ControlCommand } from '../../domain/lifecycle/bot-state.js';

/** Whether a command has an effect in this state, and why not otherwise. */
export interface CommandAllowed {
  readonly allowed: boolean;
  /** Empty when it is allowed. */
  readonly reason: string;
}

const REFUSALS: Readonly<Record<Exclude<ControlCommand, 'start'>, (state: string) => string>> = {
  stop: (state) => `The bot is ${state}; only an idle or running bot can be stopped.`,
  kill: () => 'The bot is not set up yet; there is nothing to close.',
};

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The commands that a user may send now, by the table of bot states; a start also needs a kill switch that is armed. */
export function allowedCommands(
  state: BotState,
  { killTripped }: { readonly killTripped: boolean },
): Readonly<Record<ControlCommand, CommandAllowed>> {
  const offered = stageOf(state).commands;
  const verdict = (command: keyof typeof REFUSALS): CommandAllowed =>
    offered.includes(command)
      ? { allowed: true, reason: '' }
      : { allowed: false, reason: REFUSALS[command](state.replaceAll('_', ' ')) };
  const blocked = startRefusal(state, killTripped);
  const start: CommandAllowed = {
    allowed: blocked === undefined,
    reason: blocked === undefined ? '' : sentence(blocked),
  };
  return { start, stop: verdict('stop'), kill: verdict('kill') };
}
