import { PartField, PartsField, TextField, WholeField } from '../common/fields.js';

class ResultsAnswer {
  @WholeField({ description: 'Closed positions.', max: Number.MAX_SAFE_INTEGER })
  trades!: number;

  @WholeField({ description: 'Those with a gain after fees.', max: Number.MAX_SAFE_INTEGER })
  wins!: number;

  @TextField({ description: 'Share of them, 0 to 1.', max: 20 })
  winRate!: string;

  @TextField({ description: 'Dollars before fees.', max: 40 })
  gross!: string;

  @TextField({ description: 'Commissions and fees, dollars.', max: 40 })
  fees!: string;

  @TextField({ description: 'Dollars after fees.', max: 40 })
  net!: string;

  @TextField({ description: 'Dollars after fees of a trade.', max: 40 })
  average!: string;
}

class ResultsOfAnswer extends ResultsAnswer {
  @TextField({ description: 'Strategy, symbol, hour of the entry in New York, or reason of the exit.', max: 60 })
  key!: string;
}

class DrawdownAnswer {
  @TextField({ description: 'Dollars, below zero.', max: 40 })
  amount!: string;

  @TextField({ description: 'Session of the highest total; null when that was the start.', max: 10, nullable: true })
  from!: string | null;

  @TextField({ description: 'Session of the lowest total.', max: 10 })
  to!: string;
}

class SessionResultAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @TextField({
    description: 'Equity when it opened, dollars; null for a day without a session.',
    max: 40,
    nullable: true,
  })
  openingEquity!: string | null;

  @WholeField({ description: 'Closed positions.', max: Number.MAX_SAFE_INTEGER })
  trades!: number;

  @TextField({ description: 'Their dollars after fees.', max: 40 })
  net!: string;

  @TextField({ description: 'Dollars after fees of all sessions up to this one.', max: 40 })
  total!: string;

  @TextField({ description: 'Dollars that the total is below its highest so far; zero or below zero.', max: 40 })
  drawdown!: string;
}

class BucketAnswer {
  @TextField({ description: 'Lower bound, dollars, in it.', max: 40 })
  from!: string;

  @TextField({ description: 'Upper bound, dollars, not in it.', max: 40 })
  to!: string;

  @WholeField({ description: 'Trades that ended in it.', max: Number.MAX_SAFE_INTEGER })
  trades!: number;
}

const MOST_ROWS = 100_000;

export class PerformanceAnswer {
  @PartField(() => ResultsAnswer, { description: 'All closed positions; null without one.', nullable: true })
  all!: ResultsAnswer | null;

  @PartField(() => DrawdownAnswer, { description: 'The deepest fall of the total; null without one.', nullable: true })
  drawdown!: DrawdownAnswer | null;

  @PartsField(() => SessionResultAnswer, { description: 'Sessions, oldest first.', max: MOST_ROWS })
  sessions!: readonly SessionResultAnswer[];

  @PartsField(() => ResultsOfAnswer, { description: 'By strategy, best first.', max: MOST_ROWS })
  strategies!: readonly ResultsOfAnswer[];

  @PartsField(() => ResultsOfAnswer, { description: 'By symbol, best first.', max: MOST_ROWS })
  symbols!: readonly ResultsOfAnswer[];

  @PartsField(() => ResultsOfAnswer, { description: 'By hour of the entry in New York.', max: 24 })
  hours!: readonly ResultsOfAnswer[];

  @PartsField(() => ResultsOfAnswer, { description: 'By reason of the exit, best first.', max: 100 })
  reasons!: readonly ResultsOfAnswer[];

  @PartsField(() => BucketAnswer, { description: 'Trades by their net result, lowest first.', max: 100 })
  distribution!: readonly BucketAnswer[];
}
