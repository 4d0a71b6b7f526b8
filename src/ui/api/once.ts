/** A change that the server does once, however often it is sent. */
interface Sent {
  readonly key: string;
  /** By the clock of this browser; until then the same change has the same key. */
  readonly until: number;
}

/** The second click of a double click, or Enter and a click. */
const DOUBLE_MS = 1_000;
/** A change without an answer that is tried again; later the same change is meant as another one. */
const UNANSWERED_MS = 5 * 60_000;

/**
 * Keys of changes (`Idempotency-Key`). The same change has the same key while it is on its way, for a moment after it was
 * done, and for five minutes when no answer came: the server then does it once.
 */
export class ChangeKeys {
  readonly #sent = new Map<string, Sent>();

  constructor(
    private readonly newKey: () => string,
    private readonly now: () => number,
  ) {}

  /** The key of a change, by everything that it consists of. */
  keyOf(change: string): string {
    for (const [one, { until }] of this.#sent) if (until <= this.now()) this.#sent.delete(one);
    const key = this.#sent.get(change)?.key ?? this.newKey();
    this.#keep(change, key, UNANSWERED_MS);
    return key;
  }

  /** The server has answered: what it refused was not done, and is another change when it is sent again. */
  answered(change: string, key: string, done: boolean): void {
    if (this.#sent.get(change)?.key !== key) return;
    if (done) this.#keep(change, key, DOUBLE_MS);
    else this.#sent.delete(change);
  }

  #keep(change: string, key: string, forMs: number): void {
    this.#sent.set(change, { key, until: this.now() + forMs });
  }
}
