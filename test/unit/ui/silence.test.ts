import { describe, expect, test } from '@jest/globals';
import { Silence, type Timers } from '../../../src/ui/api/silence.js';

/** A dead connection, and market data whose state is not known any more, are shown within this time. */
const SHOWN_WITHIN_MS = 3_000;
/** Of the server: what it sends while nothing happens, and how often the page asks for the age of market data. */
const SIGN_MS = 1_000;

/** A clock that stands until the test moves it. */
class HandClock implements Timers {
  now = 0;
  #due: { readonly at: number; readonly then: () => void } | null = null;

  start = (then: () => void, ms: number): unknown => (this.#due = { at: this.now + ms, then });
  stop = (timer: unknown): void => {
    if (this.#due === timer) this.#due = null;
  };

  move(ms: number): void {
    this.now += ms;
    const due = this.#due;
    if (due === null || due.at > this.now) return;
    this.#due = null;
    due.then();
  }
}

describe('a connection or a feed that has died', () => {
  const begin = () => {
    const clock = new HandClock();
    const fallen: number[] = [];
    return { clock, fallen, silence: new Silence(() => fallen.push(clock.now), clock) };
  };

  test('is shown within three seconds of its last sign, and once', () => {
    const { clock, fallen, silence } = begin();
    clock.move(SIGN_MS);
    silence.heard();
    const lastSign = clock.now;
    for (let ms = 0; ms < 10_000; ms += 100) clock.move(100);
    expect(fallen).toHaveLength(1);
    expect(fallen[0]! - lastSign).toBeLessThan(SHOWN_WITHIN_MS);
  });

  test('is shown within three seconds when it never gave a sign', () => {
    const { clock, fallen } = begin();
    clock.move(SHOWN_WITHIN_MS - 1);
    expect(fallen).toHaveLength(1);
  });

  test('is not shown while signs come, one of them late', () => {
    const { clock, fallen, silence } = begin();
    for (const ms of [SIGN_MS, SIGN_MS, 2 * SIGN_MS, SIGN_MS]) {
      clock.move(ms);
      silence.heard();
    }
    silence.end();
    clock.move(60_000);
    expect(fallen).toEqual([]);
  });
});
