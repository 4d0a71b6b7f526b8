import type { FileText, Projection, ProjectionRun } from '../../../projections/kit/projection.js';
import { invariant } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat, HomePaths } from '../../kernel/home-paths.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { renderExport, type ExportRange, type StatementSource } from './export-books.js';

interface Request {
  readonly format: ExportFormat;
  readonly name: string;
  readonly range: ExportRange;
  readonly upTo: Position;
  readonly sha256: Sha256Hex;
}

/**
 * The export job (JRN-20, ACC-71): each OfxExported or BooksExported makes its file from the ledger as it stood before
 * that event. It reads another projection's books and therefore comes after it; the digest in the event is proof that
 * the file is the one that was exported then.
 */
export function exportsProjection(parts: {
  readonly paths: HomePaths;
  readonly statement: StatementSource;
}): Projection {
  const { paths, statement } = parts;
  return {
    name: 'exports',
    version: 1,
    contexts: ['reporting'],
    readsBooks: true,
    watchesOthers: false,
    databasePath: null,
    schemaSql: '',
    logFiles: [],
    claims: (['ofx', 'csv', 'json', 'hledger'] as const).map((format) =>
      paths.exportFile(format, 'ANY').replace('ANY', '*'),
    ),
    start: () => new ExportsRun(paths, statement),
  };
}

class ExportsRun implements ProjectionRun {
  #requests: Request[] = [];
  #dirty = false;

  constructor(
    private readonly paths: HomePaths,
    private readonly statement: StatementSource,
  ) {}

  get dirty(): boolean {
    return this.#dirty;
  }

  apply(event: RecordedEvent): void {
    if (event.type !== 'OfxExported' && event.type !== 'BooksExported') return;
    const { name, range, sha256 } = event.data;
    const format = event.type === 'OfxExported' ? 'ofx' : event.data.format;
    this.#requests.push({ format, name, range, upTo: event.position, sha256 });
    this.#dirty = true;
  }

  outputFiles(): readonly FileText[] {
    return this.#requests.map((request) => {
      const text = renderExport(request.format, this.statement(request.range, request.upTo));
      invariant(
        sha256Hex(text) === request.sha256,
        'EXPORT_DIFFERS',
        `export ${request.name} (${request.format}) cannot be made again as it was`,
      );
      return { path: this.paths.exportFile(request.format, request.name), text };
    });
  }

  writeRows(): void {
    invariant(false, 'EXPORTS_HAVE_NO_ROWS', 'the exports projection has no database');
  }

  logLines(): readonly never[] {
    return [];
  }

  stateFiles(): readonly never[] {
    return [];
  }

  stateText(): string {
    return '{}';
  }

  clear(): void {
    this.#requests = [];
    this.#dirty = false;
  }
}
