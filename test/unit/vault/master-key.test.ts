import { afterEach, describe, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { FernetKey } from '../../../src/adapters/fernet/key.js';
import { checkMasterKey } from '../../../src/adapters/vault/master-key.js';
import { epochMs } from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

import { CANARY, FIRST, keysOf, made } from '../support/made-vault.js';

afterEach(removeTemporaryHomes);

describe('master key (SEC-4)', () => {
  const masterFile = (...keys: readonly string[]): string => {
    const file = `${temporaryHome()}/master.key`;
    writeFileSync(file, `${keys.join('\n')}\n`);
    return file;
  };
  const newKey = (): string => FernetKey.generate().text().reveal();

  test('it wraps every key file, and nothing opens without it', () => {
    const file = masterFile(newKey());
    const home = made(file);
    expect(keysOf(home).every((text) => text.startsWith('wrapped-by-master-key:gAAAAA'))).toBe(true);
    expect(home.reopened().hasMasterKey).toBe(true);
    expect(home.reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(home.vault.check()).toEqual([]);
    const without = failureOf(() => home.reopened(null).envBot());
    expect([without.code, without.remedy]).toEqual([
      'MASTER_KEY_NEEDED',
      'Give the file of the master key that was used when the keys were made.',
    ]);
    expect(failureOf(() => home.reopened(masterFile(newKey())).envBot()).code).toBe('MASTER_KEY_WRONG');
    expect(home.reopened(null).check()).toHaveLength(13);
  });

  test('its form and file mode are checked before anything starts', () => {
    const clock = { now: () => epochMs(1_700_000_000_000) };
    const file = masterFile(newKey());
    chmodSync(file, 0o640);
    expect(() => checkMasterKey(file, clock)).not.toThrow();
    chmodSync(file, 0o644);
    const open = failureOf(() => checkMasterKey(file, clock));
    expect([open.code, open.remedy]).toEqual(['MASTER_KEY_OPEN', expect.stringContaining(`chmod o= ${file}`)]);
    expect(failureOf(() => checkMasterKey(masterFile('short'), clock)).code).toBe('MASTER_KEY_BAD');
    expect(failureOf(() => checkMasterKey(masterFile(''), clock)).code).toBe('VAULT_UNREADABLE');
  });

  test('a key file of another name is refused', () => {
    const home = made(masterFile(newKey()));
    const keys = `${home.paths.vault}/gen-1/keys`;
    writeFileSync(`${keys}/hub.key`, readFileSync(`${keys}/smtp.key`));
    expect(failureOf(() => home.vault.secret('hub')).message).toContain('belongs to another file');
  });

  test.each([
    ['missing', '', 'VAULT_UNREADABLE'],
    ['no key', 'hunter2 hunter2', 'MASTER_KEY_BAD'],
    ['empty', '  ', 'VAULT_UNREADABLE'],
  ])('a file that is %s', (_, text, code) => {
    const home = made(masterFile(newKey()));
    const file = text === '' ? '/nowhere/master.key' : masterFile(text);
    const error = failureOf(() => home.reopened(file).envBot());
    expect(error.code).toBe(code);
    expect(error.message).toContain(file);
    expect(error.line).not.toContain('hunter2');
  });

  test('a master key added later applies at the next rotation; a new one is put above the old one', () => {
    const home = made();
    expect(home.vault.hasMasterKey).toBe(false);
    const [old, next] = [newKey(), newKey()];
    home.reopened(masterFile(old)).rotate({});
    expect(home.reopened(masterFile(old)).hasMasterKey).toBe(true);
    home.reopened(masterFile(next, old)).rotate({});
    expect(home.reopened(masterFile(next)).envBot().reveal()).toBe(FIRST.envBot.reveal());
    expect(failureOf(() => home.reopened(masterFile(old)).envBot()).code).toBe('MASTER_KEY_WRONG');
  });
});
