import type { Query, QueryClient, QueryFilters } from '@tanstack/react-query';

/** The same answer is asked for at most so often, however many events concern it. */
const GAP_MS = 40;

/**
 * Asks again for answers that are no longer true, each one request at a time: what happens while one is on its way is asked
 * for once more after it. Breaking it off instead would show nothing as long as events come faster than answers.
 */
export class Asking {
  readonly #asking = new WeakSet<Query>();
  readonly #again = new WeakSet<Query>();

  constructor(private readonly client: QueryClient) {}

  /** Answers that no page shows now are only noted as old. */
  again(filters: QueryFilters): void {
    for (const query of this.client.getQueryCache().findAll(filters)) this.#one(query);
  }

  #one(query: Query): void {
    if (this.#asking.has(query)) this.#again.add(query);
    else void this.#ask(query);
  }

  async #ask(query: Query): Promise<void> {
    this.#asking.add(query);
    // An answer that is on its way already may be older than what happened.
    const old = query.state.fetchStatus === 'fetching';
    const { queryKey } = query;
    await Promise.all([
      this.client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false }),
      new Promise((resolve) => setTimeout(resolve, GAP_MS)),
    ]);
    this.#asking.delete(query);
    if (this.#again.delete(query) || old) this.#one(query);
  }
}
