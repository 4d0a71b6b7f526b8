import { configError } from '../../kernel/errors.js';
import type { Child, ChildBody } from '../ipc/child.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import { runTask } from './tasks.js';

/** One task, one answer, the end (RUN-5). A stop lets the task end first: main bounds how long. */
export function startWorker(child: Child): Promise<ChildBody> {
  const running = work(child);
  return Promise.resolve({ stop: () => running });
}

async function work(child: Child): Promise<void> {
  const { init } = child;
  try {
    if (init.task === null) throw noTask();
    child.done({ ok: true, value: await runTask(init, init.task, child.clock) });
  } catch (error) {
    child.done({ ok: false, error: plainErrorOf(error) });
  }
}

function noTask(): Error {
  return configError({
    code: 'WORKER_WITHOUT_TASK',
    message: 'a worker was started without a task',
    remedy: 'Workers are started by main only.',
  });
}
