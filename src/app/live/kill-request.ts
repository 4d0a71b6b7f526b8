import type { Actor } from '../../events/event.js';
import type { CommandOutcome } from './commands.js';

/** A kill that has not been journaled yet. */
export interface Kill {
  readonly reason: string;
  readonly actor: Actor;
  readonly outcome: Promise<CommandOutcome>;
  readonly answer: (outcome: CommandOutcome) => void;
}

/** A kill that waits for the journal; `answer` settles its outcome. */
export function newKill(reason: string, actor: Actor): Kill {
  let answer: Kill['answer'] = () => undefined;
  const outcome = new Promise<CommandOutcome>((resolve) => (answer = resolve));
  return { reason, actor, outcome, answer };
}
