import { randomUUID } from 'node:crypto';
import {
  endedData,
  needsProjector,
  subjectOf,
  type BookTask,
  type BookTaskResult,
} from '../../app/book-tasks/book-task.js';
import { SerialQueue } from '../../app/journal/serial-queue.js';
import type { Actor } from '../../events/event.js';
import { configError, journalError, networkError } from '../../kernel/errors.js';
import type { Answer, BookTaskState, PlainError, ProjectorWork, WorkerTask } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import { CUT_OFF, endOf, type BookTaskEnd, type BookTaskJournal } from './book-task-journal.js';

export interface BookTasksDeps {
  /** Undefined before there is a journal. */
  readonly journal: () => BookTaskJournal | undefined;
  /** The folder of the home. */
  readonly home: string;
  /** Has a worker of its own do it. */
  readonly run: (task: WorkerTask) => Promise<Answer>;
  /** Has the projector do it; rejects nothing. */
  readonly project: (work: ProjectorWork) => Promise<Answer>;
  /** How far the projector has come with its work; undefined when it says nothing. */
  readonly progress: () => string | undefined;
  /** Why nothing may be made from the journal. */
  readonly refusal: () => PlainError | undefined;
  /** What a task failed of, or found: damage of the journal stops the trading. */
  readonly onDamage: (error: PlainError) => void;
  readonly now: () => string;
  readonly onFault: (what: string, error: PlainError) => void;
}

/** One runs, the others wait. */
const MOST_UNFINISHED = 10;
/** Of one person, so that nobody keeps the others out. */
const MOST_OF_ONE = 5;
const MOST_KEPT = 100;

/** A task that was begun, and its end. */
export interface BegunTask {
  readonly state: BookTaskState;
  /** How it ended, with what the one who did it answered; never rejects. */
  readonly ended: Promise<{ readonly state: BookTaskState; readonly answer: Answer }>;
}

/** Errors of a process that ended, or was ended, before it could say how the task ended. */
const CUT_OFF_CODES: readonly string[] = ['WORKER_DIED', 'STOPPING', 'PROJECTOR_ENDED', 'REBUILD_CUT_OFF'];

/**
 * Work on the books of the running bot: one task after the other, each journaled when it is asked for and when it has
 * ended, so that its outcome can be read whatever died meanwhile.
 */
export class BookTasks {
  readonly #states = new Map<string, BookTaskState>();
  readonly #queue = new SerialQueue();
  #loading: Promise<void> | undefined;
  #unread = false;
  #closed = false;

  constructor(private readonly deps: BookTasksDeps) {}

  /** The newest tasks, the newest first. */
  async list(): Promise<readonly BookTaskState[]> {
    await this.#load();
    return [...this.#states.values()].reverse().map((state) => this.#withProgress(state));
  }

  /** Ends what an earlier main left; does nothing more once that is done. */
  async settle(): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      if (!this.#unread) this.deps.onFault('the tasks of the books could not be read', plainErrorOf(error));
      this.#unread = true;
    }
  }

