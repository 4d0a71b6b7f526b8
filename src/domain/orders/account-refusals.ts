import { isKeyRefusal } from '../risk/key-refused.js';

/** The code of ErrorRecorded for symbols that the broker does not trade, and what a person does about it. */
export const SYMBOLS_NOT_TRADED = 'SYMBOLS_NOT_TRADED';
export const SYMBOLS_NOT_TRADED_REMEDY =
  'Correct or remove them in the symbols or the universe of the bot. A company that was renamed trades under another symbol.';

const ACCOUNT_REFUSED_REMEDY =
  'Ask the broker what the account may do, and what is needed to lift it. Close open positions at the broker if it refuses the closing orders too. The next order that it takes ends this.';

/** TWS or IB Gateway takes no orders: its API is set to read only. */
export const GATEWAY_READ_ONLY = 'GATEWAY_READ_ONLY';
export const READ_ONLY_REMEDY =
  'Clear "Read-Only API" in TWS or IB Gateway under Configuration, API, Settings. Until then the bot can neither open nor close anything: close open positions there if need be.';

const CODES: readonly string[] = ['ACCOUNT_BLOCKED', 'TRADING_DENIED_FOR_ACCOUNT', GATEWAY_READ_ONLY];
/** Words of a broker whose codes do not separate an account from an order; a missing right to sell short restricts no account. */
const WORDS =
  /\baccount\b[^.;]{0,60}\b(?:blocked|restricted|suspended|closed|frozen|closing[- ]only)\b|account_?is_?restricted/i;

/** Whether the broker refused an order for the account or its key: the next order meets the same. */
export function isAccountRefusal({ code, message }: { readonly code: string; readonly message: string }): boolean {
  return CODES.includes(code) || isKeyRefusal(code) || WORDS.test(message);
}

/** What a person does about an order that was refused for the account. */
export function accountRemedy(message: string): string {
  return /read-?only/i.test(message) ? READ_ONLY_REMEDY : ACCOUNT_REFUSED_REMEDY;
}
