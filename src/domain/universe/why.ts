import type { UniverseRow } from './enrich.js';
import type { RuleResult } from './rules.js';
import { excludedBy, select } from './select.js';
import type { UnfilteredUniverse } from './universe-file.js';

/** Why a symbol is in the universe, or not: every rule with value and limit, in the order in which they decide. */
export interface WhyAnswer {
  readonly symbol: string;
  /** False for a symbol that no provider of the build lists. */
  readonly listed: boolean;
  readonly chosen: boolean;
  readonly rank: number | null;
  /** The code of the first rule that fails; null for a chosen symbol. */
  readonly excludedBy: string | null;
  readonly rules: readonly RuleResult[];
  readonly row: UniverseRow | null;
}

/** Answers from the fold that made the universe: the same rows, limits and blocklist. */
export function why(universe: UnfilteredUniverse, symbol: string): WhyAnswer {
  return whyOf(universe)(symbol);
}

/** The same for any symbol, from one judgement of all rows. */
export function whyOf({ header, rows, blocklist }: UnfilteredUniverse): (symbol: string) => WhyAnswer {
  const blocked = new Map(blocklist.map((one) => [one.symbol, one]));
  const judged = new Map(select(rows, header.limits, blocked).map((one) => [one.row.symbol, one]));
  return (symbol) => {
    const found = judged.get(symbol);
    if (found === undefined) {
      const given = { symbol, listed: false, chosen: false, rank: null };
      return { ...given, excludedBy: 'NOT_LISTED', rules: [], row: null };
    }
    const { row, rank, chosen, rules } = found;
    return { symbol, listed: true, chosen, rank, excludedBy: excludedBy(found)?.code ?? null, rules, row };
  };
}
