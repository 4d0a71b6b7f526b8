import {
  ignore,
  projection,
  type Handlers,
  type Projection,
  type ProjectionTx,
} from '../../../projections/kit/projection.js';

export interface Row {
  readonly position: string;
  readonly phase: string;
}

interface State {
  readonly started: number;
  readonly seen: Readonly<Record<string, number>>;
}

export interface SampleOptions {
  readonly name?: string;
  readonly version?: number;
  /** Throws in the fold at this position. */
  readonly failAt?: string;
}

/** The events of the lifecycle that begin no phase: nothing here needs them. */
export const NOT_PHASES = {
  PhaseEnded: ignore,
  BotStateChanged: ignore,
  ErrorRecorded: ignore,
  ProcessCrashed: ignore,
  SelfCheckCompleted: ignore,
  SessionClosed: ignore,
  SessionOpened: ignore,
} as const;

/** Writes every phase event to all kinds of target at once, so that a test sees whether they agree. */
export function sampleProjection(folder: string, options: SampleOptions = {}): Projection {
  const { name = 'sample', version = 1 } = options;
  const handlers: Handlers<'lifecycle', State, Row> = {
    PhaseStarted: (state, event, emit) => {
      if (event.position === options.failAt) throw new Error(`cannot apply ${event.position}`);
      emit({ position: event.position, phase: event.data.phase });
      const { phase } = event.data;
      return { started: state.started + 1, seen: { ...state.seen, [phase]: (state.seen[phase] ?? 0) + 1 } };
    },
    ...NOT_PHASES,
  };
  const log = `${folder}/${name}.log`;
  const json = `${folder}/${name}.json`;
  const csv = `${folder}/${name}.csv`;
  return projection({
    name,
    version,
    contexts: ['lifecycle'],
    initial: (): State => ({ started: 0, seen: {} }),
    handlers,
    database: {
      path: `${folder}/${name}.db`,
      schemaSql: `CREATE TABLE phases (position TEXT PRIMARY KEY, phase TEXT NOT NULL CHECK (phase <> 'universe')) STRICT`,
      write: (tx: ProjectionTx, rows: readonly Row[]): void => {
        const insert = tx.statement('INSERT INTO phases VALUES (?, ?)');
        for (const row of rows) insert.run(row.position, row.phase);
      },
    },
    logs: {
      files: [
        { path: log, framing: 'lines', header: null },
        { path: csv, framing: 'lines', header: 'position,phase' },
        { path: json, framing: 'json-array', header: null },
      ],
      lines: (row: Row) => [
        { path: log, text: JSON.stringify(row) },
        { path: csv, text: `${row.position},${row.phase}` },
        { path: json, text: JSON.stringify(row) },
      ],
    },
    files: {
      claims: [`${folder}/${name}.txt`, `${folder}/${name}_of_*.txt`],
      render: (state: State) => [{ path: `${folder}/${name}.txt`, text: JSON.stringify(state) }],
      filesOf: (row: Row) => [{ path: `${folder}/${name}_of_${row.phase}.txt`, text: row.position }],
    },
  });
}

/** The same without a database: its checkpoint lies in the kit's own. */
export function sampleLogOnly(folder: string, name = 'logonly', version = 1): Projection {
  const handlers: Handlers<'lifecycle', number, string> = {
    PhaseStarted: (count, event, emit) => {
      emit(`${String(count + 1)} ${event.position} ${event.data.phase}`);
      return count + 1;
    },
    ...NOT_PHASES,
  };
  return projection({
    name,
    version,
    contexts: ['lifecycle'],
    initial: () => 0,
    handlers,
    logs: {
      files: [
        { path: `${folder}/${name}.log`, framing: 'lines', header: null },
        { path: `${folder}/${name}.json`, framing: 'json-array', header: null },
      ],
      lines: (text: string) => [
        { path: `${folder}/${name}.log`, text },
        { path: `${folder}/${name}.json`, text: JSON.stringify(text) },
      ],
    },
  });
}
