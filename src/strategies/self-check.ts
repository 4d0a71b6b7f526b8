import type { ConfiguredStrategy } from '../domain/config/configured-strategies.js';
import { shortTypeProblem } from '../domain/config/save-rules.js';
import type { CheckResult, ShortType, StrategyContext, StrategyWindow } from './strategy.js';
import { windowCheck } from './window.js';

function shortTypeCheck(strategy: ConfiguredStrategy, shortType: ShortType): CheckResult {
  const why = shortTypeProblem(shortType);
  const ok = why === undefined;
  return {
    module: `strategy ${strategy}: short type`,
    ok,
    cause: ok ? '' : `SHORT_TYPE_${strategy.toUpperCase()}=${shortType} ${why}`,
    remedy: ok ? '' : `Set SHORT_TYPE_${strategy.toUpperCase()} to disabled or ShortSell.`,
  };
}

/** Checks common to all strategies (TRD-24): a window inside the session and a way to trade bearish signals. */
export function commonChecks(
  strategy: ConfiguredStrategy,
  context: StrategyContext,
  parts: { readonly window: StrategyWindow; readonly shortType: ShortType },
): readonly CheckResult[] {
  return [windowCheck(strategy, context, parts.window), shortTypeCheck(strategy, parts.shortType)];
}
