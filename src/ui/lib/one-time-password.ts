/** Without letters and digits that look alike; 32 of them, so that five bits of chance choose one. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP = 5;

/** A random password of 100 bits, to be handed over and replaced at the first log-in. */
export function oneTimePassword(): string {
  const chosen = [...crypto.getRandomValues(new Uint8Array(GROUPS * GROUP))].map((byte) => LETTERS[byte & 31]);
  return Array.from({ length: GROUPS }, (_, n) => chosen.slice(n * GROUP, (n + 1) * GROUP).join('')).join('-');
}
