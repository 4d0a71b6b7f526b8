import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { Fernet, MultiFernet } from '../../../src/adapters/fernet/fernet.js';
import { FernetKey } from '../../../src/adapters/fernet/key.js';
import { openToken, sealToken } from '../../../src/adapters/fernet/token.js';
import { epochMs, type Clock } from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';

const KEY_TEXT = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const KEY = FernetKey.parse(KEY_TEXT);
const OTHER_TEXT = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const OTHER = FernetKey.parse(OTHER_TEXT);
/** Time and IV of the vectors below. */
const MADE_AT = 1_700_000_000;
const IV = Uint8Array.from({ length: 16 }, (_, n) => n);

const clockAt = (seconds: number): Clock => ({ now: () => epochMs(seconds * 1_000) });
const fernet = (seconds = MADE_AT): Fernet => new Fernet(KEY, clockAt(seconds));

/** Made by Python's cryptography 38.0.4: `Fernet(KEY)._encrypt_from_parts(message, MADE_AT, IV)`. */
const FROM_PYTHON: readonly (readonly [string, string, string])[] = [
  ['empty', '', 'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAlUmnUsx2xOx6ISrCTpvgolfACmYVKg-pj6u5kOEpVrhQ=='],
  [
    'a block less one byte',
    '616161616161616161616161616161',
    'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD8Yu0dZhmNmT95aDtlGlsbW3R8xmDfMk_LUmua941gDL3NU0pwzivE0B0TMlR9r6pg==',
  ],
  [
    'a whole block',
    '30313233343536373839616263646566',
    'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD1xYxWk-FnTVkOLqDQyotg1f_5l_C34LZuLmvvtMaTZBcznjNmOks-SBNygwy9g1Dso-seNAtu-hD4XTVU0AtAA=',
  ],
  [
    'bytes that are no text',
    '00ff800a0d',
    'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD5HRYQ5EPr8TVHm0MrGL-oYirKK5kqQe0hWtUgRccsT9X5osIX9fEOdWNEdZ0mLO5w==',
  ],
  [
    'text beyond ASCII',
    '5ac3bc7269636820e282ac',
    'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD1Zrpc2kByXNZ3RV4iCReJsmI4Mq0DWavt6TuqkqBsVUvf2Kmktnj3MqWNg2ZOGwcQ==',
  ],
];
/** `hello`. */
const HELLO = 'gAAAAABlU_EAAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLUDpFCTfGz2XFbNHmfCv0YMdgLi56n1Yjngq4vT5ZInQ==';
/** `old`, of the other key. */
const OLD = 'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD6-f85DHG9S9c2t_aQXCmuLX7tF5Ff5M6a27uoe2iPuwtVJRHDYnXFtqt55U2a96fw==';

describe('vectors made by Python', () => {
  test.each(FROM_PYTHON)('%s opens', (_, hex, token) => {
    expect(fernet().decrypt(token).toString('hex')).toBe(hex);
  });

  test.each(FROM_PYTHON)('%s is reproduced from the same time and IV', (_, hex, token) => {
    expect(sealToken(KEY, { message: Buffer.from(hex, 'hex'), madeAt: BigInt(MADE_AT), iv: IV })).toBe(token);
  });
});

