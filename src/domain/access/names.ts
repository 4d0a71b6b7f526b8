import { configError } from '../../kernel/errors.js';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u;
const EMAIL = /^[^\s@<>",;:\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const LONGEST = 254;

/** Normalizes a name: names that look the same become equal. */
export function foldName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** Parses a user name. Throws BAD_USER_NAME. */
export function parseUserName(text: string): string {
  const name = foldName(text);
  if (NAME.test(name)) return name;
  throw configError({
    code: 'BAD_USER_NAME',
    message: `"${text.slice(0, 40)}" is not a valid user name`,
    remedy: 'Use 2 to 64 letters, digits, dots, dashes, underscores or @, starting with a letter or digit.',
  });
}

/** Parses an email address; null when there is none. Throws BAD_EMAIL. */
export function parseEmail(text: string | null): string | null {
  const email = text?.trim().toLowerCase() ?? '';
  if (email === '') return null;
  if (email.length <= LONGEST && EMAIL.test(email)) return email;
  throw configError({
    code: 'BAD_EMAIL',
    message: `"${email.slice(0, 60)}" is not an email address`,
    remedy: 'Use the form name@example.org, or leave the field empty.',
  });
}
