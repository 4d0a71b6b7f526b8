import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FernetKey } from '../../../src/adapters/fernet/key.js';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { basePaths, type BasePaths } from '../../../src/kernel/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { KEY_CATEGORIES, SECRET_FILES } from '../../../src/ports/vault.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { filesAsTheyLie, openWithPython, PYTHON_IS_HERE } from '../support/vault-files.js';

afterEach(removeTemporaryHomes);

const CANARY = 'canary-7c1f-password';
const FIRST = {
  envBot: secret(`MAX_TRADES=4\n# ${CANARY}\n`),
  secrets: { smtp: { SMTP_HOST: secret('mail.example.com'), SMTP_PASSWORD: secret(CANARY) } },
};

interface Made {
  readonly home: string;
  readonly paths: BasePaths['storage'];
  readonly vault: FileVault;
  readonly reopened: (masterKeyFile?: string | null) => FileVault;
}

function vaultAt(home: string, masterKeyFile: string | null = null): FileVault {
  let now = 1_700_000_000_000;
  const clock = { now: () => epochMs((now += 1_000)) };
  return new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile });
}

function made(masterKeyFile: string | null = null): Made {
  const home = temporaryHome();
  const vault = vaultAt(home, masterKeyFile);
  vault.create(FIRST);
  return {
    home,
    paths: basePaths(home).storage,
    vault,
    reopened: (file = masterKeyFile) => vaultAt(home, file),
  };
}

const keysOf = ({ paths }: Made): readonly string[] =>
  KEY_CATEGORIES.map((name) => readFileSync(`${paths.keys}/${name}.key`, 'utf8').trim());

