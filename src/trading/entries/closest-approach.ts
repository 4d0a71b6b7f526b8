import { MarketView } from '../../domain/market/view.js';
import type { EventData } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { MINUTE_MS, parseUtcText, plusMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import { ratioText } from '../../strategies/figures.js';
import type { TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';

/** What a strategy saw of a candidate without a signal. */
export type Observed = NonNullable<EventData<'CandidateRejected'>['observed']>;

/**
 * The minute of the entry window in which a candidate came nearest to a signal. The minutes are played again to the strategy
 * from the bars of the session, so the answer needs no memory and is the same after a crash.
 */
export function observedOf(context: TradingContext, step: StrategyStep, symbol: TickerSymbol): Observed {
  const { market, strategyContext } = context;
  const view = market.of(symbol);
  const { from, to } = entryMinutes(step);
  const past = new MarketView({ references: [view.reference], opensAt: market.opensAt, closesAt: market.closesAt });
  let traded = 0;
  let share = -1;
  let closest: Observed['closest'] = null;
  for (const bar of view.bars()) {
    const end = plusMs(bar.start, MINUTE_MS);
    if (end >= to) break;
    past.apply({ start: bar.start, end, bars: [bar], quotes: [], halted: [], vix: undefined });
    if (end < from) continue;
    traded += 1;
    const near = step.strategy.approach(symbol, past, strategyContext);
    if (near === undefined || !Number.isFinite(near.share) || near.share <= share) continue;
    share = near.share;
    const { figure, value, threshold } = near;
    closest = { at: toUtcText(end), figure, value, threshold, share: ratioText(share) };
  }
  return { minutes: Math.max(0, Math.ceil((to - from) / MINUTE_MS)), traded, closest };
}

/** Ends of the minutes in which the router asked for a signal: from the ranking, or the start of the window, to its end. */
function entryMinutes({ window, run, now }: StrategyStep): { readonly from: EpochMs; readonly to: EpochMs } {
  const ranked = run.poolAt === undefined ? window.breakoutFrom : parseUtcText(run.poolAt);
  const minute = (ranked - (ranked % MINUTE_MS)) as EpochMs;
  const from = minute > window.breakoutFrom ? minute : window.breakoutFrom;
  return { from, to: now < window.monitoringFrom ? now : window.monitoringFrom };
}
