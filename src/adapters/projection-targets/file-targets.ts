import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { covers } from '../../../projections/kit/claims.js';
import type { Projection } from '../../../projections/kit/projection.js';
import type { OpenResult, ProjectionStop, ProjectionTargets, ShadowTarget } from '../../ports/projection-targets.js';
import { syncFolder } from '../files/atomic-write.js';
import { isLock } from '../files/system-error.js';
import { AppendLog } from './append-log.js';
import { CheckpointDb, type StoredCheckpoint } from './checkpoint-db.js';
import { PUBLISH, SHADOW, type TargetsContext } from './context.js';
import { onDisk } from './disk-fault.js';
import { EvidenceNotes } from './evidence-notes.js';
import { isDamage, KitDb, type SwapPlan } from './kit-db.js';
import { LiveTarget } from './live-target.js';
import { removeBeside } from './published.js';
import { ShadowFiles } from './shadow-target.js';

export interface FileTargetsParts {
  /** Absolute path of the home: names in checkpoints are relative to it, so a home can be moved. */
  readonly home: string;
  readonly projectionsDb: string;
  /** Called before each step at which a crash is tested; for crash tests. */
  readonly onStep?: (step: string) => void;
  /** Bytes of a database's log that a reader may keep from starting over; 64 MiB when not given. */
  readonly longestLog?: number;
}

const LONGEST_LOG = 64 << 20;

/** Projection targets on the file system and in SQLite files (JRN-21, JRN-22). */
export class FileProjectionTargets implements ProjectionTargets {
  readonly #kit: KitDb;
  readonly #home: string;
  readonly #onStep: (step: string) => void;
  readonly #shadows = new Map<string, ShadowFiles>();
  readonly #longestLog: number;
  readonly #evidence = new Map<string, EvidenceNotes>();
  #shadowReaders = 0;

  constructor(parts: FileTargetsParts) {
    this.#home = parts.home;
    this.#onStep = parts.onStep ?? ((): void => undefined);
    this.#longestLog = parts.longestLog ?? LONGEST_LOG;
    this.#kit = onDisk(() => new KitDb(parts.projectionsDb));
  }

  open(projection: Projection): OpenResult {
    return onDisk(() => this.#openOrRebuild(projection), projection.databasePath ?? this.#kit.db.path);
  }

  #openOrRebuild(projection: Projection): OpenResult {
    this.#finishSwaps();
    this.#sweep(projection);
    try {
      return this.#openChecked(projection);
    } catch (error) {
      if (isDamage(error)) return { state: 'rebuild', reason: 'its database is damaged' };
      if ((error as { readonly code?: unknown }).code === 'LOG_TOO_SHORT')
        return { state: 'rebuild', reason: 'a log was cut' };
      throw error;
    }
  }

  openShadow(projection: Projection): ShadowTarget {
    return onDisk(() => {
      this.#finishSwaps();
      this.#sweep(projection);
      const shadow = new ShadowFiles(projection, this.#context());
      this.#shadows.set(projection.name, shadow);
      return shadow;
    });
  }

  recordSwap(projections: readonly Projection[]): void {
    onDisk(() => {
      const shadows = projections.flatMap(({ name }) => this.#shadows.get(name) ?? []);
      const plans = new Map(shadows.map((shadow) => [shadow.projection.name, shadow.prepareSwap()]));
      this.#onStep('before the swap is marked');
      this.#kit.plan(plans, () => {
        for (const shadow of shadows) shadow.takeOver();
      });
      this.#onStep('after the swap is marked');
      for (const shadow of shadows) shadow.release();
    });
  }

  finishSwaps(): void {
    onDisk(() => {
      this.#finishSwaps();
    });
  }

  fileNow(path: string): string {
    if (this.#shadowReaders === 0) return path;
    const building = [...this.#shadows.values()].some(({ projection }) =>
      projection.claims.some((claim) => covers(claim, path)),
    );
    return building ? path + SHADOW : path;
  }

  recordStop(name: string, stop: ProjectionStop | null): void {
    onDisk(() => {
      this.#kit.setStop(name, stop);
    });
  }

  stops(): ReadonlyMap<string, ProjectionStop> {
    return this.#kit.stops();
  }

  close(): void {
    this.#kit.db.close();
  }

  #context(): TargetsContext {
    return {
      kit: this.#kit,
      under: (path) => relative(this.#home, path),
      onStep: this.#onStep,
      finishSwap: (name) => this.#finishSwap(name),
      shadowClosed: (name) => this.#shadows.delete(name),
      longestLog: this.#longestLog,
      evidenceOf: (name) => this.#evidenceOf(name),
      asShadow: (work) => this.#asShadow(work),
    };
  }

  #asShadow<T>(work: () => T): T {
    this.#shadowReaders += 1;
    try {
      return work();
    } finally {
      this.#shadowReaders -= 1;
    }
  }

