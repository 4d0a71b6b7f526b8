import { EVENT_CONTEXTS } from '../../src/events/generated/catalog.js';
import type { EventContext, EventType, Position, RecordedEvent, TypesOf } from '../../src/events/event.js';
import { invariant, TradeBotError } from '../../src/kernel/errors.js';
import type { Sha256Hex, Uuid } from '../../src/kernel/hash.js';
import type { UtcText } from '../../src/kernel/time.js';

/** The handler of an event type that a projection does not use (JRN-24). */
export const ignore: unique symbol = Symbol('ignore');

export type Emit<O> = (output: O) => void;

/**
 * Folds one event. The state belongs to the fold: it may be changed in place or replaced. A TradeBotError refuses the
 * event, and must come before the first change.
 * The same state and event give the same result and outputs: no clock, no I/O, no randomness.
 */
export type Handler<T extends EventType, S, O> = (state: S, event: RecordedEvent<T>, emit: Emit<O>) => S;

/** Every type of the contexts, handled or ignored: `{...} satisfies Handlers<'orders', State, Row>`. */
export type Handlers<C extends EventContext, S, O> = {
  readonly [T in TypesOf<C>]: Handler<T, S, O> | typeof ignore;
};

export type SqlValue = string | number | bigint | null;

export interface SqlStatement {
  run(...params: readonly SqlValue[]): void;
  all(...params: readonly SqlValue[]): readonly Readonly<Record<string, SqlValue>>[];
}

/** The open transaction of a batch. Each statement is prepared once. */
export interface ProjectionTx {
  statement(sql: string): SqlStatement;
}

/** Rows in a separate database; checkpoint and fold state are kept in it, in the table `projection_checkpoint`. */
export interface DatabaseTarget<O> {
  readonly path: string;
  /** Run once on a new file, in a transaction. No AUTOINCREMENT, clock or random values: a rebuild must give the same file. */
  readonly schemaSql: string;
  /** Runs in the transaction that moves the checkpoint. An error rolls the batch back. */
  write(tx: ProjectionTx, outputs: readonly O[]): void;
}

export interface FileText {
  readonly path: string;
  readonly text: string | Uint8Array;
}

/** A file that is evidence: it is written once; one that exists is compared, never replaced or deleted. */
export interface KeptFile {
  readonly path: string;
  /** Digest of its bytes as the journal has it; null when the journal has none. */
  readonly sha256: Sha256Hex | null;
  /** Makes its text or bytes; throws what its sources throw. */
  text(): string | Uint8Array;
  /** Why this program may not be able to make it again: an earlier one made it. Null when it must be able to. */
  readonly earlier: string | null;
}

/** An event that a projection could not apply: it changed nothing, and the projection continues after it. */
export interface RefusedEvent {
  readonly position: Position;
  readonly eventId: Uuid;
  readonly type: string;
  /** Code of the fault, such as EXECUTION_UNKNOWN. */
  readonly code: string;
  readonly reason: string;
}

/** The refused events of a projection: how many, and the first ones in the order of the journal. */
export interface Refusals {
  readonly count: number;
  readonly first: readonly RefusedEvent[];
}

/** No refused event. */
export const NO_REFUSALS: Refusals = { count: 0, first: [] };

/** The state of another projection, measured at the event that this one has reached. */
export interface ProjectionHealth {
  readonly name: string;
  readonly lagEvents: number;
  /** Null while it runs. */
  readonly stopped: { readonly position: Position; readonly type: string; readonly reason: string } | null;
  readonly refusals: Refusals;
}

/** Files that are replaced as a whole. */
export interface FilesTarget<S, O> {
  /** Every path that it may write; one `*` stands for a varying part of a name. */
  readonly claims: readonly string[];
  /** The files derived from the state after a batch. */
  render?(state: S, health: readonly ProjectionHealth[]): readonly FileText[];
  /** The files of one output; if a batch has several with one path, the last one is kept. */
  filesOf?(output: O): readonly FileText[];
}

export interface LogFile {
  readonly path: string;
  /** `lines`: each text is a line. `json-array`: each text is an item, and the file is valid JSON after every write. */
  readonly framing: 'lines' | 'json-array';
  /** First line of a `lines` file, such as CSV column names; null for none. */
  readonly header: string | null;
}

/** `text` has no line end. */
export interface LogLine {
  readonly path: string;
  readonly text: string;
}

/** Files that only grow. On restart they are cut back to their checkpointed length. */
export interface LogsTarget<O> {
  readonly files: readonly LogFile[];
  lines(output: O): readonly LogLine[];
}

/** Default: JSON of the state. */
export interface StateCodec<S> {
  encode(state: S): string;
  decode(text: string): S;
}

/**
 * What a projection waits for: the names of those whose files it reads, or `all` for one that shows the state of the
 * others. It is run and built after them.
 */
export type After = readonly string[] | 'all';

/** A consumer that turns events into a read model (JRN-20). Its checkpoint is in its database, or in the kit's. */
export interface ProjectionDefinition<C extends EventContext, S, O> {
  readonly name: string;
  /** Raise it whenever the same journal gives other bytes; the target is then rebuilt automatically (JRN-22). */
  readonly version: number;
  readonly contexts: readonly C[];
  /** See `After`; default none. */
  readonly after?: After;
  initial(): S;
  readonly codec?: StateCodec<S>;
  readonly handlers: Handlers<C, S, O>;
  readonly database?: DatabaseTarget<O>;
  readonly files?: FilesTarget<S, O>;
  readonly logs?: LogsTarget<O>;
}

/** The progress of a projection: its state after all events up to `position`. */
export interface Checkpoint {
  readonly version: number;
  /** Null before the first event. */
  readonly position: Position | null;
  /** Events read so far, also those of other contexts. */
  readonly events: number;
  readonly recordedAt: UtcText | null;
  readonly state: string;
}

