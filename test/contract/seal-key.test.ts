import { spawnSync } from 'node:child_process';
import { verify } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { readSeal } from '../../src/adapters/seal-keys/seal-files.js';
import { verifySignature } from '../../src/adapters/seal-keys/seal-keys.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { JournalTree } from '../../src/app/audit/journal-tree.js';
import { sealsProjection } from '../../src/app/audit/seals-projection.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { Projector } from '../../src/app/projector/projector.js';
import { sealKeysOf } from '../../src/composition/seal-keys.js';
import { sealMessage } from '../../src/domain/audit/seal.js';
import { homePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import { STREAMS } from '../../src/events/streams.js';
import { secret } from '../../src/kernel/secret.js';
import { toUtcText } from '../../src/kernel/time.js';
import { failureOf } from '../unit/support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ALPHA, BOT, named, START } from './support/journal-events.js';

afterAll(removeTemporaryHomes);

const clock = new VirtualClock(START);
const newKey = (): string => FernetKey.generate().text().reveal();
let paths: HomePaths;
let master: string;

beforeEach(() => {
  paths = homePaths(`${temporaryHome()}/home`, BOT);
  master = masterFile(newKey());
});

function masterFile(...keys: readonly string[]): string {
  const file = `${temporaryHome()}/master.key`;
  writeFileSync(file, `${keys.join('\n')}\n`, { mode: 0o600 });
  return file;
}

const keysWith = (file: string | null): ReturnType<typeof sealKeysOf> => sealKeysOf(paths, { file: () => file, clock });
const vaultWith = (file: string | null): FileVault =>
  new FileVault({ paths: paths.storage, clock, masterKeyFile: file });
const stored = (): string => readFileSync(paths.storage.sealKey, 'utf8');

/** A home with a vault and a published seal key; gives the public key. */
function homeWithKey(file: string | null): string {
  vaultWith(file).create({ envBot: secret('A=1\n') });
  const keys = keysWith(file);
  const pem = keys.publicKeyPem();
  mkdirSync(dirname(paths.output.sealPublicKey), { recursive: true });
  writeFileSync(paths.output.sealPublicKey, pem);
  return keys.sign('x').publicKey;
}

describe('the seal key with a master key (E30)', () => {
  test('it is wrapped when it is made, and signs as before', () => {
    const known = homeWithKey(master);
    expect(stored()).toMatch(/^wrapped-by-master-key:gAAAAA[A-Za-z0-9_=-]+\n$/);
    expect(statSync(paths.storage.sealKey).mode & 0o777).toBe(0o600);
    const { publicKey, signature } = keysWith(master).sign('a message');
    const der = { key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' } as const;
    expect(publicKey).toBe(known);
    expect(verify(null, Buffer.from('a message'), der, Buffer.from(signature, 'base64'))).toBe(true);
  });

  test('without a master key it is a plain PEM file, as before', () => {
    homeWithKey(null);
    expect(stored()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(vaultWith(null).wrapSealKey()).toBe(false);
  });

  test('a plain one is wrapped once, and stays the same key', () => {
    const known = homeWithKey(null);
    expect(vaultWith(master).wrapSealKey()).toBe(true);
    const wrapped = stored();
    expect(wrapped).toMatch(/^wrapped-by-master-key:/);
    expect(vaultWith(master).wrapSealKey()).toBe(false);
    expect(stored()).toBe(wrapped);
    expect(keysWith(master).sign('x').publicKey).toBe(known);
    expect(readdirSync(dirname(paths.storage.sealKey)).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('a damaged one is not wrapped: its next use reports it', () => {
    homeWithKey(null);
    writeFileSync(paths.storage.sealKey, 'nonsense\n');
    expect(vaultWith(master).wrapSealKey()).toBe(false);
    expect(stored()).toBe('nonsense\n');
    expect(failureOf(() => keysWith(master).sign('x')).code).toBe('SEAL_KEY_UNREADABLE');
  });

  test('the wrapped file of another key is refused', () => {
    homeWithKey(master);
    writeFileSync(paths.storage.sealKey, readFileSync(`${paths.storage.keys}/smtp.key`));
    expect(failureOf(() => keysWith(master).sign('x')).message).toContain('its content belongs to another file');
  });
});

describe('a rotation (SEC-3)', () => {
  test('it moves the seal key to the new master key, and the old one may be removed', () => {
    const old = readFileSync(master, 'utf8').trim();
    const known = homeWithKey(master);
    const young = newKey();
    vaultWith(masterFile(young, old)).rotate({});
    expect(keysWith(masterFile(young)).sign('x').publicKey).toBe(known);
    expect(failureOf(() => keysWith(masterFile(old)).sign('x')).code).toBe('SEAL_KEY_NOT_OPENED');
  });

  test('a master key that was put above the old one applies to the seal key from the next start', () => {
    const old = readFileSync(master, 'utf8').trim();
    const known = homeWithKey(master);
    const young = newKey();
    expect(vaultWith(masterFile(young, old)).wrapSealKey()).toBe(true);
    expect(keysWith(masterFile(young)).sign('x').publicKey).toBe(known);
  });

  test('it wraps a plain seal key, before it takes the new generation into use', () => {
    homeWithKey(null);
    const steps: string[] = [];
    const onStep = (step: string): number => steps.push(step);
    new FileVault({ paths: paths.storage, clock, masterKeyFile: master, onStep }).rotate({});
    expect(stored()).toMatch(/^wrapped-by-master-key:/);
    expect(steps.indexOf('seal key')).toBeGreaterThan(0);
    expect(steps.indexOf('seal key')).toBeLessThan(steps.indexOf('swapped'));
  });

  test('a seal key under a lost master key does not hold it up, and stays as it is', () => {
    homeWithKey(null);
    vaultWith(masterFile(newKey())).wrapSealKey();
    const before = stored();
    expect(vaultWith(master).rotate({}).generation).toBe(2);
    expect(stored()).toBe(before);
  });

  test('without a change of the master key it leaves the seal key alone', () => {
    homeWithKey(master);
    const before = stored();
    vaultWith(master).rotate({});
    expect(stored()).toBe(before);
  });
});

/** Runs the child once for each call that touches a file, in new homes; returns how many died. */
function killedAtEachCall(work: 'make' | 'wrap', prepare: () => void, look: () => void): number {
  const loader = new URL('../unit/support/typescript-loader.mjs', import.meta.url).href;
  const child = fileURLToPath(new URL('support/seal-key-child.mjs', import.meta.url));
  for (let n = 1; n < 60; n += 1) {
    paths = homePaths(`${temporaryHome()}/home`, BOT);
    prepare();
    const args = ['--import', loader, child, work, paths.home, master, String(n)];
    const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([n, stderr]).toEqual([n, '']);
    look();
    if (stdout === 'done') return n - 1;
    expect([n, signal]).toEqual([n, 'SIGKILL']);
  }
  throw new Error('the child never came to its end');
}

describe('a kill at any step leaves one usable key', () => {
  test('while a plain key is wrapped', () => {
    let known = '';
    const seen = new Set<string>();
    const died = killedAtEachCall(
      'wrap',
      () => {
        known = homeWithKey(null);
      },
      () => {
        seen.add(stored().slice(0, 10));
        expect(keysWith(master).sign('x').publicKey).toBe(known);
        vaultWith(master).wrapSealKey();
        expect(stored()).toMatch(/^wrapped-by-master-key:/);
        expect(keysWith(master).sign('x').publicKey).toBe(known);
      },
    );
    expect(died).toBeGreaterThan(8);
    expect([...seen]).toEqual(['-----BEGIN', 'wrapped-by']);
  });

  test('while the first key is made: it is whole or not there, and never plain', () => {
    const seen = new Set<boolean>();
    const died = killedAtEachCall(
      'make',
      () => {
        vaultWith(master).create({ envBot: secret('A=1\n') });
      },
      () => {
        seen.add(existsSync(paths.storage.sealKey));
        const first = keysWith(master).sign('x').publicKey;
        expect(keysWith(master).sign('x').publicKey).toBe(first);
        const { keys } = paths.storage;
        for (const name of readdirSync(keys)) expect(readFileSync(`${keys}/${name}`, 'utf8')).not.toContain('BEGIN');
      },
    );
    expect(died).toBeGreaterThan(4);
    expect([...seen]).toEqual([false, true]);
  });
});

describe('a master key that is not at hand', () => {
  const notAtHand = [
    ['missing', () => null, 'is wrapped by a master key, but none was given'],
    ['wrong', () => masterFile(newKey()), 'is not unwrapped by the master key in'],
    ['unreadable', () => `${temporaryHome()}/absent.key`, 'absent.key cannot be used: it is missing'],
    ['no key', () => masterFile('hunter2'), 'line 1 is not a master key'],
  ] as const;

  test.each(notAtHand)('%s: one sentence with the remedy, and no other key', (_, file, why) => {
    const known = homeWithKey(master);
    const before = stored();
    const keys = keysWith(file());
    const failure = failureOf(() => keys.sign('x'));
    expect([failure.code, failure.remedy]).toEqual([
      'SEAL_KEY_NOT_OPENED',
      expect.stringContaining('TRADEBOT_MASTER_KEY_FILE'),
    ]);
    expect(failure.message).toContain(why);
    expect(failure.message).toContain('missing seals are signed at the next start with the right one');
    expect(failure.message).not.toMatch(/\n|hunter2/);
    expect(keys.knownPublicKey()).toBe(known);
    expect(stored()).toBe(before);
    rmSync(paths.output.sealPublicKey);
    expect(failureOf(() => keysWith(file()).knownPublicKey()).code).toBe('SEAL_KEY_NOT_OPENED');
    expect(failureOf(() => keysWith(file()).publicKeyPem()).code).toBe('SEAL_KEY_NOT_OPENED');
    expect(stored()).toBe(before);
  });

  test('no plain key is made in a home whose keys a master key wraps', () => {
    vaultWith(master).create({ envBot: secret('A=1\n') });
    expect(keysWith(null).knownPublicKey()).toBeUndefined();
    expect(failureOf(() => keysWith(null).sign('x')).code).toBe('SEAL_KEY_NOT_OPENED');
    expect(existsSync(paths.storage.sealKey)).toBe(false);
  });

  test('a seal is signed later, with the same key; those that are there are compared meanwhile', async () => {
    const known = homeWithKey(master);
    await sealedAs('one');
    expect(await projected(master)).toEqual([]);
    await sealedAs('two');
    const [missing, ...more] = await projected(null);
    expect(more).toEqual([]);
    expect(missing).toMatch(/seal_two\.json: it is missing .* wrapped by a master key, but none was given/);
    expect([existsSync(paths.sealFile('one')), existsSync(paths.sealFile('two'))]).toEqual([true, false]);
    expect(await projected(master)).toEqual([]);
    const two = readSeal(paths.sealFile('two'));
    expect([two.publicKey, verifySignature(sealMessage(two.seal), two)]).toEqual([known, true]);
    expect(await projected(masterFile(newKey()))).toEqual([]);
  });

  test('a changed seal is found without it too', async () => {
    homeWithKey(master);
    await sealedAs('one');
    await projected(master);
    const path = paths.sealFile('one');
    const right = readFileSync(path, 'utf8');
    writeFileSync(path, right.replace('"count"', '"count" '));
    expect(await projected(null)).toEqual([expect.stringContaining('seal_one.json: its SHA-256 is')]);
    const { signature } = readSeal(path);
    writeFileSync(path, right.replace(signature, Buffer.alloc(64).toString('base64')));
    expect(await projected(null)).toEqual([expect.stringContaining('seal_one.json: it cannot be compared')]);
  });
});

/** Records a seal over the journal, without its file. */
async function sealedAs(sealId: string): Promise<void> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  await journal.append(ALPHA, named(2, `${sealId}-`), { expectedRevision: 'any' });
  const covered = await new JournalTree(journal).sealable();
  if (covered === undefined) throw new Error('nothing to seal');
  const data = { sealId, ...covered, sealedAt: toUtcText(START) };
  await new EventAppender({ journal, identity: BOT, clock, actor: 'system:engine' }).append(STREAMS.reporting, [
    { type: 'JournalSealed', data, correlationId: sealId, causationId: null },
  ]);
  await journal.close();
}

/** Runs the seals projection as one process does; what differs or is missing then. */
async function projected(file: string | null): Promise<readonly string[]> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  const targets = new FileProjectionTargets({ home: paths.home, projectionsDb: paths.storage.projectionsDb });
  const projector = new Projector({
    ...{ journal, targets },
    projections: [sealsProjection({ paths, signer: keysWith(file) })],
  });
  const { evidence } = await projector.catchUp();
  await projector.close();
  await journal.close();
  return evidence;
}
