import type { TickerSymbol } from '../../events/names.js';
import { configError } from '../../kernel/errors.js';
import { isPostable, type Account } from './coa.js';

/**
 * Which accounts an economic event is posted to (ACC-17): the posting table of the specification as data. A rule names
 * the event, which leg pair of it (purpose), the symbols that it is for, and the two accounts. First match wins.
 */
export interface MappingRule {
  readonly event: string;
  readonly purpose: string;
  /** `*` is all; a star inside stands for any characters. */
  readonly symbolPattern: string;
  readonly debit: string;
  readonly credit: string;
}

export interface MappingTable {
  /** Counts up; a posting records it. */
  readonly version: number;
  readonly rules: readonly MappingRule[];
  /** Why this version was made. */
  readonly reason: string;
}

/** Economic event and purpose, with the default accounts: debit, credit. */
const DEFAULT_ACCOUNTS = {
  'opening_cash/cash': ['1030', '3030'],
  'opening_position/cost': ['1111', '3030'],
  'float_injected/acknowledged': ['1010', '3010'],
  'float_injected/settled': ['1030', '1010'],
  'float_returned/acknowledged': ['3010', '1020'],
  'float_returned/settled': ['1020', '1030'],
  'buy_to_open/cost': ['1111', '1030'],
  'sell_to_close/proceeds': ['1030', '1111'],
  // Of the two gain purposes a loss goes to the debit account and a gain to the credit account.
  'sell_to_close/short_term': ['4060', '4060'],
  'sell_to_close/long_term': ['4070', '4070'],
  'sell_short/proceeds': ['1030', '2110'],
  'buy_to_cover/cost': ['2110', '1030'],
  'buy_to_cover/short_term': ['4060', '4060'],
  'commission/charge': ['5010', '1030'],
  'fee/charge': ['5010', '1030'],
  'dividend/income': ['1030', '4050'],
  'dividend_on_short/charge': ['5010', '1030'],
  'interest/income': ['1030', '4055'],
  'broker_fee/charge': ['5010', '1030'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type MappingKey = keyof typeof DEFAULT_ACCOUNTS;

const KEYS = Object.keys(DEFAULT_ACCOUNTS) as readonly MappingKey[];

/** What the world alone decides on may stay unmapped and wait; what the bot does itself must have an account. */
const MAY_BE_UNMAPPED: ReadonlySet<MappingKey> = new Set([
  'dividend/income',
  'dividend_on_short/charge',
  'interest/income',
  'broker_fee/charge',
]);

/** In force until a CoaMappingChanged is in the journal. */
export const DEFAULT_MAPPING: MappingTable = {
  version: 1,
  reason: 'default mapping',
  rules: KEYS.map((key) => {
    const [event = '', purpose = ''] = key.split('/');
    const [debit, credit] = DEFAULT_ACCOUNTS[key];
    return { event, purpose, symbolPattern: '*', debit, credit };
  }),
};

export interface AccountPair {
  readonly debit: string;
  readonly credit: string;
}

/** A table made ready for look-up. */
export class Mapping {
  readonly #rules = new Map<string, { readonly matches: (symbol: string) => boolean; readonly pair: AccountPair }[]>();

  constructor(readonly table: MappingTable) {
    for (const rule of table.rules) {
      const key = `${rule.event}/${rule.purpose}`;
      const entry = { matches: patternOf(rule.symbolPattern), pair: { debit: rule.debit, credit: rule.credit } };
      this.#rules.set(key, [...(this.#rules.get(key) ?? []), entry]);
    }
  }

  /** The accounts of the first rule that matches; undefined when none does. No symbol is matched by `*` only. */
  find(key: MappingKey, symbol: TickerSymbol | null): AccountPair | undefined {
    return this.#rules.get(key)?.find((rule) => rule.matches(symbol ?? ''))?.pair;
  }

  /** For what the bot does itself: a good table always has a rule. */
  require(key: MappingKey, symbol: TickerSymbol | null): AccountPair {
    const pair = this.find(key, symbol);
    if (pair !== undefined) return pair;
    throw configError({
      code: 'NOT_MAPPED',
      message: `mapping version ${this.table.version} has no rule for ${key} of ${symbol ?? 'no symbol'}`,
      remedy: 'Add a rule with the pattern * to the mapping table.',
    });
  }
}

/** Every fault of a table against a chart, in words; an empty list is a good table. */
export function mappingFaults(table: MappingTable, accounts: readonly Account[]): readonly string[] {
  const byCode = new Map(accounts.map((account) => [account.code, account]));
  const faults: string[] = [];
  const closed = new Set<string>();
  for (const [index, rule] of table.rules.entries()) {
    const name = `rule ${index + 1} (${rule.event}/${rule.purpose} ${rule.symbolPattern})`;
    const key = `${rule.event}/${rule.purpose}`;
    if (!KEYS.some((known) => known === key)) faults.push(`${name}: no such event and purpose`);
    if (closed.has(key)) faults.push(`${name}: never reached, an earlier rule takes every symbol`);
    if (rule.symbolPattern === '*') closed.add(key);
    for (const code of new Set([rule.debit, rule.credit])) {
      const account = byCode.get(code);
      if (account === undefined) faults.push(`${name}: account ${code} is not in the chart`);
      else if (!isPostable(account)) faults.push(`${name}: account ${code} takes no postings`);
    }
  }
  for (const key of KEYS) {
    if (!closed.has(key) && !MAY_BE_UNMAPPED.has(key)) faults.push(`${key}: no rule for every symbol (*)`);
  }
  return faults;
}

export function requireGoodMapping(table: MappingTable, accounts: readonly Account[]): void {
  const faults = mappingFaults(table, accounts);
  if (faults.length === 0) return;
  throw configError({
    code: 'BAD_MAPPING',
    message: `mapping version ${table.version} is wrong: ${faults.slice(0, 5).join('; ')}`,
    remedy: 'Correct the rules and make them a new version.',
    details: { faults: faults.length },
  });
}

function patternOf(pattern: string): (symbol: string) => boolean {
  if (pattern === '*') return () => true;
  const source = pattern
    .split('*')
    .map((piece) => piece.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
    .join('.*');
  const shape = new RegExp(`^${source}$`);
  return (symbol) => shape.test(symbol);
}
