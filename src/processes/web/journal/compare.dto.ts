import { FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';
import { EventAnswer } from './journal.dto.js';

const DAY = { pattern: /^\d{4}-\d{2}-\d{2}$/, patternDescription: 'a day such as 2026-01-05' } as const;
const MOST = Number.MAX_SAFE_INTEGER;

export class CompareSessionsQueryInput {
  @TextField({ description: 'Date of a session.', max: 10, example: '2026-01-05', ...DAY })
  a!: string;

  @TextField({ description: 'Date of another.', max: 10, example: '2026-01-06', ...DAY })
  b!: string;
}

export class CompareSettingsQueryInput {
  @TextField({
    description: 'A position of the journal; the set-up when left out.',
    max: 60,
    optional: true,
    example: '22',
  })
  a?: string;

  @TextField({ description: 'Another; the head when left out.', max: 60, optional: true, example: '412' })
  b?: string;
}

class ComparedSessionAnswer {
  @TextField({ description: 'Date of the session.', max: 10 })
  date!: string;

  @TextField({ description: 'Position of the event that opened it.', max: 60 })
  position!: string;

  @TextField({ description: 'completed, halted or unfinished.', max: 20 })
  outcome!: string;

  @WholeField({ description: 'Signals.', max: MOST })
  signals!: number;

  @WholeField({ description: 'Candidates that were not traded.', max: MOST })
  notTraded!: number;

  @WholeField({ description: 'Orders.', max: MOST })
  orders!: number;

  @WholeField({ description: 'Fills.', max: MOST })
  fills!: number;

  @WholeField({ description: 'Closed positions.', max: MOST })
  trades!: number;

  @TextField({ description: 'Their dollars before fees.', max: 40 })
  grossPnl!: string;

  @TextField({ description: 'Their fees, dollars.', max: 40 })
  fees!: string;

  @TextField({ description: 'Their dollars after fees.', max: 40 })
  netPnl!: string;
}

class FirstDifferenceAnswer {
  @PartField(() => EventAnswer, { description: 'The event of the first session; null without one.', nullable: true })
  a!: EventAnswer | null;

  @PartField(() => EventAnswer, { description: 'The event of the second session; null without one.', nullable: true })
  b!: EventAnswer | null;
}

export class SessionsComparedAnswer {
  @PartField(() => ComparedSessionAnswer, { description: 'The first session.' })
  a!: ComparedSessionAnswer;

  @PartField(() => ComparedSessionAnswer, { description: 'The second session.' })
  b!: ComparedSessionAnswer;

  @PartField(() => FirstDifferenceAnswer, {
    description: 'The first decision or execution that differs, apart from dates and ids; null when none does.',
    nullable: true,
  })
  first!: FirstDifferenceAnswer | null;

  @WholeField({ description: 'Decisions and executions that were equal before it.', max: MOST })
  equal!: number;
}

class SettingComparedAnswer {
  @TextField({ description: 'Key of the setting.', max: 80 })
  key!: string;

  @TextField({ description: 'Value at the first position; null where not set, or secret.', max: 2_000, nullable: true })
  a!: string | null;

  @TextField({
    description: 'Value at the second position; null where not set, or secret.',
    max: 2_000,
    nullable: true,
  })
  b!: string | null;

  @FlagField({ description: 'Whether its values are withheld.' })
  secret!: boolean;

  @PartField(() => EventAnswer, { description: 'The change that made its later value.' })
  event!: EventAnswer;
}

export class SettingsComparedAnswer {
  @PartsField(() => SettingComparedAnswer, { description: 'Settings that differ, by key.', max: 10_000 })
  changed!: readonly SettingComparedAnswer[];

  @WholeField({ description: 'Settings that were compared.', max: MOST })
  all!: number;

  @PartField(() => EventAnswer, {
    description: 'The first change that matters; null when none differs.',
    nullable: true,
  })
  first!: EventAnswer | null;
}
