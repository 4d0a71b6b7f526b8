import { Worker } from 'node:worker_threads';
import { RunningTimer } from '../clock/running-timer.js';
import type { CompileResult } from './compile-module.js';
import type { ThreadTask } from './compile-thread.js';

/** Time for one module, and memory for the compiler and what a module makes when it is loaded. */
const LIMIT_MS = 20_000;
const LIMIT_MB = 400;

/**
 * Compiles and tries one module in a thread of its own: a compiler needs a hundred megabytes that a bot has better use for,
 * and a module that never ends or takes all memory ends there.
 */
export function compileInThread(task: ThreadTask): Promise<CompileResult> {
  const thread = new Worker(new URL('./compile-thread.js', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB },
  });
  return new Promise<CompileResult>((resolve) => {
    const limit = new RunningTimer(LIMIT_MS, () =>
      resolve(ended(`it was not compiled and loaded within ${LIMIT_MS / 1_000} s`)),
    );
    const done = (result: CompileResult): void => {
      limit.cancel();
      resolve(result);
    };
    thread.on('message', done);
    thread.on('error', (error) => done(ended(error.message)));
    thread.on('exit', () => done(ended('the thread that compiled it ended')));
    thread.postMessage(task);
  }).finally(() => void thread.terminate());
}

function ended(cause: string): CompileResult {
  const remedy = 'Do no work outside the functions of the strategy, and keep its types simple.';
  return { faults: [{ line: 1, column: 1, code: 'STRATEGY_LOAD', cause, remedy }] };
}
