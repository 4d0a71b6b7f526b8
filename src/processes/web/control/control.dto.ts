import { LONGEST_REASON, PROTECTIONS, type Protection } from '../../../domain/risk/protections.js';
import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { ChoiceField, FlagField, PartField, PartsField, TextField, TextsField } from '../common/fields.js';

export class KillInput {
  @ChoiceField(['KILL'], { description: 'Type KILL to confirm.', example: 'KILL' })
  confirm!: string;
}

export class ResetInput {
  @ChoiceField(PROTECTIONS, { description: 'Protection to reset.', example: 'kill-switch' })
  what!: Protection;

  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'looked into it',
  })
  reason!: string;
}

export class ResetAnswer {
  @TextField({ description: 'What the reset does.', max: 500 })
  effect!: string;
}

export class ProtectionAnswer {
  @ChoiceField(PROTECTIONS, { description: 'The protection.' })
  what!: Protection;

  @FlagField({ description: 'Whether it restricts trading now.' })
  on!: boolean;

  @TextField({ description: 'UTC; null when it is off.', max: 30, nullable: true })
  since!: string | null;

  @TextField({ description: 'Why it is on; empty when it is off.', min: 0, max: 2_000 })
  cause!: string;

  @FlagField({ description: 'Whether a reset would be obeyed now.' })
  resettable!: boolean;

  @TextField({ description: 'Why not, with the remedy; empty when it would.', min: 0, max: 500 })
  refusal!: string;
}

export class FlagAnswer {
  @TextField({ description: 'Name of the flag file.', max: 100 })
  flag!: string;

  @TextField({ description: 'Address of the outcome.', max: 100 })
  look!: string;
}

class CommandAnswer {
  @FlagField({ description: 'Whether the state of the bot allows it.' })
  allowed!: boolean;

  @TextField({ description: 'Reason; empty when it is allowed.', min: 0, max: 500 })
  reason!: string;
}

class CommandsAnswer {
  @PartField(() => CommandAnswer, { description: 'Start a stopped bot.' })
  start!: CommandAnswer;

  @PartField(() => CommandAnswer, { description: 'Close positions in order, then stop.' })
  stop!: CommandAnswer;

  @PartField(() => CommandAnswer, { description: 'Cancel all orders and close all positions immediately.' })
  kill!: CommandAnswer;
}

export class FlagOutcomeAnswer {
  @TextField({ description: 'UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Name of the flag.', max: 100 })
  flag!: string;

  @TextField({ description: 'start, stop, kill, test, reset; empty for a file that is not a flag.', min: 0, max: 20 })
  command!: string;

  @TextField({ description: 'User id; null when the file was created by hand.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'Name of the user; null when the file was created by hand.', max: 100, nullable: true })
  byName!: string | null;

  @ChoiceField(['obeyed', 'refused', 'reported'], { description: 'Outcome.' })
  outcome!: string;

  @TextField({ description: 'Reason or effect.', min: 0, max: 2_000 })
  reason!: string;
}

class FailureAnswer {
  @TextField({ description: 'Name of the failed check.', max: 200 })
  module!: string;

  @TextField({ description: 'Why.', min: 0, max: 2_000 })
  cause!: string;

  @TextField({ description: 'Remedy.', min: 0, max: 2_000 })
  remedy!: string;
}

export class ControlAnswer {
  @TextField({ description: 'State of the bot (RUN-10).', max: 40 })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), {
    description: 'Lifecycle phase of the state.',
    example: 'active',
  })
  stage!: BotStage;

  @TextField({ description: 'Previous state; null for the first.', max: 40, nullable: true })
  from!: string | null;

  @TextField({ description: 'Reason of the change.', min: 0, max: 2_000 })
  reason!: string;

  @TextField({ description: 'Time of the change, UTC.', max: 30, nullable: true })
  since!: string | null;

  @PartField(() => CommandsAnswer, { description: 'Commands, with whether they are allowed now.' })
  commands!: CommandsAnswer;

  @PartsField(() => ProtectionAnswer, { description: 'Kill switch, defense mode and the hold for the clock.', max: 5 })
  protections!: readonly ProtectionAnswer[];

  @PartsField(() => FlagOutcomeAnswer, { description: 'Outcomes of the last flags, newest first.', max: 10 })
  flags!: readonly FlagOutcomeAnswer[];

  @PartsField(() => FailureAnswer, { description: 'Checks that failed, while the bot is in error.', max: 200 })
  failures!: readonly FailureAnswer[];

  @TextsField({ description: 'Security warnings for this user.', max: 10, each: 2_000 })
  warnings!: readonly string[];
}
