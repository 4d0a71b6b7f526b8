import Database from 'better-sqlite3';
import type { Projection, ProjectionTx, SqlStatement, SqlValue } from '../../../projections/kit/projection.js';
import { CHECKPOINT_SQL } from '../../../src/adapters/projection-targets/checkpoint-db.js';
import type { RecordedEvent } from '../../../src/events/event.js';

/** A minimal transaction of the kit. */
export function txOver(db: Database.Database): ProjectionTx {
  const statements = new Map<string, SqlStatement>();
  return {
    statement(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = db.prepare<SqlValue[], Record<string, SqlValue>>(sql);
      const made: SqlStatement = {
        run: (...params) => void prepared.run(...params),
        all: (...params) => prepared.all(...params),
      };
      statements.set(sql, made);
      return made;
    },
  };
}

/** Folds events into a database file as the projector would: schema once, then batches in transactions. */
export function project(
  path: string,
  projection: Projection,
  events: readonly RecordedEvent[],
  batch = events.length,
): void {
  const db = new Database(path);
  db.transaction(() => db.exec(`${projection.schemaSql};${CHECKPOINT_SQL}`))();
  const tx = txOver(db);
  const run = projection.start(null);
  for (let from = 0; from < events.length; from += Math.max(batch, 1)) {
    for (const event of events.slice(from, from + batch)) run.apply(event);
    db.transaction(() => {
      run.writeRows(tx);
    })();
    run.clear();
  }
  db.prepare('INSERT INTO projection_checkpoint VALUES (?, ?, ?, ?, NULL, ?, ?)').run(
    ...[projection.name, projection.version, events.at(-1)?.position ?? null, events.length, '', '{}'],
  );
  db.close();
}
