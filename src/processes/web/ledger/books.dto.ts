import { FlagField, PartsField, TextField, WholeField } from '../common/fields.js';

class LotAnswer {
  @TextField({ description: 'The execution that opened it.', max: 200 })
  lotId!: string;

  @TextField({ description: 'When it was opened, UTC.', max: 30 })
  openedAt!: string;

  @FlagField({ description: 'Whether that is the opening of the books, because the real day is not known.' })
  unknownSince!: boolean;

  @TextField({ description: 'Price of the execution.', max: 40 })
  price!: string;

  @TextField({ description: 'Shares left.', max: 40 })
  quantity!: string;

  @TextField({ description: 'Remaining cost, or proceeds of a short lot, dollars.', max: 40 })
  amount!: string;

  @TextField({ description: 'Position of the report that opened it.', max: 60 })
  position!: string;
}

class HoldingAnswer {
  @TextField({ description: 'Symbol.', max: 16 })
  symbol!: string;

  @TextField({ description: 'long or short.', max: 10 })
  side!: string;

  @TextField({ description: 'Shares.', max: 40 })
  quantity!: string;

  @TextField({ description: 'Cost, or proceeds of a short position, dollars.', max: 40 })
  amount!: string;

  @TextField({ description: 'Last price of a valuation; null before one.', max: 40, nullable: true })
  lastPrice!: string | null;

  @TextField({ description: 'Gain or loss at that price, dollars; null before one.', max: 40, nullable: true })
  unrealized!: string | null;

  @PartsField(() => LotAnswer, { description: 'Open lots, oldest first.', max: 100_000 })
  lots!: readonly LotAnswer[];
}

export class LotsAnswer {
  @PartsField(() => HoldingAnswer, { description: 'Positions by symbol, with their lots.', max: 10_000 })
  holdings!: readonly HoldingAnswer[];
}

class LedgerAccountAnswer {
  @TextField({ description: 'Code.', max: 20 })
  code!: string;

  @TextField({ description: 'Name.', max: 200 })
  name!: string;

  @TextField({ description: 'asset, liability, equity, income, expense or control.', max: 20 })
  type!: string;

  @TextField({ description: 'Code of the account above; null at the top.', max: 20, nullable: true })
  parent!: string | null;

  @FlagField({ description: 'Whether amounts may be posted to it.' })
  active!: boolean;

  @TextField({
    description: 'Balance on its own side, dollars; null when nothing was posted.',
    max: 40,
    nullable: true,
  })
  balance!: string | null;
}

class RuleAnswer {
  @TextField({ description: 'Event.', max: 80 })
  event!: string;

  @TextField({ description: 'Part of the event.', max: 80 })
  purpose!: string;

  @TextField({ description: 'Symbols that it is for.', max: 80 })
  symbolPattern!: string;

  @TextField({ description: 'Account that is debited.', max: 20 })
  debit!: string;

  @TextField({ description: 'Account that is credited.', max: 20 })
  credit!: string;
}

class VersionAnswer {
  @TextField({ description: 'chart or mapping.', max: 20 })
  changed!: string;

  @TextField({ description: 'Version.', max: 40 })
  version!: string;

  @TextField({ description: 'When it took effect, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Who changed it.', max: 200 })
  byName!: string;

  @TextField({ description: 'Why.', min: 0, max: 1_000 })
  reason!: string;

  @TextField({ description: 'Id of its event.', max: 100 })
  eventId!: string;

  @WholeField({ description: 'Its accounts or rules.', max: 100_000 })
  entries!: number;
}

export class ChartOfAccountsAnswer {
  @PartsField(() => LedgerAccountAnswer, { description: 'Accounts by code.', max: 10_000 })
  accounts!: readonly LedgerAccountAnswer[];

  @PartsField(() => RuleAnswer, { description: 'Rules of posting; the first that matches counts.', max: 10_000 })
  rules!: readonly RuleAnswer[];

  @PartsField(() => VersionAnswer, { description: 'Versions of both, newest first.', max: 1_000 })
  versions!: readonly VersionAnswer[];
}
