import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { ChoiceField, AnyField, TextField } from '../common/fields.js';

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

/** The members that are always there; the schema of the file has them all. */
export class StatusAnswer {
  @AnyField({ description: 'Last event that the file shows.' })
  as_of!: object;

  @AnyField({ description: 'OK, Warning or Critical, with reasons.' })
  overall!: object;
}
