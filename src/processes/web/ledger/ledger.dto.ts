import { ENTRY_ORDERS, type EntryOrder } from '../../../../projections/ledger/entry-page.js';
import { TRANSACTION_TYPES, type TransactionType } from '../../../domain/accounting/types.js';
import { ChoiceField, FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ASOF = {
  ...{ description: 'A position of the journal: as it was there. Left out: now.', max: 60, optional: true },
  example: '412',
} as const;
const dayOf = (description: string) =>
  ({
    ...{ description, max: 10, optional: true, example: '2026-01-05' },
    ...{ pattern: DAY, patternDescription: 'a day such as 2026-01-05' },
  }) as const;

export class EntriesQueryInput extends PageQuery {
  @ChoiceField(ENTRY_ORDERS, { description: 'By booking, or by the effect on cash.', optional: true })
  order?: EntryOrder;

  @TextField({ description: 'This symbol alone.', max: 16, optional: true, example: 'AIG' })
  symbol?: string;

  @TextField({ description: 'This strategy alone.', max: 32, optional: true, example: 'open' })
  strategy?: string;

  @ChoiceField(TRANSACTION_TYPES, { description: 'This type alone.', optional: true })
  type?: TransactionType;

  @TextField({
    ...{ description: 'Entries with a leg on this account.', max: 4, optional: true },
    ...{ pattern: /^\d{4}$/, patternDescription: 'a code of four digits' },
  })
  account?: string;

  @TextField({ description: 'A part of the description.', max: 80, optional: true, example: 'dividend' })
  text?: string;

  @TextField(dayOf('First day, UTC.'))
  from?: string;

  @TextField(dayOf('Last day, UTC.'))
  to?: string;

  @TextField(ASOF)
  asof?: string;
}

export class MomentQueryInput {
  @TextField(ASOF)
  asof?: string;
}

class LegAnswer {
  @TextField({ description: 'Code of the account.', max: 20 })
  account!: string;

  @TextField({ description: 'Name of the account.', min: 0, max: 200 })
  name!: string;

  @TextField({ description: 'Dollars debited; null for a credit.', max: 40, nullable: true })
  debit!: string | null;

  @TextField({ description: 'Dollars credited; null for a debit.', max: 40, nullable: true })
  credit!: string | null;

  @TextField({ description: 'Shares that it moves; null for none.', max: 40, nullable: true })
  quantity!: string | null;
}

export class EntryAnswer {
  @TextField({ description: 'Id of the transaction in statements.', max: 64 })
  fitid!: string;

  @TextField({ description: 'When it happened, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Type, such as BUY or DIVIDEND.', max: 20 })
  type!: string;

  @TextField({ description: 'Text of the entry.', min: 0, max: 500 })
  description!: string;

  @TextField({ description: 'Symbol; null without one.', max: 16, nullable: true })
  symbol!: string | null;

  @TextField({ description: 'Strategy; null without one.', max: 32, nullable: true })
  strategy!: string | null;

  @TextField({ description: 'Shares; null when none moved.', max: 40, nullable: true })
  quantity!: string | null;

  @TextField({ description: 'Price a share; null when none moved.', max: 40, nullable: true })
  price!: string | null;

  @TextField({ description: 'Commission and fee, dollars.', max: 40 })
  charges!: string;

  @TextField({ description: 'Effect on cash, dollars; below zero was spent.', max: 40 })
  amount!: string;

  @TextField({ description: 'Order of a trade; null without one.', max: 100, nullable: true })
  clientOrderId!: string | null;

  @TextField({ description: 'Id of the event that was posted.', max: 100 })
  eventId!: string;

  @FlagField({ description: 'Whether it reverses an earlier entry.' })
  reverses!: boolean;

  @PartsField(() => LegAnswer, { description: 'Its legs, in order.', max: 1_000 })
  legs!: readonly LegAnswer[];
}

export class EntriesAnswer {
  @PartsField(() => EntryAnswer, { description: 'Entries in the order asked for.', max: 200 })
  items!: readonly EntryAnswer[];

  @TextField({
    description: 'Cursor of the next page, also after a page without entries; null when all were looked at.',
    max: 500,
    nullable: true,
  })
  nextCursor!: string | null;

  @WholeField({ description: 'Entries looked at so far.', max: Number.MAX_SAFE_INTEGER })
  examined!: number;

  @WholeField({ description: 'Entries to look at.', max: Number.MAX_SAFE_INTEGER })
  all!: number;
}

class BalanceAnswer {
  @TextField({ description: 'Code of the account.', max: 20 })
  code!: string;

  @TextField({ description: 'Name of the account.', max: 200 })
  name!: string;

  @TextField({ description: 'asset, liability, equity, income, expense or control.', max: 20 })
  type!: string;

  @TextField({ description: 'Debit balance, dollars; null for a credit balance.', max: 40, nullable: true })
  debit!: string | null;

  @TextField({ description: 'Credit balance, dollars; null for a debit balance.', max: 40, nullable: true })
  credit!: string | null;
}

class BookFiguresAnswer {
  @TextField({ description: 'Assets less liabilities, positions at cost, dollars.', max: 40 })
  equity!: string;

  @TextField({ description: 'Cash at the broker, dollars.', max: 40 })
  cash!: string;

  @TextField({ description: 'Balances of the asset accounts, dollars.', max: 40 })
  assets!: string;

  @TextField({ description: 'Balances of the liability accounts, dollars.', max: 40 })
  liabilities!: string;

  @TextField({ description: 'Income less expenses, dollars.', max: 40 })
  result!: string;
}

export class BalancesAnswer {
  @PartsField(() => BalanceAnswer, { description: 'Accounts with a balance, by code.', max: 10_000 })
  rows!: readonly BalanceAnswer[];

  @TextField({ description: 'Sum of the debit balances, dollars.', max: 40 })
  debit!: string;

  @TextField({ description: 'Sum of the credit balances, dollars.', max: 40 })
  credit!: string;

  @FlagField({ description: 'Whether both sums are equal.' })
  balanced!: boolean;

  @PartField(() => BookFiguresAnswer, { description: 'Figures of the books.' })
  figures!: BookFiguresAnswer;

  @TextField({ description: 'Position up to which the ledger has posted; null for nothing.', max: 60, nullable: true })
  postedUpTo!: string | null;
}
