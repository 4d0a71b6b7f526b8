import { randomBytes } from 'node:crypto';
import { secret, type Secret } from '../../kernel/secret.js';

const TOKEN_BYTES = 24;

/**
 * One-time token for the set-up and the first account (SEC-6): known only to the reader of the terminal at the start. Each start
 * of main makes another, as long as there is no user.
 */
export function newSetupToken(): Secret {
  return secret(randomBytes(TOKEN_BYTES).toString('base64url'));
}
