import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { KEY_CATEGORIES, SECRET_FILES } from '../../../src/ports/vault.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { describeNeeding } from '../../support/needs.js';
import { cryptography, filesAsTheyLie, openWithPython } from '../support/vault-files.js';

import { CANARY, FIRST, keysOf, made, vaultAt } from '../support/made-vault.js';

afterEach(removeTemporaryHomes);

describe('a generation', () => {
  test('nothing exists before the first, and it is created once', () => {
    const home = temporaryHome();
    const vault = vaultAt(home);
    expect(vault.generation()).toBeUndefined();
    expect(failureOf(() => vault.envBot()).code).toBe('VAULT_MISSING');
    expect(failureOf(() => vault.rotate({})).code).toBe('VAULT_MISSING');
    expect(vault.create(FIRST)).toEqual({ generation: 1, categories: KEY_CATEGORIES });
    expect(failureOf(() => vault.create(FIRST)).code).toBe('VAULT_EXISTS');
  });

  test('it holds its values, and unwritten files are empty', () => {
    const { reopened } = made();
    expect(reopened().envBot().reveal()).toBe(FIRST.envBot.reveal());
    expect(reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(Object.keys(SECRET_FILES).filter((name) => name !== 'smtp')).toHaveLength(10);
    expect(reopened().secret('hub')).toEqual({});
    expect(reopened().secret('login')).toEqual({});
    expect(reopened().check()).toEqual([]);
  });

  test('files are private to the owner: 0600 in folders of 0700', () => {
    const { paths } = made();
    const walk = (folder: string): readonly string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        if (lstatSync(path).isSymbolicLink()) return [];
        return lstatSync(path).isDirectory() ? [path, ...walk(path)] : [path];
      });
    for (const path of [...walk(paths.vault), paths.keys, paths.secrets]) {
      const { mode } = statSync(path);
      expect([path, mode & 0o777]).toEqual([path, statSync(path).isDirectory() ? 0o700 : 0o600]);
    }
  });

  test('the known paths are links into the current generation', () => {
    const { paths } = made();
    expect(readlinkSync(paths.vaultCurrent)).toBe('gen-1');
    expect(readlinkSync(`${paths.keys}/smtp.key`)).toBe('../vault/current/keys/smtp.key');
    expect(readlinkSync(`${paths.secrets}/smtp.json.enc`)).toBe('../vault/current/secrets/smtp.json.enc');
    expect(readlinkSync(paths.envBot)).toBe('vault/current/.env_bot.enc');
    expect(readdirSync(paths.keys)).toHaveLength(KEY_CATEGORIES.length);
    expect(readdirSync(paths.secrets)).toHaveLength(Object.keys(SECRET_FILES).length);
  });

  test('no file holds a value in plain text', () => {
    const { home, vault } = made();
    vault.rotate({});
    for (const [name, bytes] of Object.entries(filesAsTheyLie(home))) {
      expect([name, bytes.includes(CANARY), bytes.includes('MAX_TRADES')]).toEqual([name, false, false]);
    }
  });
});

describeNeeding(cryptography)("Python's cryptography", () => {
  test('it opens each token with its key file', () => {
    const { paths } = made();
    const pairs = [
      ...Object.entries(SECRET_FILES).map(([name, key]) => [
        `${paths.secrets}/${name}.json.enc`,
        `${paths.keys}/${key}.key`,
      ]),
      [paths.envBot, `${paths.keys}/env_bot.key`],
    ] as [string, string][];
    const texts = openWithPython(pairs);
    expect(texts.at(-1)).toBe(`# record: .env_bot\n${FIRST.envBot.reveal()}`);
    expect(JSON.parse(texts[Object.keys(SECRET_FILES).indexOf('smtp')] ?? '')).toEqual({
      _record: 'smtp',
      SMTP_HOST: 'mail.example.com',
      SMTP_PASSWORD: CANARY,
    });
  });

  test('it opens the backup of the previous generation with the backup key', () => {
    const { paths, vault } = made();
    const key = readFileSync(`${paths.keys}/smtp.key`, 'utf8');
    vault.rotate({});
    const [backup] = readdirSync(paths.vaultBackups);
    expect(backup).toMatch(/^vault_gen-1_\d{8}T\d{9}Z\.json\.enc$/);
    const [text] = openWithPython([
      [`${paths.vaultBackups}/${backup ?? ''}`, `${paths.vaultCurrent}/keys/vault_backup.key`],
    ]);
    const { _record, files } = JSON.parse(text ?? '') as { _record: string; files: Record<string, string> };
    expect(_record).toBe('gen-1');
    expect(files['keys/smtp.key']).toBe(key.trim());
    expect(Object.keys(files)).toHaveLength(12 + 11 + 1);
  });
});

