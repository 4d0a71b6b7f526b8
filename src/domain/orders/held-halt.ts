/** The code of the condition, and of the ErrorRecorded, that a symbol is halted which the bot holds. */
export const HELD_SYMBOL_HALTED = 'HELD_SYMBOL_HALTED';

/** A held symbol in which trading is halted. */
export interface HeldHalt {
  readonly symbol: string;
  /** UTC, as its feed reported it. */
  readonly since: string;
}

export function heldHaltText({ symbol, since }: HeldHalt): string {
  return `trading in ${symbol} is halted since ${since} and the bot holds it: neither its stop nor an exit can trade`;
}

/** What a person does about it. */
export function heldHaltRemedy({ symbol }: Pick<HeldHalt, 'symbol'>): string {
  return `Wait for the exchange: the bot manages ${symbol} again as soon as it trades.`;
}
