import { TAKES, type Take } from '../../../trading/reconciliation/resolve-mismatch.js';
import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import { ChoiceField, FlagField, PartsField, TextField } from '../common/fields.js';

class MismatchAnswer {
  @TextField({ description: 'Id of the difference.', max: 40 })
  mismatchId!: string;

  @TextField({ description: 'cash or position.', max: 20 })
  subject!: string;

  @TextField({ description: 'Kind of the difference.', max: 40 })
  kind!: string;

  @TextField({ description: 'The symbol, or the name at the broker; null for cash.', max: 80, nullable: true })
  symbol!: string | null;

  @TextField({ description: 'Dollars or shares according to the books.', max: 60 })
  books!: string;

  @TextField({ description: 'Dollars or shares according to the broker.', max: 60 })
  broker!: string;

  @TextField({ description: 'Broker minus books.', max: 60 })
  difference!: string;

  @TextField({ description: 'When it was found, UTC.', max: 30 })
  foundAt!: string;

  @TextField({ description: 'The difference as a sentence.', max: 500 })
  text!: string;
}

export class MismatchesAnswer {
  @TextField({
    description: 'Last comparison with an answer of the broker, UTC; null before.',
    max: 30,
    nullable: true,
  })
  comparedAt!: string | null;

  @TextField({
    description: 'Since when they could not be compared, UTC; null when they could.',
    max: 30,
    nullable: true,
  })
  unknownSince!: string | null;

  @PartsField(() => MismatchAnswer, { description: 'Open differences, oldest first.', max: 1_000 })
  mismatches!: readonly MismatchAnswer[];
}

export class ResolveInput {
  @TextField({ description: 'The difference.', max: 40, example: 'BM-1' })
  mismatchId!: string;

  @ChoiceField(TAKES, {
    description:
      'broker: an entry makes the books equal the broker. books: the broker will follow. entry: an entry or activity explains it. split: the shares were split, at the same cost.',
    example: 'broker',
  })
  take!: Take;

  @TextField({ description: 'With broker: dollars per share.', max: 40, optional: true, example: '49.36' })
  price?: string;

  @TextField({
    description: 'With broker: cash when the shares were paid, or an account; the opening balance when left out.',
    max: 40,
    optional: true,
    example: 'cash',
  })
  against?: string;

  @TextField({ description: 'With entry: what explains it.', max: 120, optional: true, example: 'AE-7' })
  entryId?: string;

  @TextField({
    description: 'With books: when the broker must have followed; a day from now when left out.',
    max: 30,
    optional: true,
    example: '2026-11-21T20:00:00.000Z',
  })
  until?: string;

  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'bought by hand',
  })
  reason!: string;
}

export class ResolvedAnswer {
  @TextField({ description: 'The difference.', max: 40 })
  mismatchId!: string;

  @ChoiceField(TAKES, { description: 'How it was resolved.' })
  take!: Take;

  @TextField({
    description: 'The entry that was booked or named; null when the broker will follow.',
    max: 120,
    nullable: true,
  })
  entryId!: string | null;

  @TextField({
    description: 'When it comes back unless the broker has followed, UTC; null for an entry.',
    max: 30,
    nullable: true,
  })
  expiresAt!: string | null;

  @FlagField({ description: 'Whether an earlier request had resolved it.' })
  repeated!: boolean;
}
