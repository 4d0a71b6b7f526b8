import { AnyField, FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

export class DecisionsQueryInput extends PageQuery {
  @TextField({ description: 'The session, as YYYY-MM-DD.', max: 10, example: '2026-01-05' })
  date!: string;

  @TextField({ description: 'This symbol alone.', max: 16, optional: true, example: 'AIG' })
  symbol?: string;

  @TextField({ description: 'This strategy alone.', max: 32, optional: true, example: 'open' })
  strategy?: string;

  @TextField({
    description: 'Symbols that this rule ended.',
    max: 60,
    optional: true,
    example: 'PRICE_BELOW_MIN',
  })
  rule?: string;

  @TextField({
    description: 'Position of the journal: the record as it was then.',
    max: 60,
    optional: true,
    example: '412',
  })
  asof?: string;
}

class DecisionStepAnswer {
  @TextField({
    description: 'Kind of rule: strategy, screen, rank, signal, filter, entry, gate, order or position.',
    max: 20,
  })
  stage!: string;

  @TextField({ description: 'Code of the rule.', max: 60 })
  code!: string;

  @AnyField({ description: 'The values that were looked at, by name.' })
  figures!: object;

  @TextField({ description: 'Time of the event, UTC; null without an event.', max: 30, nullable: true })
  at!: string | null;

  @TextField({ description: 'Id of the event; null for what follows from the session.', max: 60, nullable: true })
  eventId!: string | null;

  @TextField({ description: 'Position of the event in the journal; opaque.', max: 60, nullable: true })
  position!: string | null;
}

class StrategyDecisionAnswer {
  @TextField({ description: 'The strategy.', max: 32 })
  strategy!: string;

  @TextField({ description: 'ended, running, failed, skipped or never started.', max: 20 })
  outcome!: string;

  @PartField(() => DecisionStepAnswer, { description: 'The rule that ended it.' })
  ended!: object;

  @AnyField({
    description: 'From and to when entries were possible; null for a strategy that did not start.',
    nullable: true,
  })
  entries!: object | null;
}

class DecisionAnswer {
  @TextField({ description: 'The strategy.', max: 32 })
  strategy!: string;

  @TextField({ description: 'The symbol.', max: 16 })
  symbol!: string;

  @WholeField({ description: 'Rank in the pool; null for a symbol that was not ranked.', max: 100_000, nullable: true })
  rank!: number | null;

  @FlagField({ description: 'Whether a position was opened.' })
  traded!: boolean;

  @PartField(() => DecisionStepAnswer, { description: 'The rule that ended it.' })
  ended!: object;

  @AnyField({
    description: 'Closest approach of a candidate without a signal; null when there is none.',
    nullable: true,
  })
  observed!: object | null;

  @PartsField(() => DecisionStepAnswer, { description: 'Everything that was looked at, in order.', max: 1_000 })
  steps!: readonly object[];
}

class RuleCountAnswer {
  @TextField({ description: 'Kind of rule, as in a step.', max: 20 })
  stage!: string;

  @TextField({ description: 'Code of the rule.', max: 60 })
  code!: string;

  @WholeField({ description: 'Symbols that it ended, counted for each strategy.', max: 1_000_000 })
  symbols!: number;
}

export class DecisionsAnswer {
  @TextField({ description: 'The session.', max: 10 })
  date!: string;

  @PartsField(() => StrategyDecisionAnswer, { description: 'The strategies.', max: 100 })
  strategies!: readonly object[];

  @PartsField(() => RuleCountAnswer, {
    description: 'Rules that ended the selected symbols, whatever rule is asked for; the most frequent first.',
    max: 500,
  })
  rules!: readonly object[];

  @PartsField(() => DecisionAnswer, { description: 'By strategy, then by rank, then by symbol.', max: 200 })
  items!: readonly object[];

  @TextField({ description: 'Cursor for the next rows; null at the end.', max: 500, nullable: true })
  nextCursor!: string | null;
}
