import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homePaths, type HomePaths } from '../../../src/domain/home/home-paths.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { CommandRunner } from '../../support/command-runner.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const COMMAND = join(ROOT, 'src/processes/cli/tradebot.mjs');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Builds what changed since the last build, so that no child has to. */
export async function buildOnce(): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'src/processes/cli/setup.mjs')], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the program does not build');
}

/** The command as a user starts it, in a process of its own. */
export function startTradebot(
  args: readonly string[],
  input: 'ignore' | 'pipe' = 'ignore',
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...args], {
    cwd: ROOT,
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: [input, 'pipe', 'pipe'],
  });
}

/** Output and exit code of a child. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  // A source edited since the last build is built by the first test that needs it.
  const errors = Buffer.concat(err)
    .toString()
    .replace(/^(Building (\d+ files|the browser app)|Joining them to a program).*\n/gm, '');
  return { code, signal, out: Buffer.concat(out).toString(), err: errors };
}

/** Commands that run before the program or until a person ends them. */
const IN_A_PROCESS_OF_THEIR_OWN = ['start', 'stop', 'kill', 'status', 'run'];
const runner = new CommandRunner();

/** What the command does and answers; most commands of a file run in one process. */
export async function tradebot(...args: readonly string[]): Promise<Ended> {
  if (IN_A_PROCESS_OF_THEIR_OWN.includes(args[0] ?? '')) return ended(startTradebot(args));
  return { signal: null, ...(await runner.run(args)) };
}

/** A run that is refused by its options, before it starts anything: no process of its own is needed. */
export async function refusedRun(...args: readonly string[]): Promise<Ended> {
  return { signal: null, ...(await runner.run(['run', ...args])) };
}

/** Runs a command that must succeed and say nothing on stderr; returns what it said with --json. */
export async function done<T = unknown>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await tradebot(...args, '--json');
  if (code !== 0 || err !== '') throw new Error(`tradebot ${args.join(' ')} ended ${String(code)}: ${err}${out}`);
  return JSON.parse(out) as T;
}

export const scratchFolder = temporaryHome;

/** For afterAll; ends the process of the commands too. */
export async function removeScratch(): Promise<void> {
  await runner.end();
  removeTemporaryHomes();
}

/** Paths of a home of the default bot. */
export function pathsOf(home: string): HomePaths {
  return homePaths(home, parseBotIdentity('DEMO_US_SIM_B01'));
}

/** Every folder and every file with the digest of its bytes; an empty object when `folder` is not there. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  if (!existsSync(folder)) return found;
  const walk = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      const isFolder = statSync(path).isDirectory();
      found[relative(folder, path)] = isFolder
        ? 'folder'
        : createHash('sha256').update(readFileSync(path)).digest('hex');
      if (isFolder) walk(path);
    }
  };
  walk(folder);
  return found;
}

export function textOf(path: string): string {
  return readFileSync(path, 'utf8');
}

export function jsonOf<T = Readonly<Record<string, unknown>>>(path: string): T {
  return JSON.parse(textOf(path)) as T;
}
