import { configError } from '../../kernel/errors.js';

/** What the check of a secret found; `code` is the one of the event, `error` that of the caller. */
export type Verdict =
  { readonly right: true } | { readonly right: false; readonly code: string; readonly error: Error };

/** A wrong code of the second factor, or one that was used. */
export function wrongCode(): Verdict {
  const error = configError({
    code: 'BAD_SECOND_FACTOR',
    message: 'the code is wrong, or was already used',
    remedy: 'Wait for the next code and try again; when that fails, enter two codes that follow each other.',
  });
  return { right: false, code: 'BAD_SECOND_FACTOR', error };
}

/** A wrong password of the user of a session. */
export function wrongPassword(): Verdict {
  const error = configError({
    code: 'WRONG_PASSWORD',
    message: 'the current password is wrong',
    remedy: 'Enter the password that you log in with.',
  });
  return { right: false, code: 'WRONG_PASSWORD', error };
}

/** A second factor is on, and no code was shown. */
export function codeNeeded(): Error {
  return configError({
    code: 'SECOND_FACTOR_NEEDED',
    message: 'this user needs a second factor',
    remedy: 'Send the code of the authenticator app, or a recovery code, as code.',
  });
}

/** The session of too many wrong proofs. */
export function sessionEnded(): Error {
  return configError({
    code: 'SESSION_ENDED',
    message: 'the session ended after too many wrong passwords or codes',
    remedy: 'Log in again.',
  });
}

/** A password reset token that is not valid. */
export function badResetToken(): Error {
  return configError({
    code: 'BAD_RESET_TOKEN',
    message: 'the password reset link is invalid, used or expired',
    remedy: 'Request another link; each is valid for 30 minutes and works once.',
  });
}
