import { AnyField, PartField, PartsField, TextField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';
import { EventAnswer } from '../journal/journal.dto.js';

/** The id of an order as a part of a path. */
export const ORDER_ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,95}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ASOF = {
  ...{ description: 'A position of the journal: as it was there. Left out: now.', max: 60, optional: true },
  example: '412',
} as const;

export class OrdersQueryInput extends PageQuery {
  @TextField({ description: 'This symbol alone.', max: 16, optional: true, example: 'AIG' })
  symbol?: string;

  @TextField({ description: 'This strategy alone.', max: 32, optional: true, example: 'open' })
  strategy?: string;

  @TextField({
    ...{ description: 'This session alone.', max: 10, optional: true, example: '2026-01-05' },
    ...{ pattern: DAY, patternDescription: 'a day such as 2026-01-05' },
  })
  session?: string;

  @TextField(ASOF)
  asof?: string;
}

export class OrderQueryInput {
  @TextField(ASOF)
  asof?: string;
}

export class OrderAnswer {
  @TextField({ description: 'Id of the order.', max: 100 })
  clientOrderId!: string;

  @TextField({ description: 'Symbol.', max: 16 })
  symbol!: string;

  @TextField({ description: 'Strategy.', max: 32 })
  strategy!: string;

  @TextField({ description: 'buy or sell, or the short forms.', max: 20 })
  side!: string;

  @TextField({ description: 'entry or exit.', max: 10 })
  purpose!: string;

  @TextField({ description: 'Why it exits; null for an entry.', max: 60, nullable: true })
  exitReason!: string | null;

  @TextField({ description: 'market, limit or stop.', max: 10 })
  orderType!: string;

  @TextField({ description: 'Shares; null for an order of dollars.', max: 40, nullable: true })
  quantity!: string | null;

  @TextField({ description: 'Dollars; null for an order of shares.', max: 40, nullable: true })
  notional!: string | null;

  @TextField({ description: 'Limit price; null without one.', max: 40, nullable: true })
  limitPrice!: string | null;

  @TextField({ description: 'Stop price; null without one.', max: 40, nullable: true })
  stopPrice!: string | null;

  @TextField({ description: 'Price that the order was decided at.', max: 40 })
  referencePrice!: string;

  @TextField({
    description: 'intended, submitted, working, unresolved, filled, cancelled, rejected or expired.',
    max: 20,
  })
  stage!: string;

  @TextField({ description: 'Shares filled.', max: 40 })
  filled!: string;

  @TextField({ description: 'Average price of the fills; null without one.', max: 40, nullable: true })
  averagePrice!: string | null;

  @TextField({ description: 'Commission and fees, dollars.', max: 40 })
  fees!: string;

  @TextField({
    description: 'Dollars lost to the reference price; below zero the fills were better. Null without a fill.',
    max: 40,
    nullable: true,
  })
  slippage!: string | null;

  @TextField({ description: 'When it was decided, UTC.', max: 30 })
  intendedAt!: string;

  @TextField({ description: 'Its session; null outside one.', max: 10, nullable: true })
  sessionDate!: string | null;

  @TextField({ description: 'Id of its position.', max: 100 })
  positionId!: string;

  @TextField({ description: 'Position of its last event in the journal; opaque.', max: 60 })
  position!: string;
}

export class OrdersAnswer {
  @PartsField(() => OrderAnswer, { description: 'Newest first.', max: 200 })
  items!: readonly OrderAnswer[];

  @TextField({ description: 'Cursor for older ones; null when there are none.', max: 60, nullable: true })
  nextCursor!: string | null;
}

export class TradesAnswer {
  @PartsField(() => EventAnswer, { description: 'Closed positions as their events, newest first.', max: 200 })
  items!: readonly EventAnswer[];

  @TextField({ description: 'Cursor for older ones; null when there are none.', max: 60, nullable: true })
  nextCursor!: string | null;
}

class PostedLegAnswer {
  @TextField({ description: 'Code of the account.', max: 20 })
  account!: string;

  @TextField({ description: 'Name of the account.', min: 0, max: 200 })
  name!: string;

  @TextField({ description: 'Dollars debited.', max: 40 })
  debit!: string;

  @TextField({ description: 'Dollars credited.', max: 40 })
  credit!: string;
}

class PostedEntryAnswer {
  @TextField({ description: 'Id of the event that was posted.', max: 100 })
  eventId!: string;

  @TextField({ description: 'Id of the transaction in statements.', max: 64 })
  fitid!: string;

  @TextField({ description: 'Text of the entry.', min: 0, max: 500 })
  description!: string;

  @PartsField(() => PostedLegAnswer, { description: 'Its legs.', max: 100 })
  legs!: readonly PostedLegAnswer[];
}

export class OrderLifeAnswer {
  @PartField(() => OrderAnswer, { description: 'The order.' })
  order!: OrderAnswer;

  @PartsField(() => EventAnswer, {
    description: 'Signal, filters, gate, the events of the order and what it did to its position, in order.',
    max: 10_000,
  })
  events!: readonly EventAnswer[];

  @PartsField(() => PostedEntryAnswer, { description: 'Its entries in the ledger.', max: 10_000 })
  entries!: readonly PostedEntryAnswer[];

  @TextField({
    description: 'Position up to which the ledger has posted; null when it cannot be read or has nothing.',
    max: 60,
    nullable: true,
  })
  postedUpTo!: string | null;

  @AnyField({ description: 'Why the ledger cannot be read: message and remedy; null when it can.', nullable: true })
  ledgerFault!: object | null;
}
