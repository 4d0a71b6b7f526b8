import { rmSync } from 'node:fs';
import type {
  Checkpoint,
  FileText,
  KeptFile,
  Projection,
  ProjectionRun,
  RefusedEvent,
  Refusals,
} from '../../../projections/kit/projection.js';
import type { ShadowTarget, TargetComparison } from '../../ports/projection-targets.js';
import { AppendLog } from './append-log.js';
import { BatchWriter } from './batch-writer.js';
import { compareFiles } from './compare-files.js';
import { CHECKPOINT_SQL, CheckpointDb } from './checkpoint-db.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { syncFile } from '../files/atomic-write.js';
import { PUBLISH, SHADOW, type TargetsContext } from './context.js';
import { onDisk } from './disk-fault.js';
import { byPath, comparedEvidence, keptOrWritten } from './kept-files.js';
import type { SwapPlan } from './kit-db.js';
import { removeDatabase, writePublished } from './published.js';

/** A target being built next to the one in use, under the same names with an extension. */
export class ShadowFiles implements ShadowTarget {
  readonly #db: CheckpointDb;
  readonly #logs: readonly AppendLog[];
  readonly #writer: BatchWriter;
  readonly #made = new Set<string>();
  /** Evidence is not built next to its files: those that exist stay, the missing ones are written with the swap. */
  readonly #kept: KeptFile[] = [];
  readonly #keptNames = new Set<string>();
  #checkpoint: Checkpoint;
  #open = true;