describe('rotation (SEC-3)', () => {
  test('it gives new keys for all and changes nothing but the given values', () => {
    const home = made();
    const before = keysOf(home);
    const rotation = home.vault.rotate({ secrets: { hub: { TOKEN: secret('h') } } });
    expect(rotation).toEqual({ generation: 2, categories: KEY_CATEGORIES });
    expect(keysOf(home).filter((key) => before.includes(key))).toEqual([]);
    expect(home.reopened().envBot().reveal()).toBe(FIRST.envBot.reveal());
    expect(home.reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(home.reopened().secret('hub')['TOKEN']?.reveal()).toBe('h');
    expect(readdirSync(home.paths.vault).sort()).toEqual(['current', 'gen-2', 'lock.db']);
    expect(home.vault.check()).toEqual([]);
  });

  test('no key is used twice over 40 rotations, including backups', () => {
    const home = made();
    const seen = new Set<string>();
    let count = 0;
    for (let n = 1; n <= 40; n += 1) {
      const folder = `${home.paths.vaultCurrent}/keys`;
      for (const name of readdirSync(folder)) {
        seen.add(readFileSync(`${folder}/${name}`, 'utf8'));
        count += 1;
      }
      if (n < 40) home.vault.rotate({});
    }
    expect(count).toBe(40 * 13);
    expect(seen.size).toBe(count);
    expect(readdirSync(home.paths.vaultBackups)).toHaveLength(5);
  });

  test('digests survive it: equal values stay equal, other values differ, another vault has others', () => {
    const { vault } = made();
    const before = vault.digestOf(secret('x'));
    vault.rotate({ secrets: { login: { 'u-1a': secret('totp') } } });
    vault.rotate({ secrets: { login: {} } });
    expect(vault.digestOf(secret('x'))).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(vault.digestOf(secret('y'))).not.toBe(before);
    expect(made().vault.digestOf(secret('x'))).not.toBe(before);
  });

  test.each(['two words', '_record', '__proto__', '123', 'A B', ''])('a field named "%s" is refused', (field) => {
    const { vault } = made();
    const change = { secrets: { hub: Object.fromEntries([[field, secret('x')]]) } };
    expect(failureOf(() => vault.rotate(change)).code).toBe('VAULT_BAD_NAME');
    expect(vault.generation()).toBe(1);
  });

  test('one at a time: while another process changes the vault it is refused, and works after that one was killed', async () => {
    const { home, paths, vault } = made();
    const script = `
      const Database = require('better-sqlite3');
      const db = new Database(process.argv[1]);
      db.exec('BEGIN EXCLUSIVE');
      console.log('held');
      setInterval(() => undefined, 1000);
    `;
    const holder = spawn(process.execPath, ['-e', script, paths.vaultLock], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(holder.stdout, 'data');
      const clock = { now: () => epochMs(0) };
      const waiting = new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile: null, lockWaitMs: 20 });
      const error = failureOf(() => waiting.rotate({}));
      expect([error.code, error.callerMust]).toEqual(['VAULT_LOCKED', 'retry']);
      waiting.tidy();
      expect(vault.envBot().reveal()).toBe(FIRST.envBot.reveal());
    } finally {
      holder.kill('SIGKILL');
    }
    await once(holder, 'exit');
    expect(vault.rotate({}).generation).toBe(2);
  });

  test('a file in place of a link is not replaced, and the vault is unchanged', () => {
    const { vault, paths, reopened } = made();
    // Found just before the swap: everything else is made by then, and must go again.
    rmSync(`${paths.keys}/smtp.key`);
    mkdirSync(`${paths.keys}/smtp.key`);
    const error = failureOf(() => vault.rotate({ secrets: { smtp: {} } }));
    expect(error.code).toBe('VAULT_IN_THE_WAY');
    expect(error.message).toContain(`${paths.keys}/smtp.key`);
    expect(reopened().generation()).toBe(1);
    expect(reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(readdirSync(paths.vault).sort()).toEqual(['current', 'gen-1', 'lock.db']);
    expect(readdirSync(paths.vaultBackups)).toEqual([]);
  });

  test('a reader sees one complete generation while another process rotates', () => {
    const { home, vault } = made();
    let now = 1_800_000_000_000;
    const clock = { now: () => epochMs((now += 1)) };
    let reads = 0;
    const rotator = new FileVault({
      paths: basePaths(home).storage,
      clock,
      masterKeyFile: null,
      onStep: () => {
        reads += 1;
        expect(vault.envBot().reveal()).toBe(FIRST.envBot.reveal());
        expect(vault.secret('smtp')['SMTP_HOST']?.reveal()).toBe('mail.example.com');
        expect(vault.check()).toEqual([]);
      },
    });
    rotator.rotate({});
    rotator.rotate({});
    expect(reads).toBeGreaterThan(50);
  });

  test('a check during a rotation runs again and finds no fault', () => {
    const { home, vault } = made();
    const storage = basePaths(home).storage;
    let rotations = 0;
    const overtaken: typeof storage = {
      ...storage,
      vaultGeneration: (n) => {
        if (rotations < 2) rotations = vault.rotate({}).generation;
        return storage.vaultGeneration(n);
      },
    };
    const clock = { now: () => epochMs(1_800_000_000_000) };
    expect(new FileVault({ paths: overtaken, clock, masterKeyFile: null }).check()).toEqual([]);
    expect(rotations).toBe(2);
  });
});

test('a moved home works: links are relative', () => {
  const home = made();
  const elsewhere = `${temporaryHome()}/moved`;
  renameSync(home.home, elsewhere);
  const vault = vaultAt(elsewhere);
  expect(vault.check()).toEqual([]);
  vault.rotate({});
  expect(vault.check()).toEqual([]);
});
