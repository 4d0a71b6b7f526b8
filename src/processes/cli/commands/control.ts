import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { causeText } from '../../../adapters/files/system-error.js';
import { writeFlag } from '../../../adapters/flags/write-flag.js';
import { openHome, type OpenedHome } from '../../../adapters/home/home.js';
import { lockHolder } from '../../../adapters/home/home-lock.js';
import { isActive, isAtRest, type BotState, type ControlCommand } from '../../../domain/lifecycle/bot-state.js';
import type { RecordedEvent } from '../../../events/event.js';
import { configError } from '../../../kernel/errors.js';
import { basePaths } from '../../../domain/home/home-paths.js';
import { openJournal } from '../../../composition/open-journal.js';
import { homeDir, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { wholeNumber } from '../numbers.js';
import { absolutePath } from '../paths.js';
import { runs } from '../runs.js';

interface ControlFlags extends GlobalFlags {
  readonly wait?: string | true;
}

const WORDS: Readonly<Record<ControlCommand, string>> = {
  start: 'let a stopped bot trade again, for the rest of the day and on',
  stop: 'let strategies finish, close positions in order, then stop',
  kill: 'cancel all orders and close all positions now, then stop',
};

const DEFAULT_WAIT = '60';
const LONGEST_WAIT_S = 86_400;
const LOOK_MS = 100;

/** `tradebot start|stop|kill`: the control flags of a running bot, from a terminal (RUN-15, WEB-7). */
export function registerControl(program: Command, context: CliContext): void {
  for (const command of ['start', 'stop', 'kill'] as const) {
    const made = program
      .command(command)
      .description(WORDS[command])
      .option('--wait [seconds]', `wait and tell what came of it (default: ${DEFAULT_WAIT})`);
    runs(made, (flags: ControlFlags) => control(context, flags, command));
  }
}

async function control(context: CliContext, flags: ControlFlags, command: ControlCommand): Promise<ExitCode> {
  const waitS =
    flags.wait === undefined
      ? undefined
      : wholeNumber('--wait', flags.wait === true ? DEFAULT_WAIT : flags.wait, { from: 1, to: LONGEST_WAIT_S });
  const home = existing(context, flags);
  const base = basePaths(home.paths.home);
  const running = lockHolder(base)?.command === 'run';
  // A kill stays for the next start, so that nothing trades before it; the others would surprise whoever starts the bot.
  if (!running && command !== 'kill') {
    throw configError({
      code: 'NOT_RUNNING',
      message: `no bot runs in ${base.home}`,
      remedy: 'Start it with: tradebot run.',
    });
  }
  const before = await positionBefore(context, home);
  const flag = setFlag(context, base, command);
  if (waitS === undefined || !running) {
    context.output.result({ ok: true, command, flag, running, outcome: null });
    context.output.say(running ? `${command}: asked for` : `${command}: kept for the next start; no bot runs now`);
    return 0;
  }
  return await outcomeOf(context, home, { command, flag, before, waitS });
}

function existing(context: CliContext, flags: GlobalFlags): OpenedHome {
  const dir = absolutePath(homeDir(context, flags), '--home');
  return openHome({ dir, create: false, version: context.version });
}

function setFlag(context: CliContext, base: ReturnType<typeof basePaths>, command: ControlCommand): string {
  try {
    return writeFlag(command, { control: base.control, clock: context.clock, by: null });
  } catch (cause) {
    throw configError({
      code: 'FLAG_NOT_WRITABLE',
      message: `the flag for ${command} cannot be set in ${base.control.dir}: ${causeText(cause)}`,
      remedy: 'Let this user write there, or ask from the pages of the bot.',
      cause,
    });
  }
}

async function positionBefore(context: CliContext, home: OpenedHome): Promise<string> {
  return (await journalOf(context, home, (journal) => journal.head()))?.position ?? '';
}

interface Asked {
  readonly command: ControlCommand;
  readonly flag: string;
  readonly before: string;
  readonly waitS: number;
}

/** Whether a command has come to its end in a state: a start with an active bot, a halt with one at rest, both in error. */
function hasEnded(command: ControlCommand, state: BotState | undefined): boolean {
  if (state === undefined) return false;
  return state === 'error' || (command === 'start' ? isActive(state) : isAtRest(state));
}

async function outcomeOf(context: CliContext, home: OpenedHome, asked: Asked): Promise<ExitCode> {
  const { command, flag, before, waitS } = asked;
  let consumed: RecordedEvent<'ControlFlagConsumed'> | undefined;
  let state: BotState | undefined;
  for (let waited = 0; waited < waitS * 1_000; waited += LOOK_MS) {
    const news = await journalOf(context, home, (journal) =>
      journal.readAll({ direction: 'backwards', limit: 50, filter: { types: ['ControlFlagConsumed'] } }),
    );
    consumed = news?.find(
      (event): event is RecordedEvent<'ControlFlagConsumed'> =>
        event.type === 'ControlFlagConsumed' && event.position > before && event.data.flag === flag,
    );
    state = await stateOf(context, home);
    if (consumed?.data.outcome === 'refused' || (consumed !== undefined && hasEnded(command, state))) break;
    await pause(LOOK_MS);
  }
  const outcome = consumed?.data.outcome ?? null;
  const reason = consumed?.data.reason ?? 'the bot has not taken it up';
  const done = outcome === 'obeyed' && hasEnded(command, state);
  context.output.result({
    ok: done && state !== 'error',
    command,
    flag,
    running: true,
    outcome,
    reason,
    state: state ?? '',
  });
  context.output.say(`${command}: ${outcome ?? 'waiting'} (${reason}); the bot is in state ${state ?? ''}`);
  if (outcome === 'refused') return 1;
  return done && state !== 'error' ? 0 : 3;
}

async function stateOf(context: CliContext, home: OpenedHome): Promise<BotState | undefined> {
  const [last] =
    (await journalOf(context, home, (journal) =>
      journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['BotStateChanged'] } }),
    )) ?? [];
  return last?.type === 'BotStateChanged' ? last.data.to : undefined;
}

type OpenedJournal = Awaited<ReturnType<typeof openJournal>>;

/** Undefined for a home that has no journal yet. */
async function journalOf<T>(
  { clock }: CliContext,
  { paths, identity }: OpenedHome,
  read: (journal: OpenedJournal) => Promise<T>,
): Promise<T | undefined> {
  const { journalDb } = paths.storage;
  if (!existsSync(journalDb)) return undefined;
  const journal = await openJournal('sqlite:', { journalDb, botIdentity: identity, clock });
  try {
    return await read(journal);
  } finally {
    await journal.close();
  }
}