/** A running fold: takes events and collects a batch of outputs. */
export interface ProjectionRun {
  /** Throws what the handler throws; the run is then unusable, and a new one starts from the last checkpoint. */
  apply(event: RecordedEvent): void;
  /** Whether anything was folded since the last `clear`. */
  readonly dirty: boolean;
  writeRows(tx: ProjectionTx): void;
  logLines(): readonly LogLine[];
  /** Files of the outputs. */
  outputFiles(): readonly FileText[];
  /** Evidence of the outputs. */
  keptFiles(): readonly KeptFile[];
  /** Files derived from the current state. */
  stateFiles(health: readonly ProjectionHealth[]): readonly FileText[];
  stateText(): string;
  /** Drops the outputs of a saved batch. */
  clear(): void;
}

/** A projection with its state and output types hidden, so one list can hold all projections. */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly contexts: readonly EventContext[];
  readonly after: After;
  readonly databasePath: string | null;
  readonly schemaSql: string;
  readonly logFiles: readonly LogFile[];
  /** Every path that it writes (JRN-23); `*` as in FilesTarget. */
  readonly claims: readonly string[];
  /** The types of the events that make evidence; null for a projection whose files may be replaced. */
  readonly keeps: readonly EventType[] | null;
  /** For files whose source may come after their event: the types of the events, and a run that gives the missing files. */
  readonly late?: { readonly types: readonly EventType[]; start(): ProjectionRun };
  start(state: string | null): ProjectionRun;
}

type AnyHandler<S, O> = (state: S, event: RecordedEvent, emit: Emit<O>) => S;

class Run<C extends EventContext, S, O> implements ProjectionRun {
  #state: S;
  #outputs: O[] = [];
  #dirty = false;
  readonly #emit: Emit<O> = (output) => {
    this.#outputs.push(output);
  };

  constructor(
    readonly definition: ProjectionDefinition<C, S, O>,
    readonly handlers: ReadonlyMap<string, AnyHandler<S, O>>,
    state: S,
  ) {
    this.#state = state;
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  apply(event: RecordedEvent): void {
    const handler = this.handlers.get(event.type);
    if (handler === undefined) return;
    this.#state = handler(this.#state, event, this.#emit);
    this.#dirty = true;
  }

  writeRows(tx: ProjectionTx): void {
    if (this.#outputs.length > 0) this.definition.database?.write(tx, this.#outputs);
  }

  logLines(): readonly LogLine[] {
    const logs = this.definition.logs;
    return logs === undefined ? [] : this.#outputs.flatMap((output) => logs.lines(output));
  }

  outputFiles(): readonly FileText[] {
    const last = new Map<string, FileText>();
    for (const output of this.#outputs) {
      for (const file of this.definition.files?.filesOf?.(output) ?? []) last.set(file.path, file);
    }
    return [...last.values()];
  }

  keptFiles(): readonly never[] {
    return [];
  }

  stateFiles(health: readonly ProjectionHealth[]): readonly FileText[] {
    return this.definition.files?.render?.(this.#state, health) ?? [];
  }

  stateText(): string {
    return this.definition.codec?.encode(this.#state) ?? JSON.stringify(this.#state);
  }

  clear(): void {
    this.#outputs = [];
    this.#dirty = false;
  }
}

function handlersByType<C extends EventContext, S, O>(
  definition: ProjectionDefinition<C, S, O>,
): ReadonlyMap<string, AnyHandler<S, O>> {
  const handlers = new Map<string, AnyHandler<S, O>>();
  const given = definition.handlers as Readonly<Record<string, AnyHandler<S, O> | typeof ignore | undefined>>;
  for (const type of definition.contexts.flatMap((context): readonly string[] => EVENT_CONTEXTS[context])) {
    const handler = given[type];
    invariant(handler !== undefined, 'PROJECTION_NOT_EXHAUSTIVE', `${definition.name} has no handler for ${type}`);
    if (handler !== ignore) handlers.set(type, handler);
  }
  return handlers;
}

/**
 * The fold of a definition without its target, for queries about the past. Outputs are dropped, and an event that cannot
 * be applied is left out, as a projector leaves it out.
 */
export function foldOf<C extends EventContext, S, O>(
  definition: ProjectionDefinition<C, S, O>,
): (state: S, event: RecordedEvent) => S {
  const handlers = handlersByType(definition);
  const drop = (): void => undefined;
  return (state, event) => {
    try {
      return handlers.get(event.type)?.(state, event, drop) ?? state;
    } catch (error) {
      if (error instanceof TradeBotError) return state;
      throw error;
    }
  };
}

/** Hides the types of a definition; the compiler has checked that every event type of its contexts is named. */
export function projection<C extends EventContext, S, O>(definition: ProjectionDefinition<C, S, O>): Projection {
  const { name, version, contexts, database, files, logs, codec } = definition;
  const handlers = handlersByType(definition);
  const logFiles = logs?.files ?? [];
  return {
    name,
    version,
    contexts,
    after: definition.after ?? [],
    databasePath: database?.path ?? null,
    schemaSql: database?.schemaSql ?? '',
    logFiles,
    claims: [
      ...(database === undefined ? [] : [database.path]),
      ...logFiles.map((file) => file.path),
      ...(files?.claims ?? []),
    ],
    keeps: null,
    start: (state) => {
      const from = state === null ? definition.initial() : decoded(codec, state);
      return new Run(definition, handlers, from);
    },
  };
}

function decoded<S>(codec: StateCodec<S> | undefined, text: string): S {
  return codec === undefined ? (JSON.parse(text) as S) : codec.decode(text);
}
