import { isKeyRefusal } from '../risk/key-refused.js';

/** What a person does about it. */
export const ACCOUNT_REFUSED_REMEDY =
  'Ask the broker what the account may do, and what is needed to lift it. Close open positions at the broker if it refuses the closing orders too. The next order that it takes ends this.';

const CODES: readonly string[] = ['ACCOUNT_BLOCKED', 'TRADING_DENIED_FOR_ACCOUNT'];
/** Words of a broker whose codes do not separate an account from an order; a missing right to sell short restricts no account. */
const WORDS =
  /\baccount\b[^.;]{0,60}\b(?:blocked|restricted|suspended|closed|frozen|closing[- ]only)\b|account_?is_?restricted/i;

/** Whether the broker refused an order for the account or its key: the next order meets the same. */
export function isAccountRefusal({ code, message }: { readonly code: string; readonly message: string }): boolean {
  return CODES.includes(code) || isKeyRefusal(code) || WORDS.test(message);
}
