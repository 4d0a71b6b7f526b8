import { AnyField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';

/** The date of a session as a part of a path. */
export const DATE_SHAPE = /^\d{4}-\d{2}-\d{2}$/;

class ClosedDayAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @TextField({ description: 'completed, or why it ended early.', max: 60 })
  outcome!: string;
}

export class ClosedDaysAnswer {
  @PartsField(() => ClosedDayAnswer, { description: 'Closed sessions, newest first.', max: 400 })
  days!: readonly ClosedDayAnswer[];
}

class SealAnswer {
  @TextField({ description: 'Name of the seal.', max: 60 })
  sealId!: string;

  @TextField({ description: 'Last position that it covers.', max: 60 })
  position!: string;

  @WholeField({ description: 'Events that it covers.', max: Number.MAX_SAFE_INTEGER })
  count!: number;

  @TextField({ description: 'Hash of that event, which covers all before it.', max: 64 })
  hash!: string;

  @TextField({ description: 'Root of the tree of all hashes.', max: 64 })
  merkleRoot!: string;

  @TextField({ description: 'When it was signed, UTC.', max: 30 })
  sealedAt!: string;

  @TextField({ description: 'Id of its event.', max: 100 })
  eventId!: string;
}

export class DayAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @TextField({ description: 'When it was closed, UTC.', max: 30 })
  closedAt!: string;

  @TextField({ description: 'Id of the event that closed it.', max: 100 })
  eventId!: string;

  @AnyField({ description: 'The daily summary, as event-schemas/outputs/daily-summary describes it.' })
  summary!: object;

  @TextField({ description: 'SHA-256 of the file of the summary.', max: 64 })
  sha256!: string;

  @PartField(() => SealAnswer, { description: 'The seal of the day; null before it is signed.', nullable: true })
  seal!: SealAnswer | null;
}