  /** Journals that it was asked for and lets it run when its turn has come. Throws what refuses it. */
  async begin(task: BookTask, actor: Actor): Promise<BegunTask> {
    const journal = this.deps.journal();
    if (journal === undefined) throw notSetUp();
    if (this.#closed) throw stopping();
    await this.#load();
    const refused = task.kind === 'verify' ? undefined : this.deps.refusal();
    if (refused !== undefined) throw configError({ ...refused });
    this.#admit(actor);
    const taskId = randomUUID();
    const begun = { taskId, kind: task.kind, subject: subjectOf(task), actor, startedAt: this.deps.now() };
    const state: BookTaskState = { ...begun, state: 'waiting', progress: null, ended: null };
    this.#keep(state);
    try {
      await journal.started({ taskId, kind: task.kind, subject: begun.subject }, actor);
    } catch (error) {
      this.#states.delete(taskId);
      throw error;
    }
    return { state, ended: this.#queue.run(() => this.#do(task, state, journal)) };
  }

  /** Refuses new tasks; resolves when every end is journaled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.settled();
  }

  async #do(task: BookTask, begun: BookTaskState, journal: BookTaskJournal): BegunTask['ended'] {
    this.#keep({ ...begun, state: 'running' });
    const answer = this.#closed ? cutOff() : await this.#answer(task, begun.actor);
    this.#reportDamage(answer);
    const of = { taskId: begun.taskId, kind: task.kind, home: this.deps.home };
    const data = endedData(of, endOfAnswer(answer));
    try {
      await journal.ended(data);
    } catch (error) {
      this.deps.onFault('the end of a task of the books is not in the journal', plainErrorOf(error));
    }
    const ended = { ...begun, ...endOf(data, this.deps.now()) };
    this.#keep(ended);
    return { state: ended, answer };
  }

  #answer(task: BookTask, actor: Actor): Promise<Answer> {
    if (needsProjector(task)) return this.deps.project({ kind: task.kind, name: task.name, actor });
    return this.deps.run({ task: 'books', work: task, actor });
  }

  #reportDamage(answer: Answer): void {
    if (!answer.ok) this.deps.onDamage(answer.error);
    else if ((answer.value as BookTaskResult).journalDamaged === true) {
      this.deps.onDamage(plainErrorOf(damaged((answer.value as BookTaskResult).summary)));
    }
  }

  /** Once; again after a fault. */
  #load(): Promise<void> {
    const journal = this.deps.journal();
    if (journal === undefined) return Promise.resolve();
    this.#loading ??= this.#loadFrom(journal).catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #loadFrom(journal: BookTaskJournal): Promise<void> {
    for (const state of await journal.settle()) this.#keep(state);
  }

  #keep(state: BookTaskState): void {
    this.#states.set(state.taskId, state);
    for (const [id, { ended }] of this.#states) {
      if (this.#states.size <= MOST_KEPT) return;
      if (ended !== null) this.#states.delete(id);
    }
  }

  #admit(actor: Actor): void {
    const unfinished = [...this.#states.values()].filter(({ ended }) => ended === null);
    const own = unfinished.filter((one) => one.actor === actor);
    if (unfinished.length < MOST_UNFINISHED && own.length < MOST_OF_ONE) return;
    throw networkError('retry', {
      code: 'BOOK_TASKS_BUSY',
      message: `${unfinished.length} tasks of the books are not finished, ${own.length} of them yours`,
      remedy: `Wait until some have ended: at most ${MOST_OF_ONE} of one user and ${MOST_UNFINISHED} in all may wait.`,
    });
  }

  #withProgress(state: BookTaskState): BookTaskState {
    const projected = state.kind === 'rebuild' || state.kind === 'check';
    if (state.state !== 'running' || !projected) return state;
    return { ...state, progress: this.deps.progress() ?? null };
  }
}

function endOfAnswer(answer: Answer): BookTaskEnd {
  if (answer.ok) {
    const { ok, summary, findings, file } = answer.value as BookTaskResult;
    return { outcome: ok ? 'done' : 'differs', code: null, summary, findings, file };
  }
  const { code, message, remedy } = answer.error;
  if (CUT_OFF_CODES.includes(code)) return CUT_OFF;
  return { outcome: 'failed', code, summary: `${message}. ${remedy}`, findings: [], file: null };
}

function damaged(summary: string): Error {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `a verification of the journal found: ${summary}`,
    remedy: 'Keep the file, and restore the last good backup (tradebot restore FILE).',
  });
}

function stopping(): Error {
  return configError({ code: 'STOPPING', message: 'TradeBot is stopping', remedy: 'Try again after the next start.' });
}

const cutOff = (): Answer => ({ ok: false, error: plainErrorOf(stopping()) });

function notSetUp(): Error {
  return configError({ code: 'NOT_SET_UP', message: 'the bot is not set up yet', remedy: 'Finish the set-up first.' });
}
