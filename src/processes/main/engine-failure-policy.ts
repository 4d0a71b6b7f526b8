import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { PlainError } from '../ipc/messages.js';
import type { EngineCommandChannel } from './engine-command-channel.js';
import type { ChildDeath, ChildSupervisor } from './child-supervisor.js';

export interface EngineFailurePolicyDeps {
  readonly engine: () => ChildSupervisor;
  readonly channel: EngineCommandChannel;
  /** Moves the bot to `error` and says why; does nothing when it is there. */
  readonly fail: (cause: string) => Promise<void>;
  /** The open positions as far as is known, as text. */
  readonly openPositions: () => string;
}

/**
 * The response to an engine that dies repeatedly (RUN-2, RUN-42): it is started once more, only to close
 * what is open, and the bot ends in `error`; when that engine dies too, in `error` with what is left open. One that says
 * that it cannot continue ends in `error` at once.
 */
export class EngineFailurePolicy {
  /** Why the engine closes everything; undefined while it works as it should. */
  #closing: string | undefined;

  constructor(private readonly deps: EngineFailurePolicyDeps) {}

  async died(death: ChildDeath): Promise<void> {
    const { channel } = this.deps;
    channel.engineDied();
    if (death.fatal !== undefined) return this.#stopForGood(death.fatal);
    if (!death.givenUp) return;
    if (this.#closing !== undefined) {
      const why = this.#closing;
      this.#closing = undefined;
      return this.deps.fail(`${why}; it died again while closing. ${this.deps.openPositions()}`);
    }
    this.#closing = `the engine died ${death.deaths} times within minutes`;
    channel.carry({ kind: 'kill', reason: this.#closing, actor: 'system:main' });
    this.deps.engine().start();
  }

  /** The bot came to another state. */
  async changed(to: BotState): Promise<void> {
    if (this.#closing === undefined || to !== 'stopped') return;
    const why = this.#closing;
    this.#closing = undefined;
    await this.deps.fail(`${why}; everything was closed`);
  }

  /** A person starts the bot: earlier failures no longer count. */
  resetFailures(): void {
    this.#closing = undefined;
    this.deps.engine().resetFailures();
  }

  async #stopForGood(fatal: PlainError): Promise<void> {
    this.#closing = undefined;
    await this.deps.fail(`${fatal.message} (${fatal.code}). ${fatal.remedy}`);
  }
}
