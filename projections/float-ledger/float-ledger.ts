import type { RecordedEvent } from '../../src/events/event.js';
import { adjustFloat, NO_FLOAT, seeEquity, type FloatState } from '../../src/domain/float/float.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { cents, roundToCents, type Cents } from '../../src/kernel/money.js';
import {
  ignore,
  projection,
  type Emit,
  type Handlers,
  type Projection,
  type ProjectionTx,
  type SqlValue,
} from '../kit/projection.js';
import { FLOAT_SCHEMA_SQL } from './schema.js';

type Table = 'adjustments' | 'transfers' | 'snapshots' | 'drain_points' | 'deviations';

/** A row without its number and without the event that it is from. */
interface FloatRow {
  readonly table: Table;
  readonly values: readonly SqlValue[];
  readonly eventId: string;
  readonly position: string;
}

const COLUMNS: Readonly<Record<Table, number>> = {
  adjustments: 11,
  transfers: 8,
  snapshots: 9,
  drain_points: 7,
  deviations: 8,
};

function adjusted(state: FloatState, event: RecordedEvent<'FloatAdjusted'>, emit: Emit<FloatRow>): FloatState {
  const next = adjustFloat(state, event.data);
  const { adjustmentId, direction, source, amount, reason } = event.data;
  const values = [adjustmentId, direction, source, amountOf(amount), next.float, reason, event.meta.actor];
  emit(row('adjustments', event, [...values, event.occurredAt]));
  return next;
}

function transferred(
  state: FloatState,
  event: RecordedEvent<'BrokerActivityImported'>,
  emit: Emit<FloatRow>,
): FloatState {
  const { activityId, activityType, adjustmentId, amount, happenedAt, reversesEventId } = event.data;
  if (activityType !== 'deposit' && activityType !== 'withdrawal') return state;
  const isIn = (activityType === 'deposit') === (reversesEventId === undefined);
  const direction = isIn ? 'inject' : 'return';
  emit(row('transfers', event, [activityId, adjustmentId, direction, amountOf(amount), happenedAt]));
  return state;
}

function snapshotTaken(
  state: FloatState,
  event: RecordedEvent<'FloatSnapshotTaken'>,
  emit: Emit<FloatRow>,
): FloatState {
  const { float, dailyAllocation, cash, equity } = event.data;
  const date = event.meta.sessionDate;
  const figures = [float, dailyAllocation, cash, equity].map(amountOf);
  emit(row('snapshots', event, [date, ...figures, event.occurredAt]));
  const seen = seeEquity(state, amountOf(equity));
  if (seen.drainPoint !== null) {
    const { equity: lowest, drained } = seen.drainPoint;
    emit(row('drain_points', event, [date, lowest, drained, event.occurredAt]));
  }
  return seen.state;
}

function deviated(state: FloatState, event: RecordedEvent<'FloatDeviationDetected'>, emit: Emit<FloatRow>): FloatState {
  const { float, equity, deviation, threshold } = event.data;
  emit(row('deviations', event, [amountOf(float), amountOf(equity), deviation, threshold, event.occurredAt]));
  return state;
}

const HANDLERS = {
  FloatAdjusted: adjusted,
  FloatSnapshotTaken: snapshotTaken,
  FloatDeviationDetected: deviated,
  BrokerActivityImported: transferred,
  OpeningBalancesRecorded: ignore,
  CoaChanged: ignore,
  CoaMappingChanged: ignore,
  ActivityUnmapped: ignore,
  AdjustmentBooked: ignore,
  BooksCompared: ignore,
  BooksMismatchFound: ignore,
  BooksMismatchResolved: ignore,
  BrokerFactRefused: ignore,
  ForeignFillBooked: ignore,
  ForeignFillBusted: ignore,
  ForeignOrderSeen: ignore,
  ReconciliationCompleted: ignore,
  ReconciliationMismatchFound: ignore,
  SharesConverted: ignore,
} satisfies Handlers<'float' | 'accounting', FloatState, FloatRow>;

/** Injections, returns, the cash that followed, daily snapshots and allocations, drain points, deviations (ACC-30, 31). */
export function floatLedgerProjection(options: { readonly path: string }): Projection {
  return projection<'float' | 'accounting', FloatState, FloatRow>({
    name: 'float-ledger',
    // 2: rows are never changed
    version: 4,
    contexts: ['float', 'accounting'],
    initial: () => NO_FLOAT,
    codec: {
      encode: ({ float, lowestEquity }) =>
        JSON.stringify([String(float), lowestEquity === null ? null : String(lowestEquity)]),
      decode: decodeState,
    },
    handlers: HANDLERS,
    database: { path: options.path, schemaSql: FLOAT_SCHEMA_SQL, write: writeRows },
  });
}

function decodeState(text: string): FloatState {
  const [float, lowest] = JSON.parse(text) as readonly [string, string | null];
  return { float: cents(BigInt(float)), lowestEquity: lowest === null ? null : cents(BigInt(lowest)) };
}

function writeRows(tx: ProjectionTx, rows: readonly FloatRow[]): void {
  for (const { table, values, eventId, position } of rows) {
    const [last] = tx.statement(`SELECT coalesce(max(n), 0) AS n FROM ${table}`).all();
    const marks = Array.from({ length: COLUMNS[table] }, () => '?').join(', ');
    const n = Number(last?.['n'] ?? 0) + 1;
    tx.statement(`INSERT INTO ${table} VALUES (${marks})`).run(n, ...values, eventId, position);
  }
}

function row(table: Table, event: RecordedEvent, values: readonly SqlValue[]): FloatRow {
  return { table, values, eventId: event.id, position: event.position };
}

function amountOf(text: DecimalText): Cents {
  return roundToCents(Decimal.parse(text));
}
