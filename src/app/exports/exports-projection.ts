import { fileJob } from '../../../projections/kit/file-job.js';
import type { FileText, Projection } from '../../../projections/kit/projection.js';
import { invariant } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat, HomePaths } from '../../domain/home/home-paths.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { EXPORT_FORMATS, renderExport, type ExportRange, type StatementSource } from './export-books.js';

interface Request {
  readonly format: ExportFormat;
  readonly name: string;
  readonly range: ExportRange;
  readonly upTo: Position;
  readonly sha256: Sha256Hex;
}

export interface ExportsProjectionParts {
  readonly paths: HomePaths;
  readonly statement: StatementSource;
}

/**
 * The export job (JRN-20, ACC-71): writes the file of each OfxExported or BooksExported from the ledger as of that
 * event. It reads another projection's books and therefore runs after it; the digest in the event proves that the file
 * is the original export.
 */
export function exportsProjection(parts: ExportsProjectionParts): Projection {
  const { paths } = parts;
  return fileJob<Request>({
    name: 'exports',
    version: 1,
    contexts: ['reporting'],
    after: ['ledger'],
    claims: EXPORT_FORMATS.map((format) => paths.exportFile(format, 'ANY').replace('ANY', '*')),
    taskOf: requestOf,
    filesOf: (requests) => requests.map((request) => exportFile(parts, request)),
  });
}

function requestOf(event: RecordedEvent): Request | undefined {
  if (event.type !== 'OfxExported' && event.type !== 'BooksExported') return undefined;
  const { name, range, sha256 } = event.data;
  const format = event.type === 'OfxExported' ? 'ofx' : event.data.format;
  return { format, name, range, upTo: event.position, sha256 };
}

function exportFile({ paths, statement }: ExportsProjectionParts, request: Request): FileText {
  const text = renderExport(request.format, statement(request.range, request.upTo));
  invariant(
    sha256Hex(text) === request.sha256,
    'EXPORT_DIFFERS',
    `export ${request.name} (${request.format}) cannot be reproduced: its digest differs`,
  );
  return { path: paths.exportFile(request.format, request.name), text };
}
