import { AnyField, FlagField, PartField, PartsField, TextField, TextsField, WholeField } from '../common/fields.js';

/** Contributions, events and postings of an answer, at most; the command line has all. */
export const MOST_PARTS = 200;

export class ExplainQueryInput {
  @TextField({
    description: 'An id, or a figure such as equity, fees:2026-01-05 or position:AIG.',
    max: 200,
    example: 'equity',
  })
  subject!: string;

  @TextField({
    ...{ description: 'A position of the journal: as it was there. Left out: now.', max: 60, optional: true },
    example: '412',
  })
  asof?: string;
}

class ContributionAnswer {
  @TextField({ description: 'Its time, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'What it added.', max: 200 })
  amount!: string;

  @TextField({ description: 'The figure after it.', max: 200 })
  total!: string;

  @TextField({ description: 'What it was.', max: 2_000 })
  description!: string;

  @TextField({ description: 'What to ask for next.', max: 200 })
  subject!: string;

  @TextField({ description: 'Id of its event.', max: 100 })
  eventId!: string;
}

class FigureAnswer {
  @TextField({ description: 'Name.', max: 200 })
  name!: string;

  @TextField({ description: 'Value, exact.', max: 400 })
  value!: string;

  @TextField({ description: 'How the value is made of its parts, in words.', max: 2_000 })
  formula!: string;

  @PartsField(() => ContributionAnswer, { description: 'Its last parts, oldest first.', max: MOST_PARTS })
  contributions!: readonly ContributionAnswer[];

  @FlagField({ description: 'Whether a second source gives the same value; null without one.', nullable: true })
  agrees!: boolean | null;
}

class ExplainedEventAnswer {
  @TextField({ description: 'Position in the journal; opaque.', max: 60 })
  position!: string;

  @TextField({ description: 'Type.', max: 60 })
  type!: string;

  @TextField({ description: 'Id.', max: 100 })
  eventId!: string;

  @TextField({ description: 'Time of the event, UTC.', max: 30 })
  occurredAt!: string;

  @TextField({ description: 'What happened.', max: 2_000 })
  text!: string;

  @FlagField({ description: 'Whether GET /api/journal/events/:id/frame has the message that it was made from.' })
  hasFrame!: boolean;
}

export class ExplainAnswer {
  @TextField({ description: 'What was asked for.', max: 200 })
  subject!: string;

  @PartField(() => FigureAnswer, { description: 'The figure; null for an event, order or posting.', nullable: true })
  figure!: object | null;

  @WholeField({
    description: 'Parts and events that are not shown; tradebot explain has all.',
    max: Number.MAX_SAFE_INTEGER,
  })
  leftOut!: number;

  @PartsField(() => ExplainedEventAnswer, { description: 'The events behind it, oldest first.', max: MOST_PARTS })
  events!: readonly ExplainedEventAnswer[];

  @AnyField({ description: 'Postings in the ledger, with their legs.' })
  postings!: object;
}

class ExplainFieldAnswer {
  @TextField({ description: 'Field of the status, by its path.', max: 100 })
  field!: string;

  @TextField({
    description:
      'What to ask for; D is the session, S a symbol, X a strategy, K a setting. Null for what is no figure.',
    max: 60,
    nullable: true,
  })
  subject!: string | null;

  @TextField({ description: 'The same for a person: a command, or what the field is.', max: 300 })
  text!: string;

  @TextsField({
    ...{ description: 'Types of the events that a field without a question shows as they are.', max: 40, each: 60 },
  })
  events!: readonly string[];
}

export class ExplainFieldsAnswer {
  @PartsField(() => ExplainFieldAnswer, { description: 'The fields.', max: 500 })
  fields!: readonly ExplainFieldAnswer[];
}
