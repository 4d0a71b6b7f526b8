import { Argument, type Command } from 'commander';
import { EXPORT_FORMATS } from '../../../app/exports/export-books.js';
import { exportWanted, wantedExport } from '../../../app/exports/wanted-export.js';
import type { ExportFormat } from '../../../domain/home/home-paths.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { refuseDifferentEvidence } from '../evidence.js';
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
    .description('write the books of a session or of a range of days for another program')
    .addArgument(new Argument('<format>', 'file format').choices(EXPORT_FORMATS))
    .option('--session <yyyy-mm-dd>', 'one trading day (default: the last one)')
    .option('--from <yyyy-mm-dd>', 'first day of a range')
    .option('--to <yyyy-mm-dd>', 'last day of the range');
  runs(command, (flags: ExportFlags, [format]) => exportFile(context, flags, format as ExportFormat));
}

async function exportFile(context: CliContext, flags: ExportFlags, format: ExportFormat): Promise<ExitCode> {
  const asked = wantedExport(flags);
  const { output } = context;
  return withRuntime<ExitCode>(context, flags, `export ${format}`, async (runtime) => {
    await runtime.chain.verifyWhole();
    const { openSession, period, ...made } = await exportWanted(
      { ...runtime, home: runtime.paths.home },
      format,
      asked,
    );
    const path = runtime.paths.exportFile(format, made.name);
    const evidence = runtime.projector.evidence();
    output.result({ ok: evidence.length === 0, format, ...made, path, evidence });
    output.say(path);
    if (openSession !== null) {
      output.say(
        `  up to position ${period.entries.upTo}: the session of ${openSession} is open, its statement follows`,
      );
    }
    output.say(`  ${made.groups} ledger groups, SHA-256 ${made.sha256}${made.made ? '' : ', exported before'}`);
    refuseDifferentEvidence(evidence);
    return 0;
  });
}
