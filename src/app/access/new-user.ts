import { parseEmail, parseUserName } from '../../domain/access/names.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { PasswordHashing } from '../../ports/access.js';
import { newPasswordFault } from './new-password.js';

export interface NewUser {
  readonly name: string;
  readonly email: string | null;
  readonly password: Secret;
}

/**
 * Every fault of a new account at once, by the rules that refuse it one by one when it is made; empty when it can be made, unless
 * name or address are taken. What is left out is not judged.
 */
export function newUserFaults(
  passwords: Pick<PasswordHashing, 'isCommon'>,
  { name, email = null, password }: Partial<NewUser>,
): readonly TradeBotError[] {
  const faults: TradeBotError[] = [];
  const about: string[] = [];
  const judge = (read: () => string | null): void => {
    try {
      const value = read();
      if (value !== null) about.push(value);
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      faults.push(error);
    }
  };
  if (name !== undefined) judge(() => parseUserName(name));
  judge(() => parseEmail(email));
  const weak = password === undefined ? undefined : newPasswordFault(passwords, password, about);
  return weak === undefined ? faults : [...faults, weak];
}
