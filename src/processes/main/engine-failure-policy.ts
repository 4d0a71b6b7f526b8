import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { CommandOutcome } from '../../app/live/commands.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { PlainError } from '../ipc/messages.js';
import type { EngineCommandChannel } from './engine-command-channel.js';
import type { ChildDeath, ChildSupervisor } from './child-supervisor.js';
import type { KeptOrder } from './kept-order.js';

export interface EngineFailurePolicyDeps {
  readonly engine: () => Pick<ChildSupervisor, 'state' | 'start' | 'resetFailures'>;
  readonly channel: Pick<EngineCommandChannel, 'engineDied' | 'carry' | 'command' | 'haltWaits'>;
  /** Moves the bot to `error` and says why; does nothing when it is there. */
  readonly fail: (cause: string) => Promise<void>;
  /** Symbols of the open positions, as the journal has them. */
  readonly openPositions: () => readonly string[];
  /** Saves a journal that is lost, with its last events; the cause of the error then names the copy. */
  readonly saveLost: () => Promise<void>;
  /** The order to close everything, as it is kept for the next main. */
  readonly order: Pick<KeptOrder, 'read' | 'write' | 'remove'>;
}

/** Seconds until an engine that was given up is started again: the first time, and at most, doubling in between. */
const FIRST_PAUSE_S = 10;
const LONGEST_PAUSE_S = 60;

/**
 * The response to an engine that dies repeatedly (RUN-2, RUN-42): it is started once more, only to close what is open,
 * and the bot ends in `error`. One that dies then too, or says that it cannot continue, is given up: the bot is in
 * `error`, and an engine is started again at a bounded pace for as long as something needs one: a stop or kill without an
 * outcome, a closing that no engine has finished, an open position.
 */
export class EngineFailurePolicy {
  /** Why the engine closes everything; undefined while it works as it should. */
  #closing: string | undefined;
  #reported = false;
  #pauseS = FIRST_PAUSE_S;
  #waitedS = 0;
  /** An engine that had no journal closed everything with the broker alone. */
  #closedAlone = false;

  constructor(private readonly deps: EngineFailurePolicyDeps) {}

  /** Open positions that no engine manages, as symbols; empty while an engine runs or is started again at once. */
  get unmanaged(): readonly string[] {
    return this.deps.engine().state === 'given up' && !this.#closedAlone ? this.deps.openPositions() : [];
  }

  async died(death: ChildDeath): Promise<void> {
    const { channel } = this.deps;
    channel.engineDied();
    if (death.fatal !== undefined) return this.#stopForGood(death.fatal);
    if (!death.givenUp) return;
    if (this.#closing === undefined) {
      this.#decide(`the engine died ${death.deaths} times within minutes`);
      this.#close();
      return;
    }
    if (this.#reported) return;
    this.#reported = true;
    await this.deps.fail(`${this.#closing}; it died again while closing. ${this.#openText()}`);
  }

  /** Each second: the one rule for an engine that was given up. */
  tick(): void {
    const { engine, channel, openPositions } = this.deps;
    if (engine().state !== 'given up') return;
    this.#waitedS += 1;
    if (this.#waitedS < this.#pauseS) return;
    const open = !this.#closedAlone && openPositions().length > 0;
    if (!channel.haltWaits && this.#closing === undefined && !open) return;
    this.#pauseS = Math.min(LONGEST_PAUSE_S, this.#pauseS * 2);
    if (channel.haltWaits) this.#start();
    else this.#close();
  }

  /** The bot came to another state. */
  async changed(to: BotState): Promise<void> {
    if (to !== 'stopped') return;
    const why = this.#closing;
    this.#forget();
    if (why !== undefined) await this.deps.fail(`${why}; everything was closed`);
    this.deps.order.remove();
  }

  /**
   * Something else than the engine ends the trading: everything is closed, then the bot is in `error`. Repeated with
   * another cause, only the cause changes.
   */
  async haltFor(cause: string): Promise<void> {
    const halting = this.#closing !== undefined;
    this.#decide(cause);
    if (halting) return;
    try {
      const answer = await this.deps.channel.command({ kind: 'kill', reason: cause, actor: 'system:main' });
      if (await this.#wasAlone(answer)) return;
      // nothing was open and the bot was at rest: no change of its state follows
      if (answer.outcome !== 'refused') return;
      await this.deps.saveLost();
      await this.changed('stopped');
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
    }
  }

  /** At a start of main, before its engine: an order that the main before did not see to its end. */
  resume(): void {
    const cause = this.deps.order.read();
    if (cause !== undefined) void this.haltFor(cause);
  }

  /** A person starts the bot: earlier failures no longer count. */
  resetFailures(): void {
    this.#forget();
    this.deps.order.remove();
    this.deps.engine().resetFailures();
  }

  /** On disk before anything follows from it: a main that dies now leaves it to its successor. */
  #decide(cause: string): void {
    this.#closing = cause;
    this.deps.order.write(cause);
  }

  #forget(): void {
    this.#closing = undefined;
    this.#reported = false;
    this.#closedAlone = false;
    this.#pauseS = FIRST_PAUSE_S;
    this.#waitedS = 0;
  }

  /** With an order to close everything: whatever else it would do, it has died of. */
  #close(): void {
    const reason = this.#closing ?? 'the engine was given up with open positions';
    // a main that stops answers nothing any more
    void this.deps.channel.carry({ kind: 'kill', reason, actor: 'system:main' }).then(
      (outcome) => this.#wasAlone(outcome),
      () => false,
    );
    this.#start();
  }

  #start(): void {
    this.#waitedS = 0;
    this.deps.engine().start();
  }

  /** The journal still has the positions as open, and no engine can read it. */
  async #wasAlone({ withoutJournal, reason }: CommandOutcome): Promise<boolean> {
    if (withoutJournal !== true) return false;
    this.#closedAlone = true;
    this.#closing = undefined;
    this.deps.order.remove();
    await this.deps.fail(reason);
    return true;
  }

  #openText(): string {
    const open = this.deps.openPositions();
    return open.length === 0 ? 'No open position is known.' : `Open as far as is known: ${open.join(', ')}.`;
  }

  async #stopForGood(fatal: PlainError): Promise<void> {
    this.#closing = undefined;
    await this.deps.fail(`${fatal.message} (${fatal.code}). ${fatal.remedy}`);
  }
}
