import { parts } from './messages.js';

/** An option of a choice: what stands in the address, and what a person reads. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/**
 * All strategies, then each by its name. A `chosen` one of the address in other letters is the same strategy; one that is not
 * `known` stays the choice, and says that there is none of this name. `known` undefined: they are not read yet.
 */
export function strategyOptions(known: readonly string[] | undefined, chosen: string): readonly Option[] {
  const wanted = chosen.toLowerCase();
  const named = (known ?? []).map((name) => ({ value: name.toLowerCase() === wanted ? chosen : name, label: name }));
  const isNamed = chosen === '' || named.some(({ value }) => value === chosen);
  return [
    { value: '', label: parts.allStrategies },
    ...named,
    ...(isNamed ? [] : [{ value: chosen, label: known === undefined ? chosen : parts.noStrategy(chosen) }]),
  ];
}
