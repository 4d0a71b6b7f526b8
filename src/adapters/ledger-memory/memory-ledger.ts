import Database from 'better-sqlite3';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import { ledgerOver, type Bindings, type Ledger } from '../../../projections/ledger/query.js';
import type { ProjectionRun, ProjectionTx, SqlStatement, SqlValue } from '../../../projections/kit/projection.js';
import type { BookCodes } from '../../domain/accounting/book-codes.js';
import type { RecordedEvent } from '../../events/event.js';

/** The ledger in a database that has no file: the same projection, the same guards, gone with its object. */
export class MemoryLedger {
  readonly #db = new Database(':memory:');
  readonly #run: ProjectionRun;
  readonly #tx: ProjectionTx;

  constructor(codes: BookCodes) {
    const projection = ledgerProjection({ path: 'memory', codes });
    this.#db.exec(`${projection.schemaSql}; CREATE TABLE projection_checkpoint (name TEXT PRIMARY KEY, position TEXT)`);
    this.#run = projection.start(null);
    this.#tx = transactionOver(this.#db);
  }

  /** Takes events in, in order, each once. */
  take(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const event of events) this.#run.apply(event);
    this.#db.transaction(() => {
      this.#run.writeRows(this.#tx);
      this.#db.prepare("INSERT OR REPLACE INTO projection_checkpoint VALUES ('ledger', ?)").run(last.position);
    })();
    this.#run.clear();
  }

  /** A view for reading; closing it lets the ledger live on. */
  open(): Ledger {
    return ledgerOver({
      all: <Row>(sql: string, bindings: Bindings) =>
        this.#db.prepare<[Bindings], Row>(sql).safeIntegers(true).all(bindings),
      close: () => undefined,
    });
  }

  close(): void {
    this.#db.close();
  }
}

function transactionOver(db: Database.Database): ProjectionTx {
  const statements = new Map<string, SqlStatement>();
  return {
    statement(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = db.prepare<SqlValue[], Record<string, SqlValue>>(sql);
      const made: SqlStatement = {
        run: (...params) => {
          prepared.run(...params);
        },
        all: (...params) => prepared.all(...params),
      };
      statements.set(sql, made);
      return made;
    },
  };
}