describe('every untrusted token gets the same error', () => {
  const expected = (work: () => unknown): void => {
    const error = failureOf(work);
    const plain = failureOf(() => fernet().decrypt(''));
    expect([error.code, error.message, error.remedy, error.cause, error.details]).toEqual([
      'FERNET_INVALID_TOKEN',
      plain.message,
      plain.remedy,
      undefined,
      {},
    ]);
  };
  const bytes = Buffer.from(HELLO, 'base64url');
  const changed = (at: number): string => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
    return copy.toString('base64url').padEnd(HELLO.length, '=');
  };

  test.each([
    ['nothing', ''],
    ['one letter', 'g'],
    ['another key', OLD],
    [
      'version 0x81 with a right HMAC',
      'gQAAAABlU_EAAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLJeikxy8SVkZWQCRkVxJtHtlBFFCZt-L3A8hnA1NSHPxA==',
    ],
    [
      'an HMAC without its last byte',
      'gAAAAABlU_EAAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLUDpFCTfGz2XFbNHmfCv0YMdgLi56n1Yjngq4vT5ZI',
    ],
    [
      'padding of 17 bytes, rightly signed',
      'gAAAAABlU_EAAAECAwQFBgcICQoLDA0ODwh7kmpzFr4MDIdsruPvzPDHXGC_nKYH1GlffC2qBmemEt5G5Oixa01gk1Qa1qifWw==',
    ],
    [
      'padding of 0 bytes, rightly signed',
      'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD-1x81hNHqXbQI4QG6fzWUWO78Clp3x3fCukcM_1YGiRrV2jL8xII3UbtISOPVWvhQ==',
    ],
    [
      'uneven padding, rightly signed',
      'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD_w17Cg-E8VlvjMSe67N9xQ83c02_0y8j1ARzi1Jilqdz0A8YPkvyIGNAqx1NSmM-A==',
    ],
    ['missing padding of the base64', HELLO.replace(/=+$/, '')],
    ['one sign of padding too few', HELLO.slice(0, -1)],
    ['padding in the middle', `${HELLO.slice(0, 8)}====${HELLO.slice(8)}`],
    ['a line break at the end', `${HELLO}\n`],
    ['a space before', ` ${HELLO}`],
    ['garbage behind', `${HELLO}AAAA`],
    ['the other base64 alphabet', HELLO.replaceAll('-', '+').replaceAll('_', '/')],
    ['stray last bits', HELLO.replace(/Q==$/, 'R==')],
  ])('%s', (_, token) => {
    expected(() => fernet().decrypt(token));
    expected(() => fernet().decryptText(token));
    expected(() => new MultiFernet([KEY], clockAt(MADE_AT)).rotate(token));
  });

  test.each([0, 1, 8, 9, 24, 25, 40, 41, 72])('a changed byte at %d', (at) => {
    expected(() => fernet().decrypt(changed(at)));
    expected(() => fernet().timestampOf(changed(at)));
  });

  test('a message that is not text, decrypted as text', () => {
    expected(() => fernet().decryptText(FROM_PYTHON[3]?.[2] ?? ''));
  });
});

describe('time to live', () => {
  test.each([
    ['on the edge', 60, 60, true],
    ['a second over', 61, 60, false],
    ['no time at all, in its own second', 0, 0, true],
    ['made 60 seconds ahead', -60, 60, true],
    ['made 61 seconds ahead', -61, 60, false],
  ])('%s', (_, age, ttlSeconds, good) => {
    const open = () => fernet(MADE_AT + age).decryptText(HELLO, { ttlSeconds });
    if (good) expect(open()).toBe('hello');
    else expect(failureOf(open).code).toBe('FERNET_INVALID_TOKEN');
  });

  test('without one no time is checked, not even a future one', () => {
    expect(fernet(0).decryptText(HELLO)).toBe('hello');
    expect(fernet(9_000_000_000).decryptText(HELLO)).toBe('hello');
  });

  test.each([-1, 0.5, Number.NaN, Infinity])('%d seconds is refused', (ttlSeconds) => {
    expect(failureOf(() => fernet().decrypt(HELLO, { ttlSeconds })).code).toBe('FERNET_BAD_TTL');
  });

  test('a time beyond 2^53 is read exactly', () => {
    const token = sealToken(KEY, { message: new Uint8Array(), madeAt: 2n ** 64n - 1n, iv: IV });
    expect(openToken(KEY, token).madeAt).toBe(2n ** 64n - 1n);
    expect(failureOf(() => fernet().decrypt(token, { ttlSeconds: 60 })).code).toBe('FERNET_INVALID_TOKEN');
  });
});

