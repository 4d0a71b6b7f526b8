import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadSettings } from '../../src/app/settings/load-settings.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { epochMs } from '../../src/kernel/time.js';
import type { Answer, ChildInit, FromChild, WorkerTask } from '../../src/processes/ipc/messages.js';
import { compileCache } from '../../src/processes/ipc/program-file.js';
import { setupForm, TEST_PARTS, TEST_VERSION } from '../support/provision.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const BUILT = resolve(process.cwd(), 'dist/program/worker-process.js');
const CANARY = 'canary-0d2f';
const children: ChildProcess[] = [];

beforeAll(() => {
  execFileSync(process.execPath, ['src/processes/cli/setup.mjs'], { stdio: 'ignore' });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  removeTemporaryHomes();
});

interface Ended {
  readonly answer: Answer | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs a worker as main does, optionally with a kill after some time. */
function worker(home: string, task: WorkerTask | null, killAfterMs?: number): Promise<Ended> {
  const init: ChildInit = {
    home,
    root: process.cwd(),
    versionTag: TEST_VERSION,
    identityParts: task?.task === 'provision' ? null : TEST_PARTS,
    timeScale: null,
    attempt: 0,
    masterKeyFile: null,
    web: null,
    commands: [],
    task,
  };
  const env = { NODE_COMPILE_CACHE: compileCache(process.cwd()) };
  const child = fork(BUILT, [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  let output = '';
  let answer: Answer | undefined;
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  child.on('message', (message: FromChild) => {
    if (message.kind === 'done') answer = message.answer;
  });
  child.send({ kind: 'init', init });
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((done) => {
    child.on('exit', (code, signal) => {
      done({ answer, code, signal, output });
    });
  });
}

const form = setupForm({
  smtp: { SMTP_HOST: 'h.example.com', SMTP_FROM: 'a@b.example', SMTP_PASSWORD: CANARY, SMTP_USERNAME: 'u' },
});
const provisionTask: WorkerTask = { task: 'provision', form, actor: 'system:setup' };
const vaultOf = (home: string): FileVault =>
  new FileVault({ paths: basePaths(home).storage, clock: { now: () => epochMs(Date.now()) }, masterKeyFile: null });

describe('the worker as a process', () => {
  test('it sets up a home, saves settings, refuses with a plain error, and exits after each task', async () => {
    const home = temporaryHome();
    const made = await worker(home, provisionTask);
    expect(made).toMatchObject({ answer: { ok: true, value: { generation: 1 } }, code: 0, output: '' });

    const save: WorkerTask = { task: 'save-settings', changes: { MIN_PRICE: '3' }, actor: 'user:u1', reason: 'r' };
    const saved = await worker(home, save);
    expect(saved).toMatchObject({ answer: { ok: true, value: { generation: 2, changed: ['MIN_PRICE'] } }, code: 0 });
    expect(loadSettings(vaultOf(home), TEST_VERSION).MIN_PRICE.text()).toBe('3');

    const again = await worker(home, provisionTask);
    expect(again).toMatchObject({
      answer: { ok: false, error: { kind: 'ConfigError', code: 'ALREADY_PROVISIONED' } },
      code: 1,
    });
    expect(JSON.stringify(again)).not.toContain(CANARY);
    expect(await worker(home, null)).toMatchObject({ answer: { ok: false, error: { code: 'WORKER_WITHOUT_TASK' } } });
    expect(Object.entries(filesUnder(home)).filter(([, bytes]) => bytes.includes(CANARY))).toEqual([]);
  });

  test('killed at any time during setup: the same form completes it', async () => {
    const home = temporaryHome();
    for (const ms of [150, 250, 350, 450]) await worker(home, provisionTask, ms);
    const last = await worker(home, provisionTask);
    const known =
      last.answer?.ok === true || (last.answer?.ok === false && last.answer.error.code === 'ALREADY_PROVISIONED');
    expect(known).toBe(true);
    expect(vaultOf(home).check()).toEqual([]);
    expect(readFileSync(basePaths(home).output.provisioningStatus, 'utf8')).toMatch(/"state":"(done|failed)"/);
  });

  test('killed at any time during rotation: a complete generation, and the next worker records it', async () => {
    const home = temporaryHome();
    await worker(home, provisionTask);
    const rotate: WorkerTask = { task: 'rotate', actor: 'user:u1', reason: 'r' };
    for (const ms of [180, 230, 280, 330, 380]) {
      await worker(home, rotate, ms);
      expect(vaultOf(home).secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    }
    expect(await worker(home, rotate)).toMatchObject({ answer: { ok: true } });
    const vault = vaultOf(home);
    expect(vault.check()).toEqual([]);
    expect(readdirSync(basePaths(home).storage.vault).sort()).toEqual([
      'current',
      `gen-${vault.generation() ?? 0}`,
      'lock.db',
    ]);
  });
});
