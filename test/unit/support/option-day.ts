import type { StatementInput } from '../../../projections/exports/statement.js';
import { GroupBuilder, statementOf } from './groups.js';
import { heldAtClose } from './held-at-close.js';

/** A put that was bought and sold in part: the books count shares. */
export function optionDay(): StatementInput {
  const day = new GroupBuilder();
  const put = 'SPY131025P167.5';
  day.opening('5000.00');
  day.buy({ symbol: put, quantity: '300', price: '3.20', commission: '1.95' });
  day.sell({ symbol: put, quantity: '200', price: '3.10', lots: '640.00', commission: '1.30' });
  return statementOf(day.groups, { positions: [heldAtClose(put, 'long', '100', '3.05', '3.20')] });
}
