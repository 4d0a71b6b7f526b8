import { FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';
import { EventAnswer } from './journal.dto.js';

export class BetweenQueryInput {
  @TextField({ description: 'A position of the journal; events after it.', max: 60, example: '22' })
  after!: string;

  @TextField({ description: 'The last position; the head when left out.', max: 60, optional: true, example: '412' })
  to?: string;
}

class TypeCountAnswer {
  @TextField({ description: 'Type of the events.', max: 80 })
  type!: string;

  @WholeField({ description: 'How many there are.', max: Number.MAX_SAFE_INTEGER })
  count!: number;
}

export class BetweenAnswer {
  @PartField(() => EventAnswer, { description: 'The first event; null without one.', nullable: true })
  first!: EventAnswer | null;

  @WholeField({ description: 'Number of events that were counted.', max: Number.MAX_SAFE_INTEGER })
  count!: number;

  @FlagField({ description: 'Whether there are more than were counted.' })
  more!: boolean;

  @PartsField(() => TypeCountAnswer, { description: 'Counted events by type, most first.', max: 1_000 })
  types!: readonly TypeCountAnswer[];
}
