import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fernet, MultiFernet } from '../../src/adapters/fernet/fernet.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { epochMs } from '../../src/kernel/time.js';
import { failureOf } from '../unit/support/failure.js';

const clock = { now: () => epochMs(1_700_000_000_000) };
const key = FernetKey.generate();
const fernet = new Fernet(key, clock);

test('any message is restored byte for byte, also after a rotation', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      const token = fernet.encrypt(message);
      expect(fernet.decrypt(token).equals(message)).toBe(true);
      const both = new MultiFernet([FernetKey.generate(), key], clock);
      expect(both.decrypt(both.rotate(token)).equals(message)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('any text is restored', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(fernet.decryptText(fernet.encrypt(text))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test('a flipped bit, a truncation and an addition are refused', () => {
  const token = fernet.encrypt('twenty-three bytes here');
  const bytes = Buffer.from(token, 'base64url');
  const refused = (other: string): void => {
    expect(failureOf(() => fernet.decrypt(other)).code).toBe('FERNET_INVALID_TOKEN');
  };
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    refused(copy.toString('base64url').padEnd(token.length, '='));
  }
  for (let length = 0; length < token.length; length += 1) refused(token.slice(0, length));
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 8 }), (more) => refused(token + more)),
    { numRuns: 100 },
  );
});

test('invalid tokens are all refused with the same error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.base64String({ maxLength: 300 })), (text) => {
      expect(failureOf(() => fernet.decrypt(text)).code).toBe('FERNET_INVALID_TOKEN');
    }),
    { numRuns: 300 },
  );
});
