import { configError, type TradeBotError } from '../../kernel/errors.js';
import { parseSymbol } from '../../events/names.js';
import type { SessionDecisions } from './decision.js';

/** What to show of a decision record; what is left out is not restricted. */
export interface DecisionSelection {
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
}

/** A part of the record. Throws ConfigError `UNKNOWN_STRATEGY` or `SYMBOL_NOT_IN_SESSION` for what the session does not have. */
export function selectDecisions(record: SessionDecisions, { symbol, strategy }: DecisionSelection): SessionDecisions {
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
    symbols: record.symbols.filter((one) => isWanted(one) && (ticker === undefined || one.symbol === ticker)),
  };
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
