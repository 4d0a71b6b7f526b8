import type { RecordedEvent } from '../../src/events/event.js';
import { own } from '../kit/records.js';
import type { ProcessStatus, StatusBody } from './status-state.js';

type Of<T extends RecordedEvent['type']> = RecordedEvent<T>;

/** What the watchdog says of a part, since when (TRD-43). */
export function noteWatchdog(body: StatusBody, event: Of<'WatchdogStateChanged'>): void {
  const { subject, to, reason } = event.data;
  body.watchdog[subject] = { state: to, since: event.occurredAt, reason };
}

export function noteBuildCheck(body: StatusBody, event: Of<'BuildCheckCompleted'>): void {
  body.buildCheckFailures = event.data.checks.filter(({ ok }) => !ok).map(({ module, cause }) => `${module}: ${cause}`);
}

/** A worker does one task and ends: it is neither missing nor dead afterwards. */
const WORKER = 'worker';

export function noteProcess(
  body: StatusBody,
  event: Of<'ProcessStarted'> | Of<'ProcessStopped'>,
  state: ProcessStatus['state'],
): void {
  const { process } = event.data;
  if (process === WORKER) return;
  const reason = 'reason' in event.data ? event.data.reason : null;
  // a new main knows of no deaths yet
  if (process === 'main' && state === 'running') for (const name of Object.keys(body.processes)) forgive(body, name);
  body.processes[process] = {
    state,
    since: event.occurredAt,
    reason,
    deaths: own(body.processes, process)?.deaths ?? 0,
  };
}

function forgive(body: StatusBody, name: string): void {
  const before = own(body.processes, name);
  if (before !== undefined) body.processes[name] = { ...before, deaths: 0 };
}

/** Told by main at the death, or by the successor that goes on: then it runs again already. */
export function noteCrash(body: StatusBody, event: Of<'ProcessCrashed'>): void {
  const { process, action, exitCode } = event.data;
  const message = `${process}: ${action}`;
  body.lastError = { at: event.occurredAt, code: 'PROCESS_CRASHED', message };
  if (process === WORKER || exitCode === undefined) return;
  const deaths = (own(body.processes, process)?.deaths ?? 0) + 1;
  body.processes[process] = { state: 'dead', since: event.occurredAt, reason: action, deaths };
}

export function noteTestRun(body: StatusBody, event: Of<'TestRunStarted'> | Of<'TestRunEnded'>): void {
  const { runId, test } = event.data;
  if (event.type === 'TestRunStarted') {
    body.testRun = { runId, test, startedAt: event.occurredAt, endedAt: null, ok: null };
    return;
  }
  const begun = body.testRun?.runId === runId ? body.testRun.startedAt : event.occurredAt;
  body.testRun = { runId, test, startedAt: begun, endedAt: event.occurredAt, ok: event.data.ok };
}
