/**
 * Role of an account. Rules and figures use roles; only the chart and the mapping table in force assign accounts to
 * them.
 */
export type AccountRole =
  | 'cash'
  | 'long_positions'
  | 'short_positions'
  | 'injection_in_transit'
  | 'return_in_transit'
  | 'float'
  | 'opening_balance'
  | 'short_term_gain'
  | 'long_term_gain'
  | 'fees'
  | 'dividends'
  | 'interest';

/**
 * Roles of the debited and the credited account by economic event and purpose. For the two gain purposes, a loss goes
 * to the debit account and a gain to the credit account.
 */
export const PURPOSES = {
  'opening_cash/cash': ['cash', 'opening_balance'],
  'opening_position/cost': ['long_positions', 'opening_balance'],
  'float_injected/acknowledged': ['injection_in_transit', 'float'],
  'float_injected/settled': ['cash', 'injection_in_transit'],
  'float_returned/acknowledged': ['float', 'return_in_transit'],
  'float_returned/settled': ['return_in_transit', 'cash'],
  'buy_to_open/cost': ['long_positions', 'cash'],
  'sell_to_close/proceeds': ['cash', 'long_positions'],
  'sell_to_close/short_term': ['short_term_gain', 'short_term_gain'],
  'sell_to_close/long_term': ['long_term_gain', 'long_term_gain'],
  'sell_short/proceeds': ['cash', 'short_positions'],
  'buy_to_cover/cost': ['short_positions', 'cash'],
  'buy_to_cover/short_term': ['short_term_gain', 'short_term_gain'],
  'commission/charge': ['fees', 'cash'],
  'fee/charge': ['fees', 'cash'],
  'dividend/income': ['cash', 'dividends'],
  'dividend_on_short/charge': ['fees', 'cash'],
  'interest/income': ['cash', 'interest'],
  'broker_fee/charge': ['fees', 'cash'],
} as const satisfies Readonly<Record<string, readonly [AccountRole, AccountRole]>>;

/** Key of a leg pair: an economic event and its purpose. */
export type MappingKey = keyof typeof PURPOSES;

/** All leg pairs that a mapping table may map. */
export const MAPPING_KEYS = Object.keys(PURPOSES) as readonly MappingKey[];

interface Rule {
  readonly event: string;
  readonly purpose: string;
  readonly debit: string;
  readonly credit: string;
}

/** Accounts of a rule with their roles; empty for an unknown event or purpose. */
export function rolesOf(rule: Rule): readonly { readonly role: AccountRole; readonly account: string }[] {
  const key = MAPPING_KEYS.find((known) => known === `${rule.event}/${rule.purpose}`);
  if (key === undefined) return [];
  const [debit, credit] = PURPOSES[key];
  return [
    { role: debit, account: rule.debit },
    { role: credit, account: rule.credit },
  ];
}

/** Codes of the accounts with a role in a table, each once, in order. */
export function accountsInRole(role: AccountRole, rules: readonly Rule[]): readonly string[] {
  const found = rules.flatMap(rolesOf).filter((use) => use.role === role);
  return [...new Set(found.map(({ account }) => account))].sort();
}
