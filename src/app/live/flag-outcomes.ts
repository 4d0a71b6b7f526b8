import type { Uuid } from '../../kernel/hash.js';
import type { CommandOutcome, EngineCommand } from './commands.js';

/** Flags of which the outcome is kept: more never lie in the folder. */
const MOST_KEPT = 100;

/** One outcome for each control flag: main and the engine may both read it, and it is executed once. */
export class FlagOutcomes {
  readonly #known = new Map<Uuid, Promise<CommandOutcome>>();

  /** Executes the command, unless its flag was executed before: then resolves to that outcome. */
  share(command: EngineCommand, execute: (command: EngineCommand) => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const flag = 'flag' in command ? command.flag : undefined;
    if (flag === undefined) return execute(command);
    const known = this.#known.get(flag);
    if (known !== undefined) return known;
    const outcome = execute(command);
    this.#known.set(flag, outcome);
    // without an outcome it stays open, and the next request executes it
    outcome.catch(() => this.#known.delete(flag));
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MOST_KEPT) break;
      this.#known.delete(oldest);
    }
    return outcome;
  }
}
