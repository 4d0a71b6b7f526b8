import { browserNow } from './clock.js';

/** Who looks at a page moves the pointer or presses a key at least so often. */
const ATTENDED_MS = 5 * 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

let lastSign = browserNow();

/** Watches for signs of a person at this page. */
export function watchForPeople(page: EventTarget): void {
  const seen = (): void => void (lastSign = browserNow());
  for (const sign of SIGNS) page.addEventListener(sign, seen, { capture: true, passive: true });
}

/** False when nobody has touched the page for five minutes: what it asks then is no use of the session. */
export function isAttended(): boolean {
  return browserNow() - lastSign < ATTENDED_MS;
}
