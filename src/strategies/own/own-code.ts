import { configError, type TradeBotError } from '../../kernel/errors.js';

/** What TradeBot asks a module of a strategy. */
export type OwnCall = 'describe' | 'selfCheck' | 'analyze' | 'signal' | 'manage';

/** Answers a question of a module about the market, such as `['SPY', 'sma', 20]`, as JSON; never throws. */
export type AskMarket = (question: unknown) => string;

/** The module of a strategy, ready to be called: the same request gets the same answer. */
export interface OwnCode {
  /** Throws TradeBotError STRATEGY_THREW or STRATEGY_TIMEOUT. */
  call(method: OwnCall, request: object, ask: AskMarket): unknown;
}

/** An error in the code of an own strategy; the session continues without it. */
export function ownCodeFailed(
  code: 'STRATEGY_THREW' | 'STRATEGY_TIMEOUT' | 'STRATEGY_ANSWER',
  message: string,
): TradeBotError {
  return configError({
    code,
    message,
    remedy: 'Correct the module and start the bot again; other strategies trade on.',
  });
}
