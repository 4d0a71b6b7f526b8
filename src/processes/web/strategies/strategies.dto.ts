import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import { PartsField, RecordField, TextField, WholeField } from '../common/fields.js';

const MOST_ROWS = 5_000;

class OwnStrategyAnswer {
  @TextField({ description: 'Name: that of its folder.', max: 40 })
  name!: string;

  @TextField({ description: 'What its module says of itself.', max: 300 })
  description!: string;

  @TextField({ description: 'Its module, below the home.', max: 300 })
  file!: string;

  @TextField({ description: 'SHA-256 of the text of the module.', max: 64 })
  sha256!: string;
}

class RefusedStrategyAnswer {
  @TextField({ description: 'Name of the folder.', max: 80 })
  name!: string;

  @TextField({ description: 'File and line, below the home.', max: 300 })
  where!: string;

  @TextField({ description: 'What is wrong there.', max: 4_000 })
  cause!: string;

  @TextField({ description: 'What to do about it.', max: 1_000 })
  remedy!: string;
}

export class OwnStrategiesAnswer {
  @PartsField(() => OwnStrategyAnswer, { description: 'Own strategies that can run, by name.', max: MOST_ROWS })
  strategies!: readonly OwnStrategyAnswer[];

  @PartsField(() => RefusedStrategyAnswer, {
    description: 'Own strategies that were refused, by name.',
    max: MOST_ROWS,
  })
  refused!: readonly RefusedStrategyAnswer[];
}

class TickerAnswer {
  @TextField({ description: 'The symbol.', max: 16 })
  symbol!: string;

  @WholeField({ description: 'Its trades.', min: 0, max: Number.MAX_SAFE_INTEGER })
  trades!: number;
}

class TuningRowAnswer {
  @TextField({ description: 'The strategy.', max: 40 })
  strategy!: string;

  @TextField({ description: 'The setting.', max: 80 })
  parameter!: string;

  @TextField({ description: 'Its value.', max: 300 })
  value!: string;

  @WholeField({ description: 'Sessions that began with it.', min: 0, max: Number.MAX_SAFE_INTEGER })
  sessions!: number;

  @WholeField({ description: 'Trades.', min: 0, max: Number.MAX_SAFE_INTEGER })
  trades!: number;

  @TextField({ description: 'Share of trades with a gain after fees; null without a trade.', max: 20, nullable: true })
  winRate!: string | null;

  @TextField({ description: 'Dollars after fees of all trades.', max: 40 })
  netPnl!: string;

  @TextField({ description: 'Dollars after fees of a trade; null without one.', max: 40, nullable: true })
  averagePnl!: string | null;

  @TextField({ description: 'Minutes of a trade; null without one.', max: 40, nullable: true })
  averageMinutes!: string | null;

  @WholeField({ description: 'Entries that a filter or the risk gate blocked.', min: 0, max: Number.MAX_SAFE_INTEGER })
  blocked!: number;

  @WholeField({
    description: 'Candidates that were not traded for another reason.',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  rejected!: number;

  @PartsField(() => TickerAnswer, { description: 'The symbols that were traded most.', max: 5 })
  tickers!: readonly TickerAnswer[];
}

export class TuningAnswer {
  @PartsField(() => TuningRowAnswer, { description: 'By strategy, setting and value.', max: MOST_ROWS })
  rows!: readonly TuningRowAnswer[];
}

export class InverseEtfsAnswer {
  @WholeField({ description: 'Version of the list; 0 before there is one.', min: 0, max: Number.MAX_SAFE_INTEGER })
  version!: number;

  @RecordField({ description: 'ETF by symbol.', max: 500, each: 16 })
  entries!: Readonly<Record<string, string>>;

  @TextField({ description: 'When it was changed, UTC; null before there is one.', max: 30, nullable: true })
  changedAt!: string | null;

  @TextField({ description: 'Who changed it; null before there is one.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'Why it was changed; null before there is one.', max: 500, nullable: true })
  reason!: string | null;
}

export class InverseEtfsInput {
  @TextField({ description: 'Version of the list that this one replaces.', max: 20, example: '0' })
  version!: string;

  @RecordField({ description: 'The whole list: ETF by symbol.', max: 500, each: 16, example: { SPY: 'SH' } })
  entries!: Readonly<Record<string, string>>;

  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'SPY through SH',
  })
  reason!: string;
}

export class InverseEtfsSavedAnswer {
  @WholeField({ description: 'Version of the list in force.', min: 0, max: Number.MAX_SAFE_INTEGER })
  version!: number;
}
