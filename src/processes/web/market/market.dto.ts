import { ChoiceField, FlagField, PartField, PartsField, TextField, TextsField, WholeField } from '../common/fields.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ASOF = {
  ...{ description: 'A position of the journal: as it was there. Left out: now.', max: 60, optional: true },
  example: '412',
} as const;

export class ChartQueryInput {
  @TextField({
    ...{ description: 'Date of the session.', max: 10, example: '2026-01-05' },
    ...{ pattern: DAY, patternDescription: 'a day such as 2026-01-05' },
  })
  date!: string;

  @TextField({
    description: 'The symbol; the first one with a trade when left out.',
    max: 16,
    optional: true,
    example: 'AIG',
  })
  symbol?: string;

  @TextField(ASOF)
  asof?: string;
}

export class DaysQueryInput {
  @TextField(ASOF)
  asof?: string;
}

class RecordedDayAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @FlagField({ description: 'Whether the session is not closed yet.' })
  open!: boolean;
}

export class RecordedDaysAnswer {
  @PartsField(() => RecordedDayAnswer, { description: 'Sessions with recorded market data, newest first.', max: 400 })
  days!: readonly RecordedDayAnswer[];
}

class BarAnswer {
  @TextField({ description: 'Start of the minute, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Price at its start.', max: 20 })
  open!: string;

  @TextField({ description: 'Highest price.', max: 20 })
  high!: string;

  @TextField({ description: 'Lowest price.', max: 20 })
  low!: string;

  @TextField({ description: 'Price at its end.', max: 20 })
  close!: string;

  @WholeField({ description: 'Shares.', max: Number.MAX_SAFE_INTEGER })
  volume!: number;

  @TextField({
    description: 'Volume-weighted average price of the session so far; null without a trade.',
    max: 20,
    nullable: true,
  })
  vwap!: string | null;
}

class SpanAnswer {
  @TextField({ description: 'Begin, UTC.', max: 30 })
  from!: string;

  @TextField({ description: 'End, UTC.', max: 30 })
  to!: string;
}

class RangeAnswer extends SpanAnswer {
  @TextField({ description: 'Highest price of the opening range.', max: 20 })
  high!: string;

  @TextField({ description: 'Lowest price of the opening range.', max: 20 })
  low!: string;

  @TextField({ description: 'Id of the decision that names it.', max: 100 })
  eventId!: string;
}

class MarkAnswer {
  @ChoiceField(['signal', 'entry', 'exit'], { description: 'What happened.' })
  kind!: 'signal' | 'entry' | 'exit';

  @TextField({ description: 'When, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Price.', max: 40 })
  price!: string;

  @TextField({ description: 'Shares of a fill; null for a signal.', max: 40, nullable: true })
  quantity!: string | null;

  @TextField({ description: 'buy or sell of a fill, long or short of a signal.', max: 20 })
  side!: string;

  @TextField({ description: 'Strategy.', max: 32 })
  strategy!: string;

  @TextField({ description: 'Order of a fill; null for a signal.', max: 100, nullable: true })
  clientOrderId!: string | null;

  @TextField({ description: 'Id of the event.', max: 100 })
  eventId!: string;
}

class StopAnswer {
  @TextField({ description: 'Since when, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Stop price; null when the position is closed.', max: 40, nullable: true })
  stop!: string | null;

  @TextField({ description: 'Strategy.', max: 32 })
  strategy!: string;

  @TextField({ description: 'Id of the event.', max: 100 })
  eventId!: string;
}

export class ChartAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @TextField({ description: 'The symbol.', max: 16 })
  symbol!: string;

  @TextsField({ description: 'Symbols with recorded data in the session.', max: 20_000, each: 16 })
  symbols!: readonly string[];

  @TextsField({ description: 'Those of them that the bot traded.', max: 20_000, each: 16 })
  traded!: readonly string[];

  @PartsField(() => BarAnswer, { description: 'Minutes, oldest first.', max: 2_000 })
  bars!: readonly BarAnswer[];

  @PartsField(() => SpanAnswer, { description: 'When it was halted.', max: 2_000 })
  halts!: readonly SpanAnswer[];

  @PartField(() => RangeAnswer, { description: 'Opening range; null when no decision names one.', nullable: true })
  range!: RangeAnswer | null;

  @PartsField(() => MarkAnswer, { description: 'Signals and fills.', max: 100_000 })
  marks!: readonly MarkAnswer[];

  @PartsField(() => StopAnswer, { description: 'Stops, each until the next one of its strategy.', max: 100_000 })
  stops!: readonly StopAnswer[];
}

export class UniverseBuildAnswer {
  @ChoiceField(['begun'], { description: 'A worker builds it now.' })
  state!: 'begun';
}

export class UniverseWhyQueryInput {
  @TextField({ description: 'The symbol, in any case.', max: 16, example: 'AIG' })
  symbol!: string;
}

class UniverseRuleAnswer {
  @TextField({ description: 'Name of the rule.', max: 20 })
  rule!: string;

  @FlagField({ description: 'Whether it holds.' })
  ok!: boolean;

  @TextField({ description: 'Code of its failure; empty when it holds.', max: 40 })
  code!: string;

  @TextField({ description: 'What the providers say of the symbol.', max: 400 })
  value!: string;

  @TextField({ description: 'What the settings want.', max: 400 })
  limit!: string;
}

export class UniverseWhyAnswer {
  @TextField({ description: 'Session before the build.', max: 10 })
  date!: string;

  @TextField({ description: 'The symbol.', max: 16 })
  symbol!: string;

  @FlagField({ description: 'Whether a provider of the build lists it.' })
  listed!: boolean;

  @FlagField({ description: 'Whether it is in the universe.' })
  chosen!: boolean;

  @WholeField({
    description: 'Rank by the dollars traded, 1 is the most; null for one that fails another rule.',
    ...{ max: 1_000_000, nullable: true },
  })
  rank!: number | null;

  @TextField({ description: 'Code of the first rule that fails; null when it is in.', max: 40, nullable: true })
  excludedBy!: string | null;

  @PartsField(() => UniverseRuleAnswer, { description: 'The rules, in the order in which they decide.', max: 20 })
  rules!: readonly UniverseRuleAnswer[];
}
