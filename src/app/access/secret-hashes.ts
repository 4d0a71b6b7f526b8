import { sha256Hex } from '../../kernel/hash.js';
import type { Secret } from '../../kernel/secret.js';

/** What is stored of a personal access token. */
export function accessTokenHash(token: Secret): string {
  return sha256Hex(`token:${token.reveal()}`);
}

/** What is stored of a password reset token. */
export function resetTokenHash(token: Secret): string {
  return sha256Hex(`reset:${token.reveal()}`);
}

/** What is stored of a recovery code; takes it as it was typed. */
export function recoveryCodeHash(code: string): string {
  return sha256Hex(`recovery:${code.trim().toLowerCase()}`);
}
