import { describe, expect, test } from '@jest/globals';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { foldAddress, networkOf } from '../../../src/domain/access/address.js';
import { foldName, parseEmail, parseUserName } from '../../../src/domain/access/names.js';
import { passwordFault, utf8Length } from '../../../src/domain/access/password-policy.js';
import {
  PERMISSIONS,
  ROLES,
  allows,
  covers,
  isRole,
  type Permission,
  type Role,
} from '../../../src/domain/access/roles.js';
import type { CheckPriority } from '../../../src/ports/access.js';
import { secret } from '../../../src/kernel/secret.js';

describe('the role matrix (SEC-12)', () => {
  /** Written out a second time to detect an error in the table. */
  const allowed: Readonly<Record<Permission, string>> = {
    account: 'viewer operator accountant admin',
    read: 'viewer operator accountant admin',
    control: 'operator admin',
    'reset-protections': 'admin',
    'confirm-trades': 'operator admin',
    sync: 'accountant admin',
    mapping: 'accountant admin',
    'adjusting-entries': 'accountant admin',
    float: 'admin',
    exports: 'accountant admin',
    verify: 'accountant admin',
    maintenance: 'admin',
    streams: 'admin',
    users: 'admin',
    secrets: 'admin',
    settings: 'admin',
    'test-mode': 'admin',
  };
  const cells = PERMISSIONS.flatMap((permission) => ROLES.map((role) => [permission, role] as const));

  test.each(cells)('%s by %s', (permission, role) => {
    expect(allows(role, permission)).toBe(allowed[permission].split(' ').includes(role));
  });

  test('a role includes every role whose permissions it has', () => {
    const covering = (role: Role): readonly Role[] => ROLES.filter((other) => covers(role, other));
    expect(covering('viewer')).toEqual(['viewer']);
    expect(covering('operator')).toEqual(['viewer', 'operator']);
    expect(covering('accountant')).toEqual(['viewer', 'accountant']);
    expect(covering('admin')).toEqual(['viewer', 'operator', 'accountant', 'admin']);
    expect(isRole('root')).toBe(false);
  });
});

