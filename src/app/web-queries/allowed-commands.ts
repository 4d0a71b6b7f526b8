import { mayChange, type BotState } from '../../domain/lifecycle/bot-state.js';

const CONTROL_COMMANDS = ['start', 'stop', 'kill'] as const;
export type ControlCommand = (typeof CONTROL_COMMANDS)[number];

/** Whether a command does anything in this state, and why not when it does not. */
export interface CommandAllowed {
  readonly allowed: boolean;
  /** Empty when it is allowed. */
  readonly reason: string;
}

/** Where each command begins, by the table of RUN-11. A person starts a bot that stands still; main starts the others. */
const STANDING: readonly BotState[] = ['stopped', 'error'];
const BEFORE_TRADING: readonly BotState[] = ['initialize', 'provisioning', 'bootstrapping', 'registration'];

/**
 * What a person may ask for now. A kill is always taken once there is a bot that could hold anything: it must work when the
 * state is stale, too (P7), and is harmless when everything is closed.
 */
export function allowedCommands(state: BotState): Readonly<Record<ControlCommand, CommandAllowed>> {
  const standing = STANDING.includes(state);
  return {
    start: standing ? YES : no(`The bot is ${words(state)}; only one that is stopped or in error is started by hand.`),
    stop: mayChange(state, 'graceful_closing_positions')
      ? YES
      : no(`The bot is ${words(state)}; only one that is ready or at work can be stopped.`),
    kill: BEFORE_TRADING.includes(state) ? no('The bot is not set up yet; there is nothing to close.') : YES,
  };
}

const YES: CommandAllowed = { allowed: true, reason: '' };
const no = (reason: string): CommandAllowed => ({ allowed: false, reason });
const words = (state: BotState): string => state.replaceAll('_', ' ');
