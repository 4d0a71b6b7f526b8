import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { readCheckpoint } from '../../src/adapters/projection-targets/read-checkpoint.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { STREAMS } from '../../src/events/streams.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import { secret } from '../../src/kernel/secret.js';
import type { ChildInit, FromChild } from '../../src/processes/ipc/messages.js';
import { compileCache } from '../../src/processes/ipc/program-file.js';
import * as program from './support/program.js';
import { copyTree } from '../support/copy-tree.js';
import { eventually } from '../support/eventually.js';

const BOT = parseBotIdentity('DEMO_US_SIM_B01');
const PROCESS = join(program.ROOT, 'dist/program/projector-process.js');
let traded: string;

beforeAll(async () => {
  await program.buildOnce();
  traded = join(program.scratchFolder(), 'home');
  await program.done('day', '--synthetic', '--seed', '7', '--home', traded);
});

const children: Running[] = [];
afterEach(async () => {
  for (const one of children.splice(0)) await one.kill();
});
afterAll(program.removeScratch);

/** The built process as main starts it. */
class Running {
  readonly said: FromChild[] = [];
  readonly child: ChildProcess;
  readonly exit: Promise<unknown>;

  constructor(
    readonly home: string,
    masterKeyFile: string | null = null,
  ) {
    const env = { NODE_COMPILE_CACHE: compileCache(program.ROOT) };
    this.child = fork(PROCESS, [], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.child.on('message', (message) => this.said.push(message as FromChild));
    this.exit = once(this.child, 'exit');
    const init: ChildInit = {
      home,
      root: program.ROOT,
      versionTag: 'test',
      identityParts: { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' },
      timeScale: null,
      attempt: 0,
      masterKeyFile,
      web: null,
      commands: [],
      task: null,
    };
    this.child.send({ kind: 'init', init });
    children.push(this);
  }

  figures(): Readonly<Record<string, string>> {
    const last = this.said.findLast((message) => message.kind === 'alive');
    return last?.kind === 'alive' ? last.figures : {};
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  async stop(): Promise<void> {
    this.child.send({ kind: 'stop', withinMs: 10_000 });
    await this.exit;
  }
}

/** A copy of the traded home, and someone else who writes to its journal. */
function homeAndWriter(): { home: string; journal: SqliteJournal; appender: EventAppender } {
  const home = join(program.scratchFolder(), 'home');
  copyTree(traded, home);
  const clock = new SystemClock();
  const journal = SqliteJournal.open({ path: program.pathsOf(home).storage.journalDb, clock });
  return { home, journal, appender: new EventAppender({ journal, clock, identity: BOT, actor: 'system:test' }) };
}

const wordOf = (home: string): string => readFileSync(program.pathsOf(home).control.botState, 'utf8');

describe('the projector as a process (RUN-1)', () => {
  test('a kill appears in bot_state.txt and status.json, the lag is reported, and a stop publishes', async () => {
    const { home, journal, appender } = homeAndWriter();
    const paths = program.pathsOf(home);
    const running = new Running(home);
    await eventually('follows', () => running.figures()['at'] === 'following');
    await appender.changeBotState('emergency_closing_positions', 'kill', 'user:u1');
    await eventually('the word', () => wordOf(home) === 'emergency_closing_positions\n');
    expect(program.jsonOf(paths.output.statusJson)).toMatchObject({ bot_state: 'emergency_closing_positions' });
    expect(program.textOf(paths.output.statusMirror)).toBe(program.textOf(paths.output.statusJson));
    const head = await journal.head();
    await eventually('the ledger', () => readCheckpoint(paths.output.ledgerDb, 'ledger')?.position === head?.position);
    await eventually('no lag', () => running.figures()['lagEvents'] === '0');
    await running.stop();
    expect(running.child.exitCode).toBe(0);
    expect(existsSync(`${paths.output.ledgerDb}-wal`)).toBe(false);
    await journal.close();
    expect(await program.done('rebuild', 'all', '--check', '--home', home)).toMatchObject({ ok: true });
  });

  test('repeated kills neither lose nor duplicate anything', async () => {
    const { home, journal, appender } = homeAndWriter();
    const paths = program.pathsOf(home);
    // the first lives have everything to build
    rmSync(paths.output.bot, { recursive: true });
    rmSync(paths.storage.projectionsDb, { force: true });
    for (const ms of [60, 150, 300, 450, 600]) {
      const running = new Running(home);
      const writing = appender.append(STREAMS.errors, [
        {
          type: 'ErrorRecorded',
          data: {
            errorType: 'DataError',
            errorCode: 'TEST',
            message: `life of ${ms} ms`,
            strategy: null,
            broker: null,
            context: {},
            traceback: null,
          },
          correlationId: 'test',
          causationId: null,
        },
      ]);
      await pause(ms);
      await running.kill();
      await writing;
    }
    const last = new Running(home);
    await eventually('follows', () => last.figures()['at'] === 'following');
    await last.stop();
    await journal.close();
    const shown = program.jsonOf(paths.output.statusJson);
    const checked = await program.tradebot('rebuild', 'all', '--check', '--home', home, '--json');
    if (checked.code !== 0) {
      // a difference of bytes does not say which
      await program.done('rebuild', 'status', '--home', home);
      expect(shown).toEqual(program.jsonOf(paths.output.statusJson));
    }
    expect(JSON.parse(checked.out)).toMatchObject({ ok: true });
    const log = readFileSync(paths.log('error_tracebacks'), 'utf8').trimEnd().split('\n');
    expect(log.filter((line) => line.includes('life of'))).toHaveLength(5);
  });

  test('with a master key its start wraps a plain seal key, and missing seals are made with it (E30)', async () => {
    const { home, journal } = homeAndWriter();
    await journal.close();
    const { storage, output } = program.pathsOf(home);
    const clock = new SystemClock();
    new FileVault({ paths: storage, clock, masterKeyFile: null }).create({ envBot: secret('A=1\n') });
    const master = join(home, 'master.key');
    writeFileSync(master, FernetKey.generate().text().reveal(), { mode: 0o600 });
    const before = program.treeOf(output.audit);
    rmSync(output.audit, { recursive: true });
    const running = new Running(home, master);
    await eventually('follows', () => running.figures()['at'] === 'following');
    expect(readFileSync(storage.sealKey, 'utf8')).toMatch(/^wrapped-by-master-key:/);
    await running.stop();
    expect(program.treeOf(output.audit)).toEqual(before);
  });

  test('a damaged journal ends it permanently with one message', async () => {
    const { home, journal } = homeAndWriter();
    await journal.close();
    rmSync(program.pathsOf(home).storage.journalDb);
    cpSync(program.pathsOf(home).marker, program.pathsOf(home).storage.journalDb);
    const running = new Running(home);
    await running.exit;
    const fatal = running.said.filter((message) => message.kind === 'fatal');
    expect(fatal).toMatchObject([{ error: { kind: 'JournalError', remedy: expect.any(String) } }]);
  });
});
