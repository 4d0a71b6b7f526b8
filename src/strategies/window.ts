import { CLOSE_OUT_MINUTES, windowSettings, type WindowSettings } from '../domain/config/running-strategies.js';
import type { ConfiguredStrategy } from '../domain/config/configured-strategies.js';
import { clockTimeText } from '../domain/calendar/clock-time.js';
import { strategyStart } from '../domain/schedule/strategy-times.js';
import { MINUTE_MS, plusMs, toUtcText, type EpochMs } from '../kernel/time.js';
import type { CheckResult, StrategyContext, StrategyWindow } from './strategy.js';

/** Cache of windows: they are needed at every signal, and a zone conversion costs a hundred look-ups. */
const windows = new WeakMap<StrategyContext, Map<ConfiguredStrategy, StrategyWindow>>();

/**
 * The window of a strategy on this day, clamped into the session. A window that would start at or after the close has
 * `analysisFrom` = `closesAt`: the strategy does not run that day.
 */
export function strategyWindow(strategy: ConfiguredStrategy, context: StrategyContext): StrategyWindow {
  const ofDay = windows.get(context) ?? new Map<ConfiguredStrategy, StrategyWindow>();
  const known = ofDay.get(strategy);
  if (known !== undefined) return known;
  const made = windowOf(strategy, context);
  windows.set(context, ofDay.set(strategy, made));
  return made;
}

function windowOf(strategy: ConfiguredStrategy, context: StrategyContext): StrategyWindow {
  const from = strategyStart(context.settings, strategy, context);
  return clampedWindow(context, { ...windowSettings(context.settings, strategy), from });
}

/** A window from `from` on, clamped into the session; one that would start at or after the close never begins. */
export function clampedWindow(
  context: StrategyContext,
  { from: start, ...lengths }: Omit<WindowSettings, 'start'> & { readonly from: EpochMs },
): StrategyWindow {
  const last = plusMs(context.closesAt, -CLOSE_OUT_MINUTES * MINUTE_MS);
  if (start >= context.closesAt) {
    const never = context.closesAt;
    return { analysisFrom: never, breakoutFrom: never, monitoringFrom: never, endsAt: never };
  }
  const inside = (minutes: number): EpochMs => {
    const at = plusMs(start, minutes * MINUTE_MS);
    return at < context.opensAt ? context.opensAt : at > last ? last : at;
  };
  const entries = lengths.analysisMinutes + lengths.breakoutMinutes;
  return {
    analysisFrom: inside(0),
    breakoutFrom: inside(lengths.analysisMinutes),
    monitoringFrom: inside(entries),
    endsAt: inside(entries + lengths.monitoringMinutes),
  };
}

/** Checks that the session leaves the strategy time for analysis and for entries. */
export function windowCheck(
  strategy: ConfiguredStrategy,
  context: StrategyContext,
  window: StrategyWindow,
): CheckResult {
  const ok = window.analysisFrom < window.breakoutFrom && window.breakoutFrom < window.monitoringFrom;
  const start = clockTimeText(windowSettings(context.settings, strategy).start);
  const key = `START_TIME_${strategy.toUpperCase()}`;
  const session = `${toUtcText(context.opensAt)} to ${toUtcText(context.closesAt)}`;
  return {
    module: `strategy ${strategy}: window`,
    ok,
    cause: ok ? '' : `${key}=${start} leaves no time for analysis and entries in the session ${session}`,
    remedy: ok ? '' : `Set ${key} so that analysis and entries are inside the session, or do not trade on this day.`,
  };
}
