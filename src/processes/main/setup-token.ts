import { randomBytes } from 'node:crypto';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import { secret, type Secret } from '../../kernel/secret.js';

const TOKEN_BYTES = 24;

/**
 * One-time token for the set-up and the first account (SEC-6): known to whoever reads the terminal of the start. Each start
 * of main makes another, as long as there is no user.
 */
export function newSetupToken(): Secret {
  return secret(randomBytes(TOKEN_BYTES).toString('base64url'));
}

const SETTING_UP: readonly BotState[] = ['initialize', 'provisioning', 'bootstrapping'];

/** The set-up page is served. */
export function isSettingUp(state: BotState): boolean {
  return SETTING_UP.includes(state);
}

/** An engine is due: everything before was done. */
export function hasEngine(state: BotState): boolean {
  return !isSettingUp(state) && state !== 'registration';
}

/** SIGTERM leaves these as they are, so that the next start is where a person left it. */
const LEFT_ALONE: readonly BotState[] = [
  'stopped',
  'error',
  // A stop or kill under way: the next start goes on with it instead of trading.
  'graceful_closing_positions',
  'emergency_closing_positions',
];

export function shutsDown(state: BotState): boolean {
  return hasEngine(state) && !LEFT_ALONE.includes(state);
}