describe('messages', () => {
  test('a token begins with gAAAAA, contains the time in seconds, and is never repeated', () => {
    const now = new Fernet(KEY, { now: () => epochMs(MADE_AT * 1_000 + 999) });
    const tokens = Array.from({ length: 50 }, () => now.encrypt('x'));
    expect(new Set(tokens).size).toBe(50);
    expect(tokens.every((token) => token.startsWith('gAAAAA') && token.length % 4 === 0)).toBe(true);
    expect(now.timestampOf(tokens[0] ?? '')).toBe(MADE_AT);
  });

  test('a byte order mark is kept', () => {
    expect(fernet().decryptText(fernet().encrypt('\uFEFFx'))).toBe('\uFEFFx');
  });

  test('half a surrogate pair is refused rather than replaced', () => {
    expect(failureOf(() => fernet().encrypt('a\uD800')).code).toBe('FERNET_NOT_TEXT');
  });

  test('a million bytes', () => {
    const message = Buffer.alloc(1_000_000, 7);
    expect(fernet().decrypt(fernet().encrypt(message)).equals(message)).toBe(true);
  });
});

describe('keys', () => {
  test.each([
    ['without padding', KEY_TEXT.slice(0, -1)],
    ['empty', ''],
    ['too short', 'AAECAwQFBgcICQoLDA0ODw=='],
    ['with a line break', `${KEY_TEXT}\n`],
    ['of the other alphabet', 'cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4='],
    ['with stray last bits', KEY_TEXT.replace(/4=$/, '5=')],
  ])('%s: refused without showing it', (_, text) => {
    const error = failureOf(() => FernetKey.parse(text));
    expect(error.code).toBe('FERNET_BAD_KEY');
    if (text !== '') expect(error.line).not.toContain(text.trim());
  });

  test('new keys differ and are read back as written', () => {
    const texts = Array.from({ length: 20 }, () => FernetKey.generate().text().reveal());
    expect(new Set(texts).size).toBe(20);
    expect(texts.every((text) => /^[A-Za-z0-9_-]{43}=$/.test(text))).toBe(true);
    expect(texts.map((text) => FernetKey.parse(text).text().reveal())).toEqual(texts);
  });

  test('a key cannot be printed', () => {
    expect(
      [String(KEY), JSON.stringify({ KEY }), inspect(KEY), inspect({ KEY }, { depth: 9, showHidden: true })].join(),
    ).not.toMatch(/cw_0|7f, |<Buffer/);
  });
});

describe('several keys (rotation)', () => {
  const both = new MultiFernet([KEY, OTHER], clockAt(MADE_AT + 500));

  test('the first key encrypts, each one decrypts', () => {
    expect(both.decryptText(OLD)).toBe('old');
    expect(fernet().decryptText(both.encrypt('new'))).toBe('new');
  });

  test('a time to live applies to each key', () => {
    expect(failureOf(() => both.decrypt(OLD, { ttlSeconds: 499 })).code).toBe('FERNET_INVALID_TOKEN');
    expect(both.decryptText(OLD, { ttlSeconds: 500 })).toBe('old');
  });

  test('rotating keeps the time, whatever its age, and uses a new IV', () => {
    const rotated = both.rotate(OLD);
    expect(fernet().timestampOf(rotated)).toBe(MADE_AT);
    expect(fernet().decryptText(rotated)).toBe('old');
    const again = both.rotate(rotated);
    expect(again).not.toBe(rotated);
    expect(fernet().timestampOf(again)).toBe(MADE_AT);
  });

  test('a token of another key and an empty list of keys are refused', () => {
    const third = new Fernet(FernetKey.generate(), clockAt(MADE_AT)).encrypt('x');
    expect(failureOf(() => both.decrypt(third)).code).toBe('FERNET_INVALID_TOKEN');
    expect(failureOf(() => both.rotate(third)).code).toBe('FERNET_INVALID_TOKEN');
    expect(failureOf(() => new MultiFernet([], clockAt(0))).code).toBe('FERNET_NO_KEY');
  });
});
