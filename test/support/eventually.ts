import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long a test waits for a condition, in milliseconds. A machine under load is slow and never wrong, so the bound
 * is generous: it only ends a wait that would never end, before jest's own bound ends the test.
 */
export const PATIENCE_MS = 120_000;

export interface WaitOptions {
  readonly everyMs?: number;
  readonly patienceMs?: number;
  /** Text to add to the error message. */
  readonly seen?: () => string;
}

/** A look costs the processor that the condition waits for, so the pauses of a long wait grow to this many times the first. */
const LONGEST_PAUSE = 4;
const GROWTH = 1.1;

/** Polls until the condition holds; throws its name when it never does. `everyMs` is the first pause. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 20, patienceMs = PATIENCE_MS, seen }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + patienceMs;
  let pauseMs = everyMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${what}${seen === undefined ? '' : `; ${seen()}`}`);
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * GROWTH, everyMs * LONGEST_PAUSE);
  }
}
