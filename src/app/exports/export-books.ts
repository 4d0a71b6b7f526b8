import { renderBeancount } from '../../../projections/exports/beancount.js';
import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import { RENDERER_VERSION } from '../../../projections/exports/renderer.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { sessionExportName, type ExportFormat } from '../../domain/home/home-paths.js';
import { dataError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { Journal } from '../../ports/journal.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { isRevisionConflict, limitConflicts } from '../journal/revisioned-appender.js';
import type { ProjectionStatus } from '../projector/projection-status.js';
import { STREAMS } from '../../events/streams.js';
import { sessionPeriod, type StatementPeriod } from './statement-periods.js';

/** The formats in which every session is exported. */
const SESSION_FORMATS: readonly ExportFormat[] = ['ofx', 'csv', 'json', 'hledger'];
export const EXPORT_FORMATS: readonly ExportFormat[] = [...SESSION_FORMATS, 'beancount'];

const RENDERERS: Readonly<Record<ExportFormat, (input: StatementInput) => string>> = {
  ofx: renderOfx22,
  csv: renderCsv,
  json: renderJson,
  hledger: renderHledger,
  beancount: renderBeancount,
};

/** Reads the books of a period; later events are left out. */
export type StatementSource = (period: StatementPeriod) => StatementInput;

export interface ExportParts {
  readonly appender: EngineAppender;
  readonly statement: StatementSource;
}

type ProjectionStops = Pick<ProjectionStatus, 'name' | 'stopped'>;

/** What an export on demand needs besides: the journal of earlier exports, and the projections. */
export interface ExportOnDemandParts extends ExportParts {
  readonly journal: Pick<Journal, 'readAll'>;
  readonly projector: { catchUp(): Promise<{ readonly projections: readonly ProjectionStops[] }> };
}

export function renderExport(format: ExportFormat, input: StatementInput): string {
  return RENDERERS[format](input);
}

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly name: string;
  readonly period: StatementPeriod;
}

/** An export that is journaled. */
export interface MadeExport {
  /** Name of the file without its extension. */
  readonly name: string;
  readonly sha256: Sha256Hex;
  readonly groups: number;
  /** False when an earlier export has the same content: it is named instead. */
  readonly made: boolean;
}

/** As many exports of one range and format with different contents get a number each. */
const MOST_OF_A_RANGE = 10_000;

/**
 * Journals an export: the event states the file's content and digest; the exports projection then writes the file from
 * the books as of that event, so it can be made again at any time (ACC-71). An export is never replaced: one with the same
 * content is named, one with another content gets the next number. Throws DataError `LEDGER_STOPPED` when the
 * books are not those of the journal's head.
 */
export async function exportBooks(parts: ExportOnDemandParts, request: ExportRequest): Promise<MadeExport> {
  for (let conflicts = 0; ; conflicts += 1) {
    limitConflicts(STREAMS.reporting, conflicts);
    try {
      return await exportUnlessOvertaken(parts, request);
    } catch (error) {
      // another process exported, sealed or checked meanwhile: the name may be taken now
      if (!isRevisionConflict(error) || error.code === 'EVENT_ID_CONFLICT') throw error;
    }
  }
}

async function exportUnlessOvertaken(parts: ExportOnDemandParts, request: ExportRequest): Promise<MadeExport> {
  refuseStopped((await parts.projector.catchUp()).projections);
  const earlier = await earlierExports(parts.journal, request.format);
  const first = exportDraft(parts, request);
  for (let n = 1; n <= MOST_OF_A_RANGE; n += 1) {
    const name = n === 1 ? request.name : `${request.name}_${n}`;
    const known = earlier.get(name);
    const { draft, sha256, groups } = n === 1 ? first : exportDraft(parts, { ...request, name });
    if (known === sha256) return { name, sha256, groups, made: false };
    if (known !== undefined) continue;
    await parts.appender.appendIfUnchanged(STREAMS.reporting, [draft]);
    await parts.projector.catchUp();
    return { name, sha256, groups, made: true };
  }
  throw dataError({
    code: 'TOO_MANY_EXPORTS',
    message: `${request.name} was exported as ${request.format} ${MOST_OF_A_RANGE} times with different contents`,
    remedy: 'Use the last one, or export another range.',
  });
}

/** A stopped ledger lacks every event since: nothing is exported from it. */
function refuseStopped(projections: readonly ProjectionStops[]): void {
  const stopped = projections.find(({ name }) => name === 'ledger')?.stopped ?? null;
  if (stopped === null) return;
  throw dataError({
    code: 'LEDGER_STOPPED',
    message: `no export is made: the ledger stopped at position ${stopped.position} (${stopped.reason})`,
    remedy: 'Run tradebot rebuild ledger; when it stops again, report it with this position.',
  });
}

/** Digest of each journaled export of a format by its name; the last one counts. */
async function earlierExports(
  journal: Pick<Journal, 'readAll'>,
  format: ExportFormat,
): Promise<ReadonlyMap<string, Sha256Hex>> {
  const found = new Map<string, Sha256Hex>();
  for (const event of await journal.readAll({ filter: { types: ['OfxExported', 'BooksExported'] } })) {
    if (event.type === 'OfxExported' && format === 'ofx') found.set(event.data.name, event.data.sha256);
    if (event.type === 'BooksExported' && event.data.format === format) found.set(event.data.name, event.data.sha256);
  }
  return found;
}

interface ExportDraft {
  readonly draft: Draft;
  readonly sha256: Sha256Hex;
  readonly groups: number;
}

/** From the books of the period; the projections must have caught up. */
function exportDraft({ appender, statement }: ExportParts, request: ExportRequest): ExportDraft {
  const { format, name, period } = request;
  const input = statement(period);
  const sha256 = sha256Hex(renderExport(format, input));
  const { groups, transactions } = statementTotals(input);
  const cause = {
    correlationId: appender.sessionDate === null ? 'export' : `session/${appender.sessionDate}`,
    causationId: null,
  };
  if (format === 'ofx') {
    const data = { name, variant: '2.2' as const, ...period, transactions, sha256, renderer: RENDERER_VERSION };
    return { draft: { type: 'OfxExported', data, ...cause }, sha256, groups };
  }
  const data = { name, format, ...period, groups, sha256, renderer: RENDERER_VERSION };
  return { draft: { type: 'BooksExported', data, ...cause }, sha256, groups };
}

/**
 * The automatic exports at the end of a session (LEDGER_EXPORT_MODE): each format once, all in one append. The ledger
 * must have processed the last posting, as the reconciliation before it ensures.
 */
export async function exportSession(parts: ExportParts, date: DateText): Promise<void> {
  const done = parts.appender.state.session?.exports;
  const formats = SESSION_FORMATS.filter((format) => done?.has(format) !== true);
  if (formats.length === 0) return;
  const name = sessionExportName(date);
  const period = sessionPeriod(parts.appender.state, date);
  const drafts = formats.map((format) => exportDraft(parts, { format, name, period }).draft);
  // what another process reports meanwhile changes nothing of a statement that ends at a position
  await parts.appender.append(STREAMS.reporting, drafts);
}
