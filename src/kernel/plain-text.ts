import { configError } from './errors.js';

/** Control characters (C0, DEL, C1), and the overrides, embeddings and isolates that turn the direction of text. */
const NOT_PLAIN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const CODE_DIGITS = 4;

/** The first character that is not seen and may hide or turn others, such as U+202E; undefined for a plain text. */
export function hiddenCharacterIn(text: string): string | undefined {
  const found = NOT_PLAIN.exec(text)?.[0].codePointAt(0);
  return found === undefined ? undefined : `U+${found.toString(16).toUpperCase().padStart(CODE_DIGITS, '0')}`;
}

/** Refuses a text that stays, such as a reason or a label. `field`: its name. Throws ConfigError TEXT_NOT_PLAIN. */
export function refuseHiddenCharacters(text: string, field: string): void {
  const found = hiddenCharacterIn(text);
  if (found === undefined) return;
  throw configError({
    code: 'TEXT_NOT_PLAIN',
    message: `the ${field} holds the character ${found}, which is not seen`,
    remedy: 'Write it in one line, without control characters and without marks that turn the direction of text.',
    details: { field },
  });
}

/** Characters that nobody can read: control and format characters, halves of surrogate pairs. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** How many characters of a text a person can read, blanks around it left out. */
export function readableLength(text: string): number {
  return text.replace(UNREADABLE, '').trim().length;
}
