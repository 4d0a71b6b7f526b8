import type { Command } from 'commander';
import { TradeBotError } from '../../../kernel/errors.js';
import type { CliContext, ExitCode, GlobalFlags } from '../context.js';
import { onHome } from '../on-home.js';
import { runs } from '../runs.js';

/** `tradebot rebuild <name|all>`: makes derived files anew from the journal alone, and swaps them in (JRN-22). */
export function registerRebuild(program: Command, context: CliContext): void {
  const command = program
    .command('rebuild')
    .description('make books, logs, summaries and exports anew from the journal')
    .argument('<name>', 'a projection, or all');
  runs(command, (flags: GlobalFlags, [name]) => rebuild(context, flags, name ?? 'all'));
}

async function rebuild(context: CliContext, flags: GlobalFlags, name: string): Promise<ExitCode> {
  const { output } = context;
  return onHome(context, flags, 'rebuild', async ({ projector }) => {
    const bar = output.progress('Rebuilding', 'events');
    const report = await projector.rebuild(name, bar.update).finally(bar.stop);
    await projector.publish();
    const stopped = report.projections.filter((projection) => projection.stopped !== null);
    output.result({ ok: stopped.length === 0, rebuilt: report.rebuilt, projections: report.projections });
    for (const { name: rebuilt } of report.rebuilt) output.say(`${rebuilt}: rebuilt`);
    const [halted] = stopped;
    if (halted === undefined) return 0;
    throw new TradeBotError('LogicError', 'stop', {
      code: 'PROJECTION_STOPPED',
      message: `${halted.name} stopped at position ${halted.stopped?.position ?? ''}: ${halted.stopped?.reason ?? ''}`,
      remedy: 'Its older files stay; report it with this position.',
    });
  });
}
