import type { ClientOrderId, StrategyName, TickerSymbol } from '../../../events/names.js';
import type { DecimalText } from '../../../kernel/decimal.js';
import { invariant } from '../../../kernel/errors.js';
import { naturalKeyId, type Sha256Hex, type Uuid } from '../../../kernel/hash.js';
import { moneyText, NO_CENTS, type Cents } from '../../../kernel/money.js';
import type { UtcText } from '../../../kernel/time.js';
import { fitidOf } from '../fitid.js';
import type { AccountPair, Mapping } from '../mapping.js';
import type { MappingKey } from '../roles.js';
import type { LedgerGroup, LedgerLeg, TradeAction, TransactionType } from '../types.js';
import type { PostingSource } from './source.js';

/** Facts of a group other than its legs and source. */
export interface GroupFacts {
  readonly part: string;
  readonly externalId: string | null;
  readonly clientOrderId?: ClientOrderId;
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly datetimeUtc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol | null;
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly commission: Cents;
  readonly fee: Cents;
  readonly netAmount: Cents;
  readonly responseHash: Sha256Hex | null;
}

/** The id of the group that an event posts as one of its parts. */
export function groupIdOf(eventId: Uuid, part: string): Uuid {
  return naturalKeyId('group', eventId, part);
}

/** Builds a ledger group, field by field: a spread here would cost more than the rest of the posting. */
export function groupOf(
  source: PostingSource,
  facts: GroupFacts,
  legs: readonly LedgerLeg[],
  reverses: Uuid | null,
): LedgerGroup {
  const { codes, eventId } = source;
  const fitid = fitidOf({
    broker: codes.broker,
    account: codes.account,
    externalId: facts.externalId ?? facts.part,
    trntype: facts.trntype,
    symbol: facts.symbol,
    datetimeUtc: facts.datetimeUtc,
    amount: moneyText(facts.netAmount),
    quantity: facts.quantity,
    price: facts.price,
    currency: 'USD',
  });
  return {
    groupId: groupIdOf(eventId, facts.part),
    fitid,
    externalId: facts.externalId,
    ...(facts.clientOrderId === undefined ? {} : { clientOrderId: facts.clientOrderId }),
    trntype: facts.trntype,
    action: facts.action,
    datetimeUtc: facts.datetimeUtc,
    description: facts.description,
    strategy: facts.strategy,
    symbol: facts.symbol,
    quantity: facts.quantity,
    price: facts.price,
    commission: facts.commission,
    fee: facts.fee,
    netAmount: facts.netAmount,
    sourceEventId: eventId,
    sourcePosition: source.position,
    syncRunId: null,
    batchId: source.batchId,
    mappingVersion: source.mapping.table.version,
    responseHash: facts.responseHash,
    reverses,
    legs,
  };
}

/** Shares moved by a leg, and their price. */
export interface Shares {
  readonly quantity: DecimalText;
  readonly price: DecimalText;
}

/** Collects the legs of one group, without legs of zero. */
export class LegList {
  readonly #legs: LedgerLeg[] = [];

  constructor(
    readonly mapping: Mapping,
    readonly symbol: TickerSymbol | null,
  ) {}

  /** The two accounts of a purpose for this symbol. */
  accounts(key: MappingKey): AccountPair {
    return this.mapping.require(key, this.symbol);
  }

  /** Posts an amount from the credit account to the debit account; a negative amount in the opposite direction. */
  pair(key: MappingKey, amount: Cents, shares: { readonly debit?: Shares; readonly credit?: Shares } = {}): void {
    const accounts = this.accounts(key);
    const turned = amount < 0n;
    const size = (turned ? -amount : amount) as Cents;
    this.debit(turned ? accounts.credit : accounts.debit, size, shares.debit);
    this.credit(turned ? accounts.debit : accounts.credit, size, shares.credit);
  }

  /** Builds the group of these legs; undefined when there are none. Throws when they do not balance. */
  group(source: PostingSource, facts: GroupFacts): LedgerGroup | undefined {
    if (this.#legs.length === 0) return undefined;
    let sum = 0n;
    for (const leg of this.#legs) sum += leg.debit - leg.credit;
    if (sum !== 0n || this.#legs.length < 2) {
      invariant(false, 'UNBALANCED', `${facts.description}: debits and credits differ by ${sum} cents`);
    }
    return groupOf(source, facts, this.#legs, null);
  }

  /** Adds a debit leg. */
  debit(accountCode: string, debit: Cents, shares?: Shares): void {
    this.add(accountCode, debit, NO_CENTS, shares);
  }

  /** Adds a credit leg. */
  credit(accountCode: string, credit: Cents, shares?: Shares): void {
    this.add(accountCode, NO_CENTS, credit, shares);
  }

  private add(accountCode: string, debit: Cents, credit: Cents, shares: Shares | undefined): void {
    if (debit === 0n && credit === 0n) return;
    const quantity = shares?.quantity ?? null;
    const price = shares?.price ?? null;
    const symbol = shares === undefined ? null : this.symbol;
    this.#legs.push({ accountCode, debit, credit, currency: 'USD', quantity, price, symbol });
  }
}
