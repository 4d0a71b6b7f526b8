/** What is wrong with the evidence of one projection, by the name of the file. */
export class EvidenceNotes {
  readonly #notes = new Map<string, string>();

  /** Null when the file is in order. */
  note(name: string, difference: string | null): void {
    if (difference === null) this.#notes.delete(name);
    else this.#notes.set(name, difference);
  }

  sentences(): readonly string[] {
    return [...this.#notes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, difference]) => `${name}: ${difference}`);
  }
}
