import { parse } from 'ofx-js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { centsFromText } from '../../../src/kernel/money.js';

/** A leaf is text; an aggregate holds its children by tag. */
type Node = string | Aggregate;
interface Aggregate {
  readonly [tag: string]: Node | readonly Node[];
}

/** A transaction as an importer would see it; cents, and null where the kind has no such field. */
export interface ReadTransaction {
  readonly tag: string;
  readonly type: string | null;
  readonly fitid: string;
  readonly date: string;
  readonly memo: string | null;
  readonly symbol: string | null;
  readonly units: string | null;
  readonly unitPrice: string | null;
  readonly commission: bigint | null;
  readonly fees: bigint | null;
  readonly cash: bigint;
}

export interface ReadStatement {
  readonly trnuid: string;
  readonly server: string;
  readonly asOf: string;
  readonly account: string;
  readonly broker: string;
  readonly transactions: readonly ReadTransaction[];
  readonly positions: readonly {
    readonly symbol: string;
    readonly type: string;
    readonly units: string;
    readonly value: bigint;
  }[];
  readonly cash: bigint;
  readonly shortBalance: bigint;
  readonly securities: Readonly<Record<string, string>>;
}

const TRANSACTIONS = ['BUYSTOCK', 'SELLSTOCK', 'INCOME', 'INVEXPENSE', 'MARGININTEREST', 'TRANSFER', 'INVBANKTRAN'];

function children(node: Node | readonly Node[] | undefined, tag: string): readonly Node[] {
  if (node === undefined || typeof node === 'string' || Array.isArray(node)) return [];
  const found = (node as Aggregate)[tag];
  if (found === undefined) return [];
  return Array.isArray(found) ? (found as readonly Node[]) : [found as Node];
}

function at(node: Node | undefined, ...path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>((here, tag) => children(here, tag)[0], node);
}

function textAt(node: Node | undefined, ...path: readonly string[]): string | null {
  const found = at(node, ...path);
  return typeof found === 'string' ? found : null;
}

function need(node: Node | undefined, ...path: readonly string[]): string {
  const text = textAt(node, ...path);
  if (text === null) throw new Error(`the OFX file has no ${path.join('/')}`);
  return text;
}

function money(text: string | null): bigint | null {
  return text === null ? null : centsFromText(text);
}

function transactionOf(tag: string, node: Node): ReadTransaction {
  if (tag === 'INVBANKTRAN') {
    const inner = at(node, 'STMTTRN');
    return {
      tag,
      type: need(inner, 'TRNTYPE'),
      fitid: need(inner, 'FITID'),
      date: need(inner, 'DTPOSTED'),
      memo: textAt(inner, 'MEMO'),
      symbol: null,
      units: null,
      unitPrice: null,
      commission: null,
      fees: null,
      cash: centsFromText(need(inner, 'TRNAMT')),
    };
  }
  const inner = at(node, 'INVBUY') ?? at(node, 'INVSELL') ?? node;
  return {
    tag,
    type: textAt(node, 'BUYTYPE') ?? textAt(node, 'SELLTYPE') ?? textAt(node, 'TFERACTION'),
    fitid: need(inner, 'INVTRAN', 'FITID'),
    date: need(inner, 'INVTRAN', 'DTTRADE'),
    memo: textAt(inner, 'INVTRAN', 'MEMO'),
    symbol: textAt(inner, 'SECID', 'UNIQUEID'),
    units: textAt(inner, 'UNITS'),
    unitPrice: textAt(inner, 'UNITPRICE'),
    commission: money(textAt(inner, 'COMMISSION')),
    fees: money(textAt(inner, 'FEES')),
    cash: money(textAt(inner, 'TOTAL')) ?? 0n,
  };
}

/** Reads a statement with ofx-js, a parser that is not ours. */
export async function readOfx(text: string): Promise<ReadStatement> {
  const root = (await parse(text)).OFX as Node;
  const response = at(root, 'INVSTMTMSGSRSV1', 'INVSTMTTRNRS', 'INVSTMTRS');
  const list = at(response, 'INVTRANLIST');
  const securities = children(at(root, 'SECLISTMSGSRSV1', 'SECLIST'), 'STOCKINFO').map((info) => [
    need(info, 'SECINFO', 'SECID', 'UNIQUEID'),
    need(info, 'SECINFO', 'SECNAME'),
  ]);
  return {
    trnuid: need(root, 'INVSTMTMSGSRSV1', 'INVSTMTTRNRS', 'TRNUID'),
    server: need(root, 'SIGNONMSGSRSV1', 'SONRS', 'DTSERVER'),
    asOf: need(response, 'DTASOF'),
    account: need(response, 'INVACCTFROM', 'ACCTID'),
    broker: need(response, 'INVACCTFROM', 'BROKERID'),
    transactions: TRANSACTIONS.flatMap((tag) => children(list, tag).map((node) => transactionOf(tag, node))),
    positions: children(at(response, 'INVPOSLIST'), 'POSSTOCK').map((node) => ({
      symbol: need(node, 'INVPOS', 'SECID', 'UNIQUEID'),
      type: need(node, 'INVPOS', 'POSTYPE'),
      units: need(node, 'INVPOS', 'UNITS'),
      value: centsFromText(need(node, 'INVPOS', 'MKTVAL')),
    })),
    cash: centsFromText(need(response, 'INVBAL', 'AVAILCASH')),
    shortBalance: centsFromText(need(response, 'INVBAL', 'SHORTBALANCE')),
    securities: Object.fromEntries(securities) as Readonly<Record<string, string>>,
  };
}

/** How far TOTAL is from -(UNITS x UNITPRICE) - COMMISSION - FEES, in dollars. */
export function totalError(transaction: ReadTransaction): Decimal {
  const gross = Decimal.parse(transaction.units ?? '0').times(Decimal.parse(transaction.unitPrice ?? '0'));
  const charges = Decimal.of((transaction.commission ?? 0n) + (transaction.fees ?? 0n), 2);
  return Decimal.of(transaction.cash, 2).plus(gross).plus(charges).abs();
}
