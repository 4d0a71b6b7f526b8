import { commonPassword, normalPassword, passwordFault } from '../../domain/access/password-policy.js';
import type { Secret } from '../../kernel/secret.js';
import type { PasswordHashing } from '../../ports/access.js';

/**
 * SEC-11. Throws PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_UNUSABLE, PASSWORD_TOO_COMMON; hashes a valid
 * password.
 */
export async function hashNewPassword(
  passwords: PasswordHashing,
  password: Secret,
  about: readonly string[],
): Promise<Secret> {
  const fault = passwordFault(normalPassword(password.reveal()));
  if (fault !== undefined) throw fault;
  if (passwords.isCommon(password, about)) throw commonPassword();
  return passwords.hash(password);
}
