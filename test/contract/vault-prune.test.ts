import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fernet } from '../../src/adapters/fernet/fernet.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { KEPT_GENERATIONS } from '../../src/adapters/vault/vault-backups.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { secret } from '../../src/kernel/secret.js';
import { epochMs } from '../../src/kernel/time.js';
import { KEY_CATEGORIES, SECRET_FILES } from '../../src/ports/vault.js';
import { copyTree } from '../support/copy-tree.js';
import { testNeeding } from '../support/needs.js';
import { failureOf } from '../unit/support/failure.js';
import { cryptography, filesAsTheyLie, openWithPython } from '../unit/support/vault-files.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

afterEach(removeTemporaryHomes);

/** A value that was stored once and taken away: it must not come back from what a prune or a destruction leaves. */
const LEAKED = 'canary-leaked-0c55';
let time = 1_800_000_000_000;
const clock = { now: () => epochMs((time += 1_000)) };

interface At {
  readonly masterKeyFile?: string | null;
  readonly onStep?: (step: string) => void;
}

function vaultAt(home: string, { masterKeyFile = null, onStep }: At = {}): FileVault {
  const steps = onStep === undefined ? {} : { onStep };
  return new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile, ...steps });
}

/** A vault whose first generation has the leaked value, in generation `last`. */
function homeAt(last: number): string {
  const home = temporaryHome();
  vaultAt(home).create({ envBot: secret('A=1\n'), secrets: { hub: { TOKEN: secret(LEAKED) } } });
  for (let n = 2; n <= last; n += 1) vaultAt(home).rotate(n === 2 ? { secrets: { hub: {} } } : {});
  return home;
}

function masterFile(...keys: readonly string[]): string {
  const file = `${temporaryHome()}/master.key`;
  writeFileSync(file, `${keys.join('\n')}\n`);
  return file;
}

const newKey = (): string => FernetKey.generate().text().reveal();
const backupsOf = (home: string): readonly string[] => {
  const folder = basePaths(home).storage.vaultBackups;
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** Everything that a thief of the home can open, from the keys in use on, over and over: texts of all tokens. */
function everythingThatOpens(home: string, copies: readonly string[] = []): string {
  const keys = new Set<string>();
  const tokens = new Set<string>();
  const take = (text: string): void => {
    for (const key of text.match(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}=(?![A-Za-z0-9_=-])/g) ?? []) keys.add(key);
    for (const token of text.match(/gAAAAA[A-Za-z0-9_=-]{60,}/g) ?? []) tokens.add(token);
  };
  const opened = new Map<string, string>();
  for (const text of [...Object.values(filesAsTheyLie(home)), ...copies]) take(text);
  for (let before = -1; before !== opened.size;) {
    before = opened.size;
    for (const token of [...tokens].filter((one) => !opened.has(one))) {
      for (const key of keys) {
        try {
          const text = new Fernet(FernetKey.parse(key), clock).decryptText(token);
          opened.set(token, text);
          take(text);
          break;
        } catch {
          // not this one
        }
      }
    }
  }
  return [...opened.values()].join('\n');
}

