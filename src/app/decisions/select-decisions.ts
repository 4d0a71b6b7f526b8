import { configError, type TradeBotError } from '../../kernel/errors.js';
import { parseSymbol } from '../../events/names.js';
import type { DecisionStage, SessionDecisions } from './decision.js';

/** What to show of a decision record; what is left out is not restricted. */
export interface DecisionSelection {
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
  /** Code of the rule that ended them. */
  readonly rule?: string | undefined;
}

/** A rule of a session, and how many symbols it ended. */
export interface RuleCount {
  readonly stage: DecisionStage;
  readonly code: string;
  readonly symbols: number;
}

/** A part of the record. Throws ConfigError `UNKNOWN_STRATEGY` or `SYMBOL_NOT_IN_SESSION` for what the session does not have. */
export function selectDecisions(
  record: SessionDecisions,
  { symbol, strategy, rule }: DecisionSelection,
): SessionDecisions {
  const ticker = symbol === undefined ? undefined : parseSymbol(symbol);
  if (strategy !== undefined && !record.strategies.some((one) => one.strategy === strategy)) {
    throw unknown(
      'UNKNOWN_STRATEGY',
      `strategy "${strategy.slice(0, 40)}"`,
      record.strategies.map((one) => one.strategy),
    );
  }
  if (ticker !== undefined && !record.symbols.some((one) => one.symbol === ticker)) {
    const known = [...new Set(record.symbols.map((one) => one.symbol))].sort();
    throw unknown('SYMBOL_NOT_IN_SESSION', `symbol ${ticker}`, known);
  }
  const isWanted = (one: { readonly strategy: string }): boolean => strategy === undefined || one.strategy === strategy;
  return {
    date: record.date,
    strategies: record.strategies.filter(isWanted),
    symbols: record.symbols.filter(
      (one) =>
        isWanted(one) &&
        (ticker === undefined || one.symbol === ticker) &&
        (rule === undefined || one.ended.code === rule),
    ),
  };
}

/** How many symbols each rule ended, each strategy for itself; the most frequent rule first. */
export function countRules({ symbols }: Pick<SessionDecisions, 'symbols'>): readonly RuleCount[] {
  const counts = new Map<string, RuleCount>();
  for (const { ended } of symbols) {
    const { stage, code } = ended;
    const key = `${stage} ${code}`;
    counts.set(key, { stage, code, symbols: (counts.get(key)?.symbols ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.symbols - a.symbols || (a.code < b.code ? -1 : 1));
}

const MOST_NAMED = 20;

function unknown(code: string, what: string, known: readonly string[]): TradeBotError {
  const more = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : '';
  return configError({
    code,
    message: `the session has no ${what}`,
    remedy:
      known.length === 0 ? 'Nothing was traded in it.' : `It has ${known.slice(0, MOST_NAMED).join(', ')}${more}.`,
  });
}
