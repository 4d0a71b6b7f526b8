import type { Command } from 'commander';
import { takeOverBot } from '../../../composition/own-bot.js';
import { ownerText } from '../../../domain/ownership/ownership.js';
import { configError } from '../../../kernel/errors.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';

interface TakeOverFlags extends GlobalFlags {
  readonly reason?: string;
}

/** `tradebot journal take-over`: a person decides that this home trades for the bot from now on (JRN-9). */
export function registerTakeOver(journal: Command, context: CliContext): void {
  const takeOver = journal
    .command('take-over')
    .description('make this home the owner of the bot, whichever home owns it now')
    .option('--reason <text>', 'reason (required)');
  runs(takeOver, (flags: TakeOverFlags) => takeOverHere(context, flags));
}

async function takeOverHere(context: CliContext, flags: TakeOverFlags): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const { environment, output } = context;
  const ownership = await withRuntime(context, flags, 'journal take-over', async (runtime) => {
    const { paths, identity, clock, ownership: owned, projector } = runtime;
    if (owned === undefined) throw notShared(runtime.journalLocation);
    const journal = owned.below;
    const { pid } = environment;
    const taken = await takeOverBot({ paths, identity, clock, journal, pid, actor: LOCAL_USER }, reason);
    await projector.catchUp();
    return taken;
  });
  output.result({ ok: true, number: ownership.number, owner: ownership.owner ?? null });
  output.say(
    `This bot is owned by ${ownerText(ownership)}. The last owner halts at its next look. Start it here: tradebot run`,
  );
  return 0;
}

function notShared(location: string): Error {
  return configError({
    code: 'JOURNAL_NOT_SHARED',
    message: `the journal of this home is ${location}, which no other home can reach`,
    remedy: 'Nothing has to be taken over: start the bot with tradebot run.',
  });
}