  constructor(
    readonly projection: Projection,
    readonly context: TargetsContext,
  ) {
    const { name, version, databasePath } = projection;
    this.#db = databasePath === null ? context.kit.db : new CheckpointDb(databasePath + SHADOW);
    this.#logs = projection.logFiles.map((file) => AppendLog.create(file.path + SHADOW, file));
    this.#checkpoint = {
      version,
      position: null,
      events: 0,
      recordedAt: null,
      state: projection.start(null).stateText(),
    };
    this.#writer = new BatchWriter({
      projection,
      name: databasePath === null ? name + SHADOW : name,
      logs: this.#logs,
      place: (path) => path + SHADOW,
      under: context.under,
      onKept: (files) => this.#kept.push(...files),
      onFile: (path) => this.#made.add(path),
      onStep: context.onStep,
      syncEach: false,
    });
    this.#begin();
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  commit(run: ProjectionRun, checkpoint: Checkpoint, files: readonly FileText[]): void {
    onDisk(() => {
      this.#writer.commit(this.#db, run, checkpoint, files);
    });
    this.#checkpoint = checkpoint;
  }

  shows(files: readonly FileText[]): boolean {
    return this.#writer.shows(files);
  }

  refuse(refused: RefusedEvent, checkpoint: Checkpoint): void {
    onDisk(() => {
      this.#writer.refuse(this.#db, refused, checkpoint);
    });
    this.#checkpoint = checkpoint;
  }

  refusals(): Refusals {
    return onDisk(() => this.#db.refusals(this.#writer.parts.name));
  }

  keep(files: readonly KeptFile[]): void {
    this.#kept.push(...files);
  }

  differences(): readonly string[] {
    return [];
  }

  settle(): void {
    // A shadow has no log.
  }

  publish(): void {
    // A shadow is published when it is promoted.
  }

  reading<T>(work: () => T): T {
    return this.context.asShadow(work);
  }

  compare(): TargetComparison {
    return this.reading(() => onDisk(() => this.#compare()));
  }

  #compare(): TargetComparison {
    if (this.projection.keeps !== null) return comparedEvidence(this.#kept, this.context.under);
    const { name, databasePath, logFiles } = this.projection;
    const { kit, under } = this.context;
    const plain = [...logFiles.map((file) => file.path), ...this.#made].map((path) => ({ path, made: path + SHADOW }));
    if (databasePath !== null) writePublished(this.#db, databasePath + PUBLISH);
    const database = databasePath === null ? [] : [{ path: databasePath, made: databasePath + PUBLISH }];
    const pairs = [...plain, ...database].map(({ path, made }) => ({ path, made, name: under(path) }));
    const known = new Set(pairs.map((pair) => pair.name));
    const extra = kit.filesOf(name).filter((path) => !known.has(path));
    const state = databasePath === null ? kit.get(name)?.checkpoint.state : this.#checkpoint.state;
    const sameRefusals =
      databasePath !== null || canonicalJson(kit.db.refusals(name)) === canonicalJson(this.refusals());
    const found = compareFiles(pairs, extra, state === this.#checkpoint.state && sameRefusals);
    if (databasePath !== null) removeDatabase(databasePath + PUBLISH);
    return found;
  }

  /** Makes all files durable under their own names; returns the renames that replace the target in use. */
  prepareSwap(): SwapPlan {
    const { databasePath } = this.projection;
    this.reading(() => this.#keep());
    const plan = this.#plan();
    for (const log of this.#logs) log.sync();
    if (databasePath !== null) writePublished(this.#db, databasePath + PUBLISH);
    return plan;
  }

  /** Before the swap is recorded: what is written follows from the journal, whether or not the swap succeeds. */
  #keep(): void {
    const notes = this.context.evidenceOf(this.projection.name);
    for (const [path, files] of byPath(this.#kept)) {
      const { exists, difference } = keptOrWritten(files);
      const name = this.context.under(path);
      notes.note(name, difference);
      if (exists) this.#keptNames.add(name);
      this.context.onStep('after a file');
    }
  }

  /** Within the transaction that records the swap. */
  takeOver(): void {
    const { name, databasePath } = this.projection;
    const { kit, under } = this.context;
    if (databasePath === null) kit.db.moveRefusals(name + SHADOW, name);
    kit.forget(name + SHADOW);
    kit.replaceFiles(name, [...[...this.#made].map(under), ...this.#keptNames]);
    if (databasePath === null) kit.db.put(name, { checkpoint: this.#checkpoint, lengths: this.#writer.lengths() });
  }

  /** The swap is recorded: only the published copy of the database is needed any more. */
  release(): void {
    this.close();
    const { databasePath } = this.projection;
    if (databasePath !== null) removeDatabase(databasePath + SHADOW);
  }

  discard(): void {
    if (!this.#open) return;
    this.close();
    const { databasePath, name, logFiles } = this.projection;
    for (const path of [...this.#made, ...logFiles.map((file) => file.path)]) rmSync(path + SHADOW, { force: true });
    if (databasePath === null) this.context.kit.db.transaction(() => this.context.kit.forget(name + SHADOW));
    else for (const extension of [SHADOW, PUBLISH]) removeDatabase(databasePath + extension);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.context.shadowClosed(this.projection.name);
    for (const log of this.#logs) log.close();
    if (this.projection.databasePath !== null) this.#db.close();
  }

  #begin(): void {
    if (this.projection.databasePath !== null) this.#db.prepareToThrowAway();
    this.#db.transaction(() => {
      if (this.projection.databasePath !== null) this.#db.exec(`${this.projection.schemaSql};${CHECKPOINT_SQL}`);
      this.#db.put(this.#writer.parts.name, { checkpoint: this.#checkpoint, lengths: this.#writer.lengths() });
    });
  }

  #plan(): SwapPlan {
    const { databasePath, name, logFiles } = this.projection;
    const { kit, under } = this.context;
    const made = [...this.#made];
    for (const path of made) syncFile(path + SHADOW);
    const plain = [...logFiles.map((file) => file.path), ...made];
    const moves = plain.map((path) => ({ from: under(path + SHADOW), to: under(path) }));
    if (databasePath !== null) moves.push({ from: under(databasePath + PUBLISH), to: under(databasePath) });
    const kept = new Set(made.map(under));
    const removes = this.projection.keeps !== null ? [] : kit.filesOf(name).filter((path) => !kept.has(path));
    return { moves, removes };
  }
}
