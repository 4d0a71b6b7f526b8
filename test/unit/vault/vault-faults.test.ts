import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { FernetKey } from '../../../src/adapters/fernet/key.js';
import type { BasePaths } from '../../../src/domain/home/home-paths.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes } from '../support/home.js';
import { filesAsTheyLie } from '../support/vault-files.js';

import { CANARY, FIRST, made, type Made } from '../support/made-vault.js';

afterEach(removeTemporaryHomes);

describe('invalid input: one message that names the file, nothing changed', () => {
  const tokenOf = ({ paths }: Made): string => `${paths.vault}/gen-1/secrets/smtp.json.enc`;
  const keyOf = ({ paths }: Made): string => `${paths.vault}/gen-1/keys/smtp.key`;
  type Place = (home: Made) => string;
  /** The fault, how it is made, the named file and the error code. */
  const faults: readonly (readonly [string, Place, (path: string) => void, Place, string])[] = [
    ['a missing key', keyOf, gone, keyOf, 'VAULT_UNREADABLE'],
    ['an empty key', keyOf, (path) => writeFileSync(path, ''), keyOf, 'VAULT_UNREADABLE'],
    ['a garbled key', keyOf, (path) => writeFileSync(path, 'no key\n'), keyOf, 'VAULT_UNREADABLE'],
    ['a folder for a key', keyOf, folder, keyOf, 'VAULT_UNREADABLE'],
    ['a link that leads nowhere for a key', keyOf, linkTo('nowhere'), keyOf, 'VAULT_UNREADABLE'],
    ['a link that leads to itself for a key', keyOf, linkTo('smtp.key'), keyOf, 'VAULT_UNREADABLE'],
    ['another key', keyOf, otherKey, tokenOf, 'VAULT_WRONG_KEY'],
    ['a missing token', tokenOf, gone, tokenOf, 'VAULT_UNREADABLE'],
    ['a token cut short', tokenOf, cut, tokenOf, 'VAULT_WRONG_KEY'],
    ['a garbled token', tokenOf, (path) => writeFileSync(path, '\0\0\0'), tokenOf, 'VAULT_WRONG_KEY'],
    ['a folder for a token', tokenOf, folder, tokenOf, 'VAULT_UNREADABLE'],
    ['a pipe for a token', tokenOf, pipe, tokenOf, 'VAULT_UNREADABLE'],
  ];

  function gone(path: string): void {
    rmSync(path);
  }

  function folder(path: string): void {
    rmSync(path);
    mkdirSync(path);
  }

  function linkTo(target: string): (path: string) => void {
    return (path) => {
      rmSync(path);
      symlinkSync(target, path);
    };
  }

  function otherKey(path: string): void {
    writeFileSync(path, FernetKey.generate().text().reveal());
  }

  function pipe(path: string): void {
    rmSync(path);
    execFileSync('mkfifo', [path]);
  }

  function cut(path: string): void {
    writeFileSync(path, readFileSync(path).subarray(0, 100));
  }

  test.each(faults)('%s', (_, where, spoil, named, code) => {
    const home = made();
    spoil(where(home));
    const file = named(home);
    const before = filesAsTheyLie(home.home);
    const error = failureOf(() => home.reopened().secret('smtp'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(file);
    expect(JSON.stringify([error.line, error.details, String(error.cause)])).not.toContain(CANARY);
    expect(error.remedy).toContain('Restore storage/vault from a backup');
    expect(failureOf(() => home.vault.rotate({})).code).toBe(code);
    expect(
      home
        .reopened()
        .check()
        .map((fault) => fault.file),
    ).toContain(file);
    expect(filesAsTheyLie(home.home)).toEqual(before);
  });

  test('a file under another name is refused although its key fits', () => {
    const home = made();
    const { paths } = home;
    // A category with two files has one key for both; here the message is moved with its key.
    for (const [from, to] of [
      ['secrets/smtp.json.enc', 'secrets/hub.json.enc'],
      ['keys/smtp.key', 'keys/hub.key'],
    ] as const) {
      writeFileSync(`${paths.vault}/gen-1/${to}`, readFileSync(`${paths.vault}/gen-1/${from}`));
    }
    const error = failureOf(() => home.vault.secret('hub'));
    expect([error.code, error.message]).toEqual([
      'VAULT_UNREADABLE',
      `${paths.vault}/gen-1/secrets/hub.json.enc cannot be used: its content belongs to another file`,
    ]);
  });

  test.each<[string, (home: Made) => void]>([
    ['leads to a generation that is not there', ({ paths }) => repoint(paths, 'gen-9')],
    ['leads out of the vault', ({ paths }) => repoint(paths, '../../elsewhere')],
    ['is a folder', ({ paths }) => folder(paths.vaultCurrent)],
    [
      'is a file',
      ({ paths }) => {
        rmSync(paths.vaultCurrent);
        writeFileSync(paths.vaultCurrent, 'gen-1');
      },
    ],
    [
      'is gone, though a generation is there',
      ({ paths, vault }) => {
        vault.rotate({});
        rmSync(paths.vaultCurrent);
      },
    ],
  ])('current %s', (_, spoil) => {
    const home = made();
    spoil(home);
    const before = filesAsTheyLie(home.home);
    for (const work of [() => home.vault.envBot(), () => home.vault.rotate({}), () => home.vault.create(FIRST)]) {
      expect(failureOf(work).code).toMatch(/^VAULT_(UNREADABLE|EXISTS)$/);
    }
    expect(home.vault.check()).not.toEqual([]);
    expect(filesAsTheyLie(home.home)).toEqual(before);
  });

  function repoint(paths: BasePaths['storage'], target: string): void {
    rmSync(paths.vaultCurrent);
    symlinkSync(target, paths.vaultCurrent);
  }

  test('the check reports everything at once: keys, tokens, modes, links, leftovers', () => {
    const home = made();
    const { paths } = home;
    const gen = `${paths.vault}/gen-1`;
    rmSync(`${gen}/keys/hub.key`);
    writeFileSync(`${gen}/secrets/smtp.json.enc`, 'x');
    chmodSync(`${gen}/keys/login.key`, 0o644);
    rmSync(`${paths.keys}/alert.key`);
    rmSync(paths.envBot);
    writeFileSync(paths.envBot, 'plain');
    mkdirSync(`${paths.vault}/gen-0`);
    expect(home.vault.check().map(({ file }) => file)).toEqual([
      `${gen}/keys/hub.key`,
      `${gen}/secrets/smtp.json.enc`,
      `${gen}/keys/login.key`,
      `${paths.keys}/alert.key`,
      paths.envBot,
      `${paths.vault}/gen-0`,
    ]);
    expect(home.vault.check().every(({ cause, remedy }) => cause !== '' && remedy.endsWith('.'))).toBe(true);
  });

  test('settings in plain text are refused (CFG-1)', () => {
    const home = made();
    const plain = `${home.paths.dir}/.env_bot`;
    writeFileSync(plain, 'MAX_TRADES=4\n');
    expect(home.vault.check().map(({ file, cause }) => [file, cause])).toEqual([
      [plain, 'settings in plain text are refused'],
    ]);
  });

  test('a disk that refuses is reported with the path, and the current generation stays', () => {
    const home = made();
    mkdirSync(`${home.paths.dir}/backups`);
    writeFileSync(home.paths.vaultBackups, 'in the way');
    const error = failureOf(() => home.vault.rotate({}));
    expect(error.code).toBe('VAULT_NOT_WRITTEN');
    expect(error.message).toContain(home.paths.vaultBackups);
    expect(home.vault.check()).toEqual([]);
    rmSync(home.paths.vaultBackups);
    expect(home.vault.rotate({}).generation).toBe(2);
    expect(home.vault.check()).toEqual([]);
  });

  test('a lost link is restored by the next rotation', () => {
    const home = made();
    rmSync(`${home.paths.keys}/alert.key`);
    symlinkSync('/elsewhere', `${home.paths.keys}/alert.key.tmp`);
    home.vault.rotate({});
    expect(home.vault.check()).toEqual([]);
    expect(existsSync(`${home.paths.keys}/alert.key.tmp`)).toBe(false);
  });

  test('an earlier generation without a backup is left for a person', () => {
    const home = made();
    home.vault.rotate({});
    rmSync(home.paths.vaultBackups, { recursive: true });
    mkdirSync(`${home.paths.vault}/gen-1`);
    home.vault.tidy();
    expect(home.vault.check().map(({ file }) => file)).toEqual([`${home.paths.vault}/gen-1`]);
  });
});
