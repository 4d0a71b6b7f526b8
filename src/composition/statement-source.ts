import { statSync } from 'node:fs';
import type { StatementInput, StatementPosition } from '../../projections/exports/statement.js';
import type { Ledger } from '../../projections/ledger/query.js';
import { openLedger } from '../adapters/ledger-reader/open-ledger.js';
import type { StatementSource } from '../app/exports/export-books.js';
import { addLegs, balanceOfAll } from '../domain/accounting/balances.js';
import type { BookCodes } from '../domain/accounting/book-codes.js';
import type { LedgerGroup } from '../domain/accounting/types.js';
import type { Position } from '../events/event.js';
import type { TickerSymbol } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { dataError } from '../kernel/errors.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { addCents, NO_CENTS, roundToCents } from '../kernel/money.js';
import { parseUtcText, plusMs, toUtcText, type UtcText } from '../kernel/time.js';

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
  return (range, upTo) => {
    const file = fileNow();
    // a ledger that was rebuilt under the same name is another file
    const books =
      options.openLedger === undefined ? `${file} ${statSync(file, { throwIfNoEntry: false })?.ino ?? 0}` : '';
    const asked = `${books} ${range.from} ${range.to} ${upTo}`;
    if (asked === last?.asked) return last.input;
    const ledger = options.openLedger?.() ?? openLedger(file);
    try {
      refuseBehind(ledger.reached(), upTo);
      const stand = `${books} ${range.from} ${range.to} ${ledger.stand(upTo)}`;
      const input = stand === last?.stand ? last.input : statementOf(options, ledger, { range, upTo });
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

interface StatementRequest {
  readonly range: StatementInput['range'];
  readonly upTo: Position;
}

function statementOf(
  options: StatementSourceOptions,
  ledger: Ledger,
  { range, upTo }: StatementRequest,
): StatementInput {
  const before = toUtcText(plusMs(parseUtcText(range.from), -1));
  const groups = ledger.groups({ position: upTo, from: range.from, to: range.to });
  const balances = ledger.balances({ position: upTo, at: before });
  const cashAccounts = ledger.cashAccounts(upTo);
  // rarely needed, and it covers the whole life of the books
  let all: readonly LedgerGroup[] | undefined;
  const known = (): readonly LedgerGroup[] => (all ??= ledger.groups({ position: upTo, to: range.to }));
  const positions = positionsAt(ledger, known, { position: upTo, at: range.to });
  return {
    identity: options.identity,
    identityParts: options.identityParts,
    brokerId: options.codes.broker.slice(0, OFX_ID_LENGTH),
    accountId: options.codes.account.slice(0, OFX_ID_LENGTH),
    currency: 'USD',
    range,
    asOf: lastTime(groups, range.from),
    groups,
    accounts: ledger.accounts(upTo),
    positions,
    cashAccounts,
    cash: balanceOfAll(
      addLegs(
        balances,
        groups.flatMap(({ legs }) => legs),
      ),
      cashAccounts,
    ),
    shortBalance: addCents(
      NO_CENTS,
      ...positions.filter((position) => position.side === 'short').map((position) => position.marketValue),
    ),
    openingBalances: [...balances].map(([accountCode, balance]) => ({
      accountCode,
      balance,
    })),
    securities: [],
    reversedGroups: reversedBefore(groups, known),
  };
}

function lastTime(groups: readonly LedgerGroup[], otherwise: UtcText): UtcText {
  return groups.reduce((last, group) => (group.datetimeUtc > last ? group.datetimeUtc : last), otherwise);
}

function reversedBefore(
  groups: readonly LedgerGroup[],
  known: () => readonly LedgerGroup[],
): NonNullable<StatementInput['reversedGroups']> {
  const wanted = new Set(groups.flatMap((group) => (group.reverses === null ? [] : [group.reverses])));
  if (wanted.size === 0) return [];
  return known()
    .filter((group) => wanted.has(group.groupId))
    .map(({ groupId, fitid }) => ({ groupId, fitid }));
}

/** Open positions at the price of their last trade: the books have no other price. */
function positionsAt(
  ledger: Ledger,
  known: () => readonly LedgerGroup[],
  asOf: Parameters<Ledger['positions']>[0],
): readonly StatementPosition[] {
  return [...ledger.positions(asOf)].map(([symbol, quantity]) => positionOf(symbol, quantity, known()));
}

function positionOf(symbol: TickerSymbol, quantity: Decimal, known: readonly LedgerGroup[]): StatementPosition {
  const side = quantity.sign() > 0 ? 'long' : 'short';
  const opening = known.filter((group) => group.symbol === symbol && group.price !== null);
  const last = opening.at(-1);
  const unitPrice = last?.price ?? Decimal.ZERO.text();
  const size = quantity.abs();
  return {
    symbol,
    side,
    quantity: size.shortText(),
    averageCost: averageCost(symbol, side, known).shortText(2),
    unitPrice,
    marketValue: roundToCents(size.times(Decimal.parse(unitPrice))),
    priceAsOf: last?.datetimeUtc ?? toUtcText(parseUtcText('1970-01-01T00:00:00.000Z')),
  };
}

/** Average price of the opening trades of the side; the lots in the ledger have it lot by lot. */
function averageCost(symbol: TickerSymbol, side: 'long' | 'short', known: readonly LedgerGroup[]): Decimal {
  const opens = side === 'long' ? 'BUY' : 'SELLSHORT';
  let shares = Decimal.ZERO;
  let dollars = Decimal.ZERO;
  for (const group of known) {
    if (group.symbol !== symbol || group.quantity === null || group.price === null) continue;
    if (group.trntype !== opens && !(group.trntype === 'OPENING' && group.action === side)) continue;
    shares = shares.plus(Decimal.parse(group.quantity));
    dollars = dollars.plus(Decimal.parse(group.quantity).times(Decimal.parse(group.price)));
  }
  return shares.isZero() ? Decimal.ZERO : dollars.divide(shares, { scale: 6, round: 'halfEven' });
}
