import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { ChoiceField, FlagField, PartField, PartsField, TextField, TextsField } from '../common/fields.js';

export class KillInput {
  @ChoiceField(['KILL'], { says: 'The word KILL: nobody kills by a slip.', example: 'KILL' })
  confirm!: string;
}

export class FlagAnswer {
  @TextField({ says: 'The flag that main will find.', max: 100 })
  flag!: string;

  @TextField({ says: 'Address that tells what comes of it.', max: 100 })
  look!: string;
}

class CommandAnswer {
  @FlagField({ says: 'Whether the state of the bot allows it.' })
  allowed!: boolean;

  @TextField({ says: 'Why not; empty when it is allowed.', min: 0, max: 500 })
  reason!: string;
}

class CommandsAnswer {
  @PartField(() => CommandAnswer, { says: 'Start a bot that stands still.' })
  start!: CommandAnswer;

  @PartField(() => CommandAnswer, { says: 'Close positions in order, then stop.' })
  stop!: CommandAnswer;

  @PartField(() => CommandAnswer, { says: 'Cancel and close everything at once.' })
  kill!: CommandAnswer;
}

export class FlagOutcomeAnswer {
  @TextField({ says: 'UTC.', max: 30 })
  at!: string;

  @TextField({ says: 'Name of the flag.', max: 100 })
  flag!: string;

  @TextField({ says: 'start, stop, kill, test; empty for a file that was no flag.', min: 0, max: 20 })
  command!: string;

  @TextField({ says: 'User; null when a person touched the file.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ says: 'Name of the user; null when a person touched the file.', max: 100, nullable: true })
  byName!: string | null;

  @ChoiceField(['obeyed', 'refused', 'reported'], { says: 'What came of it.' })
  outcome!: string;

  @TextField({ says: 'Why, or what was begun.', min: 0, max: 2_000 })
  reason!: string;
}

class FailureAnswer {
  @TextField({ says: 'What failed its check.', max: 200 })
  module!: string;

  @TextField({ says: 'Why.', min: 0, max: 2_000 })
  cause!: string;

  @TextField({ says: 'What to do.', min: 0, max: 2_000 })
  remedy!: string;
}

export class ControlAnswer {
  @TextField({ says: 'State of the bot (RUN-10).', max: 40 })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), { says: 'Part of its life that the state belongs to.', example: 'active' })
  stage!: BotStage;

  @TextField({ says: 'State before; null at the beginning.', max: 40, nullable: true })
  from!: string | null;

  @TextField({ says: 'Why it changed.', min: 0, max: 2_000 })
  reason!: string;

  @TextField({ says: 'Since when, UTC.', max: 30, nullable: true })
  since!: string | null;

  @PartField(() => CommandsAnswer, { says: 'What may be asked for now.' })
  commands!: CommandsAnswer;

  @PartsField(() => FlagOutcomeAnswer, { says: 'What became of the last flags, newest first.', max: 10 })
  flags!: readonly FlagOutcomeAnswer[];

  @PartsField(() => FailureAnswer, { says: 'Checks that failed, while the bot is in error.', max: 200 })
  failures!: readonly FailureAnswer[];

  @TextsField({ says: 'What this user should know about the safety of the bot.', max: 10, each: 2_000 })
  warnings!: readonly string[];
}
