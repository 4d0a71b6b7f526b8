import { configError, TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { UtcText } from '../../kernel/time.js';
import type { StoredUser } from '../../ports/users.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { Attempt, AttemptBook } from './attempts.js';

export interface PasswordCheckParts {
  readonly parts: Pick<AccessParts, 'store' | 'passwords'>;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
}

/**
 * Checks the password of a user who is logged in; failures count as log-ins of the name. `also`: what must be right as well,
 * run in the same transaction; what it throws counts as a failure. Throws WRONG_PASSWORD, LOGIN_LOCKED and what `also` throws.
 */
export async function checkPassword(
  { parts, log, attempts }: PasswordCheckParts,
  user: StoredUser,
  shown: { readonly password: Secret; readonly address: string },
  also: () => void = () => undefined,
): Promise<void> {
  const begun = attempts.begin(user.name, shown.address);
  if (begun.may === 'wait') {
    await log.flushIfItCan();
    throw locked(begun.until);
  }
  const { attempt } = begun;
  const right = await matches({ parts, attempts }, attempt, user, shown.password);
  const fault = parts.store.bestEffort(() => {
    const found = right ? faultOf(also) : wrongPassword();
    if (found === undefined) attempts.succeed(attempt);
    else attempts.fail(attempt, found.code);
    return found;
  });
  await log.flushIfItCan();
  if (fault !== undefined) throw fault;
}

/** Too busy to check the password: that is no attempt. */
async function matches(
  { parts, attempts }: Pick<PasswordCheckParts, 'parts' | 'attempts'>,
  attempt: Attempt,
  user: StoredUser,
  password: Secret,
): Promise<boolean> {
  try {
    return await parts.passwords.matches(password, user.passwordHash);
  } catch (error) {
    parts.store.bestEffort(() => attempts.giveBack(attempt));
    throw error;
  }
}

function faultOf(check: () => void): TradeBotError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

function wrongPassword(): TradeBotError {
  return configError({
    code: 'WRONG_PASSWORD',
    message: 'the password is wrong',
    remedy: 'Enter the password that you log in with.',
  });
}

function locked(until: UtcText): TradeBotError {
  return configError({
    code: 'LOGIN_LOCKED',
    message: `too many failed attempts; the next one is allowed at ${until}`,
    remedy: 'Wait, or ask an admin to unlock the account.',
    details: { until },
  });
}
