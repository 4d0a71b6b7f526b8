/** Runs asynchronous work one at a time in the order of the calls; a failure reaches its own caller only. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts `work` when all earlier work has ended; resolves or rejects with it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all work that was added before has ended. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
