import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../adapters/files/system-error.js';
import { lockHolder } from '../../../adapters/home/home-lock.js';
import { dataError } from '../../../kernel/errors.js';
import { existingHome, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

type Status = Readonly<Record<string, unknown>>;

/** `tradebot status`: what status.json says and who works on the home (WEB-7); 3 when something is wrong. */
export function registerStatus(program: Command, context: CliContext): void {
  const command = program.command('status').description('how the bot is: state, positions, P&L, warnings');
  runs(command, (flags: GlobalFlags) => Promise.resolve(status(context, flags)));
}

function status(context: CliContext, flags: GlobalFlags): ExitCode {
  const { paths, identity } = existingHome(context, flags);
  const holder = lockHolder(paths) ?? null;
  const state = wordOf(paths.control.botState);
  const found = statusOf(paths.output.statusMirror);
  const { output } = context;
  output.result({ ok: !isWrong(state, found), home: paths.home, identity, running: holder, state, status: found });
  output.say(`${identity} in ${paths.home}`);
  const running = holder === null ? 'nothing runs' : `tradebot ${holder.command}, process ${holder.pid}`;
  output.say(`  running         ${running}${holder === null ? '' : `, since ${holder.since}`}`);
  output.say(`  state           ${state ?? 'not known'}`);
  for (const [label, text] of found === null ? [] : linesOf(found)) output.say(`  ${label.padEnd(15)} ${text}`);
  return isWrong(state, found) ? 3 : 0;
}

function isWrong(state: string | null, found: Status | null): boolean {
  return state === 'error' || found?.['overall'] === 'Critical';
}

function linesOf(status: Status): readonly (readonly [string, string])[] {
  return SHOWN.flatMap(([label, key]): readonly (readonly [string, string])[] => {
    const value = status[key];
    if (value === undefined || value === null) return [];
    return [[label, textOf(value)]];
  });
}

const SHOWN = [
  ['overall', 'overall'],
  ['session', 'session'],
  ['equity', 'equity'],
  ['cash', 'cash'],
  ['daily P&L', 'daily_pnl'],
  ['positions', 'open_positions'],
  ['kill switch', 'kill_switch'],
  ['as of', 'as_of_time'],
] as const;

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(textOf).join('; ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([, member]) => typeof member !== 'object')
    .map(([name, member]) => `${name} ${String(member)}`)
    .join(', ');
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
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
