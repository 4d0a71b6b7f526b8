/** Placeholder for a secret in any output. */
export const REDACTED = '***';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A secret that cannot be printed (SEC-5): text, JSON, templates and util.inspect all show `***`. Only `reveal()` returns
 * the value; call it only where the value leaves the process or is compared.
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
