import type { Settings } from '../../domain/config/settings.js';
import type { MarketView } from '../../domain/market/view.js';
import type { Filter, Reason, Signal, StrategyContext } from '../strategy.js';

type FlagKey = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

/** Builds a filter from one rule: a reason blocks, undefined allows; `key` is the setting that enables it. */
export function toggled(
  name: string,
  key: FlagKey,
  rule: (signal: Signal, market: MarketView, context: StrategyContext) => Reason | undefined,
): Filter {
  return {
    name,
    enabled: (settings) => settings[key],
    selfCheck: () => ({ module: `filter ${name}`, ok: true, cause: '', remedy: '' }),
    judge: (signal, market, context) => {
      const reason = rule(signal, market, context);
      return reason === undefined ? { allow: true } : { allow: false, reason };
    },
  };
}
