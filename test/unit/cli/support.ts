import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openHome, type OpenedHome } from '../../../src/adapters/home/home.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { CommandRunner, type CommandResult } from '../../support/command-runner.js';
import { ALPHA, BETA, float, reset, START } from '../../contract/support/journal-events.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const COMMAND = join(ROOT, 'src/processes/cli/tradebot.mjs');

const runner = new CommandRunner();

/** What the command does and answers, run in the process of all commands of the file. */
export function tradebot(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return runner.run(args, env);
}

/** For afterAll. */
export function endCommands(): Promise<void> {
  return runner.end();
}

/** The command as a user starts it, in a process of its own: also for what runs before the program (start, status). */
export function tradebotProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Omit<CommandResult, 'code'> & { readonly code: number | null } {
  const child = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...env },
    timeout: 240_000,
  });
  // A source edited since the last build is built by the first test that needs it.
  const err = child.stderr.replace(/^Building (\d+ files|the browser app).*\n/gm, '');
  return { code: child.status, out: child.stdout, err };
}

/** As \`tradebotProcess\`, for a test that talks to the process. */
export function startTradebot(args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tradebot-cli-'));
}

export function makeHome(dir: string): OpenedHome {
  const identity = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
  return openHome({ dir, identity, create: true, version: '0.1.0' });
}

/** A home with a journal of five events: three in stream alpha-1, two in beta-1. */
export async function homeWithEvents(dir: string): Promise<OpenedHome> {
  const home = makeHome(dir);
  const journal = SqliteJournal.open({ path: home.paths.storage.journalDb, clock: new VirtualClock(START) });
  await journal.append(ALPHA, [reset('a1'), float('a2'), reset('a3')], { expectedRevision: 'noStream' });
  await journal.append(BETA, [reset('b1'), float('b2')], { expectedRevision: 'noStream' });
  await journal.close();
  return home;
}
