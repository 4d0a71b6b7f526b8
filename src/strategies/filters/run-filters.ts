import type { MarketView } from '../../domain/market/view.js';
import type { Filter, FilterVerdict, Reason, Signal, StrategyContext } from '../strategy.js';

export interface FilterRun {
  /** Verdicts of the enabled filters that did not fail, in order. */
  readonly verdicts: readonly { readonly filter: string; readonly verdict: FilterVerdict }[];
  /** What filters that could not judge lacked. */
  readonly undecided: readonly { readonly filter: string; readonly reason: Reason }[];
  /** Filters that failed; the signal is decided without them. */
  readonly faults: readonly { readonly filter: string; readonly message: string }[];
  /** The first block; undefined when nothing blocks. */
  readonly block: { readonly filter: string; readonly reason: Reason } | undefined;
}

/** Runs every enabled filter, also after a block, so the log lists all objections to a signal. */
export function runFilters(
  filters: readonly Filter[],
  signal: Signal,
  market: MarketView,
  context: StrategyContext,
): FilterRun {
  const verdicts: { filter: string; verdict: FilterVerdict }[] = [];
  const undecided: { filter: string; reason: Reason }[] = [];
  const faults: { filter: string; message: string }[] = [];
  let block: FilterRun['block'];
  for (const filter of filters) {
    if (!filter.enabled(context.settings)) continue;
    try {
      const verdict = filter.judge(signal, market, context);
      verdicts.push({ filter: filter.name, verdict });
      if (verdict.allow && verdict.undecided !== undefined) {
        undecided.push({ filter: filter.name, reason: verdict.undecided });
      }
      if (!verdict.allow) block ??= { filter: filter.name, reason: verdict.reason };
    } catch (fault) {
      faults.push({ filter: filter.name, message: fault instanceof Error ? fault.message : String(fault) });
    }
  }
  return { verdicts, undecided, faults, block };
}