describe('a generation', () => {
  test('nothing is there before the first, and it is made once', () => {
    const home = temporaryHome();
    const vault = vaultAt(home);
    expect(vault.generation()).toBeUndefined();
    expect(failureOf(() => vault.envBot()).code).toBe('VAULT_MISSING');
    expect(failureOf(() => vault.rotate({})).code).toBe('VAULT_MISSING');
    expect(vault.create(FIRST)).toEqual({ generation: 1, categories: KEY_CATEGORIES });
    expect(failureOf(() => vault.create(FIRST)).code).toBe('VAULT_EXISTS');
  });

  test('holds what it was given; what was never written is empty', () => {
    const { reopened } = made();
    expect(reopened().envBot().reveal()).toBe(FIRST.envBot.reveal());
    expect(reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(Object.keys(SECRET_FILES).filter((name) => name !== 'smtp')).toHaveLength(9);
    expect(reopened().secret('hub')).toEqual({});
    expect(reopened().secret('login')).toEqual({});
    expect(reopened().check()).toEqual([]);
  });

  test('files are the owner alone: 0600 in folders of 0700', () => {
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

const withPython = (): void => {
  test('opens each token with the key file beside it', () => {
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

  test('opens the backup of the generation before with the backup key', () => {
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
    expect(Object.keys(files)).toHaveLength(12 + 10 + 1);
  });
};

if (PYTHON_IS_HERE) describe("Python's cryptography", withPython);
else {
  test("Python's cryptography: skipped, for it is not here", () => {
    expect(PYTHON_IS_HERE).toBe(false);
  });
}

describe('rotation (SEC-3)', () => {
  test('new keys for all, everything else as it was, but what was changed', () => {
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

  test('no key is ever used twice, over 40 rotations, those of backups too', () => {
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
    expect(count).toBe(40 * 12);
    expect(seen.size).toBe(count);
    expect(readdirSync(home.paths.vaultBackups)).toHaveLength(39);
  });

  test('digests outlive it: equal values stay equal, other values differ, another vault has others', () => {
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

  test('one at a time: while another process changes the vault it is refused, and works when that one was killed', async () => {
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

  test('a vault that does not fit on the disk stays as it was', () => {
    const { vault, paths, reopened } = made();
    // A folder where a link belongs is found before the swap; so late nothing but the swap and the tidying is left.
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

  test('a reader sees one whole generation while another process rotates', () => {
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
      },
    });
    rotator.rotate({});
    rotator.rotate({});
    expect(reads).toBeGreaterThan(50);
  });
});

describe('bad input: one message that names the file, nothing changed', () => {
  const secretFile = ({ paths }: Made): string => `${paths.vault}/gen-1/secrets/smtp.json.enc`;
  const keyFile = ({ paths }: Made): string => `${paths.vault}/gen-1/keys/smtp.key`;
  const faults: readonly (readonly [string, (home: Made) => string, string])[] = [
    ['a missing key', (home) => (rmSync(keyFile(home)), keyFile(home)), 'VAULT_UNREADABLE'],
    ['an empty key', (home) => (writeFileSync(keyFile(home), ''), keyFile(home)), 'VAULT_UNREADABLE'],
    ['a garbled key', (home) => (writeFileSync(keyFile(home), 'no key\n'), keyFile(home)), 'VAULT_UNREADABLE'],
    [
      'a folder for a key',
      (home) => (rmSync(keyFile(home)), mkdirSync(keyFile(home)), keyFile(home)),
      'VAULT_UNREADABLE',
    ],
    [
      'a link that leads nowhere for a key',
      (home) => (rmSync(keyFile(home)), symlinkSync('nowhere', keyFile(home)), keyFile(home)),
      'VAULT_UNREADABLE',
    ],
    [
      'a link that leads to itself for a key',
      (home) => (rmSync(keyFile(home)), symlinkSync('smtp.key', keyFile(home)), keyFile(home)),
      'VAULT_UNREADABLE',
    ],
    [
      'another key',
      (home) => (writeFileSync(keyFile(home), FernetKey.generate().text().reveal()), secretFile(home)),
      'VAULT_WRONG_KEY',
    ],
    ['a missing token', (home) => (rmSync(secretFile(home)), secretFile(home)), 'VAULT_UNREADABLE'],
    ['a token cut short', (home) => (cut(secretFile(home)), secretFile(home)), 'VAULT_WRONG_KEY'],
    ['a garbled token', (home) => (writeFileSync(secretFile(home), '\0\0\0'), secretFile(home)), 'VAULT_WRONG_KEY'],
    [
      'a folder for a token',
      (home) => (rmSync(secretFile(home)), mkdirSync(secretFile(home)), secretFile(home)),
      'VAULT_UNREADABLE',
    ],
    [
      'a pipe for a token',
      (home) => (rmSync(secretFile(home)), execFileSync('mkfifo', [secretFile(home)]), secretFile(home)),
      'VAULT_UNREADABLE',
    ],
  ];

  function cut(path: string): void {
    writeFileSync(path, readFileSync(path).subarray(0, 100));
  }

  test.each(faults)('%s', (_, spoil, code) => {
    const home = made();
    const file = spoil(home);
    const before = filesAsTheyLie(home.home);
    const error = failureOf(() => home.reopened().secret('smtp'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(file);
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

  test('what lies under another name is refused, though its key fits', () => {
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
      `${paths.vault}/gen-1/secrets/hub.json.enc cannot be used: what it holds belongs to another file`,
    ]);
  });

  test.each<[string, (home: Made) => void]>([
    ['leads to a generation that is not there', ({ paths }) => repoint(paths, 'gen-9')],
    ['leads out of the vault', ({ paths }) => repoint(paths, '../../elsewhere')],
    ['is a folder', ({ paths }) => (rmSync(paths.vaultCurrent), mkdirSync(paths.vaultCurrent))],
    ['is a file', ({ paths }) => (rmSync(paths.vaultCurrent), writeFileSync(paths.vaultCurrent, 'gen-1'))],
    ['is gone, though a generation is there', ({ paths, vault }) => (vault.rotate({}), rmSync(paths.vaultCurrent))],
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

  test('check tells everything at once: keys, tokens, rights, links, what was left behind', () => {
    const home = made();
    const { paths } = home;
    const gen = `${paths.vault}/gen-1`;
    rmSync(`${gen}/keys/hub.key`);
    writeFileSync(`${gen}/secrets/smtp.json.enc`, 'x');
    chmodSync(`${gen}/keys/login.key`, 0o644);
    rmSync(`${paths.keys}/alert.key`);
    rmSync(paths.envBot);
    writeFileSync(paths.envBot, 'plain');
    mkdirSync(`${paths.vault}/gen-7`);
    expect(home.vault.check().map(({ file }) => file)).toEqual([
      `${gen}/keys/hub.key`,
      `${gen}/secrets/smtp.json.enc`,
      `${gen}/keys/login.key`,
      `${paths.keys}/alert.key`,
      paths.envBot,
      `${paths.vault}/gen-7`,
    ]);
    expect(home.vault.check().every(({ cause, remedy }) => cause !== '' && remedy.endsWith('.'))).toBe(true);
  });

  test('a lost link is made anew by the next rotation', () => {
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

describe('master key (SEC-4)', () => {
  const masterFile = (...keys: readonly string[]): string => {
    const file = `${temporaryHome()}/master.key`;
    writeFileSync(file, `${keys.join('\n')}\n`);
    return file;
  };
  const newKey = (): string => FernetKey.generate().text().reveal();

  test('wraps every key file, and without it nothing opens', () => {
    const file = masterFile(newKey());
    const home = made(file);
    expect(keysOf(home).every((text) => text.startsWith('wrapped-by-master-key:gAAAAA'))).toBe(true);
    expect(home.reopened().hasMasterKey).toBe(true);
    expect(home.reopened().secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(home.vault.check()).toEqual([]);
    const without = failureOf(() => home.reopened(null).envBot());
    expect([without.code, without.remedy]).toEqual([
      'MASTER_KEY_NEEDED',
      'Give the file of the master key, as when the keys were made.',
    ]);
    expect(failureOf(() => home.reopened(masterFile(newKey())).envBot()).code).toBe('MASTER_KEY_WRONG');
    expect(home.reopened(null).check()).toHaveLength(12);
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

  test('given later it takes hold with the next rotation; a new one is put above the old one', () => {
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

test('a moved home works: no link holds its place', () => {
  const home = made();
  const elsewhere = `${temporaryHome()}/moved`;
  renameSync(home.home, elsewhere);
  const vault = vaultAt(elsewhere);
  expect(vault.check()).toEqual([]);
  vault.rotate({});
  expect(vault.check()).toEqual([]);
});
