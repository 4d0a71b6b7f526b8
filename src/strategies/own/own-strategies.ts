import type { EventData } from '../../events/event.js';
import { parseStrategyName } from '../../events/names.js';
import type { Strategy } from '../strategy.js';
import { ownStrategy, refusedStrategy, type OwnModule, type RefusedStrategy } from './own-strategy.js';

/** The strategies in the folder of own ones: those that can run, and those that were refused, by name. */
export interface OwnStrategies {
  readonly modules: readonly OwnModule[];
  readonly refused: readonly RefusedStrategy[];
}

/** A home without own strategies. */
export const NO_OWN_STRATEGIES: OwnStrategies = { modules: [], refused: [] };

/** The own strategy of a name that the settings ask for; one that cannot run stands in its place and says why. */
export function ownStrategyNamed({ modules, refused }: OwnStrategies, name: string): Strategy {
  const module = modules.find(({ definition }) => definition.name === name);
  if (module !== undefined) return ownStrategy(module);
  const why = refused.find((one) => one.name === name);
  return refusedStrategy(why ?? { name, ...NOT_FOUND, where: `strategies/${name}` });
}

const NOT_FOUND = {
  code: 'STRATEGY_NOT_FOUND',
  cause: 'there is no such folder in the home',
  remedy: 'Put its module there and start the bot again, or take its name out of STRATEGY_SEQUENCE.',
} as const;

/** What the journal records of them. */
export function ownStrategiesFound({ modules, refused }: OwnStrategies): EventData<'OwnStrategiesFound'> {
  return {
    strategies: modules.map(({ definition: { name, description, settings }, file, sha256 }) => ({
      name: parseStrategyName(name),
      file,
      sha256,
      description,
      settings: settings.map((setting) => ({ ...setting, choices: [...setting.choices] })),
    })),
    refused: refused.map((one) => ({ ...one })),
  };
}
