import { own } from '../kit/records.js';
import {
  critical,
  noted,
  seen,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import { noteSetup } from './float.js';
import { noteFeed } from './market.js';
import { noteOwnership } from './ownership.js';
import type { StatusBody } from './status-state.js';

/** The state of a process; `since` is a time. */
interface ProcessStatus {
  readonly state: 'running' | 'stopped' | 'dead';
  readonly since: string;
  /** Why it is not running; null while it runs. */
  readonly reason: string | null;
  /** Failures since the last start of the bot. */
  readonly deaths: number;
}

/** A run of test mode. */
interface TestRunStatus {
  readonly runId: string;
  readonly test: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ok: boolean | null;
}

/** The processes of the bot, and the last run of test mode. */
export interface ProcessesStatus {
  readonly processes: Record<string, ProcessStatus>;
  testRun: TestRunStatus | null;
  /** Why no main supervises the engine; null while one does. */
  withoutMain: string | null;
}

/** Before the first event. */
export function newProcessesStatus(): ProcessesStatus {
  return { processes: {}, testRun: null, withoutMain: null };
}

/** A worker exits after its task: it is neither missing nor dead afterwards. */
const WORKER = 'worker';

function noteProcess(
  body: StatusBody,
  event: EventOf<'ProcessStarted'> | EventOf<'ProcessStopped'>,
  state: ProcessStatus['state'],
): void {
  const { process } = event.data;
  if (process === WORKER) return;
  const reason = 'reason' in event.data ? event.data.reason : null;
  // a new main starts the count at zero
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

/** Reported by main when the process dies, or by its successor, which then runs already. */
export function noteCrash(body: StatusBody, event: EventOf<'ProcessCrashed'>): void {
  const { process, action, exitCode } = event.data;
  const message = `${process}: ${action}`;
  body.lastError = { at: event.occurredAt, code: 'PROCESS_CRASHED', message };
  if (process === WORKER || exitCode === undefined) return;
  const deaths = (own(body.processes, process)?.deaths ?? 0) + 1;
  body.processes[process] = { state: 'dead', since: event.occurredAt, reason: action, deaths };
}

function noteTestRun(body: StatusBody, event: EventOf<'TestRunStarted'> | EventOf<'TestRunEnded'>): void {
  const { runId, test } = event.data;
  const running = body.testRun;
  // the single checks of a run of all are a part of it
  if (running?.endedAt === null && runId.startsWith(`${running.runId}-`)) return;
  if (event.type === 'TestRunStarted') {
    body.testRun = { runId, test, startedAt: event.occurredAt, endedAt: null, ok: null };
    return;
  }
  const begun = body.testRun?.runId === runId ? body.testRun.startedAt : event.occurredAt;
  body.testRun = { runId, test, startedAt: begun, endedAt: event.occurredAt, ok: event.data.ok };
}

/** Events of processes and test mode. */
export const processHandlers: StatusHandlers<'processes'> = {
  ProcessStarted: noted((body, event: EventOf<'ProcessStarted'>) => noteProcess(body, event, 'running')),
  ProcessStopped: noted((body, event: EventOf<'ProcessStopped'>) => noteProcess(body, event, 'stopped')),
  TestRunStarted: noted(noteTestRun),
  TestRunEnded: noted(noteTestRun),
  ControlFlagConsumed: seen,
  ControlFlagReported: seen,
  ClockJumped: seen,
  BreakGlassImported: seen,
  EngineSupervisionChanged: noted((body, { data }: EventOf<'EngineSupervisionChanged'>) => {
    body.withoutMain = data.to === 'main' ? null : `${data.reason}; policy ${data.policy}`;
  }),
  MarketFeedSelected: noted(noteFeed),
  BrokerSelected: noted((body, { data }: EventOf<'BrokerSelected'>) => {
    body.account = data;
  }),
  SessionLeftOut: noted((body, { data }: EventOf<'SessionLeftOut'>) => {
    body.leftOut = data;
  }),
  OwnershipTaken: noted(noteOwnership),
  OwnershipEnded: noted(noteOwnership),
  OwnershipClaimed: seen,
  OwnershipConfirmed: seen,
  ProvisioningStarted: seen,
  ProvisioningStepDone: seen,
  ProvisioningCompleted: noted(noteSetup),
};

/** The processes, by name. */
export const processFields: FieldsOf = ({ body }) => ({
  processes: Object.fromEntries(
    Object.keys(body.processes)
      .sort()
      .map((name) => [name, own(body.processes, name)]),
  ),
});

/** The last run of test mode. */
export const testModeFields: FieldsOf = ({ body }) => ({ test_mode: testModePart(body) });

function testModePart({ testRun }: StatusBody): object {
  if (testRun === null) return { active: false, run_id: null, test: null, started_at: null, ended_at: null, ok: null };
  const { runId, test, startedAt, endedAt, ok } = testRun;
  return { active: endedAt === null, run_id: runId, test, started_at: startedAt, ended_at: endedAt, ok };
}

/** An engine without main, then processes that died. */
export const processFindings: FindingsOf = (state, health) => [
  ...supervisionFindings(state, health),
  ...deadProcesses(state, health),
];

const supervisionFindings: FindingsOf = ({ body: { withoutMain } }) =>
  withoutMain === null
    ? []
    : [
        critical(
          'ENGINE_WITHOUT_MAIN',
          `no main supervises the engine, entries are suspended: ${withoutMain}`,
          'If main hangs, end it and start the bot again: its positions are taken over.',
        ),
      ];

const deadProcesses: FindingsOf = ({ body }) =>
  Object.keys(body.processes)
    .sort()
    .flatMap((name) => {
      const known = own(body.processes, name);
      if (known?.state !== 'dead') return [];
      const remedy = 'Wait for its next start; if there is none, see main_bot.log and start the bot.';
      return [critical('PROCESS_DEAD', `process ${name} is dead: ${known.reason ?? ''}`, remedy)];
    });

/** A running test; entries are suspended. */
export const testModeFindings: FindingsOf = ({ body: { testRun } }) =>
  testRun !== null && testRun.endedAt === null
    ? [
        warning(
          'TEST_MODE',
          `test mode: ${testRun.test} is running, entries are suspended`,
          'Wait for the end of the run.',
        ),
      ]
    : [];
