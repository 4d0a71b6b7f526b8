import { Argument, type Command } from 'commander';
import { EXPORT_FORMATS, exportBooks } from '../../../app/exports/export-books.js';
import { daysPeriod, sessionPeriod, type StatementPeriod } from '../../../app/exports/statement-periods.js';
import { configError, dataError } from '../../../kernel/errors.js';
import { sessionExportName, type ExportFormat } from '../../../domain/home/home-paths.js';
import { parseDateText, type DateText } from '../../../kernel/time.js';
import type { EngineRuntime } from '../../../composition/engine-runtime.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { runs } from '../runs.js';

interface ExportFlags extends GlobalFlags {
  readonly session?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Undefined: the last session of the home. */
type Wanted =
  | { readonly kind: 'session'; readonly date: DateText }
  | { readonly kind: 'range'; readonly from: DateText; readonly to: DateText };

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
  const asked = wantedOf(flags);
  const { output } = context;
  return withRuntime<ExitCode>(context, flags, `export ${format}`, async (runtime) => {
    await runtime.chain.verifyWhole();
    const wanted = asked ?? lastSession(runtime);
    const name = wanted.kind === 'session' ? sessionExportName(wanted.date) : `range_${wanted.from}_${wanted.to}`;
    const made = await exportBooks(runtime, { format, name, period: await periodOf(runtime, wanted) });
    const path = runtime.paths.exportFile(format, made.name);
    const evidence = runtime.projector.evidence();
    output.result({ ok: evidence.length === 0, format, ...made, path, evidence });
    output.say(path);
    output.say(`  ${made.groups} ledger groups, SHA-256 ${made.sha256}${made.made ? '' : ', exported before'}`);
    refuseDifferentEvidence(evidence);
    return 0;
  });
}

function wantedOf({ session, from, to }: ExportFlags): Wanted | undefined {
  if (session === undefined && from === undefined && to === undefined) return undefined;
  if (session !== undefined && from === undefined && to === undefined) {
    return { kind: 'session', date: parseDateText(session) };
  }
  if (session === undefined && from !== undefined && to !== undefined) {
    const range = { kind: 'range', from: parseDateText(from), to: parseDateText(to) } as const;
    if (range.from <= range.to) return range;
  }
  throw configError({
    code: 'BAD_RANGE',
    message: 'the range is neither one session nor a first and last day in order',
    remedy: 'Give --session <day>, or --from <day> --to <day>.',
  });
}

async function periodOf(runtime: EngineRuntime, wanted: Wanted): Promise<StatementPeriod> {
  if (wanted.kind === 'range') return daysPeriod(runtime, wanted.from, wanted.to);
  await requireSession(runtime, wanted.date);
  return sessionPeriod(runtime.state, wanted.date);
}

function lastSession({ state, paths }: EngineRuntime): Wanted {
  const date = [...state.closedSessions.keys()].sort().at(-1);
  if (date !== undefined) return { kind: 'session', date };
  throw dataError({
    code: 'NO_SESSION',
    message: `${paths.home} has no closed session`,
    remedy: 'Trade a day first, or give --from and --to.',
  });
}

async function requireSession(runtime: EngineRuntime, date: DateText): Promise<void> {
  if (runtime.state.sessionEnds.has(date)) return;
  if ((await runtime.sessionEvents(date)).length > 0) {
    throw dataError({
      code: 'SESSION_NOT_CLOSED',
      message: `the session of ${date} is not closed: its statement would end before its last entries`,
      remedy: 'Let the session end first, or give --from and --to for what is booked so far.',
    });
  }
  throw dataError({
    code: 'SESSION_UNKNOWN',
    message: `${runtime.paths.home} has no session of ${date}`,
    remedy: 'Trade that day first, or give --from and --to for a range without one.',
  });
}
