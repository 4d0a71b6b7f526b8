import type { BookTask } from '../../app/book-tasks/book-task.js';
import type { Actor } from '../../events/event.js';
import { toUtcText } from '../../kernel/time.js';
import type { Answer, FromChild, PlainError } from '../ipc/messages.js';
import { parseBookTask } from '../ipc/local-request.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import { BookTasks } from './book-tasks.js';
import type { ChildSupervisor } from './child-supervisor.js';
import type { JournalGuard } from './journal-guard.js';
import type { MainHome } from './main-home.js';
import type { MainOptions } from './main-options.js';
import { ProjectorChannel } from './projector-channel.js';
import type { WorkerPool } from './worker-pool.js';

export interface MainBooksDeps {
  readonly options: Pick<MainOptions, 'base' | 'logs' | 'clock'>;
  readonly home: Pick<MainHome, 'bookTasks'>;
  readonly projector: () => Pick<ChildSupervisor, 'send' | 'health'>;
  /** A pool of its own: a verification takes long, and keys and settings must not wait for it. */
  readonly pool: WorkerPool;
  readonly guard: () => Pick<JournalGuard, 'refusal' | 'found'>;
}

/** The tasks of the books with what does them: workers, and the projector for its own files. */
export class MainBooks {
  readonly #tasks: BookTasks;
  readonly #projector: ProjectorChannel;

  constructor(private readonly deps: MainBooksDeps) {
    const { options, home, projector, pool, guard } = deps;
    this.#projector = new ProjectorChannel(projector);
    this.#tasks = new BookTasks({
      ...{ journal: () => home.bookTasks, home: options.base.home },
      now: () => toUtcText(options.clock.now()),
      run: (task) => pool.run(task),
      project: (work) => this.#projector.work(work),
      progress: () => this.#projector.progress,
      refusal: () => guard().refusal,
      onDamage: (error) => guard().found(error),
      onFault: (what: string, error: PlainError) => options.logs.main.error(what, { ...error }),
    });
  }

  /** Each second, until the tasks of an earlier main are ended. */
  settle(): Promise<void> {
    return this.#tasks.settle();
  }

  receive(message: FromChild): void {
    this.#projector.receive(message);
  }

  projectorEnded(): void {
    this.#projector.ended();
  }

  list(): Promise<Answer> {
    return answered(async () => this.#tasks.list());
  }

  /** Resolves to the state of the task once it is journaled. */
  begin(task: BookTask, actor: Actor): Promise<Answer> {
    return answered(async () => (await this.#tasks.begin(parseBookTask(task), actor)).state);
  }

  /** Resolves to what the task came to, with what a command shows of it. */
  async finish(task: BookTask, actor: Actor): Promise<Answer> {
    try {
      const { ended } = await this.#tasks.begin(task, actor);
      return (await ended).answer;
    } catch (error) {
      return { ok: false, error: plainErrorOf(error) };
    }
  }

  /** What runs is cut off after `withinMs`, what waits at once; both are journaled so. */
  async close(withinMs: number): Promise<void> {
    await this.deps.pool.close(withinMs);
    this.#projector.ended();
    await this.#tasks.close();
  }
}

async function answered(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: plainErrorOf(error) };
  }
}
