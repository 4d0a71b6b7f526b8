import type { TickerSymbol } from '../../events/names.js';
import { configError } from '../../kernel/errors.js';
import { DEFAULT_ACCOUNTS, isPostable, type Account } from './coa.js';
import { accountsInRole, MAPPING_KEYS, PURPOSES, rolesOf, type MappingKey } from './roles.js';

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

/** What the books hold that a new table must respect. */
export interface PostedCash {
  /** Accounts that were broker cash until now. */
  readonly accounts: readonly string[];
  /** Whether anything was ever posted to an account. */
  isPosted(code: string): boolean;
}

const NEW_BOOKS: PostedCash = { accounts: [], isPosted: () => false };

/** Every fault of a table against a chart, in words; an empty list is a good table. */
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
    if (!MAPPING_KEYS.some((known) => known === key)) faults.push(`${name}: no such event and purpose`);
    if (closed.has(key)) faults.push(`${name}: never reached, an earlier rule takes every symbol`);
    if (rule.symbolPattern === '*') closed.add(key);
    for (const code of new Set([rule.debit, rule.credit])) {
      const account = byCode.get(code);
      if (account === undefined) faults.push(`${name}: account ${code} is not in the chart`);
      else if (!isPostable(account)) faults.push(`${name}: account ${code} takes no postings`);
    }
  }
  for (const key of MAPPING_KEYS) {
    if (!closed.has(key) && !MAY_BE_UNMAPPED.has(key)) faults.push(`${key}: no rule for every symbol (*)`);
  }
  faults.push(...cashFaults(table, cash));
  return faults;
}

/** Broker cash after a table: the accounts that it names, and those of before that have postings. */
export function cashAccountsWith(table: MappingTable, before: PostedCash): readonly string[] {
  const kept = before.accounts.filter((code) => before.isPosted(code));
  return [...new Set([...accountsInRole('cash', table.rules), ...kept])].sort();
}

/** The broker's cash is reconciled to the cent, so nothing else is ever posted to an account of it. */
function cashFaults(table: MappingTable, before: PostedCash): readonly string[] {
  const cash = new Set(cashAccountsWith(table, before));
  const mixed = table.rules.flatMap(rolesOf).filter(({ role, account }) => role !== 'cash' && cash.has(account));
  const taken = [...cash].filter((code) => !before.accounts.includes(code) && before.isPosted(code));
  return [
    ...[...new Set(mixed.map(({ account }) => account))].map(
      (code) => `account ${code} is broker cash and can have no other role`,
    ),
    ...taken.map((code) => `account ${code} has postings and cannot become broker cash`),
  ];
}

/** Refuses a table with a fault. */
export function requireGoodMapping(table: MappingTable, accounts: readonly Account[], cash?: PostedCash): void {
  const faults = mappingFaults(table, accounts, cash);
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
