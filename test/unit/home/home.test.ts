import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { emptyHome, openHome, type OpenedHome } from '../../../src/adapters/home/home.js';
import { lockEngine, runningEngine } from '../../../src/adapters/home/engine-lock.js';
import { homeHolder, lockHome } from '../../../src/adapters/home/home-lock.js';
import { epochMs } from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';

const IDENTITY = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const clock = { now: () => epochMs(Date.UTC(2026, 10, 20, 14, 30)) };

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tradebot-home-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const make = (dir = join(scratch, 'home')): OpenedHome =>
  openHome({ dir, identity: IDENTITY, create: true, version: '0.1.0' });
const read = (dir = join(scratch, 'home')): OpenedHome => openHome({ dir, create: false, version: '0.1.0' });
const writeMarker = (text: string): void => {
  mkdirSync(join(scratch, 'home/storage'), { recursive: true });
  writeFileSync(join(scratch, 'home/storage/home.json'), text);
};
const markerOf = (botIdentity: string): string =>
  JSON.stringify({ layout: 1, botIdentity, identityParts: IDENTITY, createdBy: '0.1.0' });
const codeOf = (work: () => unknown): string => failureOf(work).code;

describe('opening a home (RUN-6)', () => {
  test('it creates the whole tree, with storage for the owner only', () => {
    const home = make();
    expect(home).toMatchObject({ created: true, identity: 'DEMO_US_SIM_B01' });
    for (const folder of home.paths.folders) {
      expect(statSync(folder.path).isDirectory()).toBe(true);
      if (folder.private) expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(home.paths.home).sort()).toEqual(['backups', 'control', 'output', 'storage']);
    expect(JSON.parse(readFileSync(home.paths.marker, 'utf8'))).toEqual({
      layout: 1,
      botIdentity: 'DEMO_US_SIM_B01',
      identityParts: IDENTITY,
      createdBy: '0.1.0',
    });
  });

  test('an existing home needs no identity and is not changed', () => {
    make();
    const marker = readFileSync(join(scratch, 'home/storage/home.json'));
    expect(read()).toMatchObject({ created: false, identity: 'DEMO_US_SIM_B01' });
    expect(make()).toMatchObject({ created: false });
    expect(readFileSync(join(scratch, 'home/storage/home.json'))).toEqual(marker);
  });

  test('without an identity a new home gets the proposed one and keeps it', () => {
    const other = { ...IDENTITY, botId: 'B02' };
    const dir = join(scratch, 'home');
    expect(openHome({ dir, newFor: IDENTITY, create: true, version: '0' }).identity).toBe('DEMO_US_SIM_B01');
    expect(openHome({ dir, newFor: other, create: true, version: '0' })).toMatchObject({
      identity: 'DEMO_US_SIM_B01',
      identityParts: IDENTITY,
    });
  });

  test('a removed folder is created again', () => {
    const { paths } = make();
    rmSync(paths.output.bot, { recursive: true });
    make();
    expect(existsSync(paths.output.ledgers)).toBe(true);
  });

  test('a reading command creates nothing', () => {
    expect(codeOf(() => read())).toBe('HOME_MISSING');
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('a new home needs an identity', () => {
    expect(codeOf(() => openHome({ dir: join(scratch, 'x'), create: true, version: '0' }))).toBe('HOME_NEEDS_IDENTITY');
    expect(readdirSync(scratch)).toEqual([]);
  });

  test.each([
    ['a newer layout', '{"layout":2}', 'HOME_OTHER_LAYOUT'],
    ['an older layout', '{"layout":0,"botIdentity":"DEMO_US_SIM_B01"}', 'HOME_OTHER_LAYOUT'],
    ['another bot', markerOf('DEMO_US_SIM_B02'), 'HOME_OTHER_BOT'],
    ['a marker cut short', '{"layout":1,', 'HOME_MARKER_UNREADABLE'],
    ['a marker without a bot', '{"layout":1}', 'HOME_MARKER_UNREADABLE'],
    ['a marker without the codes', '{"layout":1,"botIdentity":"DEMO_US_SIM_B01"}', 'HOME_MARKER_UNREADABLE'],
    ['an identity that would leave the tree', markerOf('../../etc'), 'BAD_IDENTITY'],
  ])('it refuses %s and changes nothing', (_, marker, code) => {
    writeMarker(marker);
    expect(codeOf(() => make())).toBe(code);
    expect(readdirSync(join(scratch, 'home'))).toEqual(['storage']);
    expect(readdirSync(join(scratch, 'home/storage'))).toEqual(['home.json']);
  });

  test('a home of another user is reported as such, not as damaged', () => {
    make();
    chmodSync(join(scratch, 'home/storage/home.json'), 0);
    expect(asNobody(() => codeOf(() => read()))).toBe('HOME_OTHER_USER');
  });

  test('a file, and a path where nothing can be created, are refused', () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(codeOf(() => make(join(scratch, 'file')))).toBe('HOME_NOT_A_FOLDER');
    expect(codeOf(() => make(join(scratch, 'file/under')))).toBe('HOME_NOT_WRITABLE');
    expect(codeOf(() => make('/proc/tradebot-home'))).toBe('HOME_NOT_WRITABLE');
  });
});

/** Root reads what nobody may. */
function asNobody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  chmodSync(scratch, 0o755);
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('emptying a home', () => {
  test("it deletes the bot's files and keeps keys, users, backups and foreign files", () => {
    const { paths } = make();
    const { storage } = paths;
    const made = [
      storage.systemLogsDb,
      storage.userActivityDb,
      storage.snapshotsDb,
      paths.storage.journalDb,
      paths.output.ledgerDb,
      paths.output.statusMirror,
      paths.control.botState,
      join(paths.backups, 'journal_0000000000000003.db'),
      join(paths.sessionBackups, 'journal_0000000000000003.db'),
    ];
    const kept = [
      storage.usersDb,
      `${storage.usersDb}-wal`,
      storage.resetTokensDb,
      join(paths.storage.dir, 'keys/k'),
      join(paths.home, 'backups/b'),
      join(paths.output.dir, 'README.md'),
    ];
    for (const path of [...made, ...kept]) writeFileSync(path, 'x');
    emptyHome(paths);
    expect(made.filter((path) => existsSync(path))).toEqual([]);
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
    expect(existsSync(paths.output.ledgers)).toBe(true);
    expect(existsSync(join(paths.backups, 'earlier-1/journal_0000000000000003.db'))).toBe(true);
    expect(existsSync(join(paths.backups, 'earlier-1/sessions/journal_0000000000000003.db'))).toBe(true);
    expect(read().identity).toBe('DEMO_US_SIM_B01');
  });
});

describe('the engine of a home (RUN-2)', () => {
  test('a second engine waits for the first to end, and is refused after a while', async () => {
    const { lock } = make().paths;
    const first = await lockEngine({ lock, pid: 4711, clock });
    expect(runningEngine(lock)).toEqual({ pid: 4711 });
    await expect(lockEngine({ lock, pid: 4712, clock, waitMs: 0 })).rejects.toMatchObject({
      code: 'ENGINE_RUNS',
      callerMust: 'retry',
    });
    const second = lockEngine({ lock, pid: 4712, clock });
    first.release();
    expect(existsSync(lock.engineHolder)).toBe(false);
    (await second).release();
    expect(runningEngine(lock)).toBe(undefined);
  });

  test('an engine without main keeps every command off the home but run, and its last note stays', async () => {
    const { paths } = make();
    const engine = await lockEngine({ lock: paths.lock, pid: 4711, clock });
    const refused = failureOf(() => lockHome({ paths, command: 'restore', pid: 4712, clock }));
    expect([refused.code, refused.message]).toEqual(['HOME_IN_USE', expect.stringContaining('process 4711')]);
    expect(homeHolder(paths)).toBe(undefined);
    lockHome({ paths, command: 'run', pid: 4712, clock }).release();
    const orphan = { since: 'x', policy: 'hold', graceSeconds: 1, state: 'trading', open: ['AIG'], ended: 'test' };
    engine.note(orphan);
    engine.release();
    expect(JSON.parse(readFileSync(paths.lock.engineHolder, 'utf8'))).toMatchObject({ pid: 4711, orphan });
    lockHome({ paths, command: 'restore', pid: 4712, clock }).release();
  });

  test('a lock file that is unusable keeps no engine from closing positions', async () => {
    const { lock } = make().paths;
    mkdirSync(lock.engineDb);
    (await lockEngine({ lock, pid: 1, clock })).release();
    expect(runningEngine(lock)).toBe(undefined);
  });
});

describe('starting over (day --fresh)', () => {
  const sealed = ({ paths }: OpenedHome, text: string): void => {
    writeFileSync(paths.storage.journalDb, `journal of ${text}`);
    writeFileSync(paths.sealFile('2026-01-05'), `seal of ${text}`);
    writeFileSync(paths.output.sealPublicKey, 'key');
    mkdirSync(dirname(paths.exportFile('ofx', 'session_2026-01-05')), { recursive: true });
    writeFileSync(paths.exportFile('ofx', 'session_2026-01-05'), `export of ${text}`);
  };
  const textAt = (...parts: readonly string[]): string => readFileSync(join(...parts), 'utf8');

  test('the journal, seals, the public key and exports are kept in a folder of their own, also over several times', () => {
    const home = make();
    const { paths } = home;
    for (const text of ['one', 'two']) {
      sealed(home, text);
      emptyHome(paths);
    }
    expect(readdirSync(paths.output.audit)).toEqual([]);
    for (const [n, text] of [
      [1, 'one'],
      [2, 'two'],
    ] as const) {
      const folder = paths.replacedJournal(n);
      expect(textAt(folder, 'journal.db')).toBe(`journal of ${text}`);
      expect(textAt(folder, 'audit/seal_2026-01-05.json')).toBe(`seal of ${text}`);
      expect(textAt(folder, 'audit/journal_seal.pub')).toBe('key');
      expect(textAt(folder, 'exports/ofx/session_2026-01-05.ofx')).toBe(`export of ${text}`);
    }
  });

  test('the same evidence again, byte for byte, is kept once', () => {
    const home = make();
    for (let time = 0; time < 3; time += 1) {
      sealed(home, 'one');
      emptyHome(home.paths);
    }
    expect(readdirSync(home.paths.storage.journalDir)).toEqual(['replaced-1']);
  });

  test('a home without a seal or an export sets nothing aside, and leaves what is not its journal', () => {
    const { paths } = make();
    writeFileSync(paths.storage.journalDb, 'begun');
    writeFileSync(`${paths.storage.journalDb}.saved-1`, 'saved when its file was lost');
    emptyHome(paths);
    expect(readdirSync(paths.storage.journalDir)).toEqual(['journal.db.saved-1']);
  });
});

describe('the lock of a home (RUN-3)', () => {
  test('a second holder sees who holds it, and gets it after the release', () => {
    const { paths } = make();
    const lock = lockHome({ paths, command: 'day', pid: 4711, clock });
    const refused = failureOf(() => lockHome({ paths, command: 'day', pid: 4712, clock }));
    expect(refused.code).toBe('HOME_IN_USE');
    expect(refused.message).toContain('"tradebot day" (process 4711, since 2026-11-20T14:30:00.000Z)');
    lock.release();
    lock.release();
    lockHome({ paths, command: 'day', pid: 4712, clock }).release();
    expect(existsSync(paths.lock.holder)).toBe(false);
  });

  test('a note that cannot be written, as on a full disk, keeps nobody from the home: positions may have to be closed', () => {
    const { paths } = make();
    mkdirSync(paths.lock.holder);
    const lock = lockHome({ paths, command: 'run', pid: 4711, clock });
    expect(failureOf(() => lockHome({ paths, command: 'day', pid: 4712, clock })).code).toBe('HOME_IN_USE');
    lock.release();
    lockHome({ paths, command: 'day', pid: 4712, clock }).release();
  });

  test('a refusal says why the command needs the home for itself, and to end the bot only when it is one', () => {
    const { paths } = make();
    const why = 'A restore replaces the journal.';
    for (const [command, remedy] of [
      ['run', /^End the bot first .*then run tradebot restore again/],
      ['float', /^Wait until that command has ended, then run tradebot restore again/],
    ] as const) {
      const lock = lockHome({ paths, command, pid: 4711, clock });
      const refused = failureOf(() => lockHome({ paths, command: 'restore', pid: 4712, clock, why }));
      lock.release();
      expect(refused.message).toMatch(
        /^tradebot restore needs the home for itself, and .* is in use by .*\. A restore/,
      );
      expect(refused.remedy).toMatch(remedy);
    }
  });

  test('the death of the holder releases it', async () => {
    const { paths } = make();
    const child = spawn(
      process.execPath,
      [
        '-e',
        `const D = require('better-sqlite3'); const db = new D(process.argv[1]); db.exec('BEGIN EXCLUSIVE');
         console.log('held'); setInterval(() => db.name, 1000);`,
        paths.lock.db,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    expect(codeOf(() => lockHome({ paths, command: 'day', pid: 1, clock }))).toBe('HOME_IN_USE');
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockHome({ paths, command: 'day', pid: 1, clock }).release();
  });

  test('a folder in place of the lock file is refused clearly', () => {
    const { paths } = make();
    mkdirSync(paths.lock.db);
    expect(codeOf(() => lockHome({ paths, command: 'day', pid: 1, clock }))).toBe('HOME_NOT_LOCKABLE');
  });
});
