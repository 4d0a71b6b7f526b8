/** What stands for a secret wherever it would be shown. */
export const REDACTED = '***';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A secret that refuses to print (SEC-5): text, JSON, templates and util.inspect all show `***`. `reveal()` is the only
 * way to the value; call it where the value leaves the process, or is compared, and nowhere else.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  get isEmpty(): boolean {
    return this.#value === '';
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [INSPECT](): string {
    return REDACTED;
  }
}

export function secret(value: string): Secret {
  return new Secret(value);
}