describe('earlier generations (SEC-3)', () => {
  test('the newest are kept, and open with the backup key in use', () => {
    const home = homeAt(12);
    expect(vaultAt(home).earlier()).toEqual([11, 10, 9, 8, 7]);
    expect(backupsOf(home)).toHaveLength(KEPT_GENERATIONS);
    const { vaultBackups, vaultCurrent } = basePaths(home).storage;
    const key = FernetKey.parse(readFileSync(`${vaultCurrent}/keys/vault_backup.key`, 'utf8').trim());
    for (const name of backupsOf(home)) {
      const text = new Fernet(key, clock).decryptText(readFileSync(`${vaultBackups}/${name}`, 'utf8').trim());
      expect(text).toContain(`"_record":"${/gen-\d+/.exec(name)?.[0] ?? ''}"`);
      expect(text).not.toContain('vault_backup');
    }
  });

  test('a value of a generation that is gone opens with nothing that is left, not from copies of its backups either', () => {
    const home = homeAt(2);
    expect(everythingThatOpens(home)).toContain(LEAKED);
    const copies: string[] = [];
    for (let n = 3; n <= 7; n += 1) {
      copies.push(
        ...backupsOf(home).map((name) => readFileSync(`${basePaths(home).storage.vaultBackups}/${name}`, 'utf8')),
      );
      vaultAt(home).rotate({});
    }
    expect(vaultAt(home).earlier()).toEqual([6, 5, 4, 3, 2]);
    expect(everythingThatOpens(home)).not.toContain(LEAKED);
    expect(everythingThatOpens(home, copies)).not.toContain(LEAKED);
  });

  test('destroying them leaves the present one alone, at once', () => {
    const home = homeAt(2);
    const copies = backupsOf(home).map((name) =>
      readFileSync(`${basePaths(home).storage.vaultBackups}/${name}`, 'utf8'),
    );
    expect(vaultAt(home).destroyEarlier()).toEqual({ generation: 3, categories: KEY_CATEGORIES });
    expect([vaultAt(home).earlier(), backupsOf(home), vaultAt(home).check()]).toEqual([[], [], []]);
    expect(vaultAt(home).envBot().reveal()).toBe('A=1\n');
    expect(everythingThatOpens(home, copies)).not.toContain(LEAKED);
    expect(readdirSync(basePaths(home).storage.vault).sort()).toEqual(['current', 'gen-3', 'lock.db']);
    vaultAt(home).rotate({});
    expect(vaultAt(home).earlier()).toEqual([3]);
  });

  test('backups that version 0.2.0 chained are taken over, and the chain is cut', () => {
    const home = homeAt(4);
    const { vaultBackups, vaultCurrent } = basePaths(home).storage;
    // As it was: the backup of generation n has the backup key of generation n, which opens that of n - 1.
    const keys = [newKey(), newKey(), readFileSync(`${vaultCurrent}/keys/vault_backup.key`, 'utf8').trim()];
    backupsOf(home).forEach((name, at) => {
      const path = `${vaultBackups}/${name}`;
      const before = new Fernet(FernetKey.parse(keys[2] ?? ''), clock).decryptText(readFileSync(path, 'utf8').trim());
      const record = JSON.parse(before) as { files: Record<string, string> };
      if (at > 0) record.files['keys/vault_backup.key'] = keys[at - 1] ?? '';
      writeFileSync(path, new Fernet(FernetKey.parse(keys[at] ?? ''), clock).encrypt(JSON.stringify(record)));
    });
    expect(everythingThatOpens(home)).toContain(LEAKED);
    vaultAt(home).rotate({});
    expect(vaultAt(home).earlier()).toEqual([4, 3, 2, 1]);
    const key = FernetKey.parse(readFileSync(`${vaultCurrent}/keys/vault_backup.key`, 'utf8').trim());
    for (const name of backupsOf(home)) {
      const text = new Fernet(key, clock).decryptText(readFileSync(`${vaultBackups}/${name}`, 'utf8').trim());
      expect(text).not.toContain('vault_backup');
    }
    for (let n = 6; n <= 7; n += 1) vaultAt(home).rotate({});
    expect(everythingThatOpens(home)).not.toContain(LEAKED);
  });

  test('a start prunes what an earlier version left', () => {
    const home = homeAt(6);
    const { vaultBackups } = basePaths(home).storage;
    const [first = ''] = backupsOf(home);
    for (const n of [1, 2, 3])
      writeFileSync(`${vaultBackups}/${first.replace(/gen-\d/, 'gen-0').replace('Z.', `${n}Z.`)}`, 'x');
    vaultAt(home).tidy();
    expect(vaultAt(home).earlier()).toEqual([5, 4, 3, 2, 1]);
    expect(backupsOf(home)).toHaveLength(KEPT_GENERATIONS);
  });

  test('a backup that nothing opens stays until its turn, and stops no rotation', () => {
    const home = homeAt(3);
    const { vaultBackups } = basePaths(home).storage;
    const [first = ''] = backupsOf(home);
    writeFileSync(`${vaultBackups}/${first}`, 'garbled');
    vaultAt(home).rotate({});
    expect(readFileSync(`${vaultBackups}/${first}`, 'utf8')).toBe('garbled');
    expect(vaultAt(home).earlier()).toEqual([3, 2, 1]);
    for (let n = 0; n < 5; n += 1) vaultAt(home).rotate({});
    expect(backupsOf(home)).not.toContain(first);
  });

  test('files of an older vault that was put back, and of others, are no earlier generations', () => {
    const home = homeAt(2);
    const { vaultBackups } = basePaths(home).storage;
    for (const name of ['vault_gen-40_20261120T150000000Z.json.enc', 'notes.txt'])
      writeFileSync(`${vaultBackups}/${name}`, 'x');
    for (let n = 0; n < 7; n += 1) vaultAt(home).rotate({});
    expect(backupsOf(home)).toEqual(expect.arrayContaining(['vault_gen-40_20261120T150000000Z.json.enc', 'notes.txt']));
    expect(vaultAt(home).earlier()).toHaveLength(KEPT_GENERATIONS);
  });
});

