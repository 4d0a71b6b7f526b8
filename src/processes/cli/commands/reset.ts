import { Argument, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { writeResetFlag } from '../../../adapters/flags/write-flag.js';
import { holderOf } from '../../../adapters/home/home-lock.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import { ProtectionsJournal } from '../../../app/risk/protections-journal.js';
import type { BasePaths } from '../../../domain/home/home-paths.js';
import { PROTECTIONS, type Protection, type ResetRequest } from '../../../domain/risk/protections.js';
import { configError, networkError, TradeBotError } from '../../../kernel/errors.js';
import { existingHome, withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';

interface ResetFlags extends GlobalFlags {
  readonly reason?: string;
}

/** How long main may take to answer; it looks at the folder of the flags each 50 ms. */
const ANSWER_WITHIN_MS = 30_000;
const LOOK_MS = 50;

/** `tradebot reset kill-switch|defense-mode`: only a person resets them, with a reason (TRD-41, TRD-42). */
export function registerReset(program: Command, context: CliContext): void {
  const command = program
    .command('reset')
    .description('reset the kill switch, defense mode or the hold for the clock, whether the bot runs or not')
    .addArgument(new Argument('<what>', 'protection to reset').choices(PROTECTIONS))
    .option('--reason <text>', 'reason (required)');
  runs(command, (flags: ResetFlags, [what]) => reset(context, flags, what as Protection));
}

async function reset(context: CliContext, flags: ResetFlags, what: Protection): Promise<ExitCode> {
  const request = { what, reason: reasonOf(flags.reason) };
  const effect = (await resetWhileDown(context, flags, request)) ?? (await askMain(context, flags, request));
  context.output.result({ ok: true, reset: what, effect });
  context.output.say(effect);
  return 0;
}

/** Undefined while a bot runs in the home: its main does it then. */
async function resetWhileDown(
  context: CliContext,
  flags: ResetFlags,
  request: ResetRequest,
): Promise<string | undefined> {
  try {
    return await withRuntime(context, flags, 'reset', async (runtime) => {
      const { journal, clock, identity } = runtime;
      const appender = new EventAppender({ journal, clock, identity, actor: LOCAL_USER });
      const effect = await new ProtectionsJournal(journal).reset(appender, request, LOCAL_USER);
      await runtime.projector.catchUp();
      return effect;
    });
  } catch (error) {
    const isInUse = error instanceof TradeBotError && error.code === 'HOME_IN_USE';
    if (isInUse && holderOf(existingHome(context, flags).paths)?.command === 'run') return undefined;
    throw error;
  }
}

/** By a flag, as the other commands to a running bot; main writes the outcome next to it. */
async function askMain(context: CliContext, flags: ResetFlags, request: ResetRequest): Promise<string> {
  const { control } = existingHome(context, flags).paths;
  const { flag, modifiedMs } = writeResetFlag(request, { control, clock: context.clock, by: null });
  // One ms less: the time of a file is rounded here and cut off by main.
  const setAt = Math.floor(modifiedMs) - 1;
  for (let waitedMs = 0; waitedMs < ANSWER_WITHIN_MS; waitedMs += LOOK_MS) {
    const answer = outcomeOf(control, flag, setAt);
    if (answer?.outcome === 'obeyed') return answer.reason;
    if (answer !== undefined) {
      throw configError({
        code: 'RESET_REFUSED',
        message: `the running bot refused to reset ${request.what}: ${answer.reason.replace(/[.]$/, '')}`,
        remedy: 'Nothing was changed.',
      });
    }
    await pause(LOOK_MS);
  }
  throw networkError('retry', {
    code: 'RESET_NOT_ANSWERED',
    message: `the running bot has not answered the reset of ${request.what} within ${ANSWER_WITHIN_MS / 1_000} s`,
    remedy: `It is done as soon as the bot reads ${control.flag(flag)}; delete that file to withdraw it.`,
  });
}

/** Undefined until main has written the outcome of this flag. */
function outcomeOf(
  control: BasePaths['control'],
  flag: string,
  setAt: number,
): { readonly outcome: unknown; readonly reason: string } | undefined {
  try {
    const last = JSON.parse(readFileSync(control.lastCommand, 'utf8')) as Readonly<Record<string, unknown>>;
    if (last['flag'] !== flag || !(Date.parse(String(last['flag_at'])) >= setAt)) return undefined;
    return { outcome: last['outcome'], reason: String(last['reason']) };
  } catch {
    // There is none yet, or it is being replaced.
    return undefined;
  }
}
