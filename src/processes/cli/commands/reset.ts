import { Argument, type Command } from 'commander';
import { EventAppender } from '../../../app/journal/event-appender.js';
import { ProtectionsJournal } from '../../../app/risk/protections-journal.js';
import { PROTECTIONS, type Protection, type ResetRequest } from '../../../domain/risk/protections.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface ResetFlags extends GlobalFlags {
  readonly reason?: string;
}

/** `tradebot reset`: only a person resets what restricts trading, with a reason (TRD-41, TRD-42, TRD-63). */
export function registerReset(program: Command, context: CliContext): void {
  const command = program
    .command('reset')
    .description(
      'reset the kill switch, defense mode, the hold for the clock or for another copy of the bot, whether the bot runs or not',
    )
    .addArgument(new Argument('<what>', 'protection to reset').choices(PROTECTIONS))
    .option('--reason <text>', 'reason (required)');
  runs(command, (flags: ResetFlags, [what]) => reset(context, flags, what as Protection));
}

async function reset(context: CliContext, flags: ResetFlags, what: Protection): Promise<ExitCode> {
  const request = { what, reason: reasonOf(flags.reason) };
  const effect = await operate(context, flags, {
    request: { ask: 'reset', request },
    here: () => resetHere(context, flags, request),
  });
  context.output.result({ ok: true, reset: what, effect });
  context.output.say(effect);
  return 0;
}

function resetHere(context: CliContext, flags: ResetFlags, request: ResetRequest): Promise<string> {
  return withRuntime(context, flags, 'reset', async (runtime) => {
    const { journal, clock, identity } = runtime;
    const appender = new EventAppender({ journal, clock, identity, actor: LOCAL_USER });
    const effect = await new ProtectionsJournal(journal).reset(appender, request, LOCAL_USER);
    await runtime.projector.catchUp();
    return effect;
  });
}
