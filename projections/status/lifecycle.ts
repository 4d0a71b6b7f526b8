import { SYMBOLS_NOT_TRADED, SYMBOLS_NOT_TRADED_REMEDY } from '../../src/domain/orders/account-refusals.js';
import { HELD_SYMBOL_HALTED } from '../../src/domain/orders/held-halt.js';
import type { EventData } from '../../src/events/event.js';
import { blocksSession } from '../../src/domain/lifecycle/blocking-checks.js';
import { isSessionOpen } from '../../src/domain/session/session-open.js';
import { SELF_CHECK } from '../../src/domain/conditions/condition.js';
import { parseUtcText, SECOND_MS, type UtcText } from '../../src/kernel/time.js';
import { beginDay, type DayValue } from '../kit/day-value.js';
import type { Handler } from '../kit/projection.js';
import { noteCrash } from './processes.js';
import { noteRefusedEvent } from './accounting.js';
import {
  critical,
  noted,
  stamp,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import type { StatusState } from './status-state.js';
import { strategyOf } from './strategies.js';

/** The open session, or the last one. */
interface SessionStatus {
  readonly opened: EventData<'SessionOpened'>;
  readonly day: DayValue;
  phase: string | null;
  closed: EventData<'SessionClosed'> | null;
  trades: number;
  wins: number;
  errors: number;
  /** Which symbols the broker does not trade. */
  untraded: string | null;
}

/** A check that failed: its module and cause, and what to do. */
interface FailedCheck {
  readonly module: string;
  readonly text: string;
  readonly remedy: string;
}

/** The bot and its session. */
export interface LifecycleStatus {
  startedAt: string | null;
  botState: EventData<'BotStateChanged'>['to'] | null;
  /** The reason for the state. */
  botStateReason: string;
  botStateSince: string | null;
  session: SessionStatus | null;
  selfCheckFailures: FailedCheck[];
  lastError: { readonly at: string; readonly code: string; readonly message: string } | null;
}

/** Before the first event. */
export function newLifecycleStatus(): LifecycleStatus {
  return {
    startedAt: null,
    botState: null,
    botStateReason: '',
    botStateSince: null,
    session: null,
    selfCheckFailures: [],
    lastError: null,
  };
}

const openSession: Handler<'SessionOpened', StatusState, never> = (state, event) => {
  const { body, book } = state;
  stamp(body, event);
  body.session = {
    opened: event.data,
    day: beginDay(book),
    phase: null,
    closed: null,
    trades: 0,
    wins: 0,
    errors: 0,
    untraded: null,
  };
  body.float = event.data.floatAtStart;
  body.leftOut = null;
  body.reconciliation = null;
  return state;
};

/** Events of the bot's lifecycle. */
export const lifecycleHandlers: StatusHandlers<'lifecycle'> = {
  SessionOpened: openSession,
  SessionClosed: noted((body, event: EventOf<'SessionClosed'>) => {
    if (body.session === null) return;
    body.session.closed = event.data;
    body.session.phase = null;
  }),
  BotStateChanged: noted((body, event: EventOf<'BotStateChanged'>) => {
    body.botState = event.data.to;
    body.botStateReason = event.data.reason;
    body.botStateSince = event.occurredAt;
    if (event.data.to === 'started') body.startedAt = event.recordedAt;
  }),
  PhaseStarted: noted((body, event: EventOf<'PhaseStarted'>) => {
    if (body.session !== null) body.session.phase = event.data.phase;
  }),
  PhaseEnded: noted((body, event: EventOf<'PhaseEnded'>) => {
    if (body.session?.phase === event.data.phase) body.session.phase = null;
  }),
  ErrorRecorded: noted((body, event: EventOf<'ErrorRecorded'>) => {
    const { errorCode: code, message, strategy } = event.data;
    body.lastError = { at: event.occurredAt, code, message };
    noteRefusedEvent(body, event.data);
    if (strategy !== null) strategyOf(body, strategy).lastError = `${code}: ${message}`;
    if (body.session === null) return;
    if (code === SYMBOLS_NOT_TRADED) body.session.untraded = message;
    // the conditions of main say it while it lasts
    else if (code !== HELD_SYMBOL_HALTED) body.session.errors += 1;
  }),
  ProcessCrashed: noted(noteCrash),
  SelfCheckCompleted: noted((body, event: EventOf<'SelfCheckCompleted'>) => {
    if (event.data.ok) body.ordersRefused = null;
    body.selfCheckFailures = event.data.checks
      .filter(({ ok }) => !ok)
      .map(({ module, cause, remedy }) => ({ module, text: `${module}: ${cause}`, remedy }));
  }),
};

/** The last event, by position and time. */
export const asOfFields: FieldsOf = ({ body }) => ({ as_of: { position: body.asOfPosition, time: body.asOfTime } });

/** The bot: state, identity, version and uptime. */
export const botFields: FieldsOf = ({ body }) => ({
  bot_state: body.botState,
  bot_state_reason: body.botStateReason,
  bot_state_since: body.botStateSince,
  bot_identity: body.identity,
  version_tag: body.session?.opened.versionTag ?? null,
  uptime_seconds: uptimeSeconds(body),
});

function uptimeSeconds({ startedAt, asOfTime }: StatusState['body']): number {
  if (startedAt === null || asOfTime === null) return 0;
  return Math.max(0, Math.floor((parseUtcText(asOfTime) - parseUtcText(startedAt)) / SECOND_MS));
}

/** The open session, or the last one. Without a closing event it is open until its closing time. */
export const sessionFields: FieldsOf = ({ body }) => ({ session: sessionPart(body.session, body.asOfTime) });

function sessionPart(session: SessionStatus | null, asOfTime: UtcText | null): object {
  if (session === null)
    return { state: 'CLOSED', date: null, phase: null, opens_at: null, closes_at: null, outcome: null };
  const { opened, phase, closed } = session;
  const span = { closesAt: opened.closesAt, closed: closed !== null };
  const open = asOfTime !== null && isSessionOpen(span, parseUtcText(asOfTime));
  return {
    state: open ? 'OPEN' : 'CLOSED',
    date: opened.date,
    phase,
    opens_at: opened.opensAt,
    closes_at: opened.closesAt,
    outcome: closed?.outcome ?? null,
  };
}

/** The capital that the session may use. */
export const sessionCapFields: FieldsOf = ({ body }) => ({ session_cap: body.session?.opened.sessionCap ?? null });

/** The last error of the bot. */
export const lastErrorFields: FieldsOf = ({ body }) => ({ last_error: body.lastError });

/** Modules that failed their self-check; what keeps the bot from a session needs a person soon. */
export const selfCheckFindings: FindingsOf = ({ body }) =>
  body.selfCheckFailures.map(({ module, text, remedy }) => {
    const finding = blocksSession({ ok: false, module }) ? critical : warning;
    return finding('SELF_CHECK_FAILED', `${SELF_CHECK}${text}`, remedy);
  });

/** Errors of the session. */
export const errorFindings: FindingsOf = ({ body }) => {
  const errors = body.session?.errors ?? 0;
  return errors > 0 ? [warning('ERRORS', `${errors} errors in this session`, 'See error_tracebacks.log.')] : [];
};

/** Symbols that the broker does not trade. */
export const untradedFindings: FindingsOf = ({ body }) => {
  const why = body.session?.untraded ?? null;
  return why === null ? [] : [warning(SYMBOLS_NOT_TRADED, why, SYMBOLS_NOT_TRADED_REMEDY)];
};

/** Positions that the session left open. */
export const leftOpenFindings: FindingsOf = ({ body }) => {
  const left = body.session?.closed?.openPositions ?? [];
  const remedy = 'Leave the bot running: they are closed first in the next session.';
  return left.length > 0 ? [warning('LEFT_OPEN', `open after the session: ${left.join(', ')}`, remedy)] : [];
};
