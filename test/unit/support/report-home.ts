import { readFileSync } from 'node:fs';
import { dailySummaryProjection } from '../../../projections/daily-summary/daily-summary.js';
import type { Projection } from '../../../projections/kit/projection.js';
import type { LogFormat } from '../../../projections/kit/records.js';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import { logsProjection } from '../../../projections/logs/logs.js';
import { statusProjection } from '../../../projections/status/status.js';
import { tradeHistoryProjection } from '../../../projections/trade-history/trade-history.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector, type ProjectorReport } from '../../../src/app/projector/projector.js';
import { homePaths, type HomePaths } from '../../../src/domain/home/home-paths.js';
import { BOT, type Tape } from './events.js';
import { temporaryHome } from './home.js';
import { STRATEGY_NAMES } from '../../../src/domain/config/configured-strategies.js';

export const BOOKS = {
  codes: { entity: 'DEMO', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-1' },
  lotMethod: 'FIFO' as const,
};

/** A home with the file projections, and with the ledger when asked for, over one tape. */
export class ReportHome {
  readonly home = temporaryHome();
  readonly paths: HomePaths = homePaths(this.home, BOT);
  /** Where a projection reads the file of another one. */
  fileNow = (path: string): string => path;

  constructor(
    readonly format: LogFormat = 'json',
    readonly withLedger = false,
  ) {}

  projections(): readonly Projection[] {
    const ledger = ledgerProjection({ path: this.paths.output.ledgerDb, ...BOOKS });
    return [
      ...(this.withLedger ? [ledger] : []),
      statusProjection(this.paths, { ...BOOKS, strategies: STRATEGY_NAMES }),
      logsProjection(this.paths, { strategies: STRATEGY_NAMES, format: this.format }),
      tradeHistoryProjection(this.paths),
      dailySummaryProjection(this.paths, BOOKS),
    ];
  }

  projector(tape: Tape, pageSize = 1000, projections = this.projections()): Projector {
    const targets = new FileProjectionTargets({ home: this.home, projectionsDb: this.paths.storage.projectionsDb });
    this.fileNow = (path) => targets.fileNow(path);
    return new Projector({ journal: tape, projections, targets, pageSize });
  }

  async run(tape: Tape, pageSize = 1000): Promise<ProjectorReport> {
    const projector = this.projector(tape, pageSize);
    const report = await projector.catchUp();
    await projector.close();
    return report;
  }

  text(path: string): string {
    return readFileSync(path, 'utf8');
  }

  json(path: string): Record<string, unknown> {
    return JSON.parse(this.text(path)) as Record<string, unknown>;
  }

  lines(path: string): readonly Record<string, unknown>[] {
    const text = this.text(path);
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** Reads CSV by RFC 4180, written apart from what writes it. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quoted && char === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ',' || char === '\n')) {
      rows.at(-1)?.push(cell);
      cell = '';
      if (char === '\n') rows.push([]);
    } else cell += char;
  }
  const [header = [], ...body] = rows.filter((row) => row.length > 0);
  return body.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}
