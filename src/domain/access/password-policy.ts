import { configError, type TradeBotError } from '../../kernel/errors.js';
import { isWellFormed } from '../../kernel/well-formed.js';

/** Stands for bytes that a terminal or a program could not read as a character. */
const UNREAD = '\u{fffd}';

const PASSWORD_LEAST_CHARACTERS = 12;
/** bcrypt ignores further bytes. */
const PASSWORD_MOST_BYTES = 72;

/** Unicode normal form of a password, so different keyboards produce the same text. */
export function normalPassword(text: string): string {
  return text.normalize('NFC');
}

/** Length of a text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether bcrypt can hash the whole text; it would truncate a longer one. */
export function fitsBcrypt(password: string): boolean {
  return !password.includes('\0') && utf8Length(password) <= PASSWORD_MOST_BYTES;
}

/** The fault of a password by SEC-11, without its value; undefined for a valid one. Does not check the list of common ones. */
export function passwordFault(password: string): TradeBotError | undefined {
  const characters = Array.from(password).length;
  if (characters < PASSWORD_LEAST_CHARACTERS) {
    return refused(
      'PASSWORD_TOO_SHORT',
      `the password has ${characters} characters`,
      `Use ${PASSWORD_LEAST_CHARACTERS} or more.`,
    );
  }
  if (password.includes('\0')) {
    return refused('PASSWORD_UNUSABLE', 'the password contains a NUL character', 'Remove the NUL character.');
  }
  if (!isWellFormed(password) || password.includes(UNREAD)) {
    return refused(
      'PASSWORD_UNUSABLE',
      'the password has a character that is not whole',
      'Type it again; leave out what was copied from elsewhere, or cut in the middle.',
    );
  }
  const bytes = utf8Length(password);
  if (bytes > PASSWORD_MOST_BYTES) {
    return refused(
      'PASSWORD_TOO_LONG',
      `the password has ${bytes} bytes in UTF-8`,
      `Use ${PASSWORD_MOST_BYTES} or fewer.`,
    );
  }
  return undefined;
}

export function commonPassword(): TradeBotError {
  return refused(
    'PASSWORD_TOO_COMMON',
    'the password is easy to guess',
    'Use several unrelated words, or a password manager.',
  );
}

function refused(code: string, message: string, remedy: string): TradeBotError {
  return configError({ code, message, remedy });
}
