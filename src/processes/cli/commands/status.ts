import type { Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../adapters/files/system-error.js';
import { lockHolder, type LockHolder } from '../../../adapters/home/home-lock.js';
import { isActive, isBotState } from '../../../domain/lifecycle/bot-state.js';
import { dataError } from '../../../kernel/errors.js';
import { basePaths } from '../../../domain/home/home-paths.js';
import { existingHome, homeDir, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { absolutePath } from '../paths.js';
import { runs } from '../runs.js';
import { overallOf, statusLines, type Status } from '../status-lines.js';

/** `tradebot status`: what status.json says and who works on the home (WEB-7); 3 when something is wrong. */
export function registerStatus(program: Command, context: CliContext): void {
  const command = program.command('status').description('how the bot is: state, positions, P&L, warnings');
  runs(command, (flags: GlobalFlags) => Promise.resolve(status(context, flags)));
}

function status(context: CliContext, flags: GlobalFlags): ExitCode {
  const waiting = beforeSetUp(context, flags);
  if (waiting !== undefined) return show(context, { ...waiting, identity: null, found: null });
  const { paths, identity } = existingHome(context, flags);
  return show(context, {
    home: paths.home,
    identity,
    holder: lockHolder(paths) ?? null,
    state: wordOf(paths.control.botState),
    found: statusOf(paths.output.statusMirror),
  });
}

interface Found {
  readonly home: string;
  /** Null while it is not set up: it belongs to no bot yet. */
  readonly identity: string | null;
  readonly holder: LockHolder | null;
  readonly state: string | null;
  readonly found: Status | null;
}

/** A bot that waits for its set-up has a state, and no identity and no books (RUN-10). */
function beforeSetUp(context: CliContext, flags: GlobalFlags): Omit<Found, 'identity' | 'found'> | undefined {
  const base = basePaths(absolutePath(homeDir(context, flags), '--home'));
  if (existsSync(base.marker)) return undefined;
  const state = wordOf(base.control.botState);
  return state === null ? undefined : { home: base.home, holder: lockHolder(base) ?? null, state };
}

function show({ output }: CliContext, { home, identity, holder, state, found }: Found): ExitCode {
  const wrong = state === 'error' || (found !== null && overallOf(found) === 'Critical');
  output.result({ ok: !wrong, home, identity, running: holder, state, status: found });
  output.say(identity === null ? `${home}: not set up yet` : `${identity} in ${home}`);
  output.say(`  running         ${runningText(holder, state)}`);
  output.say(`  state           ${state ?? 'not known'}`);
  for (const [label, text] of found === null ? [] : statusLines(found)) output.say(`  ${label.padEnd(15)} ${text}`);
  return wrong ? 3 : 0;
}

/** A main that was killed leaves the state as it was: what follows is then what was, not what is. */
function runningText(holder: LockHolder | null, state: string | null): string {
  if (holder !== null) return `tradebot ${holder.command}, process ${holder.pid}, since ${holder.since}`;
  const cutOff = state !== null && isBotState(state) && isActive(state);
  return cutOff ? 'nothing runs: what follows is how it was when it was cut off' : 'nothing runs';
}

/** Null before there is one: the first projection writes it. */
function wordOf(path: string): string | null {
  return readText(path)?.trim() ?? null;
}

function statusOf(path: string): Status | null {
  const text = readText(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Status;
  } catch (cause) {
    throw dataError({
      code: 'STATUS_UNREADABLE',
      message: `${path} is not JSON`,
      remedy: 'Make it anew: tradebot rebuild status.',
      cause,
    });
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return null;
    throw error;
  }
}
