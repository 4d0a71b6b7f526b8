import { Option, type Command } from 'commander';
import { readTuning } from '../../../app/web-queries/read-tuning.js';
import type { TuningRow } from '../../../domain/tuning/tuning-fold.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

interface TuningFlags extends GlobalFlags {
  readonly strategy?: string;
}

/** `tradebot tuning`: what each value of each setting of a strategy made, of all sessions (TRD-37). */
export function registerTuning(program: Command, context: CliContext): void {
  const command = program
    .command('tuning')
    .description(
      'compare what each value of each setting of a strategy made: win rate, P&L, duration, blocks, refusals',
    )
    .addOption(new Option('--strategy <name>', 'only this strategy'));
  runs(command, (flags: TuningFlags) => tuning(context, flags));
}

async function tuning(context: CliContext, flags: TuningFlags): Promise<ExitCode> {
  const all = await withProvenJournal(context, existingHome(context, flags), (journal) => readTuning(journal));
  const rows = all.filter(({ strategy }) => flags.strategy === undefined || strategy === flags.strategy);
  context.output.result({ ok: true, rows });
  for (const row of rows) context.output.say(lineOf(row));
  if (rows.length === 0) context.output.say('no session yet that counts (TUNING_TRACKER_ENABLED)');
  return 0;
}

function lineOf({
  strategy,
  parameter,
  value,
  sessions,
  trades,
  blocked,
  rejected,
  tickers,
  ...row
}: TuningRow): string {
  const head = `${strategy} ${parameter}=${value}: ${sessions} sessions, ${trades} trades`;
  const traded =
    row.winRate === null
      ? ''
      : `, win rate ${row.winRate}, average ${row.averagePnl ?? ''} (${row.netPnl} in all), ${row.averageMinutes ?? ''} min`;
  const symbols = tickers.map(({ symbol, trades: count }) => `${symbol} ${count}`).join(', ');
  return `${head}${traded}, ${blocked} blocked, ${rejected} refused${symbols === '' ? '' : `; ${symbols}`}`;
}