interface Crashed {
  readonly step: string;
  readonly home: string;
}

/** What the disk holds when a process dies after each step. */
function crashedAfterEachStep(
  home: string,
  work: (vault: FileVault) => void,
  masterKeyFile: string | null = null,
): readonly Crashed[] {
  const crashed: Crashed[] = [];
  const onStep = (step: string): void => {
    const copy = `${temporaryHome()}/home`;
    copyTree(home, copy);
    crashed.push({ step, home: copy });
  };
  work(vaultAt(home, { masterKeyFile, onStep }));
  return crashed;
}

describe('a crash after any step', () => {
  test('of a rotation that prunes leaves all that is kept readable, and the next start completes it', () => {
    const crashed = crashedAfterEachStep(homeAt(7), (vault) => void vault.rotate({}));
    expect(crashed.some(({ step }) => step === 'pruned gen-2')).toBe(true);
    for (const { step, home } of crashed) {
      const vault = vaultAt(home);
      expect([step, vault.envBot().reveal(), vault.check()]).toEqual([step, 'A=1\n', []]);
      vault.tidy();
      const generation = vault.generation() ?? 0;
      expect([step, vault.earlier()]).toEqual([step, [1, 2, 3, 4, 5].map((n) => generation - n)]);
      const text = everythingThatOpens(home);
      for (const n of vault.earlier())
        expect([step, n, text.includes(`"_record":"gen-${n}"`)]).toEqual([step, n, true]);
    }
  });

  test('of a destruction: before the swap nothing is lost, after it the next start destroys the rest', () => {
    const crashed = crashedAfterEachStep(homeAt(3), (vault) => void vault.destroyEarlier());
    const swapped = crashed.findIndex(({ step }) => step === 'swapped');
    expect(crashed.length - swapped).toBeGreaterThan(4);
    for (const [index, { step, home }] of crashed.entries()) {
      const vault = vaultAt(home);
      vault.tidy();
      expect([step, vault.envBot().reveal(), vault.check()]).toEqual([step, 'A=1\n', []]);
      expect([step, vault.earlier()]).toEqual([step, index < swapped ? [2, 1] : []]);
      expect([step, everythingThatOpens(home).includes(LEAKED)]).toEqual([step, index < swapped]);
    }
  });

  test('of the first wrapping: every key opens, and one more call leaves none plain', () => {
    const master = masterFile(newKey());
    const crashed = crashedAfterEachStep(homeAt(3), (vault) => void vault.wrapKeys(), master);
    for (const { step, home } of crashed) {
      const vault = vaultAt(home, { masterKeyFile: master });
      expect([step, vault.envBot().reveal(), vault.check()]).toEqual([step, 'A=1\n', []]);
      vault.tidy();
      vault.wrapKeys();
      expect([step, vault.needsWrapping(), vault.hasMasterKey, vault.check()]).toEqual([step, false, true, []]);
      // Without the master key a thief opens nothing: no plain key is left in any file.
      expect([step, everythingThatOpens(home)]).toEqual([step, '']);
    }
  });

  test('a process that is killed leaves a vault that the next one completes', () => {
    const loader = new URL('../unit/support/typescript-loader.mjs', import.meta.url).href;
    const child = fileURLToPath(new URL('support/vault-child.mjs', import.meta.url));
    const master = masterFile(newKey());
    const home = homeAt(7);
    const die = (step: string, change: string, ...more: readonly string[]): void => {
      const { signal, stderr } = spawnSync(process.execPath, ['--import', loader, child, home, step, change, ...more], {
        encoding: 'utf8',
      });
      expect([step, signal, stderr]).toEqual([step, 'SIGKILL', '']);
    };
    die('backup gen-4', 'rotate');
    die('pruned gen-2', 'rotate');
    vaultAt(home).tidy();
    expect(vaultAt(home).earlier()).toEqual([7, 6, 5, 4, 3]);
    die('key login', 'wrapKeys', master);
    die('swapped', 'wrapKeys', master);
    expect(vaultAt(home, { masterKeyFile: master }).wrapKeys()).toBe(false);
    die('destroyed gen-9', 'destroyEarlier', master);
    vaultAt(home, { masterKeyFile: master }).tidy();
    expect(vaultAt(home, { masterKeyFile: master }).earlier()).toEqual([]);
    expect(vaultAt(home, { masterKeyFile: master }).check()).toEqual([]);
    die('synced', 'removeMasterKey', master);
    expect(vaultAt(home, { masterKeyFile: master }).hasMasterKey).toBe(true);
    die('swapped', 'removeMasterKey', master);
    vaultAt(home).tidy();
    expect([vaultAt(home).hasMasterKey, vaultAt(home).envBot().reveal(), vaultAt(home).check()]).toEqual([
      false,
      'A=1\n',
      [],
    ]);
  });
});

