import type { EngineCommand } from './commands.js';

/** Commands in the order of execution, and those that are no longer executed. */
export interface CommandOrder<T> {
  readonly order: readonly T[];
  readonly overtaken: readonly T[];
}

/**
 * The one rule for the order of commands, in main and in the engine: a kill goes first, the others in the order of the
 * requests. A waiting start is dropped when a stop or kill comes: the latest request was to halt.
 */
export function ordered<T extends { readonly command: Pick<EngineCommand, 'kind'> }>(
  waiting: readonly T[],
  added: T,
): CommandOrder<T> {
  const { kind } = added.command;
  const halts = kind === 'kill' || kind === 'stop';
  const overtaken = halts ? waiting.filter(({ command }) => command.kind === 'start') : [];
  const left = waiting.filter((one) => !overtaken.includes(one));
  if (kind !== 'kill') return { order: [...left, added], overtaken };
  const others = left.findIndex(({ command }) => command.kind !== 'kill');
  const at = others < 0 ? left.length : others;
  return { order: [...left.slice(0, at), added, ...left.slice(at)], overtaken };
}
