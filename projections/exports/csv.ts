import type { LedgerGroup, LedgerLeg } from '../../src/domain/accounting/types.js';
import { sharesWithoutALeg, type MovedShares } from './moved-shares.js';
import { inJournalOrder, type StatementInput } from './statement.js';
import { csvField } from '../kit/records.js';
import { csvText } from './text.js';
import { statementTotals } from './totals.js';
import { moneyText, NO_CENTS } from '../../src/kernel/money.js';

/** The names of ACC-8; `DTPOSTED` is datetime_utc, `line` the leg's place in its group from 1. */
export const CSV_COLUMNS = [
  'FITID',
  'DTPOSTED',
  'TRNTYPE',
  'symbol',
  'action',
  'quantity',
  'price',
  'commission',
  'fee',
  'net_amount',
  'account_code',
  'account_name',
  'debit',
  'credit',
  'currency',
  'group_id',
  'line',
  'strategy',
  'entity_code',
  'jurisdiction_code',
  'broker_code',
  'bot_id',
  'description',
  'external_id',
  'source_event_id',
  'source_position',
  'reverses',
] as const;

type Row = Readonly<Record<(typeof CSV_COLUMNS)[number], string>>;

/** Figures of the whole group are on its first line only, so a column can be summed. */
function rowOf(group: LedgerGroup, leg: LedgerLeg, index: number, input: StatementInput, name: string): Row {
  const first = index === 0;
  return {
    FITID: group.fitid,
    DTPOSTED: group.datetimeUtc,
    TRNTYPE: group.trntype,
    symbol: csvText(leg.symbol ?? group.symbol ?? ''),
    action: group.action,
    quantity: leg.quantity ?? '',
    price: leg.price ?? '',
    commission: first ? moneyText(group.commission) : '',
    fee: first ? moneyText(group.fee) : '',
    net_amount: first ? moneyText(group.netAmount) : '',
    account_code: csvText(leg.accountCode),
    account_name: csvText(name),
    debit: moneyText(leg.debit),
    credit: moneyText(leg.credit),
    currency: leg.currency,
    group_id: group.groupId,
    line: String(index + 1),
    strategy: csvText(group.strategy ?? ''),
    entity_code: input.identityParts.entityCode,
    jurisdiction_code: input.identityParts.jurisdictionCode,
    broker_code: input.identityParts.brokerCode,
    bot_id: input.identityParts.botId,
    description: csvText(group.description),
    external_id: csvText(group.externalId ?? ''),
    source_event_id: group.sourceEventId,
    source_position: csvField(group.sourcePosition),
    reverses: group.reverses ?? '',
  };
}

/** Shares without a cent have no account; `quantity` then has the sign of the change. */
function shareRow(moved: MovedShares, input: StatementInput): Row {
  return {
    FITID: moved.fitid,
    DTPOSTED: moved.datetimeUtc,
    TRNTYPE: moved.trntype,
    symbol: csvText(moved.symbol),
    action: moved.action,
    quantity: moved.units.shortText(),
    price: moved.price,
    commission: '',
    fee: '',
    net_amount: '',
    account_code: '',
    account_name: '',
    debit: moneyText(NO_CENTS),
    credit: moneyText(NO_CENTS),
    currency: input.currency,
    group_id: moved.groupId,
    line: String(moved.line),
    strategy: csvText(moved.strategy ?? ''),
    entity_code: input.identityParts.entityCode,
    jurisdiction_code: input.identityParts.jurisdictionCode,
    broker_code: input.identityParts.brokerCode,
    bot_id: input.identityParts.botId,
    description: csvText(moved.description),
    external_id: csvText(moved.externalId ?? ''),
    source_event_id: moved.sourceEventId,
    source_position: csvField(moved.sourcePosition),
    reverses: moved.reverses,
  };
}

/**
 * Ledger entries of the range, one row per leg in journal order: RFC 4180 with a header line and CRLF, exact decimals,
 * UTC times (ACC-72). `quantity` and `price` are the leg's, `debit` and `credit` dollars. Shares that moved without a cent
 * have a row without an account.
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22).
 */
export function renderCsv(input: StatementInput): string {
  statementTotals(input);
  const names = new Map(input.accounts.map((account) => [account.code, account.name]));
  const lines = [CSV_COLUMNS.join(',')];
  const add = (row: Row): void => void lines.push(CSV_COLUMNS.map((column) => row[column]).join(','));
  for (const entry of inJournalOrder(input)) {
    if ('legs' in entry) {
      entry.legs.forEach((leg, index) => {
        add(rowOf(entry, leg, index, input, names.get(leg.accountCode) ?? ''));
      });
    }
    const moved = sharesWithoutALeg(entry, input);
    if (moved !== undefined) add(shareRow(moved, input));
  }
  return `${lines.join('\r\n')}\r\n`;
}
