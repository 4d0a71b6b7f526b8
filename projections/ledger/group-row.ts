import type {
  LedgerGroup,
  LedgerLeg,
  ShareTransfer,
  TradeAction,
  TransactionType,
} from '../../src/domain/accounting/types.js';
import type { Position } from '../../src/events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import type { Sha256Hex, Uuid } from '../../src/kernel/hash.js';
import { cents } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';

/** A row of `groups` as SQLite gives it, integers as bigint. */
export interface GroupRow {
  readonly group_id: Uuid;
  readonly fitid: Sha256Hex;
  readonly external_id: string | null;
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly datetime_utc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol | null;
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly commission: bigint;
  readonly fee: bigint;
  readonly net_amount: bigint;
  readonly source_event_id: Uuid;
  readonly source_position: Position;
  readonly sync_run_id: string | null;
  readonly batch_id: Uuid;
  readonly coa_mapping_version: bigint;
  readonly response_hash: Sha256Hex | null;
  readonly reverses: Uuid | null;
  readonly leg_amounts: string;
  readonly leg_shares: string | null;
  readonly client_order_id: ClientOrderId | null;
}

/** A row of `share_transfers` as SQLite gives it. */
export interface TransferRow {
  readonly fitid: Sha256Hex;
  readonly external_id: string | null;
  readonly datetime_utc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly direction: 'in' | 'out';
  readonly quantity: DecimalText;
  readonly price: DecimalText;
  readonly source_event_id: Uuid;
  readonly source_position: Position;
}

/** The transfer as it was booked. */
export function transferFromRow(row: TransferRow): ShareTransfer {
  const { fitid, description, strategy, symbol, side, direction, quantity, price } = row;
  return {
    ...{ fitid, description, strategy, symbol, side, direction, quantity, price },
    externalId: row.external_id,
    datetimeUtc: row.datetime_utc,
    sourceEventId: row.source_event_id,
    sourcePosition: row.source_position,
  };
}

type Shares = Readonly<Record<string, readonly [DecimalText, DecimalText | null]>>;

/** The group as it was posted. */
export function groupFromRow(row: GroupRow): LedgerGroup {
  return {
    groupId: row.group_id,
    fitid: row.fitid,
    externalId: row.external_id,
    ...(row.client_order_id === null ? {} : { clientOrderId: row.client_order_id }),
    trntype: row.trntype,
    action: row.action,
    datetimeUtc: row.datetime_utc,
    description: row.description,
    strategy: row.strategy,
    symbol: row.symbol,
    quantity: row.quantity,
    price: row.price,
    commission: cents(row.commission),
    fee: cents(row.fee),
    netAmount: cents(row.net_amount),
    sourceEventId: row.source_event_id,
    sourcePosition: row.source_position,
    syncRunId: row.sync_run_id,
    batchId: row.batch_id,
    mappingVersion: Number(row.coa_mapping_version),
    responseHash: row.response_hash,
    reverses: row.reverses,
    legs: legsOf(row),
  };
}

/** Parsed by hand, since JSON.parse would read cents as binary floating point. */
function legsOf(row: GroupRow): readonly LedgerLeg[] {
  const shares = (row.leg_shares === null ? {} : JSON.parse(row.leg_shares)) as Shares;
  const legs: LedgerLeg[] = [];
  for (const [, accountCode = '', amountText = '0'] of row.leg_amounts.matchAll(/"([^"]*)",(-?\d+)/g)) {
    const amount = BigInt(amountText);
    const moved = shares[String(legs.length + 1)];
    legs.push({
      accountCode,
      debit: cents(amount > 0n ? amount : 0n),
      credit: cents(amount < 0n ? -amount : 0n),
      currency: 'USD',
      quantity: moved?.[0] ?? null,
      price: moved?.[1] ?? null,
      symbol: moved === undefined ? null : row.symbol,
    });
  }
  return legs;
}
