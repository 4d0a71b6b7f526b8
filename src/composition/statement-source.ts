import { statSync } from 'node:fs';
import type { StatementInput, StatementPosition } from '../../projections/exports/statement.js';
import { statementTransactions } from '../../projections/exports/transactions.js';
import type { LedgerHolding } from '../../projections/ledger/holding-rows.js';
import type { Ledger } from '../../projections/ledger/query.js';
import { openLedger } from '../adapters/ledger-reader/open-ledger.js';
import type { StatementSource } from '../app/exports/export-books.js';
import type { StatementPeriod } from '../app/exports/statement-periods.js';
import { addLegs, balanceOfAll, NO_BALANCES } from '../domain/accounting/balances.js';
import type { BookCodes } from '../domain/accounting/book-codes.js';
import type { LedgerGroup } from '../domain/accounting/types.js';
import type { Position } from '../events/event.js';
import type { TickerSymbol } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { dataError, invariant } from '../kernel/errors.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { addCents, centsToDecimal, NO_CENTS, roundToCents } from '../kernel/money.js';

export interface StatementSourceOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly codes: BookCodes;
  /** Opens the ledger; defaults to the file of the home. */
  readonly openLedger?: () => Ledger;
  /** Where the ledger is read: its shadow while projections are rebuilt. Defaults to the file of the home. */
  readonly ledgerFile?: () => string;
}

/** Maximum length of an OFX id. */
const OFX_ID_LENGTH = 22;

/**
 * Statements from the ledger file as of a position, so an export is identical whenever it is repeated. Throws DataError
 * `LEDGER_BEHIND`, `LEDGER_UNREADABLE`, `OUTPUT_LOCKED` (retry). The last statement
 * is cached: all formats of a session need the same one.
 */
export function statementSource(options: StatementSourceOptions): StatementSource {
  let last: { readonly asked: string; readonly stand: string; readonly input: StatementInput } | undefined;
  const fileNow = options.ledgerFile ?? ((): string => options.paths.output.ledgerDb);
  return (period) => {
    const { range, entries } = period;
    const { after, upTo } = entries;
    const file = fileNow();
    // a ledger that was rebuilt under the same name is another file
    const books =
      options.openLedger === undefined ? `${file} ${statSync(file, { throwIfNoEntry: false })?.ino ?? 0}` : '';
    const asked = `${books} ${range.from} ${range.to} ${after} ${upTo}`;
    if (asked === last?.asked) return last.input;
    const ledger = options.openLedger?.() ?? openLedger(file);
    try {
      refuseBehind(ledger.reached(), upTo);
      const stand = `${books} ${range.from} ${range.to} ${after} ${ledger.stand(upTo)}`;
      const input = stand === last?.stand ? last.input : statementOf(options, ledger, period);
      last = { asked, stand, input };
      return input;
    } finally {
      ledger.close();
    }
  };
}

/** A ledger that has not booked every event up to the position would give a statement without them. */
function refuseBehind(reached: Position | null, upTo: Position): void {
  if (reached !== null && reached >= upTo) return;
  throw dataError({
    code: 'LEDGER_BEHIND',
    message: `the ledger has come to ${reached === null ? 'no event' : `position ${reached}`}, the statement needs ${upTo}`,
    remedy: 'Run tradebot rebuild ledger, then repeat the export.',
  });
}

function statementOf(
  options: StatementSourceOptions,
  ledger: Ledger,
  { range, entries: { after, upTo } }: StatementPeriod,
): StatementInput {
  const groups = ledger.groups({ position: upTo, after });
  const balances = after === null ? NO_BALANCES : ledger.balances({ position: after });
  const cashAccounts = ledger.cashAccounts(upTo);
  const legs = groups.flatMap((group) => group.legs);
  const positions = ledger.holdings(upTo).map(positionOf);
  const input: StatementInput = {
    identity: options.identity,
    identityParts: options.identityParts,
    brokerId: options.codes.broker.slice(0, OFX_ID_LENGTH),
    accountId: options.codes.account.slice(0, OFX_ID_LENGTH),
    currency: 'USD',
    range,
    asOf: range.to,
    groups,
    transfers: ledger.shareTransfers({ position: upTo, after }),
    accounts: ledger.accounts(upTo),
    positions,
    cashAccounts,
    cash: balanceOfAll(addLegs(balances, legs), cashAccounts),
    shortBalance: addCents(
      NO_CENTS,
      ...positions.filter((position) => position.side === 'short').map((position) => position.marketValue),
    ),
    openingBalances: [...balances].map(([accountCode, balance]) => ({ accountCode, balance })),
    securities: [],
    reversedGroups: reversedBefore(groups, () => (after === null ? [] : ledger.groups({ position: after }))),
  };
  refuseUnitsThatDiffer(input, after === null ? [] : ledger.holdings(after));
  return input;
}

function reversedBefore(
  groups: readonly LedgerGroup[],
  earlier: () => readonly LedgerGroup[],
): NonNullable<StatementInput['reversedGroups']> {
  const here = new Set(groups.map(({ groupId }) => groupId));
  const reversed = groups.flatMap(({ reverses }) => (reverses === null || here.has(reverses) ? [] : [reverses]));
  const wanted = new Set(reversed);
  if (wanted.size === 0) return [];
  return earlier()
    .filter((group) => wanted.has(group.groupId))
    .map(({ groupId, fitid }) => ({ groupId, fitid }));
}

/** An open position by its lots, at the price of the last trade in the symbol: the books have no other price. */
function positionOf({ symbol, side, quantity, amount, lastPrice, pricedAt }: LedgerHolding): StatementPosition {
  return {
    symbol,
    side,
    quantity: quantity.shortText(),
    averageCost: centsToDecimal(amount).divide(quantity, { scale: 6, round: 'halfEven' }).shortText(2),
    unitPrice: lastPrice.shortText(2),
    marketValue: roundToCents(quantity.times(lastPrice)),
    priceAsOf: pricedAt,
  };
}

/** The shares before the statement and those that it moves must be those that it ends with. */
function refuseUnitsThatDiffer(input: StatementInput, before: readonly LedgerHolding[]): void {
  const units = new Map<TickerSymbol, Decimal>();
  const add = (symbol: TickerSymbol, shares: Decimal): void => {
    units.set(symbol, (units.get(symbol) ?? Decimal.ZERO).plus(shares));
  };
  for (const { symbol, side, quantity } of before) add(symbol, side === 'long' ? quantity : quantity.negated());
  for (const each of statementTransactions(input)) {
    if ('units' in each) add(each.symbol, each.units);
  }
  for (const { symbol, side, quantity } of input.positions) {
    const shares = Decimal.parse(quantity);
    add(symbol, side === 'long' ? shares.negated() : shares);
  }
  for (const [symbol, difference] of units) {
    invariant(
      difference.isZero(),
      'EXPORT_UNITS_MISMATCH',
      `the shares of ${symbol} on the statement are ${difference.shortText()} more than its lots`,
    );
  }
}
