import type { TickerSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { unreachable } from '../../src/kernel/errors.js';
import { naturalKeyId } from '../../src/kernel/hash.js';
import type { UtcText } from '../../src/kernel/time.js';
import { moneyText } from '../../src/kernel/money.js';
import { ofxPosition, ofxSecurity, ofxTrade, ofxUnits } from './ofx-options.js';
import { aggregate, block, exact, type OfxNode, optionalWords, words, xmlOf } from './ofx-tree.js';
import { inJournalOrder, type StatementInput, type StatementPosition } from './statement.js';
import { statementTotals } from './totals.js';
import {
  type BankTransaction,
  type SplitTransaction,
  statementTransactions,
  type StatementTransaction,
  type TradeTransaction,
  type TransferTransaction,
} from './transactions.js';

const HEADER =
  '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' +
  '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n';

/** `20131007143000.000[0:GMT]`: the full form, since readers disagree on all shorter ones. */
export function ofxDate(at: UtcText): string {
  return `${at.slice(0, 19).replace(/[-T:]/gu, '')}${at.slice(19, 23)}[0:GMT]`;
}

function status(): OfxNode {
  return aggregate('STATUS', exact('CODE', '0'), exact('SEVERITY', 'INFO'));
}

/** We have no CUSIP; a ticker used everywhere is what importers match on. */
function secid(symbol: string): OfxNode {
  return aggregate('SECID', exact('UNIQUEID', symbol), exact('UNIQUEIDTYPE', 'TICKER'));
}

function invtran(transaction: StatementTransaction): OfxNode {
  return aggregate(
    'INVTRAN',
    exact('FITID', transaction.fitid, 255),
    exact('DTTRADE', ofxDate(transaction.at)),
    // no REVERSALFITID: libofx 0.10 refuses it in its 2.x place, so the memo says what is reversed
    ...optionalWords('MEMO', transaction.memo, 255),
  );
}

function trade(transaction: TradeTransaction): OfxNode {
  const { side } = transaction;
  const buys = side === 'BUY' || side === 'BUYTOCOVER';
  const short = side === 'SELLSHORT' || side === 'BUYTOCOVER';
  const body = aggregate(
    buys ? 'INVBUY' : 'INVSELL',
    invtran(transaction),
    secid(transaction.symbol),
    exact('UNITS', ofxUnits(transaction.symbol, transaction.units)),
    exact('UNITPRICE', Decimal.parse(transaction.unitPrice).shortText(2)),
    exact('COMMISSION', moneyText(transaction.commission)),
    exact('FEES', moneyText(transaction.fees)),
    exact('TOTAL', moneyText(transaction.total)),
    exact('SUBACCTSEC', short ? 'SHORT' : 'CASH'),
    exact('SUBACCTFUND', 'CASH'),
  );
  return ofxTrade(transaction.symbol, side, body);
}

function transfer(transaction: TransferTransaction): OfxNode {
  return aggregate(
    'TRANSFER',
    invtran(transaction),
    secid(transaction.symbol),
    exact('SUBACCTSEC', transaction.position === 'SHORT' ? 'SHORT' : 'CASH'),
    exact('UNITS', ofxUnits(transaction.symbol, transaction.units)),
    exact('TFERACTION', transaction.action),
    exact('POSTYPE', transaction.position),
    exact('AVGCOSTBASIS', transaction.averageCost),
  );
}

/** The ratio is that of the shares, which a broker may have rounded. */
function split(transaction: SplitTransaction): OfxNode {
  const { oldUnits, newUnits } = transaction;
  const { numerator, denominator } = wholeRatio(newUnits, oldUnits);
  return aggregate(
    'SPLIT',
    invtran(transaction),
    secid(transaction.symbol),
    exact('SUBACCTSEC', transaction.position === 'SHORT' ? 'SHORT' : 'CASH'),
    exact('OLDUNITS', ofxUnits(transaction.symbol, oldUnits)),
    exact('NEWUNITS', ofxUnits(transaction.symbol, newUnits)),
    exact('NUMERATOR', numerator),
    exact('DENOMINATOR', denominator),
  );
}

/** A ratio of shares in the smallest whole numbers. */
function wholeRatio(a: Decimal, b: Decimal): { readonly numerator: string; readonly denominator: string } {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [a.rounded(scale, 'floor').units, b.rounded(scale, 'floor').units];
  let [divisor, rest] = [x, y];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return { numerator: String(x / divisor), denominator: String(y / divisor) };
}

function bank(transaction: BankTransaction): OfxNode {
  const statementTransaction = aggregate(
    'STMTTRN',
    exact('TRNTYPE', transaction.trntype),
    exact('DTPOSTED', ofxDate(transaction.at)),
    exact('TRNAMT', moneyText(transaction.amount)),
    exact('FITID', transaction.fitid, 255),
    words('NAME', transaction.name, 32),
    ...optionalWords('MEMO', transaction.memo, 255),
  );
  return aggregate('INVBANKTRAN', statementTransaction, exact('SUBACCTFUND', 'CASH'));
}

function transactionNode(transaction: StatementTransaction): OfxNode {
  switch (transaction.kind) {
    case 'trade':
      return trade(transaction);
    case 'transfer':
      return transfer(transaction);
    case 'split':
      return split(transaction);
    case 'bank':
      return bank(transaction);
    case 'marginInterest':
      return aggregate(
        'MARGININTEREST',
        invtran(transaction),
        exact('TOTAL', moneyText(transaction.total)),
        exact('SUBACCTFUND', 'CASH'),
      );
    case 'income':
    case 'expense': {
      const income = transaction.kind === 'income';
      return aggregate(
        income ? 'INCOME' : 'INVEXPENSE',
        invtran(transaction),
        secid(transaction.symbol),
        ...(income ? [exact('INCOMETYPE', 'DIV')] : []),
        exact('TOTAL', moneyText(transaction.total)),
        exact('SUBACCTSEC', 'CASH'),
        exact('SUBACCTFUND', 'CASH'),
      );
    }
    default:
      return unreachable(transaction, 'the OFX statement');
  }
}

/** A short position has negative units and a negative market value. INVPOS has no element for the cost, so it is in the memo. */
function position(held: StatementPosition): OfxNode {
  const short = held.side === 'short';
  const minus = short ? '-' : '';
  return ofxPosition(
    held.symbol,
    aggregate(
      'INVPOS',
      secid(held.symbol),
      exact('HELDINACCT', short ? 'SHORT' : 'CASH'),
      exact('POSTYPE', short ? 'SHORT' : 'LONG'),
      exact('UNITS', minus + ofxUnits(held.symbol, Decimal.parse(held.quantity))),
      exact('UNITPRICE', Decimal.parse(held.unitPrice).shortText(2)),
      exact('MKTVAL', (held.marketValue === 0n ? '' : minus) + moneyText(held.marketValue)),
      exact('DTPRICEASOF', ofxDate(held.priceAsOf)),
      words('MEMO', `Average cost ${held.averageCost}`, 255),
    ),
  );
}

/** Every security that the statement names, once, by symbol: importers look each SECID up here. */
function securityList(input: StatementInput, transactions: readonly StatementTransaction[]): OfxNode {
  const names = new Map<string, string>(input.securities.map(({ symbol, name }) => [symbol, name]));
  const symbols = new Set<TickerSymbol>(input.positions.map(({ symbol }) => symbol));
  for (const transaction of transactions) {
    if (transaction.kind !== 'bank' && transaction.kind !== 'marginInterest') symbols.add(transaction.symbol);
  }
  const infos = [...symbols].sort().map((symbol) => {
    const name = words('SECNAME', names.get(symbol) ?? symbol, 120);
    const named = 'text' in name && name.text !== '' ? name : exact('SECNAME', symbol);
    return ofxSecurity(symbol, aggregate('SECINFO', secid(symbol), named, exact('TICKER', symbol)));
  });
  return block('SECLISTMSGSRSV1', block('SECLIST', ...infos));
}

function transactionList(input: StatementInput, transactions: readonly StatementTransaction[]): OfxNode {
  const isBank = (transaction: StatementTransaction): boolean => transaction.kind === 'bank';
  return block(
    'INVTRANLIST',
    exact('DTSTART', ofxDate(input.range.from)),
    exact('DTEND', ofxDate(input.range.to)),
    // the standard wants every INVBANKTRAN after all others; both parts stay in journal order
    ...transactions.filter((transaction) => !isBank(transaction)).map(transactionNode),
    ...transactions.filter(isBank).map(transactionNode),
  );
}

function statementNode(input: StatementInput, transactions: readonly StatementTransaction[]): OfxNode {
  return block(
    'INVSTMTRS',
    exact('DTASOF', ofxDate(input.asOf)),
    exact('CURDEF', input.currency),
    aggregate('INVACCTFROM', exact('BROKERID', input.brokerId, 22), exact('ACCTID', input.accountId, 22)),
    transactionList(input, transactions),
    block('INVPOSLIST', ...input.positions.map(position)),
    aggregate(
      'INVBAL',
      exact('AVAILCASH', moneyText(input.cash)),
      exact('MARGINBALANCE', '0.00'),
      exact('SHORTBALANCE', moneyText(input.shortBalance)),
    ),
  );
}

/** The id of the statement: same bot, account, range and last entry, same id, also when a crash has shifted positions. */
function statementId(input: StatementInput): string {
  const { identity, brokerId, accountId, range, asOf } = input;
  const last = inJournalOrder(input).at(-1)?.fitid ?? '';
  return naturalKeyId('ofx-statement', identity, brokerId, accountId, range.from, range.to, asOf, last);
}

/**
 * The OFX 2.2 investment statement (ACC-70): sign-on, statement, security list, as UTF-8 XML with `\n` line ends.
 * Amounts have two decimals, dates are GMT in full form. Same input, same bytes (ACC-71).
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22), `OFX_BAD_VALUE` when an id
 * or a figure is longer than OFX allows.
 */
export function renderOfx22(input: StatementInput): string {
  statementTotals(input);
  const transactions = statementTransactions(input);
  const signOn = aggregate(
    'SONRS',
    status(),
    exact('DTSERVER', ofxDate(input.asOf)),
    exact('LANGUAGE', 'ENG'),
    aggregate('FI', exact('ORG', input.brokerId)),
  );
  const response = block(
    'INVSTMTTRNRS',
    exact('TRNUID', statementId(input), 36),
    status(),
    statementNode(input, transactions),
  );
  const root = block(
    'OFX',
    block('SIGNONMSGSRSV1', signOn),
    block('INVSTMTMSGSRSV1', response),
    securityList(input, transactions),
  );
  return `${HEADER}${xmlOf(root)}\n`;
}
