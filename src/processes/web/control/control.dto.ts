import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { ChoiceField, FlagField, PartField, PartsField, TextField, TextsField } from '../common/fields.js';

export class KillInput {
  @ChoiceField(['KILL'], { description: 'The word KILL: nobody kills by a slip.', example: 'KILL' })
  confirm!: string;
}

export class FlagAnswer {
  @TextField({ description: 'The flag that main will find.', max: 100 })
  flag!: string;

  @TextField({ description: 'Address that tells what comes of it.', max: 100 })
  look!: string;
}

class CommandAnswer {
  @FlagField({ description: 'Whether the state of the bot allows it.' })
  allowed!: boolean;

  @TextField({ description: 'Why not; empty when it is allowed.', min: 0, max: 500 })
  reason!: string;
}

class CommandsAnswer {
  @PartField(() => CommandAnswer, { description: 'Start a bot that stands still.' })
  start!: CommandAnswer;

  @PartField(() => CommandAnswer, { description: 'Close positions in order, then stop.' })
  stop!: CommandAnswer;

  @PartField(() => CommandAnswer, { description: 'Cancel and close everything at once.' })
  kill!: CommandAnswer;
}

export class FlagOutcomeAnswer {
  @TextField({ description: 'UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Name of the flag.', max: 100 })
  flag!: string;

  @TextField({ description: 'start, stop, kill, test; empty for a file that was no flag.', min: 0, max: 20 })
  command!: string;

  @TextField({ description: 'User; null when a person touched the file.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'Name of the user; null when a person touched the file.', max: 100, nullable: true })
  byName!: string | null;

  @ChoiceField(['obeyed', 'refused', 'reported'], { description: 'What came of it.' })
  outcome!: string;

  @TextField({ description: 'Why, or what was begun.', min: 0, max: 2_000 })
  reason!: string;
}

class FailureAnswer {
  @TextField({ description: 'What failed its check.', max: 200 })
  module!: string;

  @TextField({ description: 'Why.', min: 0, max: 2_000 })
  cause!: string;

  @TextField({ description: 'What to do.', min: 0, max: 2_000 })
  remedy!: string;
}

export class ControlAnswer {
  @TextField({ description: 'State of the bot (RUN-10).', max: 40 })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), {
    description: 'Part of its life that the state belongs to.',
    example: 'active',
  })
  stage!: BotStage;

  @TextField({ description: 'State before; null at the beginning.', max: 40, nullable: true })
  from!: string | null;

  @TextField({ description: 'Why it changed.', min: 0, max: 2_000 })
  reason!: string;

  @TextField({ description: 'Since when, UTC.', max: 30, nullable: true })
  since!: string | null;

  @PartField(() => CommandsAnswer, { description: 'What may be asked for now.' })
  commands!: CommandsAnswer;

  @PartsField(() => FlagOutcomeAnswer, { description: 'What became of the last flags, newest first.', max: 10 })
  flags!: readonly FlagOutcomeAnswer[];

  @PartsField(() => FailureAnswer, { description: 'Checks that failed, while the bot is in error.', max: 200 })
  failures!: readonly FailureAnswer[];

  @TextsField({ description: 'What this user should know about the safety of the bot.', max: 10, each: 2_000 })
  warnings!: readonly string[];
}
