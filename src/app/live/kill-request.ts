import type { Actor } from '../../events/event.js';
import type { CommandOutcome } from './commands.js';

/** A kill that has not been journaled yet. */
export interface Kill {
  readonly reason: string;
  readonly actor: Actor;
  readonly outcome: Promise<CommandOutcome>;
  readonly answer: (outcome: CommandOutcome) => void;
}

/** The kill that a session was asked for and has not executed yet; others that come meanwhile share its outcome. */
export class KillRequest {
  #kill: Kill | undefined;
  #signal: () => void = () => undefined;
  #came = this.#nextCame();

  /** True until the session takes it. */
  get waits(): boolean {
    return this.#kill !== undefined;
  }

  /** Resolves when the next kill comes. */
  get came(): Promise<undefined> {
    return this.#came;
  }

  /** Resolves when the journal has it. */
  ask(reason: string, actor: Actor): Promise<CommandOutcome> {
    this.#kill ??= newKill(reason, actor);
    this.#signal();
    return this.#kill.outcome;
  }

  /** The kill to execute now; undefined when none waits. */
  take(): Kill | undefined {
    const kill = this.#kill;
    if (kill === undefined) return undefined;
    this.#kill = undefined;
    this.#came = this.#nextCame();
    return kill;
  }

  #nextCame(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#signal = () => resolve(undefined);
    });
  }
}

function newKill(reason: string, actor: Actor): Kill {
  let answer: Kill['answer'] = () => undefined;
  const outcome = new Promise<CommandOutcome>((resolve) => (answer = resolve));
  return { reason, actor, outcome, answer };
}
