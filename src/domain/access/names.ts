import { configError } from '../../kernel/errors.js';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u;
const EMAIL = /^[^\s@<>",;:\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const LONGEST = 254;

/** Normalizes a name: names that look the same become equal. */
export function foldName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** Letters of different scripts look alike: a new name has those of one. */
const SCRIPTS: readonly RegExp[] = [
  ...[/\p{sc=Latin}/u, /\p{sc=Cyrillic}/u, /\p{sc=Greek}/u, /\p{sc=Armenian}/u, /\p{sc=Georgian}/u, /\p{sc=Hebrew}/u],
  ...[/\p{sc=Arabic}/u, /\p{sc=Devanagari}/u, /\p{sc=Bengali}/u, /\p{sc=Tamil}/u, /\p{sc=Thai}/u, /\p{sc=Hangul}/u],
  // Japanese is written in three of them
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u,
];

/** Whether all letters of a name are of one script, and its digits 0 to 9. */
function isOfOneScript(name: string): boolean {
  const letters = Array.from(name.replace(/[0-9._@-]/g, ''));
  return SCRIPTS.some((script) => letters.every((letter) => script.test(letter)));
}

/** Parses the name of a user who may exist already: earlier versions allowed letters of several scripts. Throws BAD_USER_NAME. */
export function parseKnownName(text: string): string {
  const name = foldName(text);
  if (NAME.test(name)) return name;
  throw configError({
    code: 'BAD_USER_NAME',
    message: `"${text.slice(0, 40)}" is not a valid user name`,
    remedy: 'Use 2 to 64 letters, digits, dots, dashes, underscores or @, starting with a letter or digit.',
  });
}

/** Parses a new user name. Throws BAD_USER_NAME, and MIXED_USER_NAME for letters of several scripts. */
export function parseUserName(text: string): string {
  const name = parseKnownName(text);
  if (!isOfOneScript(name)) throw mixedName(text);
  return name;
}

function mixedName(text: string): Error {
  return configError({
    code: 'MIXED_USER_NAME',
    message: `"${text.slice(0, 40)}" mixes letters of several scripts, which look alike`,
    remedy: 'Use letters of one script, such as Latin, and the digits 0 to 9.',
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
