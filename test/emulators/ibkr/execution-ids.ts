/** Ids of executions: a correction differs from the execution that it replaces only after the last dot. */
export class ExecutionIds {
  readonly #known = new Map<string, { readonly base: string; readonly version: number }>();

  of(executionId: string): string {
    const { base, version } = this.#of(executionId);
    return `${base}.${String(version).padStart(2, '0')}`;
  }

  /** `correction` is the next version of `corrects`; a bust is one of the same id. */
  correct(corrects: string, correction: string): void {
    const { base, version } = this.#of(corrects);
    this.#known.set(correction, { base, version: version + 1 });
  }

  #of(executionId: string): { readonly base: string; readonly version: number } {
    const base = `0000e0d5.${Number(executionId).toString(16).padStart(8, '0')}.01`;
    const known = this.#known.get(executionId) ?? { base, version: 1 };
    this.#known.set(executionId, known);
    return known;
  }
}
