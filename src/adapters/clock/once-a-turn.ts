/** An old value is not used for longer within a turn that takes long. Milliseconds. */
const LONGEST_MS = 1;

/**
 * A value that is looked at once in a turn of the event loop, and again after a millisecond: requests that came together share one look.
 * What another process does meanwhile is seen by requests that come after that process could say that it is done.
 */
export class OnceATurn<T> {
  #seen: { readonly value: T; readonly at: number } | undefined;

  /** `nowMs`: monotonic milliseconds. */
  constructor(
    private readonly look: () => T,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get(): T {
    const at = this.nowMs();
    if (this.#seen !== undefined && at - this.#seen.at < LONGEST_MS) return this.#seen.value;
    const value = this.look();
    if (this.#seen === undefined) setImmediate(() => (this.#seen = undefined));
    this.#seen = { value, at };
    return value;
  }
}
