import type { BookTask } from '../../../../src/app/book-tasks/book-task.js';
import type { Actor } from '../../../../src/events/event.js';
import { toUtcText } from '../../../../src/kernel/time.js';
import type { Ask, BookTaskState, ChildInit, HealthNow } from '../../../../src/processes/ipc/messages.js';
import { SystemClock } from '../../../../src/adapters/clock/system-clock.js';
import { runTask } from '../../../../src/processes/worker/tasks.js';
import { TEST_PARTS, TEST_VERSION } from '../../../support/provision.js';

const HEALTH: HealthNow = {
  overall: 'OK',
  conditions: [],
  briefing: {
    ...{ identity: 'DEMO_US_SIM_B01', simulated: true, notTrading: [] },
    clock: { utc: '2026-01-06T15:30:00.000Z', text: 'Tuesday', speed: '1', machine: '2026-01-06T15:30:00.000Z' },
    nextSession: { text: 'none', date: null, opensAt: null, closesAt: null },
    ...{ account: null, marketData: null, closing: null },
  },
};

/** The answers of main, with the worker's task run in this process. */
export function answersOf(home: string, processes: readonly object[] = []): (ask: Ask) => Promise<unknown> {
  const init: ChildInit = {
    ...{ home, root: process.cwd(), versionTag: TEST_VERSION, identityParts: TEST_PARTS, timeScale: null, attempt: 0 },
    ...{ masterKeyFile: null, web: null, commands: [], task: null },
  };
  return async (ask) => {
    if (ask.ask === 'worker') return runTask(init, ask.task, new SystemClock());
    if (ask.ask === 'tests') return { running: null, waiting: [] };
    if (ask.ask === 'book-task') return begun(ask.task, ask.actor);
    if (ask.ask === 'book-tasks' || ask.ask === 'held-streams') return [];
    if (ask.ask === 'verified-journal') return null;
    if (ask.ask === 'universe') return { state: 'begun' };
    return ask.ask === 'conditions' ? HEALTH : processes;
  };
}

function begun({ kind }: BookTask, actor: Actor): BookTaskState {
  const startedAt = new SystemClock().now();
  return {
    ...{ taskId: '00000000-0000-4000-8000-000000000000', kind, subject: kind, actor },
    ...{ startedAt: toUtcText(startedAt), state: 'waiting', progress: null, ended: null },
  };
}