describe('passwords (SEC-11)', () => {
  const fault = (text: string): string | undefined => passwordFault(text)?.code;

  test.each([
    ['eleven char', 'PASSWORD_TOO_SHORT'],
    ['twelve chars', undefined],
    ['a'.repeat(72), undefined],
    ['a'.repeat(73), 'PASSWORD_TOO_LONG'],
    ['é'.repeat(36), undefined],
    ['é'.repeat(37), 'PASSWORD_TOO_LONG'],
    ['🔑'.repeat(11), 'PASSWORD_TOO_SHORT'],
    ['🔑'.repeat(12), undefined],
    ['🔑'.repeat(19), 'PASSWORD_TOO_LONG'],
    ['a long one with \0 in it', 'PASSWORD_UNUSABLE'],
    ['a long one with \ud83d in it', 'PASSWORD_UNUSABLE'],
    ['a long one with \udd11\ud83d in it', 'PASSWORD_UNUSABLE'],
    ['a long one with \ufffd in it', 'PASSWORD_UNUSABLE'],
  ])('%j: %s', (text, code) => {
    expect(fault(text)).toBe(code);
  });

  test('the length is counted in UTF-8 bytes', () => {
    for (const text of ['', 'abc', 'é€🔑', '\u{10FFFF}\uFFFF\u07FF'])
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  });

  test.each([
    'password1234',
    'Password123!',
    'qwertyuiop12',
    'aaaaaaaaaaaaaaa',
    '123456789012',
    'tradebot2026',
    'iloveyou1234',
  ])('common: %s', (text) => {
    expect(new BcryptPasswords({ cost: 4 }).isCommon(secret(text), [])).toBe(true);
  });

  test('a password made of the user name is common; unrelated words are not', () => {
    const passwords = new BcryptPasswords({ cost: 4 });
    expect(passwords.isCommon(secret('margaret.hamilton'), ['margaret.hamilton'])).toBe(true);
    for (const text of ['correct horse battery staple', 'plinth-gazebo-42-murmur', 'x9!kQz_44-vvT']) {
      expect(passwords.isCommon(secret(text), ['margaret'])).toBe(false);
    }
  });

  test("cost 12 is the default; a password longer than bcrypt's limit never matches its truncated form", async () => {
    const passwords = new BcryptPasswords();
    const text = 'b'.repeat(72);
    const hash = await passwords.hash(secret(text));
    expect(hash.reveal()).toMatch(/^\$2b\$12\$/);
    expect(await passwords.matches(secret(text), hash, 'known')).toBe(true);
    expect(await passwords.matches(secret(`${text}c`), hash, 'known')).toBe(false);
    expect(passwords.isOutdated(hash)).toBe(false);
    expect(new BcryptPasswords({ cost: 13 }).isOutdated(hash)).toBe(true);
  });

  test('two encodings of a letter are one password; without a user the answer is no', async () => {
    const passwords = new BcryptPasswords({ cost: 4 });
    const hash = await passwords.hash(secret('caf\u00e9 on the corner'));
    expect(await passwords.matches(secret('cafe\u0301 on the corner'), hash, 'known')).toBe(true);
    expect(await passwords.matches(secret('nobody has this password'), undefined, 'stranger')).toBe(false);
  });

  test('strangers wait for a part of the places, and a known device has its own', async () => {
    const passwords = new BcryptPasswords({ cost: 8 });
    const hash = await passwords.hash(secret('y'));
    const order: string[] = [];
    const check = (priority: CheckPriority): Promise<void> =>
      passwords.matches(secret('x'), hash, priority).then(() => void order.push(priority));
    const strangers = Array.from({ length: 60 }, () => check('stranger'));
    const known = Array.from({ length: 3 }, () => check('known'));
    const refused = (await Promise.allSettled([...strangers, ...known])).filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(18);
    expect(refused[0]).toMatchObject({ reason: { code: 'PASSWORDS_BUSY', callerMust: 'retry' } });
    expect(order.filter((one) => one === 'known')).toHaveLength(3);
    expect(order.lastIndexOf('known')).toBeLessThan(12);
    await check('stranger');
  });

  test('made-up names without end keep no user out on a new device, and are answered as late as before', async () => {
    const passwords = new BcryptPasswords({ cost: 10 });
    const hash = await passwords.hash(secret('right'));
    const from = performance.now();
    await passwords.matches(secret('right'), hash, 'stranger');
    const tookMs = performance.now() - from;
    const madeUp = Array.from({ length: 300 }, async () => {
      const since = performance.now();
      expect(await passwords.matches(secret('right'), undefined, 'stranger')).toBe(false);
      return performance.now() - since;
    });
    const users = Array.from({ length: 5 }, () => passwords.matches(secret('right'), hash, 'stranger'));
    expect(await Promise.all(users)).toEqual([true, true, true, true, true]);
    expect(Math.min(...(await Promise.all(madeUp)))).toBeGreaterThan(tookMs / 10);
  });
});

describe('names and addresses', () => {
  test.each(['аdmin1', 'adm\u0456n', 'p\u03b1ul', 'anna\u0661', 'a\u0301\u0430'])(
    'the new name %p is of several scripts',
    (name) => {
      expect(() => parseUserName(name)).toThrow(expect.objectContaining({ code: 'MIXED_USER_NAME' }));
    },
  );

  test.each(['анна7', 'zoë.b-1', 'δανάη', '山田太郎', 'さくら99', '007', '김철수'])(
    'the new name %p is of one script',
    (name) => {
      expect(parseUserName(name)).toBe(name);
    },
  );

  test('a name has one canonical form', () => {
    expect(parseUserName('  Anna.B ')).toBe('anna.b');
    expect(foldName('ＡＮＮＡ')).toBe('anna');
    expect(parseUserName('zoë@example')).toBe('zoë@example');
  });

  test.each(['', 'a', ' ', '.anna', 'anna b', 'a\nb', 'x'.repeat(65), "anna';--", '<b>bold'])(
    '%j is not a valid name',
    (text) => {
      expect(() => parseUserName(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_NAME' }));
    },
  );

  test('email', () => {
    expect(parseEmail(' Anna@Example.ORG ')).toBe('anna@example.org');
    expect(parseEmail('')).toBeNull();
    for (const text of [
      'anna',
      '@x.org',
      'a@',
      'a b@x.org',
      'a@x.org\nbcc: y@x.org',
      'a@x.org, b@x.org',
      `${'a'.repeat(250)}@x.org`,
    ]) {
      expect(() => parseEmail(text)).toThrow(expect.objectContaining({ code: 'BAD_EMAIL' }));
    }
  });

  test('address', () => {
    expect(foldAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(foldAddress('FE80::1%eth0')).toBe('fe80::1');
    expect(foldAddress(' ')).toBe('unknown');
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::', 'fe80:0:0:0::/64'],
  ])('attempts from %s are counted by %s', (address, network) => {
    expect(networkOf(foldAddress(address))).toBe(network);
  });
});
