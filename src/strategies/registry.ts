import {
  isConfigured,
  STRATEGY_NAMES,
  strategyKey,
  type ConfiguredStrategy,
} from '../domain/config/configured-strategies.js';
import type { Settings } from '../domain/config/settings.js';
import { namesToRun, runningStrategies } from '../domain/config/running-strategies.js';
import type { StrategyName } from '../events/names.js';
import { closeStrategy } from './close/close.js';
import { midStrategy } from './mid/mid.js';
import { openStrategy } from './open/open.js';
import { NO_OWN_STRATEGIES, ownStrategyNamed, type OwnStrategies } from './own/own-strategies.js';
import type { Reason, Strategy } from './strategy.js';

/** The rules of every configured strategy: one folder and one line (TRD-24). */
const RULES: Readonly<Record<ConfiguredStrategy, Strategy>> = {
  open: openStrategy,
  mid: midStrategy,
  close: closeStrategy,
};

/** All strategies, in running order. */
export const STRATEGIES: readonly Strategy[] = STRATEGY_NAMES.map((name) => RULES[name]);

/** The rules of the strategies of a session, in order, own ones too (RUN-23). */
export function strategiesToRun(settings: Settings, own: OwnStrategies = NO_OWN_STRATEGIES): readonly Strategy[] {
  return namesToRun(settings).map((name) => (isConfigured(name) ? RULES[name] : ownStrategyNamed(own, name)));
}

/** The strategies that do not run in a session, each with the setting that leaves it out. */
export function strategiesLeftOut(settings: Settings): readonly (Reason & { readonly strategy: StrategyName })[] {
  const running = runningStrategies(settings);
  return STRATEGY_NAMES.flatMap((configured) => {
    const strategy = RULES[configured];
    if (!strategy.enabled(settings)) {
      const figures = { [`STRAT_${strategyKey(configured)}_ENABLED`]: 'false' };
      return [{ strategy: strategy.name, code: 'NOT_ENABLED', figures }];
    }
    if (running.includes(configured)) return [];
    const { STRATEGY_OVERRIDE, STRATEGY_SEQUENCE } = settings;
    return STRATEGY_OVERRIDE === ''
      ? [
          {
            strategy: strategy.name,
            code: 'NOT_IN_SEQUENCE',
            figures: { STRATEGY_SEQUENCE: STRATEGY_SEQUENCE.join(',') },
          },
        ]
      : [{ strategy: strategy.name, code: 'OVERRIDDEN', figures: { STRATEGY_OVERRIDE } }];
  });
}
