import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { secret } from '../../src/kernel/secret.js';
import { epochMs } from '../../src/kernel/time.js';
import { SECRET_FILES } from '../../src/ports/vault.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { testNeeding } from '../support/needs.js';
import { cryptography, openWithPython } from '../unit/support/vault-files.js';
import { copyTree } from '../support/copy-tree.js';

afterEach(removeTemporaryHomes);

const clock = { now: () => epochMs(Date.now()) };

function vaultAt(home: string, onStep?: (step: string) => void): FileVault {
  const steps = onStep === undefined ? {} : { onStep };
  return new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile: null, ...steps });
}

interface Crashed {
  readonly step: string;
  readonly home: string;
}

/** What the disk holds when a process dies after each step of `work`: the kernel keeps what was written, nothing follows. */
function crashedAfterEachStep(home: string, work: (vault: FileVault) => void): readonly Crashed[] {
  const crashed: Crashed[] = [];
  const vault = vaultAt(home, (step) => {
    const copy = `${temporaryHome()}/home`;
    copyTree(home, copy);
    crashed.push({ step, home: copy });
  });
  work(vault);
  return crashed;
}

/** Token and key of every file of the generation in use, by the links that people know. */
function pairsOf(home: string): readonly (readonly [string, string])[] {
  const { keys, secrets, envBot } = basePaths(home).storage;
  return [
    ...Object.entries(SECRET_FILES).map(
      ([name, key]) => [`${secrets}/${name}.json.enc`, `${keys}/${key}.key`] as const,
    ),
    [envBot, `${keys}/env_bot.key`],
  ];
}

function keysIn(home: string): readonly string[] {
  const folder = `${basePaths(home).storage.vaultCurrent}/keys`;
  return readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
}

function homeBeforeRotation(): string {
  const home = temporaryHome();
  vaultAt(home).create({ envBot: secret('OLD=1\n'), secrets: { smtp: { SMTP_PASSWORD: secret('old') } } });
  return home;
}

function rotateToNew(vault: FileVault): void {
  vault.rotate({ envBot: secret('NEW=1\n'), secrets: { smtp: { SMTP_PASSWORD: secret('new') } } });
}

describe('a crash after any step of a rotation leaves the old or the new generation whole (SEC-3)', () => {
  testNeeding(cryptography)("Python's cryptography opens each generation", () => {
    const crashed = crashedAfterEachStep(homeBeforeRotation(), rotateToNew);
    const texts = openWithPython(crashed.flatMap(({ home: at }) => pairsOf(at)));
    expect(texts).toHaveLength(crashed.length * 12);
  });

  test('each generation is read and rotated again, which removes leftovers', () => {
    const home = homeBeforeRotation();
    const oldKeys = new Set(keysIn(home));
    const crashed = crashedAfterEachStep(home, rotateToNew);
    expect(crashed.length).toBeGreaterThan(25);
    const swappedAt = crashed.findIndex(({ step }) => step === 'swapped');
    const seen = { old: 0, new: 0 };
    for (const [index, { step, home: at }] of crashed.entries()) {
      const vault = vaultAt(at);
      const which = index < swappedAt ? 'old' : 'new';
      seen[which] += 1;
      expect([step, vault.generation()]).toEqual([step, which === 'old' ? 1 : 2]);
      expect([step, vault.envBot().reveal()]).toEqual([step, `${which.toUpperCase()}=1\n`]);
      expect([step, vault.secret('smtp')['SMTP_PASSWORD']?.reveal()]).toEqual([step, which]);
      expect([step, vault.check()]).toEqual([step, []]);
    }
    expect(seen.new).toBeGreaterThan(2);
    const everyKey = new Set<string>();
    for (const [index, { step, home: at }] of crashed.entries()) {
      const vault = vaultAt(at);
      const generation = index < swappedAt ? 2 : 3;
      expect([step, vault.rotate({}).generation]).toEqual([step, generation]);
      expect([step, vault.check()]).toEqual([step, []]);
      const { vault: folder, vaultBackups } = basePaths(at).storage;
      expect([step, readdirSync(folder).sort()]).toEqual([step, ['current', `gen-${generation}`, 'lock.db']]);
      expect(readdirSync(vaultBackups).filter((name) => !/^vault_gen-\d_\d{8}T\d{9}Z\.json\.enc$/.test(name))).toEqual(
        [],
      );
      expect(readdirSync(vaultBackups)).toHaveLength(generation - 1);
      for (const key of keysIn(at)) {
        expect([step, oldKeys.has(key), everyKey.has(key)]).toEqual([step, false, false]);
        everyKey.add(key);
      }
    }
  });

  test('the first generation is either missing or complete', () => {
    const home = temporaryHome();
    const crashed = crashedAfterEachStep(home, (vault) => {
      vault.create({ envBot: secret('NEW=1\n') });
    });
    expect(crashed.length).toBeGreaterThan(45);
    const swappedAt = crashed.findIndex(({ step }) => step === 'swapped');
    for (const [index, { step, home: at }] of crashed.entries()) {
      const vault = vaultAt(at);
      if (index >= swappedAt) {
        expect([step, vault.envBot().reveal(), vault.check()]).toEqual([step, 'NEW=1\n', []]);
        continue;
      }
      expect([step, vault.generation()]).toEqual([step, undefined]);
      expect(vault.create({ envBot: secret('AGAIN=1\n') }).generation).toBe(1);
      expect([step, vault.envBot().reveal(), vault.check()]).toEqual([step, 'AGAIN=1\n', []]);
      expect(readlinkSync(basePaths(at).storage.vaultCurrent)).toBe('gen-1');
    }
  });
});

test('a process that kills itself midway leaves the lock free and the vault complete, and the next rotation works', () => {
  const loader = new URL('../unit/support/typescript-loader.mjs', import.meta.url).href;
  const child = fileURLToPath(new URL('support/vault-child.mjs', import.meta.url));
  const home = temporaryHome();
  vaultAt(home).create({ envBot: secret('A=1\n') });
  for (const step of ['secret smtp', 'synced', 'kept', 'swapped']) {
    const before = vaultAt(home).generation() ?? 0;
    const { signal, stderr } = spawnSync(process.execPath, ['--import', loader, child, home, step], {
      encoding: 'utf8',
    });
    expect([step, signal, stderr]).toEqual([step, 'SIGKILL', '']);
    expect(vaultAt(home).generation()).toBe(step === 'swapped' ? before + 1 : before);
    expect(vaultAt(home).envBot().reveal()).toBe('A=1\n');
  }
  vaultAt(home).rotate({});
  expect(vaultAt(home).check()).toEqual([]);
});
