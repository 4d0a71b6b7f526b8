import { LocalServer } from '../../adapters/local-socket/local-server.js';
import { parseReason } from '../../app/manual-entries/manual-entry.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';
import type { BookTask } from '../../app/book-tasks/book-task.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { StreamDecision } from '../../app/streams/acknowledge.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor } from '../../events/event.js';
import type { TradeBotError } from '../../kernel/errors.js';
import { unreachable } from '../../kernel/errors.js';
import { parseLocalRequest, type LocalRequest } from '../ipc/local-request.js';
import type { Answer, WorkerTask } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';

export interface LocalRequestsDeps {
  readonly paths: BasePaths['localSocket'];
  readonly pid: number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly run: (task: WorkerTask) => Promise<Answer>;
  /** Resolves when the task has ended. */
  readonly books: (task: BookTask, actor: Actor) => Promise<Answer>;
  readonly reset: (request: ResetRequest, actor: Actor) => Promise<Answer>;
  /** Begins a build of the universe. */
  readonly universe: () => Answer;
  readonly acknowledge: (decision: StreamDecision, actor: Actor) => Promise<Answer>;
}

/** Who asks through the socket: anyone who can write the home. */
const LOCAL_USER: Actor = 'user:local';

/** Answers the commands of the owner while the bot runs, by the same means as the requests of the web. */
export class LocalRequests {
  readonly #server: LocalServer;

  constructor(private readonly deps: LocalRequestsDeps) {
    const { paths, pid, log } = deps;
    this.#server = new LocalServer({
      ...{ paths, pid },
      answer: (request) => this.#answer(request),
      onFault: (error) => log.warn('the local socket', { ...plainErrorOf(error) }),
    });
  }

  /** Why no command can reach the running bot; undefined while they can. */
  get fault(): TradeBotError | undefined {
    return this.#server.fault;
  }

  /** Each second: makes the socket, and again when it is gone. */
  tick(): void {
    void this.#server.look();
  }

  /** Answers what is worked on, at most `withinMs` long. */
  close(withinMs: number): Promise<void> {
    return this.#server.close(withinMs);
  }

  async #answer(value: unknown): Promise<Answer> {
    try {
      const request = parseLocalRequest(value);
      this.deps.log.info('a command asks the running bot', { ask: request.ask });
      return await this.#carryOut(request);
    } catch (error) {
      return { ok: false, error: plainErrorOf(error) };
    }
  }

  #carryOut(asked: LocalRequest): Promise<Answer> {
    const { run, reset, acknowledge, books } = this.deps;
    switch (asked.ask) {
      case 'float':
        return run({ task: 'float', request: asked.request, actor: LOCAL_USER });
      case 'adjust':
        return run({ task: 'adjust', request: asked.request, actor: LOCAL_USER });
      case 'mismatch':
        return run({ task: 'mismatch', request: asked.request, actor: LOCAL_USER });
      case 'confirm-entry':
        return run({ task: 'confirm-entry', request: asked.request, actor: LOCAL_USER });
      case 'inverse-etfs':
        return run({ task: 'inverse-etfs', request: asked.request, actor: LOCAL_USER });
      case 'users':
        return run({ task: 'users', request: asked.request, actor: LOCAL_USER });
      case 'reset':
        return reset(asked.request, LOCAL_USER);
      case 'acknowledge-stream':
        return acknowledge({ ...asked.request, reason: parseReason(asked.request.reason) }, LOCAL_USER);
      case 'settings':
        return run({ task: 'save-settings', ...asked.request, actor: LOCAL_USER });
      case 'keys':
        return run({ task: asked.request.action, actor: LOCAL_USER, reason: parseReason(asked.request.reason) });
      case 'books':
        return books(asked.request, LOCAL_USER);
      case 'universe':
        return Promise.resolve(this.deps.universe());
      default:
        return unreachable(asked, 'the local socket');
    }
  }
}
