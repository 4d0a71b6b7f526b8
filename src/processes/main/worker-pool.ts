import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { configError, networkError } from '../../kernel/errors.js';
import type { Answer, ChildInit, PlainError, ProcessHealth, WorkerTask } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import { mayWait } from './worker-shares.js';
import { endText, ChildProcessRun, type ChildProcessEnd, type Program } from './child-process-run.js';

export interface WorkerPoolOptions {
  readonly program: Program;
  readonly init: (task: WorkerTask) => ChildInit;
  /** A worker died without having said how its task ended. */
  readonly onDeath: (task: WorkerTask['task'], end: ChildProcessEnd) => void;
  readonly now: () => string;
  /** Why no task may run now; undefined when all may. */
  readonly refusal?: () => PlainError | undefined;
  /** How long a task may take; left out: LONGEST_MS. Milliseconds. */
  readonly longestMs?: Partial<Readonly<Record<WorkerTask['task'], number>>>;
}

const SECOND = 1_000;
/** A task that takes longer hangs. */
const LONGEST_MS: Readonly<Record<WorkerTask['task'], number>> = {
  provision: 300 * SECOND,
  'save-settings': 60 * SECOND,
  'save-secret': 60 * SECOND,
  rotate: 60 * SECOND,
  'destroy-earlier': 60 * SECOND,
  reconcile: 60 * SECOND,
  backup: 1_800 * SECOND,
  verify: 3_600 * SECOND,
  anchor: 120 * SECOND,
  /** Ten thousand symbols at sixty calls a minute. */
  universe: 50_400 * SECOND,
  float: 120 * SECOND,
  adjust: 120 * SECOND,
  mismatch: 120 * SECOND,
  'confirm-entry': 60 * SECOND,
  'inverse-etfs': 120 * SECOND,
  books: 3_600 * SECOND,
  users: 120 * SECOND,
  /** One check; the longest takes half a minute. */
  'test-run': 600 * SECOND,
};

interface Waiting {
  readonly task: WorkerTask;
  readonly resolve: (answer: Answer) => void;
}

/** Tasks, one process each and one at a time (RUN-5): two that rotate keys at once would be refused by the vault anyway. */
export class WorkerPool {
  readonly #waiting: Waiting[] = [];
  #run: ChildProcessRun | undefined;
  #task: WorkerTask['task'] | undefined;
  #startedAt: string | null = null;
  #runs = 0;
  #closed = false;
  /** Why main ends the task that runs. */
  #endedBy: PlainError | undefined;
  #idle: (() => void) | undefined;

  constructor(private readonly options: WorkerPoolOptions) {}

  /** Resolves to the result of the task, also when the worker died; never rejects. */
  run(task: WorkerTask): Promise<Answer> {
    if (this.#closed) return Promise.resolve(refusal(stopping()));
    const refused = this.options.refusal?.();
    if (refused !== undefined) return Promise.resolve(refusal(refused));
    const waiting = this.#waiting.map((other) => other.task);
    if (!mayWait(task, waiting)) return Promise.resolve(refusal(busy(waiting.length)));
    return new Promise((resolve) => {
      this.#waiting.push({ task, resolve });
      this.#next();
    });
  }

  /** A task runs or waits. */
  get busy(): boolean {
    return this.#run !== undefined || this.#waiting.length > 0;
  }

  health(): ProcessHealth {
    return {
      process: 'worker',
      state: this.#run === undefined ? 'stopped' : 'running',
      pid: this.#run?.pid ?? null,
      startedAt: this.#startedAt,
      restarts: 0,
      aliveAt: null,
      rssBytes: null,
      figures: {
        runs: String(this.#runs),
        waiting: String(this.#waiting.length),
        ...(this.#task === undefined ? {} : { task: this.#task }),
      },
    };
  }

  /** Refuses what waits, lets the one that runs end within `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(refusal(stopping()));
    if (this.#run === undefined) return;
    const ended = new Promise<void>((resolve) => (this.#idle = resolve));
    this.#run.stop(withinMs);
    await ended;
  }

  /** Ends the task that runs now, on purpose: it resolves to `error`. */
  cancel(error: PlainError): void {
    if (this.#run === undefined) return;
    this.#endedBy = error;
    this.#run.stop(0);
    this.#run.kill();
  }

  #next(): void {
    if (this.#run !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const { task, resolve } = next;
    this.#runs += 1;
    this.#task = task.task;
    this.#startedAt = this.options.now();
    const longestMs = this.options.longestMs?.[task.task] ?? LONGEST_MS[task.task];
    let answer: Answer | undefined;
    const run = new ChildProcessRun({
      name: 'worker',
      program: this.options.program,
      init: this.options.init(task),
      onMessage: (message) => {
        if (message.kind === 'done') answer = message.answer;
        if (message.kind === 'fatal') answer = refusal(message.error);
      },
      onEnd: (end) => {
        limit.cancel();
        this.#run = undefined;
        this.#task = undefined;
        const ended = this.#endedBy;
        this.#endedBy = undefined;
        if (answer === undefined && !end.requested) this.options.onDeath(task.task, end);
        resolve(answer ?? refusal(ended ?? (end.requested ? stopping() : died(task.task, end))));
        this.#idle?.();
        this.#next();
      },
    });
    const limit = new RunningTimer(longestMs, () => {
      this.#endedBy = late(task.task, longestMs);
      run.kill();
    });
    this.#run = run;
  }
}

function refusal(error: PlainError): Answer {
  return { ok: false, error };
}

function busy(waiting: number): PlainError {
  return plainErrorOf(
    networkError('retry', {
      code: 'WORKERS_BUSY',
      message: `${waiting} tasks are waiting, as many as may of this kind or of one person`,
      remedy: 'Try again in a minute.',
    }),
  );
}

function stopping(): PlainError {
  return plainErrorOf(
    configError({ code: 'STOPPING', message: 'TradeBot is stopping', remedy: 'Try again after the next start.' }),
  );
}

function late(task: string, withinMs: number): PlainError {
  return plainErrorOf(
    networkError('reconcile', {
      code: 'WORKER_LATE',
      message: `"${task}" did not end within ${withinMs / SECOND} s, and its worker was ended`,
      remedy: 'Look whether it was done before you ask again; a disk or a lock that hangs is the usual cause.',
    }),
  );
}

function died(task: string, end: ChildProcessEnd): PlainError {
  return plainErrorOf(
    networkError('reconcile', {
      code: 'WORKER_DIED',
      message: `the worker for "${task}" died (${endText(end)})`,
      remedy: 'Look whether it was done before you ask again; error_tracebacks.log has the cause when there is one.',
    }),
  );
}
