import { configError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { ChildInit, WorkerTask } from '../ipc/messages.js';

/** A run in test mode (RUN-35). */
export function testRun(
  _init: ChildInit,
  task: Extract<WorkerTask, { task: 'test-run' }>,
  _clock: Clock,
): Promise<never> {
  throw configError({
    code: 'TEST_MODE_UNAVAILABLE',
    message: `the test ${task.test} is not in this version`,
    remedy: 'Use a version that has it.',
  });
}
