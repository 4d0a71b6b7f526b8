import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import { invariant } from '../../kernel/errors.js';
import type { DateText, UtcText } from '../../kernel/time.js';
import type { EventData, Position } from '../../events/event.js';
import type { Draft } from '../../events/draft.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';

export const EXPORT_FORMATS: readonly ExportFormat[] = ['ofx', 'csv', 'json', 'hledger'];

const RENDERERS: Readonly<Record<ExportFormat, (input: StatementInput) => string>> = {
  ofx: renderOfx22,
  csv: renderCsv,
  json: renderJson,
  hledger: renderHledger,
};

export type ExportRange = EventData<'OfxExported'>['range'];

/** Reads the books of a range as of a position of the journal; later events are left out. */
export type StatementSource = (range: ExportRange, upTo: Position) => StatementInput;

export interface ExportParts {
  readonly appender: EngineAppender;
  readonly projector: { catchUp(): Promise<unknown> };
  readonly statement: StatementSource;
}

export function renderExport(format: ExportFormat, input: StatementInput): string {
  return RENDERERS[format](input);
}

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly name: string;
  readonly range: ExportRange;
}

/** An exchange session always lies within one UTC day. */
export function dayRange(from: DateText, to: DateText = from): ExportRange {
  return { from: `${from}T00:00:00.000Z` as UtcText, to: `${to}T23:59:59.999Z` as UtcText };
}

/**
 * Journals an export: the event states the file's content and digest; the exports projection then writes the file from
 * the books as of that event, so it can be rebuilt at any time (ACC-71).
 */
export async function exportBooks(
  parts: ExportParts,
  request: ExportRequest,
): Promise<{ readonly sha256: string; readonly groups: number }> {
  await parts.projector.catchUp();
  const { draft, sha256, groups } = exportDraft(parts, request);
  await parts.appender.appendIfUnchanged(STREAMS.reporting, [draft]);
  await parts.projector.catchUp();
  return { sha256, groups };
}

interface ExportDraft {
  readonly draft: Draft;
  readonly sha256: Sha256Hex;
  readonly groups: number;
}

/** From the books at the head of the journal; the projections must have caught up. */
function exportDraft({ appender, statement }: ExportParts, request: ExportRequest): ExportDraft {
  const { format, name, range } = request;
  const upTo = appender.state.lastPosition;
  invariant(upTo !== undefined, 'EXPORT_OF_NOTHING', 'the journal is empty');
  const input = statement(range, upTo);
  const sha256 = sha256Hex(renderExport(format, input));
  const { groups, transactions } = statementTotals(input);
  const cause = {
    correlationId: appender.sessionDate === null ? 'export' : `session/${appender.sessionDate}`,
    causationId: null,
  };
  if (format === 'ofx') {
    const data = { name, variant: '2.2' as const, range, transactions, sha256 };
    return { draft: { type: 'OfxExported', data, ...cause }, sha256, groups };
  }
  const data = { name, format, range, groups, sha256 };
  return { draft: { type: 'BooksExported', data, ...cause }, sha256, groups };
}

/**
 * The automatic exports at the end of a session (LEDGER_EXPORT_MODE): each format once, all in one append. The ledger
 * must have processed the last posting, as the reconciliation before it ensures.
 */
export async function exportSession(parts: ExportParts, date: DateText): Promise<void> {
  const done = parts.appender.state.session?.exports;
  const formats = EXPORT_FORMATS.filter((format) => done?.has(format) !== true);
  if (formats.length === 0) return;
  const name = `session_${date}`;
  const drafts = formats.map((format) => exportDraft(parts, { format, name, range: dayRange(date) }).draft);
  await parts.appender.appendIfUnchanged(STREAMS.reporting, drafts);
}
