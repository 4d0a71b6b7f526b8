import type { Command } from 'commander';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

/** `tradebot verify`: walks the hash chain of the journal (JRN-30). Exit 3 and the first bad position when it is damaged. */
export function registerVerify(program: Command, context: CliContext): void {
  const command = program.command('verify').description('check the hash chain of the journal from end to end');
  runs(command, (flags: GlobalFlags) => verify(context, flags));
}

async function verify(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const { output } = context;
  const home = existingHome(context, flags);
  const bar = output.progress('Verifying', 'events');
  const found = await withJournal(context, home, (journal) => journal.verify(bar.update)).finally(bar.stop);
  output.result(found);
  if (found.ok) {
    output.say(`ok, ${found.count} events, head ${found.head ?? 'none'}`);
    return 0;
  }
  output.say(`DAMAGED at position ${found.position}: ${found.message} (${found.code})`);
  return 3;
}
