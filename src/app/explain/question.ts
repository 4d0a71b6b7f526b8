import { DEFAULT_ACCOUNTS } from '../../domain/accounting/coa.js';
import { parseSymbol, type TickerSymbol } from '../../events/names.js';
import { parseDateText, type DateText } from '../../kernel/time.js';

/** The subject of a question (JRN-32). */
export type Question =
  /** An event, order, execution, signal, position, activity, ledger group or leg, by its id. */
  | { readonly about: 'id'; readonly id: string }
  /** Cash at the broker. */
  | { readonly about: 'cash' }
  /** The balance of an account. */
  | { readonly about: 'account'; readonly code: string }
  /** The net P&L of a session. */
  | { readonly about: 'pnl'; readonly date: DateText }
  /** The position in a symbol, open or last closed. */
  | { readonly about: 'position'; readonly symbol: TickerSymbol };

/** What can be asked, for help texts and error messages. */
export const ASKABLE =
  'a FITID or ledger group (with :LINE for one leg), a client order id, execution id, signal or position id, event id, ' +
  `or a figure: cash, account:${DEFAULT_ACCOUNTS.cash}, pnl:2026-01-05, position:AIG`;

/** A leg (`<FITID or group>:2`) is explained by its group. */
const LEG = /^([0-9a-f]{64}|[0-9a-f-]{36})[:/]\d{1,3}$/;

export function questionOf(text: string): Question {
  const asked = text.trim();
  if (asked === 'cash') return { about: 'cash' };
  const [figure, of = ''] = asked.split(':', 2);
  if (figure === 'account') return { about: 'account', code: of };
  if (figure === 'pnl') return { about: 'pnl', date: parseDateText(of) };
  if (figure === 'position') return { about: 'position', symbol: parseSymbol(of) };
  return { about: 'id', id: LEG.exec(asked)?.[1] ?? asked };
}
