import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import { buildOnce, removeScratch, ROOT, scratchFolder, tradebot } from './support/program.js';

const SATURDAY = '2026-11-28T03:00:00.000Z';
const COMMAND = join(ROOT, 'src/processes/cli/tradebot.mjs');
const PROGRAMS = Object.values(builtPrograms(ROOT)).map(({ file }) => file);
/** Runs a command at a terminal, which is closed when its own input ends. */
const TERMINAL = `
import os, pty, sys, threading
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
def drain():
    try:
        while os.read(terminal, 1024): pass
    except OSError: pass
threading.Thread(target=drain, daemon=True).start()
sys.stdin.read()
os.close(terminal)
`;

let home: EngineHome;
const begun: ChildProcess[] = [];
beforeAll(buildOnce);
afterEach(() => {
  for (const one of begun.splice(0)) one.kill('SIGKILL');
  const main = Number(/"pid":\s*(\d+)/.exec(holder())?.[1] ?? '0');
  for (const pid of [main, ...processesOf(home.made.home, PROGRAMS)]) {
    try {
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
});
afterAll(removeScratch);

function holder(): string {
  const path = home.made.base.lock.holder;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

const state = (): string => {
  const { botState } = home.made.base.control;
  return existsSync(botState) ? readFileSync(botState, 'utf8').trim() : '';
};

async function begin(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  begun.push(child);
  await eventually('idle', () => state() === 'idle' && processesOf(home.made.home, PROGRAMS).length === 3);
  return child;
}

const run = (...more: readonly string[]): readonly string[] => {
  const world = ['--clock-start', SATURDAY, '--clock-speed', '1'];
  return [COMMAND, 'run', '--home', home.made.home, '--port', '0', ...world, ...more];
};

async function endedInOrder(): Promise<void> {
  await eventually('it ends in order', async () => {
    const stopped = (await home.eventsOf('ProcessStopped')).map(({ data }) => data.process);
    return stopped.includes('main') && processesOf(home.made.home, PROGRAMS).length === 0;
  });
  expect(state()).toBe('shutdown');
}

describe('a bot whose terminal is gone', () => {
  test('npm is killed: the bot that it started ends in order', async () => {
    home = await EngineHome.make(scratchFolder(), SATURDAY);
    // npm runs its script and waits; only its end is of interest
    const npm = await begin('sh', ['-c', '"$0" "$@"; true', process.execPath, ...run()], {
      npm_lifecycle_event: 'start',
    });
    npm.kill('SIGKILL');
    await endedInOrder();
    const reasons = (await home.eventsOf('ProcessStopped')).map(({ data }) => data.reason);
    expect(reasons).toContainEqual(expect.stringMatching(/^npm \(process \d+\), which started it, has ended$/));
    expect(await home.eventsOf('ProcessCrashed')).toEqual([]);
  });

  test('a parent that is not npm may end: a bot in the background continues', async () => {
    home = await EngineHome.make(scratchFolder(), SATURDAY);
    const shell = await begin('sh', ['-c', '"$0" "$@"; true', process.execPath, ...run()]);
    shell.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(processesOf(home.made.home, PROGRAMS)).toHaveLength(3);
    expect(state()).toBe('idle');
  });

  test('the terminal is closed: it ends in order', async () => {
    home = await EngineHome.make(scratchFolder(), SATURDAY);
    const terminal = await begin('python3', ['-c', TERMINAL, process.execPath, ...run()]);
    terminal.stdin?.end();
    await endedInOrder();
    expect(await home.eventsOf('ProcessCrashed')).toEqual([]);
  });

  test('with --terminal-lost stay it continues, and status and control folder say so', async () => {
    home = await EngineHome.make(scratchFolder(), SATURDAY);
    const terminal = await begin('python3', ['-c', TERMINAL, process.execPath, ...run('--terminal-lost', 'stay')]);
    terminal.stdin?.end();
    const note = home.made.base.control.terminalLost;
    await eventually('the note', () => existsSync(note));
    expect(readFileSync(note, 'utf8')).toMatch(/^\S+Z its terminal .*; process \d+ continues\n$/);
    await eventually('status', async () =>
      (await tradebot('status', '--home', home.made.home)).out.includes('terminal'),
    );
    expect(state()).toBe('idle');
    expect(await home.eventsOf('ControlFlagReported')).toEqual([]);
    process.kill(Number(/process (\d+)/.exec(readFileSync(note, 'utf8'))?.[1]), 'SIGTERM');
    await endedInOrder();
    await eventually('the note is gone', () => !existsSync(note));
  });

  test('with nohup it continues after its terminal, without another word', async () => {
    home = await EngineHome.make(scratchFolder(), SATURDAY);
    const [, ...args] = run();
    const quiet = [
      'sh',
      '-c',
      'exec nohup "$@" >/dev/null 2>&1',
      'nohup',
      'sh',
      join(ROOT, 'src/processes/cli/tradebot'),
    ];
    const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
    const terminal = await begin('python3', ['-c', TERMINAL, ...quiet, ...args], { PATH: path });
    terminal.stdin?.end();
    await eventually('the note', () => existsSync(home.made.base.control.terminalLost));
    expect(state()).toBe('idle');
    expect(processesOf(home.made.home, PROGRAMS)).toHaveLength(3);
  });
});
