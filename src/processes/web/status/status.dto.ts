import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { AnyField, ChoiceField, FlagField, PartField, PartsField, TextField } from '../common/fields.js';

export class StateAnswer {
  @TextField({ description: 'State of the bot (RUN-10).', max: 40, example: 'idle' })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), {
    description: 'Part of its life that the state belongs to.',
    example: 'active',
  })
  stage!: BotStage;

  @FlagField({ description: 'Whether orders reach no market; null before the set-up.', nullable: true })
  simulated!: boolean | null;
}

export class HealthAnswer {
  @ChoiceField(['ok', 'degraded'], { description: 'degraded: a process is down or the bot is in error.' })
  health!: 'ok' | 'degraded';
}

class ConditionAnswer {
  @TextField({ description: 'Code, for programs.', max: 60 })
  code!: string;

  @ChoiceField(['Warning', 'Critical'], { description: 'How bad it is.' })
  severity!: 'Warning' | 'Critical';

  @TextField({ description: 'What is the case.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What a person can do.', max: 2_000 })
  remedy!: string;
}

export class ConditionsAnswer {
  @ChoiceField(['OK', 'Warning', 'Critical'], { description: 'Severity of the worst condition.' })
  overall!: 'OK' | 'Warning' | 'Critical';

  @PartsField(() => ConditionAnswer, {
    description: 'Everything that keeps the bot from being OK, worst first.',
    max: 500,
  })
  conditions!: readonly ConditionAnswer[];
}

class ClockAnswer {
  @TextField({ description: 'Time of the bot, UTC.', max: 30, example: '2026-01-06T15:30:00.000Z' })
  utc!: string;

  @TextField({ description: 'The same in words, in New York and in UTC.', max: 120 })
  text!: string;

  @TextField({ description: 'How many times faster than the clock of the machine it goes.', max: 20, example: '60' })
  speed!: string;

  @TextField({ description: 'Time of the machine, UTC.', max: 30 })
  machine!: string;
}

class NextSessionAnswer {
  @TextField({ description: 'The session that is open or ahead, in words.', max: 400 })
  text!: string;

  @TextField({ description: 'Its date; null when none is in sight.', max: 10, nullable: true })
  date!: string | null;

  @TextField({ description: 'Its open, UTC.', max: 30, nullable: true })
  opensAt!: string | null;

  @TextField({ description: 'Its close, UTC.', max: 30, nullable: true })
  closesAt!: string | null;
}

class NotTradingAnswer {
  @TextField({ description: 'Code, for programs.', max: 60 })
  code!: string;

  @TextField({ description: 'Why no position is opened now.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What a person can do.', max: 2_000 })
  remedy!: string;
}

export class BriefingAnswer {
  @TextField({ description: 'Identity of the bot; null before the set-up.', max: 120, nullable: true })
  identity!: string | null;

  @FlagField({ description: 'Whether orders reach no market; null before the set-up.', nullable: true })
  simulated!: boolean | null;

  @PartField(() => ClockAnswer, {
    description: 'Its time; null while the main process does not answer.',
    nullable: true,
  })
  clock!: object | null;

  @PartField(() => NextSessionAnswer, { description: 'When it trades next.' })
  nextSession!: object;

  @PartsField(() => NotTradingAnswer, {
    description: 'Why no position is opened now, most important first; empty while entries are possible.',
    max: 500,
  })
  notTrading!: readonly object[];
}

/** The members that are always there; the schema of the file has them all. */
export class StatusAnswer {
  @AnyField({ description: 'Last event that the file shows.' })
  as_of!: object;

  @AnyField({ description: 'OK, Warning or Critical, with reasons.' })
  overall!: object;
}
