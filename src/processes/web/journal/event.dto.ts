import { MOST_EFFECTS } from '../../../app/web-queries/one-event.js';
import { FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';
import { EventAnswer } from './journal.dto.js';

export class EventQueryInput {
  @TextField({ description: 'Position of the event in the journal.', max: 60, example: '412' })
  at!: string;
}

class RelatedEventAnswer {
  @TextField({ description: 'Position in the journal.', max: 60 })
  position!: string;

  @TextField({ description: 'Id.', max: 100 })
  id!: string;

  @TextField({ description: 'Type.', max: 60 })
  type!: string;

  @TextField({ description: 'Time of the event, UTC.', max: 30 })
  occurredAt!: string;

  @TextField({ description: 'What happened, in one line.', min: 0, max: 1_000 })
  text!: string;
}

class CoveringSealAnswer {
  @TextField({ description: 'Id of the seal: the date of the session, or at-<position>.', max: 100 })
  sealId!: string;

  @TextField({ description: 'Position of the event of the seal.', max: 60 })
  position!: string;

  @TextField({ description: 'Last position that it covers.', max: 60 })
  upTo!: string;

  @WholeField({ description: 'Events that it covers.', max: Number.MAX_SAFE_INTEGER })
  count!: number;

  @TextField({ description: 'Time of sealing, UTC.', max: 30 })
  sealedAt!: string;
}

export class OneEventAnswer {
  @PartField(() => EventAnswer, { description: 'The event.' })
  event!: EventAnswer;

  @TextField({ description: 'What happened, in one line.', min: 0, max: 1_000 })
  text!: string;

  @TextField({ description: 'Name of the user who did it, or the actor itself.', max: 120 })
  actorName!: string;

  @TextField({ description: 'Hash of the event before in its chain, as this event has it.', max: 64 })
  prevHash!: string;

  @TextField({ description: 'SHA-256 of the hash before and the stored text, computed for this answer.', max: 64 })
  computedHash!: string;

  @FlagField({
    description: 'Whether the computed hash is the stored one, and the hash before that of the event before.',
  })
  intact!: boolean;

  @PartField(() => RelatedEventAnswer, {
    description: 'The event that caused it; null without one, and when it is too far back.',
    nullable: true,
  })
  cause!: RelatedEventAnswer | null;

  @TextField({ description: 'Id of the event that caused it; null without one.', max: 100, nullable: true })
  causeId!: string | null;

  @PartsField(() => RelatedEventAnswer, { description: 'Events that it caused, in their order.', max: MOST_EFFECTS })
  effects!: readonly RelatedEventAnswer[];

  @WholeField({ description: 'How many events before and after it were looked through for these.', max: 100_000 })
  lookedAt!: number;

  @PartField(() => CoveringSealAnswer, {
    description: 'The first seal that covers it; null while none does.',
    nullable: true,
  })
  seal!: CoveringSealAnswer | null;

  @TextField({
    description: 'Position of the event before that the user may read; null at the first.',
    max: 60,
    nullable: true,
  })
  before!: string | null;

  @TextField({ description: 'Position of the next one; null at the head.', max: 60, nullable: true })
  after!: string | null;
}

class VerifiedAnswer {
  @TextField({ description: 'Last position that was verified.', max: 60 })
  position!: string;

  @TextField({ description: 'When, UTC.', max: 30 })
  at!: string;
}

class LastSealAnswer extends VerifiedAnswer {
  @TextField({ description: 'Id of the seal.', max: 100 })
  sealId!: string;

  @TextField({ description: 'Position of the event of the seal.', max: 60 })
  event!: string;
}

export class JournalStateAnswer {
  @TextField({ description: 'Position of the last event; null for an empty journal.', max: 60, nullable: true })
  head!: string | null;

  @WholeField({ description: 'Events in the journal.', max: Number.MAX_SAFE_INTEGER })
  count!: number;

  @PartField(() => VerifiedAnswer, {
    description: 'How far the hash chain was last verified, by a seal or by the verification of the bot; null before.',
    nullable: true,
  })
  verified!: VerifiedAnswer | null;

  @PartField(() => LastSealAnswer, { description: 'The newest seal; null before the first.', nullable: true })
  seal!: LastSealAnswer | null;
}
