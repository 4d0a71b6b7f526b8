import { Argument, type Command } from 'commander';
import type { ExportFacts } from '../../../app/book-tasks/task-facts.js';
import { EXPORT_FORMATS } from '../../../app/exports/export-books.js';
import { exportWanted, wantedExport, type WantedExport } from '../../../app/exports/wanted-export.js';
import { exchangeDateOf } from '../../../domain/calendar/nyse.js';
import type { ExportFormat } from '../../../domain/home/home-paths.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { askBooks } from '../running-books.js';
import { runs } from '../runs.js';

interface ExportFlags extends GlobalFlags {
  readonly session?: string;
  readonly from?: string;
  readonly to?: string;
}

/** `tradebot export`: the books of a session, or of a range of days, for another program (ACC-70 to 72). */
export function registerExport(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .description('write the books of a session or of a range of days for another program, whether the bot runs or not')
    .addArgument(new Argument('<format>', 'file format').choices(EXPORT_FORMATS))
    .option('--session <yyyy-mm-dd>', 'one trading day (default: the last one)')
    .option('--from <yyyy-mm-dd>', 'first day of a range')
    .option('--to <yyyy-mm-dd|now>', 'last day of the range; in an open session up to the last entry');
  runs(command, (flags: ExportFlags, [format]) => exportFile(context, flags, format as ExportFormat));
}

async function exportFile(context: CliContext, flags: ExportFlags, format: ExportFormat): Promise<ExitCode> {
  const to = flags.to === 'now' ? exchangeDateOf(context.clock.now()) : flags.to;
  const wanted = wantedExport({ ...flags, to });
  const facts = await askBooks<ExportFacts>(context, flags, {
    task: { kind: 'export', format, wanted },
    here: () => exportHere(context, flags, format, wanted),
  });
  const { output } = context;
  const { path, groups, sha256, made, openSession, upTo, evidence } = facts;
  output.result(facts);
  output.say(path);
  if (openSession !== undefined) {
    output.say(`  up to position ${upTo ?? ''}: the session of ${openSession} is open, its statement follows`);
  }
  output.say(`  ${groups} ledger groups, SHA-256 ${sha256}${made ? '' : ', exported before'}`);
  refuseDifferentEvidence(evidence);
  return 0;
}

function exportHere(
  context: CliContext,
  flags: GlobalFlags,
  format: ExportFormat,
  asked: WantedExport,
): Promise<ExportFacts> {
  return withRuntime(context, flags, `export ${format}`, async (runtime) => {
    await runtime.chain.verifyWhole();
    const parts = { ...runtime, home: runtime.paths.home };
    const { openSession, period, ...made } = await exportWanted(parts, format, asked);
    const path = runtime.paths.exportFile(format, made.name);
    const evidence = runtime.projector.evidence();
    const open = openSession === null ? {} : { openSession, upTo: period.entries.upTo };
    return { ok: evidence.length === 0, format, ...made, path, evidence, ...open };
  });
}
