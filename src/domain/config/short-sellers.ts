import { strategyKey } from './configured-strategies.js';
import { runningStrategies } from './running-strategies.js';
import type { Settings } from './settings.js';

/** Keys of the settings by which a strategy that runs sells short. */
export function shortSellersOf(settings: Settings): readonly string[] {
  return runningStrategies(settings).flatMap((name) => {
    const key = `SHORT_TYPE_${strategyKey(name)}` as const;
    return settings[key] === 'ShortSell' ? [key] : [];
  });
}
