import { UniverseFilesStore } from '../../adapters/universe-files/universe-files.js';
import { safeName } from '../../domain/home/home-paths.js';
import { universePaths } from '../../domain/home/universe-paths.js';
import type { TradeBotError } from '../../kernel/errors.js';
import type { Answer, Ask, ChildName, ProcessHealth, WorkerTask } from '../ipc/messages.js';
import { refuseAsk } from './allowed-asks.js';
import type { ChildSupervisor } from './child-supervisor.js';
import type { JournalGuard } from './journal-guard.js';
import type { LiveHealth } from './live-health.js';
import { LocalRequests } from './local-requests.js';
import { MainBooks } from './main-books.js';
import type { MainHome } from './main-home.js';
import type { MainOptions } from './main-options.js';
import type { ProtectionResets } from './protection-resets.js';
import type { StreamDecisions } from './stream-decisions.js';
import type { TestModeRuns } from './test-mode-runs.js';
import { UniverseBuilds, type UniverseBuildsDeps } from './universe-builds.js';
import type { WorkerPool } from './worker-pool.js';

export interface MainRequestsDeps {
  readonly options: Pick<MainOptions, 'base' | 'pid' | 'logs' | 'clock'>;
  readonly isSetUp: () => boolean;
  readonly resets: ProtectionResets;
  readonly streams: StreamDecisions;
  readonly health: LiveHealth;
  readonly tests: Pick<TestModeRuns, 'view'>;
  readonly workers: WorkerPool;
  /** A pool of its own, for what a person waits for. */
  readonly entries: WorkerPool;
  readonly home: MainHome;
  readonly projector: () => ChildSupervisor;
  readonly guard: () => JournalGuard;
  /** A pool of its own: a verification takes long. */
  readonly bookWorkers: WorkerPool;
  /** A pool of its own: a build takes hours. */
  readonly universePool: WorkerPool;
  readonly nightly: UniverseBuildsDeps['nightly'];
  readonly processes: () => readonly ProcessHealth[];
  /** After a set-up; resolves to why the home cannot be opened. */
  readonly settle: () => Promise<Answer | undefined>;
}

/** A person waits for these: not behind a copy of the journal. */
const OF_A_PERSON: readonly WorkerTask['task'][] = [
  'float',
  'adjust',
  'mismatch',
  'inverse-etfs',
  'confirm-entry',
  'users',
];

/** What children and the commands of the owner ask of main. */
export class MainRequests {
  readonly books: MainBooks;
  readonly universe: UniverseBuilds;
  readonly #local: LocalRequests;

  constructor(private readonly deps: MainRequestsDeps) {
    const { options, resets, streams, bookWorkers: pool } = deps;
    this.books = new MainBooks({ ...deps, pool });
    const { universePool, nightly } = deps;
    const log = options.logs.main;
    const files = new UniverseFilesStore(universePaths(options.base.home, safeName), options.clock);
    const noteWaiting = (): void => files.noteWaiting(true);
    this.universe = new UniverseBuilds({ pool: universePool, clock: options.clock, nightly, noteWaiting, log });
    this.#local = new LocalRequests({
      ...{ paths: options.base.localSocket, pid: options.pid, log: options.logs.main },
      run: (task) => this.#run(task),
      books: (task, actor) => this.books.finish(task, actor),
      universe: () => this.universe.begin(),
      reset: (request, actor) => resets.asked(request, actor),
      acknowledge: (decision, actor) => streams.acknowledge(decision, actor),
    });
  }

  /** Why no command can reach the running bot; undefined while they can. */
  get localFault(): TradeBotError | undefined {
    return this.#local.fault;
  }

  /** Each second. */
  tick(): void {
    this.#local.tick();
    this.universe.tick();
    void this.books.settle();
  }

  async close(withinMs: number): Promise<void> {
    const { entries } = this.deps;
    await Promise.all([
      this.universe.close(),
      this.books.close(withinMs),
      entries.close(withinMs),
      this.#local.close(withinMs),
    ]);
  }

  /** What `child` asks for, when it may. */
  async answer(child: ChildName, ask: Ask): Promise<Answer> {
    const { isSetUp, options } = this.deps;
    const refused = refuseAsk(child, ask, { isSetUp: isSetUp(), log: options.logs.main });
    if (refused !== undefined) return refused;
    const { processes, health, home, resets, streams, settle, guard } = this.deps;
    if (ask.ask === 'processes') return { ok: true, value: processes() };
    if (ask.ask === 'tests') return { ok: true, value: this.deps.tests.view() };
    if (ask.ask === 'conditions') return { ok: true, value: health.now() };
    if (ask.ask === 'reset') return resets.asked(ask.request, ask.actor);
    if (ask.ask === 'verified-journal') return { ok: true, value: guard().verified };
    if (ask.ask === 'held-streams') return { ok: true, value: home.streams.held };
    if (ask.ask === 'acknowledge-stream') return streams.acknowledge(ask.decision, ask.actor);
    if (ask.ask === 'book-tasks') return this.books.list();
    if (ask.ask === 'universe') return this.universe.begin();
    if (ask.ask === 'book-task') return this.books.begin(ask.task, ask.actor);
    const answer = await this.#run(ask.task);
    if (ask.task.task !== 'provision') return answer;
    // Also one that failed may have come so far that there is a journal.
    return (await settle()) ?? answer;
  }

  #run(task: WorkerTask): Promise<Answer> {
    return (OF_A_PERSON.includes(task.task) ? this.deps.entries : this.deps.workers).run(task);
  }
}
