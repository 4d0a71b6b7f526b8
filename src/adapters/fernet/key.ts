import { randomBytes } from 'node:crypto';
import { configError } from '../../kernel/errors.js';
import { REDACTED, secret, type Secret } from '../../kernel/secret.js';
import { decodeBase64Url, encodeBase64Url } from './base64url.js';

const HALF = 16;
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** 16 bytes that sign, then 16 that encrypt. Like any secret it does not print (SEC-5). */
export class FernetKey {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static generate(): FernetKey {
    return new FernetKey(randomBytes(2 * HALF));
  }

  /** 44 characters of base64url with padding; the reader of a file trims white space. */
  static parse(text: string): FernetKey {
    const bytes = decodeBase64Url(text);
    if (bytes?.length !== 2 * HALF) {
      throw configError({
        code: 'FERNET_BAD_KEY',
        message: 'the text is not a Fernet key',
        remedy: 'A key is 32 random bytes as base64url with padding: 44 characters that end in "=".',
      });
    }
    return new FernetKey(bytes);
  }

  get signing(): Uint8Array {
    return this.#bytes.subarray(0, HALF);
  }

  get encryption(): Uint8Array {
    return this.#bytes.subarray(HALF);
  }

  /** The text of a key file. */
  text(): Secret {
    return secret(encodeBase64Url(this.#bytes));
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
