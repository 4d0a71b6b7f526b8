import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long a test waits for what must come, in milliseconds. A machine under load is slow and never wrong, so the bound
 * is generous: it only ends a wait for something that never comes, before jest's own bound ends the test.
 */
export const PATIENCE_MS = 120_000;

export interface WaitOptions {
  readonly everyMs?: number;
  readonly patienceMs?: number;
  /** What to add to the message when it never came. */
  readonly seen?: () => string;
}

/** Asks again and again until it holds; throws what never came. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 20, patienceMs = PATIENCE_MS, seen }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${what}${seen === undefined ? '' : `; ${seen()}`}`);
    await sleep(everyMs);
  }
}
