import { commonPassword, normalPassword, passwordFault } from '../../domain/access/password-policy.js';
import type { TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { PasswordHashing } from '../../ports/access.js';

/** Why a new password is refused (SEC-11); undefined for a valid one. `about`: what is easy to guess of its user. */
export function newPasswordFault(
  passwords: Pick<PasswordHashing, 'isCommon'>,
  password: Secret,
  about: readonly string[],
): TradeBotError | undefined {
  const fault = passwordFault(normalPassword(password.reveal()));
  if (fault !== undefined) return fault;
  return passwords.isCommon(password, about) ? commonPassword() : undefined;
}

/**
 * SEC-11. Throws PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_UNUSABLE, PASSWORD_TOO_COMMON; hashes a valid
 * password.
 */
export async function hashNewPassword(
  passwords: PasswordHashing,
  password: Secret,
  about: readonly string[],
): Promise<Secret> {
  const fault = newPasswordFault(passwords, password, about);
  if (fault !== undefined) throw fault;
  return passwords.hash(password);
}
