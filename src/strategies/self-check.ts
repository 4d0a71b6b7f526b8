import type { ConfiguredStrategy } from '../domain/config/configured-strategies.js';
import { shortTypeProblem } from '../domain/config/save-rules.js';
import type { CheckResult, ShortType, StrategyContext, StrategyWindow } from './strategy.js';
import { windowCheck } from './window.js';

/** Whether the broker of the session can trade bearish signals this way, and the remedy. */
export function shortTypeCheck(
  { strategy, key }: { readonly strategy: string; readonly key: string },
  shortType: ShortType,
  { settings, optionChains }: StrategyContext,
): CheckResult {
  // a simulated or replayed session has another broker than the settings name
  const noOptions = shortType === 'LongPut' && optionChains === false;
  const why =
    shortTypeProblem(shortType, settings) ??
    (noOptions ? 'buys options, which the broker of this session does not trade' : undefined);
  const ok = why === undefined;
  return {
    module: `strategy ${strategy}: short type`,
    ok,
    cause: ok ? '' : `${key}=${shortType} ${why}`,
    remedy: ok ? '' : `Set ${key} to disabled or ShortSell.`,
  };
}

/** Checks common to all strategies (TRD-24): a window inside the session and a way to trade bearish signals. */
export function commonChecks(
  strategy: ConfiguredStrategy,
  context: StrategyContext,
  parts: { readonly window: StrategyWindow; readonly shortType: ShortType },
): readonly CheckResult[] {
  const key = `SHORT_TYPE_${strategy.toUpperCase()}`;
  return [windowCheck(strategy, context, parts.window), shortTypeCheck({ strategy, key }, parts.shortType, context)];
}
