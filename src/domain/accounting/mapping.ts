import type { TickerSymbol } from '../../events/names.js';
import { configError } from '../../kernel/errors.js';
import { DEFAULT_ACCOUNTS, isPostable, type Account } from './coa.js';
import { accountsInRole, MAPPING_KEYS, PURPOSES, rolesOf, type MappingKey } from './roles.js';

/**
 * A rule of the posting table (ACC-17): the two accounts for an economic event, a leg pair of it (purpose) and the
 * symbols that match the pattern. The first match wins.
 */
export interface MappingRule {
  readonly event: string;
  readonly purpose: string;
  /** `*` matches all symbols; a star inside matches any characters. */
  readonly symbolPattern: string;
  readonly debit: string;
  readonly credit: string;
}

export interface MappingTable {
  /** Increases with each table; every posting records it. */
  readonly version: number;
  readonly rules: readonly MappingRule[];
  /** Reason for this version. */
  readonly reason: string;
}

/** External activities, which may stay unmapped and wait; actions of the bot always need accounts. */
const MAY_BE_UNMAPPED: ReadonlySet<MappingKey> = new Set([
  'dividend/income',
  'dividend_on_short/charge',
  'interest/income',
  'broker_fee/charge',
]);

/** The table in force before the first CoaMappingChanged. */
export const DEFAULT_MAPPING: MappingTable = {
  version: 1,
  reason: 'default mapping',
  rules: MAPPING_KEYS.map((key) => {
    const [event = '', purpose = ''] = key.split('/');
    const [debit, credit] = PURPOSES[key];
    return {
      event,
      purpose,
      symbolPattern: '*',
      debit: DEFAULT_ACCOUNTS[debit],
      credit: DEFAULT_ACCOUNTS[credit],
    };
  }),
};

export interface AccountPair {
  readonly debit: string;
  readonly credit: string;
}

/** Lookup in a mapping table. */
export class Mapping {
  readonly #rules = new Map<string, { readonly matches: (symbol: string) => boolean; readonly pair: AccountPair }[]>();

  constructor(readonly table: MappingTable) {
    for (const rule of table.rules) {
      const key = `${rule.event}/${rule.purpose}`;
      const entry = { matches: patternOf(rule.symbolPattern), pair: { debit: rule.debit, credit: rule.credit } };
      this.#rules.set(key, [...(this.#rules.get(key) ?? []), entry]);
    }
  }

  /** Accounts of the first matching rule; undefined when none matches. Without a symbol, only `*` matches. */
  find(key: MappingKey, symbol: TickerSymbol | null): AccountPair | undefined {
    return this.#rules.get(key)?.find((rule) => rule.matches(symbol ?? ''))?.pair;
  }

  /** Accounts for an action of the bot, for which a valid table always has a rule. */
  require(key: MappingKey, symbol: TickerSymbol | null): AccountPair {
    const pair = this.find(key, symbol);
    if (pair !== undefined) return pair;
    throw configError({
      code: 'NOT_MAPPED',
      message: `mapping version ${this.table.version} has no rule for ${key} ${symbol === null ? 'without a symbol' : `of ${symbol}`}`,
      remedy: 'Add a rule with the pattern * to the mapping table.',
    });
  }
}

/** State of the books that a new table must respect. */
export interface PostedCash {
  /** Broker cash accounts so far. */
  readonly accounts: readonly string[];
  /** Whether an account has postings. */
  isPosted(code: string): boolean;
}

const NEW_BOOKS: PostedCash = { accounts: [], isPosted: () => false };

/** All faults of a table against a chart as texts; empty for a valid table. */
export function mappingFaults(
  table: MappingTable,
  accounts: readonly Account[],
  cash: PostedCash = NEW_BOOKS,
): readonly string[] {
  const byCode = new Map(accounts.map((account) => [account.code, account]));
  const faults: string[] = [];
  const closed = new Set<string>();
  for (const [index, rule] of table.rules.entries()) {
    const name = `rule ${index + 1} (${rule.event}/${rule.purpose} ${rule.symbolPattern})`;
    const key = `${rule.event}/${rule.purpose}`;
    if (!MAPPING_KEYS.some((known) => known === key)) faults.push(`${name}: unknown event or purpose`);
    if (closed.has(key)) faults.push(`${name}: never reached, because an earlier rule matches every symbol`);
    if (rule.symbolPattern === '*') closed.add(key);
    for (const code of new Set([rule.debit, rule.credit])) {
      const account = byCode.get(code);
      if (account === undefined) faults.push(`${name}: account ${code} is not in the chart`);
      else if (!isPostable(account)) faults.push(`${name}: account ${code} does not accept postings`);
    }
  }
  for (const key of MAPPING_KEYS) {
    if (!closed.has(key) && !MAY_BE_UNMAPPED.has(key)) faults.push(`${key}: no rule for every symbol (*)`);
  }
  faults.push(...cashFaults(table, cash));
  return faults;
}

/** Broker cash accounts under a table: those it names, and earlier ones with postings. */
export function cashAccountsWith(table: MappingTable, before: PostedCash): readonly string[] {
  const kept = before.accounts.filter((code) => before.isPosted(code));
  return [...new Set([...accountsInRole('cash', table.rules), ...kept])].sort();
}

/** Faults of broker cash: it is reconciled to the cent, so its accounts accept no other postings. */
function cashFaults(table: MappingTable, before: PostedCash): readonly string[] {
  const cash = new Set(cashAccountsWith(table, before));
  const mixed = table.rules.flatMap(rolesOf).filter(({ role, account }) => role !== 'cash' && cash.has(account));
  const taken = [...cash].filter((code) => !before.accounts.includes(code) && before.isPosted(code));
  return [
    ...[...new Set(mixed.map(({ account }) => account))].map(
      (code) => `account ${code} is broker cash and cannot have another role`,
    ),
    ...taken.map((code) => `account ${code} has postings and cannot become broker cash`),
  ];
}

/** Throws when a table has a fault. */
export function requireGoodMapping(table: MappingTable, accounts: readonly Account[], cash?: PostedCash): void {
  const faults = mappingFaults(table, accounts, cash);
  if (faults.length === 0) return;
  throw configError({
    code: 'BAD_MAPPING',
    message: `mapping version ${table.version} is invalid: ${faults.slice(0, 5).join('; ')}`,
    remedy: 'Correct the rules and record them as a new version.',
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
