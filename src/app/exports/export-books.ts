import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat } from '../../kernel/home-paths.js';
import { invariant } from '../../kernel/errors.js';
import type { DateText, UtcText } from '../../kernel/time.js';
import type { EventData, Position } from '../../events/event.js';
import type { Draft } from '../engine/action.js';
import type { Recorder } from '../engine/recorder.js';
import { STREAMS } from '../engine/streams.js';

export const EXPORT_FORMATS: readonly ExportFormat[] = ['ofx', 'csv', 'json', 'hledger'];

const RENDERERS: Readonly<Record<ExportFormat, (input: StatementInput) => string>> = {
  ofx: renderOfx22,
  csv: renderCsv,
  json: renderJson,
  hledger: renderHledger,
};

export type ExportRange = EventData<'OfxExported'>['range'];

/** Reads the books of a range as they stood at a position of the journal; what came later is left out. */
export type StatementSource = (range: ExportRange, upTo: Position) => StatementInput;

export interface ExportParts {
  readonly recorder: Recorder;
  readonly projector: { catchUp(): Promise<unknown> };
  readonly statement: StatementSource;
}

export function renderExport(format: ExportFormat, input: StatementInput): string {
  return RENDERERS[format](input);
}

/** The exchange's sessions lie inside one UTC day. */
export function dayRange(from: DateText, to: DateText = from): ExportRange {
  return { from: `${from}T00:00:00.000Z` as UtcText, to: `${to}T23:59:59.999Z` as UtcText };
}

/**
 * Journals an export: the event says what the file holds and its digest; the exports projection then makes the file
 * from the books as they stood at that event, so that it can be made again at any time (ACC-71).
 */
export async function exportBooks(
  parts: ExportParts,
  request: { readonly format: ExportFormat; readonly name: string; readonly range: ExportRange },
): Promise<{ readonly sha256: string; readonly groups: number }> {
  await parts.projector.catchUp();
  const { state } = parts.recorder;
  invariant(state.lastPosition !== undefined, 'EXPORT_OF_NOTHING', 'the journal is empty');
  const input = parts.statement(request.range, state.lastPosition);
  const sha256 = sha256Hex(renderExport(request.format, input));
  const { groups, transactions } = statementTotals(input);
  await parts.recorder.record(STREAMS.reporting, [
    exportDraft(parts.recorder, request, { sha256, groups, transactions }),
  ]);
  await parts.projector.catchUp();
  return { sha256, groups };
}

function exportDraft(
  recorder: Recorder,
  request: Parameters<typeof exportBooks>[1],
  made: { readonly sha256: Sha256Hex; readonly groups: number; readonly transactions: number },
): Draft {
  const { format, name, range } = request;
  const cause = {
    correlationId: recorder.sessionDate === null ? 'export' : `session/${recorder.sessionDate}`,
    causationId: null,
  };
  if (format === 'ofx') {
    const data = { name, variant: '2.2' as const, range, transactions: made.transactions, sha256: made.sha256 };
    return { type: 'OfxExported', data, ...cause };
  }
  return { type: 'BooksExported', data: { name, format, range, groups: made.groups, sha256: made.sha256 }, ...cause };
}

/** The automatic exports at the end of a session (LEDGER_EXPORT_MODE): each format once. */
export async function exportSession(parts: ExportParts, date: DateText): Promise<void> {
  for (const format of EXPORT_FORMATS) {
    if (parts.recorder.state.session?.exports.has(format) === true) continue;
    await exportBooks(parts, { format, name: `session_${date}`, range: dayRange(date) });
  }
}
