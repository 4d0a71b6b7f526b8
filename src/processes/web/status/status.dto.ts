import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { ChoiceField, AnyField, PartsField, TextField } from '../common/fields.js';

export class StateAnswer {
  @TextField({ description: 'State of the bot (RUN-10).', max: 40, example: 'idle' })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), {
    description: 'Part of its life that the state belongs to.',
    example: 'active',
  })
  stage!: BotStage;
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

/** The members that are always there; the schema of the file has them all. */
export class StatusAnswer {
  @AnyField({ description: 'Last event that the file shows.' })
  as_of!: object;

  @AnyField({ description: 'OK, Warning or Critical, with reasons.' })
  overall!: object;
}
