import type { EventData, RecordedEvent } from '../../src/events/event.js';
import type { BasePaths } from '../../src/domain/home/home-paths.js';
import { ignore, projection, type Emit, type Handlers, type Projection, type ProjectionTx } from '../kit/projection.js';
import { USER_ACTIVITY_SQL } from './user-activity-sql.js';

/** Fields of a line of user_activity_monitoring.log. */
export const ACTIVITY_COLUMNS = [
  'timestamp',
  'event',
  'kind',
  'ok',
  'code',
  'user_id',
  'address_id',
  'session_ref',
  'endpoint',
  'journal_position',
] as const;

interface Activity {
  readonly event: RecordedEvent;
  readonly kind: 'login' | 'token' | 'denied' | 'end';
  readonly ok: boolean;
  readonly code: string;
  readonly userId: string | null;
  readonly addressId: string | null;
  readonly sessionRef: string | null;
  readonly endpoint: string | null;
  /** Set when a session begins. */
  readonly method: EventData<'LoginSucceeded'>['method'] | null;
}

type State = null;
type Fields = Pick<Activity, 'kind' | 'ok' | 'code' | 'userId'> & Partial<Activity>;

function recordActivity(state: State, event: RecordedEvent, emit: Emit<Activity>, fields: Fields): State {
  emit({ event, addressId: null, sessionRef: null, endpoint: null, method: null, ...fields });
  return state;
}

const HANDLERS = {
  LoginSucceeded: (state, event, emit) => {
    const { userId, sessionRef, addressId, method } = event.data;
    const kind = method === 'token' ? 'token' : 'login';
    return recordActivity(state, event, emit, { kind, ok: true, code: 'OK', userId, addressId, sessionRef, method });
  },
  LoginFailed: (state, event, emit) => {
    const { userId, addressId, code } = event.data;
    return recordActivity(state, event, emit, { kind: 'login', ok: false, code, userId, addressId });
  },
  SessionEnded: (state, event, emit) => {
    const { userId, sessionRef, reason } = event.data;
    return recordActivity(state, event, emit, { kind: 'end', ok: true, code: reason, userId, sessionRef });
  },
  AccessDenied: (state, event, emit) => {
    const { userId, addressId, endpoint, code } = event.data;
    return recordActivity(state, event, emit, { kind: 'denied', ok: false, code, userId, addressId, endpoint });
  },
  AccessRefusalsCounted: ignore,
  PasswordChanged: ignore,
  PasswordResetRequested: ignore,
  SecondFactorChanged: ignore,
  TokenIssued: ignore,
  TokenRevoked: ignore,
  UserDisabled: ignore,
  UserEnabled: ignore,
  UserLocked: ignore,
  UserRegistered: ignore,
  UserRoleChanged: ignore,
  UserUnlocked: ignore,
} satisfies Handlers<'access', State, Activity>;

/** USER_ACTIVITY_MONITORING.db and its log (SEC-10): sessions and attempts with user, time and address. */
export function userActivityProjection(paths: Pick<BasePaths, 'output' | 'storage'>): Projection {
  const path = paths.output.systemLog('user_activity_monitoring');
  return projection<'access', State, Activity>({
    name: 'user-activity',
    version: 2,
    contexts: ['access'],
    initial: () => null,
    handlers: HANDLERS,
    database: { path: paths.storage.userActivityDb, schemaSql: USER_ACTIVITY_SQL, write: writeRows },
    logs: {
      files: [{ path, framing: 'lines', header: null }],
      lines: (activity) => [{ path, text: lineOf(activity) }],
    },
  });
}

const END =
  'UPDATE sessions SET ended_at = ?, end_reason = ?, end_position = ? WHERE session_ref = ? AND ended_at IS NULL';
const BEGIN = `INSERT INTO sessions (session_ref, user_id, method, address_id, began_at, begin_position)
VALUES (?, ?, ?, ?, ?, ?)`;

function writeRows(tx: ProjectionTx, activities: readonly Activity[]): void {
  const begin = tx.statement(BEGIN);
  const end = tx.statement(END);
  const attempt = tx.statement('INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const { event, kind, ok, code, userId, addressId, sessionRef, endpoint, method } of activities) {
    const { occurredAt, position } = event;
    if (kind === 'end') {
      end.run(occurredAt, code, position, sessionRef);
      continue;
    }
    if (kind === 'login' && ok) begin.run(sessionRef, userId, method, addressId, occurredAt, position);
    attempt.run(position, occurredAt, kind, ok ? 1 : 0, code, userId, addressId, endpoint);
  }
}

function lineOf({ event, kind, ok, code, userId, addressId, sessionRef, endpoint }: Activity): string {
  const record: Readonly<Record<(typeof ACTIVITY_COLUMNS)[number], string | boolean | null>> = {
    timestamp: event.occurredAt,
    event: event.type,
    kind,
    ok,
    code,
    user_id: userId,
    address_id: addressId,
    session_ref: sessionRef,
    endpoint,
    journal_position: event.position,
  };
  return JSON.stringify(record);
}