  #evidenceOf(name: string): EvidenceNotes {
    const known = this.#evidence.get(name) ?? new EvidenceNotes();
    this.#evidence.set(name, known);
    return known;
  }

  #openChecked(projection: Projection): OpenResult {
    const { name, databasePath } = projection;
    const gone = this.#kit.filesOf(name).find((path) => !existsSync(join(this.#home, path)));
    if (gone !== undefined) return { state: 'rebuild', reason: `${gone} is missing` };
    if (databasePath !== null && !existsSync(databasePath))
      return { state: 'rebuild', reason: 'its database is missing' };
    const db = databasePath === null ? this.#kit.db : new CheckpointDb(databasePath);
    try {
      const stored = db.get(name);
      if (stored === undefined) return refused(db, this.#kit, 'it was never built');
      if (!db.usesLog()) return refused(db, this.#kit, 'its database is in the journal mode of an older version');
      const published = databasePath !== null && db.isPublished();
      const logs = this.#openLogs(projection, stored);
      if (typeof logs === 'string') return refused(db, this.#kit, logs);
      return { state: 'ready', target: new LiveTarget(projection, this.#context(), { db, logs, stored, published }) };
    } catch (error) {
      refused(db, this.#kit, '');
      throw error;
    }
  }

  /** The reason when a log cannot be resumed at its checkpoint. */
  #openLogs(projection: Projection, { lengths }: StoredCheckpoint): readonly AppendLog[] | string {
    const logs: AppendLog[] = [];
    for (const file of projection.logFiles) {
      const name = relative(this.#home, file.path);
      const length = lengths[name];
      if (length === undefined || !existsSync(file.path)) {
        for (const log of logs) log.close();
        return `${name} is missing`;
      }
      logs.push(AppendLog.reopen(file.path, file, length));
    }
    return logs;
  }

  /** What was recorded together is completed together, whichever projection is opened first. */
  #finishSwaps(): void {
    for (const name of this.#kit.planned().keys()) this.#finishSwap(name);
  }

  #finishSwap(name: string): void {
    const plan = this.#kit.planned().get(name);
    if (plan === undefined) return;
    carryOut(plan, this.#home, this.#onStep);
    this.#onStep('before the swap is done');
    this.#kit.planDone(name);
  }

  /** Deletes shadows and temporary files that a crash left. */
  #sweep(projection: Projection): void {
    for (const folder of new Set(projection.claims.map((claim) => dirname(claim)))) {
      if (!existsSync(folder)) continue;
      for (const entry of readdirSync(folder)) {
        const meant = leftoverOf(entry);
        if (meant === undefined) continue;
        const path = join(folder, meant);
        if (projection.claims.some((claim) => covers(claim, path))) rmSync(join(folder, entry), { force: true });
      }
    }
  }
}

function refused(db: CheckpointDb, kit: KitDb, reason: string): OpenResult {
  if (db !== kit.db) db.close();
  return { state: 'rebuild', reason };
}

const LEFTOVERS: readonly RegExp[] = [
  new RegExp(`^(.+)\\${SHADOW}(?:-wal|-shm|-journal)?$`),
  new RegExp(`^(.+)\\${PUBLISH}(?:-wal|-shm|-journal)?$`),
  new RegExp(`^\\.(.+?)(?:\\${SHADOW})?\\.[0-9a-f]{12}\\.tmp$`),
];

/** The target name of a leftover file; undefined for any other file. */
function leftoverOf(entry: string): string | undefined {
  for (const shape of LEFTOVERS) {
    const name = shape.exec(entry)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/**
 * A reader in another process prevents the log of a closed database from being checkpointed into its file. Without
 * this, a reader that opens it between the removal of the log and the rename would see older rows. Waits for readers,
 * but not forever: one that stays keeps the rows that it had, from the file that is replaced.
 */
function settleLog(database: string): void {
  if ((statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0 || !existsSync(database)) return;
  const db = new CheckpointDb(database);
  try {
    db.settleLog();
  } catch (error) {
    if (!isDamage(error) && !isLock(error)) throw error;
  } finally {
    db.close();
  }
}

function carryOut({ moves, removes }: SwapPlan, home: string, onStep: (step: string) => void): void {
  const folders = new Set<string>();
  for (const move of moves) {
    const from = join(home, move.from);
    const to = join(home, move.to);
    if (!existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    onStep('before a move');
    settleLog(to);
    removeBeside(to);
    renameSync(from, to);
    folders.add(dirname(to));
  }
  for (const path of removes) rmSync(join(home, path), { force: true });
  for (const folder of folders) syncFolder(folder);
}
