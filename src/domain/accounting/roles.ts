/**
 * What accounts are for. Rules and figures speak of roles; which account has a role is said by the chart and by the
 * mapping table in force, and by nothing else.
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
 * Economic event and purpose, with the roles of the debited and the credited account. Of the two gain purposes a loss
 * goes to the debit account and a gain to the credit account.
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

/** Names a leg pair: an economic event and its purpose. */
export type MappingKey = keyof typeof PURPOSES;

/** Every leg pair that a mapping table may name. */
export const MAPPING_KEYS = Object.keys(PURPOSES) as readonly MappingKey[];

interface Rule {
  readonly event: string;
  readonly purpose: string;
  readonly debit: string;
  readonly credit: string;
}

/** The accounts that a rule uses, each with its role there; none for an event and purpose that nobody knows. */
export function rolesOf(rule: Rule): readonly { readonly role: AccountRole; readonly account: string }[] {
  const key = MAPPING_KEYS.find((known) => known === `${rule.event}/${rule.purpose}`);
  if (key === undefined) return [];
  const [debit, credit] = PURPOSES[key];
  return [
    { role: debit, account: rule.debit },
    { role: credit, account: rule.credit },
  ];
}

/** Codes of the accounts that have a role in a table, each once, in order. */
export function accountsInRole(role: AccountRole, rules: readonly Rule[]): readonly string[] {
  const found = rules.flatMap(rolesOf).filter((use) => use.role === role);
  return [...new Set(found.map(({ account }) => account))].sort();
}
