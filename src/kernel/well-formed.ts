const HALF_CHARACTER = /\p{Cs}/u;

/** Whether a text is Unicode: half of a surrogate pair has no bytes in UTF-8, and two texts with one become the same. */
export function isWellFormed(text: string): boolean {
  return !HALF_CHARACTER.test(text);
}
