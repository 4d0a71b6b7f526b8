import {
  ChoiceField,
  FlagField,
  PartField,
  PartsField,
  RecordField,
  TextField,
  TextsField,
  WholeField,
} from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

export class SettingsInput {
  @RecordField({
    description: 'New values by key, as in .env_bot; other keys are kept.',
    max: 300,
    each: 2_000,
    optional: true,
  })
  changes?: Readonly<Record<string, string>>;

  @TextsField({ description: 'Keys whose pending change is withdrawn.', max: 300, each: 80, optional: true })
  withdraw?: readonly string[];

  @FlagField({
    description: 'true: an end of all trading, as endsTrading of a dry run names it, is meant.',
    optional: true,
  })
  confirmNoTrading?: boolean;

  @TextField({ description: 'Reason; recorded in the journal.', max: 200, optional: true, kept: true })
  reason?: string;
}

export class SaveQuery {
  @FlagField({ description: 'true only shows what would change.', optional: true })
  dryRun?: boolean;
}

class PendingAnswer {
  @TextField({ description: 'Value from the next session; *** for a secret.', min: 0, max: 2_000 })
  value!: string;

  @TextField({ description: 'When it was saved, UTC.', max: 30 })
  since!: string;

  @TextField({ description: 'Actor who saved it: user:<id> or system:<module>.', max: 120 })
  by!: string;

  @TextField({ description: 'Name of the user, or the actor itself.', max: 120 })
  byName!: string;

  @TextField({ description: 'Why.', min: 0, max: 4_000 })
  reason!: string;
}

export class ValueSourceAnswer {
  @TextField({ description: 'When the value was changed, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Name of the user who changed it, or the actor itself.', max: 120 })
  byName!: string;

  @TextField({ description: 'Why.', min: 0, max: 4_000 })
  reason!: string;

  @TextField({ description: 'Position of the event in the journal.', max: 60 })
  position!: string;
}

class SettingAnswer {
  @TextField({ description: 'Key.', max: 80 })
  key!: string;

  @TextField({ description: 'Display name.', max: 100 })
  label!: string;

  @TextField({ description: 'What it does.', max: 500 })
  help!: string;

  @TextField({ description: 'Unit; empty when there is none.', min: 0, max: 40 })
  unit!: string;

  @TextField({ description: 'boolean, count, number, decimal, choice, clock-time, list, name, text or url.', max: 20 })
  kind!: string;

  @TextsField({
    description: 'Allowed values; null when they cannot be listed.',
    max: 100,
    each: 100,
    nullable: true,
  })
  choices!: readonly string[] | null;

  @TextField({ description: 'Rule for the value.', max: 500 })
  mustBe!: string;

  @TextField({ description: 'Key whose value applies while this one is empty.', max: 80, nullable: true })
  inherits!: string | null;

  @TextField({ description: 'Default.', min: 0, max: 2_000 })
  default!: string;

  @TextField({ description: 'Value; a secret that is set shows as ***.', min: 0, max: 2_000 })
  value!: string;

  @FlagField({ description: 'Whether its value is withheld.' })
  secret!: boolean;

  @ChoiceField(['hot', 'cold'], { description: 'hot: takes effect immediately; cold: from the next session.' })
  change!: string;

  @FlagField({ description: 'False when no feature of this version uses it.' })
  takesEffect!: boolean;

  @TextField({ description: 'Why it can never be changed; empty when it can.', min: 0, max: 500 })
  locked!: string;

  @PartField(() => PendingAnswer, { description: 'The change that waits for the next session.', nullable: true })
  pending!: PendingAnswer | null;

  @PartField(() => ValueSourceAnswer, {
    description: 'Who last changed the value; null when nobody did, or not among the newest 2,000 changes.',
    nullable: true,
  })
  changed!: ValueSourceAnswer | null;
}

class SettingGroupAnswer {
  @TextField({ description: 'Group.', max: 40 })
  group!: string;

  @PartsField(() => SettingAnswer, { description: 'Its keys.', max: 200 })
  settings!: readonly SettingAnswer[];
}

export class SettingsAnswer {
  @WholeField({ description: 'Generation of the keys.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @TextField({
    description: 'Date of the open session, during which cold settings wait; null without one.',
    max: 10,
    nullable: true,
  })
  openSession!: string | null;

  @PartsField(() => SettingGroupAnswer, { description: 'All settings by group.', max: 100 })
  groups!: readonly SettingGroupAnswer[];
}

class SettingChangeAnswer {
  @TextField({ description: 'Key.', max: 80 })
  key!: string;

  @TextField({ description: 'Previous value; null for a secret.', min: 0, max: 2_000, nullable: true })
  from!: string | null;

  @TextField({ description: 'New value; null for a secret.', min: 0, max: 2_000, nullable: true })
  to!: string | null;

  @FlagField({ description: 'Whether the values are withheld.' })
  secret!: boolean;

  @TextField({
    description: 'at once, with the next session, not in this version, or pending change withdrawn.',
    max: 40,
  })
  takesEffectAt!: string;
}

export class SettingsSavedAnswer {
  @FlagField({ description: 'False for a dry run, and when nothing differs.' })
  saved!: boolean;

  @PartsField(() => SettingChangeAnswer, { description: 'Changed settings.', max: 300 })
  changes!: readonly SettingChangeAnswer[];

  @TextsField({
    description: 'Why no strategy can trade afterwards; such a change needs confirmNoTrading.',
    max: 100,
    each: 2_000,
  })
  endsTrading!: readonly string[];
}

export class HistoryQuery extends PageQuery {}

class JournaledChangeAnswer {
  @TextField({ description: 'Key.', max: 80 })
  key!: string;

  @TextField({
    description: 'Previous value; null when it was not set or is withheld.',
    min: 0,
    max: 2_000,
    nullable: true,
  })
  from!: string | null;

  @TextField({ description: 'New value; null when withheld.', min: 0, max: 2_000, nullable: true })
  to!: string | null;

  @FlagField({ description: 'Whether the values are withheld.' })
  secret!: boolean;
}

class HistoryEntryAnswer {
  @TextField({ description: 'When, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Actor: user:<id> or system:<module>.', max: 120 })
  actor!: string;

  @TextField({ description: 'Name of the user, or the actor itself.', max: 120 })
  actorName!: string;

  @TextField({ description: 'Why.', min: 0, max: 2_000 })
  reason!: string;

  @ChoiceField(['changed', 'pending', 'withdrawn'], {
    description: 'pending: waits for the next session; withdrawn: never took effect.',
  })
  status!: string;

  @PartsField(() => JournaledChangeAnswer, { description: 'Changed settings.', max: 300 })
  changes!: readonly JournaledChangeAnswer[];
}

export class HistoryAnswer {
  @PartsField(() => HistoryEntryAnswer, { description: 'Newest first.', max: 200 })
  items!: readonly HistoryEntryAnswer[];

  @TextField({ description: 'Cursor for older entries; null at the beginning.', max: 60, nullable: true })
  nextCursor!: string | null;
}