describe('master key', () => {
  test('a new line above the old one wraps again, and the old one can go', () => {
    const [old, next] = [newKey(), newKey()];
    const home = homeAt(2);
    expect(vaultAt(home).wrapKeys()).toBe(false);
    expect(vaultAt(home, { masterKeyFile: masterFile(old) }).wrapKeys()).toBe(true);
    expect(vaultAt(home, { masterKeyFile: masterFile(next, old) }).wrapKeys()).toBe(true);
    expect(vaultAt(home, { masterKeyFile: masterFile(next) }).wrapKeys()).toBe(false);
    expect(
      vaultAt(home, { masterKeyFile: masterFile(next) })
        .envBot()
        .reveal(),
    ).toBe('A=1\n');
  });

  test('it is taken away by a change of its own, with the seal key', () => {
    const master = masterFile(newKey());
    const home = homeAt(2);
    const { sealKey } = basePaths(home).storage;
    const pem =
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINRZZgRhcNyGpp1e8oQ6Q0hA1hZ8sTgYy7B3WzLzv9fW\n-----END PRIVATE KEY-----\n';
    writeFileSync(sealKey, pem, { mode: 0o600 });
    vaultAt(home, { masterKeyFile: master }).wrapKeys();
    expect(readFileSync(sealKey, 'utf8')).toContain('wrapped-by-master-key:');
    expect(failureOf(() => vaultAt(home).removeMasterKey()).code).toBe('MASTER_KEY_NEEDED');
    vaultAt(home, { masterKeyFile: master }).removeMasterKey();
    expect([vaultAt(home).hasMasterKey, vaultAt(home).check(), readFileSync(sealKey, 'utf8')]).toEqual([
      false,
      [],
      pem,
    ]);
    expect(failureOf(() => vaultAt(home, { masterKeyFile: master }).removeMasterKey()).code).toBe('VAULT_NOT_WRAPPED');
  });

  testNeeding(cryptography)("Python's cryptography opens a wrapped home as the README of the vault says", () => {
    const key = newKey();
    const master = masterFile(key);
    const home = homeAt(3);
    vaultAt(home, { masterKeyFile: master }).wrapKeys();
    const { keys, secrets, vaultCurrent, vaultBackups } = basePaths(home).storage;
    const aside = temporaryHome();
    const plainKey = (name: string, path = `${keys}/${name}.key`): string => {
      const token = `${aside}/${name}.token`;
      writeFileSync(token, readFileSync(path, 'utf8').trim().slice('wrapped-by-master-key:'.length));
      const [text = ''] = openWithPython([[token, master]]);
      expect(text.startsWith(`${name}:`)).toBe(true);
      writeFileSync(`${aside}/${name}.key`, text.slice(name.length + 1));
      return `${aside}/${name}.key`;
    };
    const pairs = Object.entries(SECRET_FILES).map(([name, category]): [string, string] => [
      `${secrets}/${name}.json.enc`,
      plainKey(category),
    ]);
    expect(openWithPython(pairs).map((text) => (JSON.parse(text) as { _record: string })._record)).toEqual(
      Object.keys(SECRET_FILES),
    );
    const backupKey = plainKey('vault_backup', `${vaultCurrent}/keys/vault_backup.key`);
    const backups = openWithPython(
      backupsOf(home).map((name): [string, string] => [`${vaultBackups}/${name}`, backupKey]),
    );
    expect(backups).toHaveLength(3);
  });
});
