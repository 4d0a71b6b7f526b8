import {
  ChoiceField,
  FlagField,
  PartsField,
  RecordField,
  TextField,
  TextsField,
  WholeField,
} from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

export class SettingsInput {
  @RecordField({ says: 'New texts by key, as in .env_bot; what is not named stays.', max: 300, each: 2_000 })
  changes!: Readonly<Record<string, string>>;

  @TextField({ says: 'Why; kept in the journal.', max: 200, optional: true })
  reason?: string;
}

export class SaveQuery {
  @FlagField({ says: 'true tells what would change, and changes nothing.', optional: true })
  dryRun?: boolean;
}

class SettingAnswer {
  @TextField({ says: 'Key.', max: 80 })
  key!: string;

  @TextField({ says: 'For people.', max: 100 })
  label!: string;

  @TextField({ says: 'What it does.', max: 500 })
  help!: string;

  @TextField({ says: 'Unit; empty when there is none.', min: 0, max: 40 })
  unit!: string;

  @TextField({ says: 'boolean, count, number, decimal, choice, clock-time, list, name, text or url.', max: 20 })
  kind!: string;

  @TextsField({ says: 'Values that there are; null where they cannot be listed.', max: 100, each: 100, nullable: true })
  choices!: readonly string[] | null;

  @TextField({ says: 'What a value must be.', max: 500 })
  mustBe!: string;

  @TextField({ says: 'Key whose value it takes while it is empty.', max: 80, nullable: true })
  inherits!: string | null;

  @TextField({ says: 'Default.', min: 0, max: 2_000 })
  default!: string;

  @TextField({ says: 'Value; a secret that is set shows as ***.', min: 0, max: 2_000 })
  value!: string;

  @FlagField({ says: 'Whether its value is withheld.' })
  secret!: boolean;

  @ChoiceField(['hot', 'cold'], { says: 'hot: takes effect at once; cold: with the next session.' })
  change!: string;

  @FlagField({ says: 'False when no feature of this version obeys it.' })
  takesEffect!: boolean;

  @TextField({ says: 'Why it cannot be changed now; empty when it can.', min: 0, max: 500 })
  locked!: string;
}

class SettingGroupAnswer {
  @TextField({ says: 'Group.', max: 40 })
  group!: string;

  @PartsField(() => SettingAnswer, { says: 'Its keys.', max: 200 })
  settings!: readonly SettingAnswer[];
}

export class SettingsAnswer {
  @WholeField({ says: 'Generation of the keys.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @PartsField(() => SettingGroupAnswer, { says: 'All settings by group.', max: 100 })
  groups!: readonly SettingGroupAnswer[];
}

class SettingChangeAnswer {
  @TextField({ says: 'Key.', max: 80 })
  key!: string;

  @TextField({ says: 'Before; null for a secret.', min: 0, max: 2_000, nullable: true })
  from!: string | null;

  @TextField({ says: 'After; null for a secret.', min: 0, max: 2_000, nullable: true })
  to!: string | null;

  @FlagField({ says: 'Whether the values are withheld.' })
  secret!: boolean;

  @TextField({ says: 'at once, with the next session, or not in this version.', max: 40 })
  takesEffectAt!: string;
}

export class SettingsSavedAnswer {
  @FlagField({ says: 'False for a dry run, and when nothing differs.' })
  saved!: boolean;

  @PartsField(() => SettingChangeAnswer, { says: 'What differs.', max: 300 })
  changes!: readonly SettingChangeAnswer[];
}

export class HistoryQuery extends PageQuery {}

class JournaledChangeAnswer {
  @TextField({ says: 'Key.', max: 80 })
  key!: string;

  @TextField({ says: 'Before; null when it was not set or is withheld.', min: 0, max: 2_000, nullable: true })
  from!: string | null;

  @TextField({ says: 'After; null when withheld.', min: 0, max: 2_000, nullable: true })
  to!: string | null;

  @FlagField({ says: 'Whether the values are withheld.' })
  secret!: boolean;
}

class HistoryEntryAnswer {
  @TextField({ says: 'When, UTC.', max: 30 })
  at!: string;

  @TextField({ says: 'Who: user:<id> or system:<module>.', max: 120 })
  actor!: string;

  @TextField({ says: 'Name of the user, or the actor itself.', max: 120 })
  actorName!: string;

  @TextField({ says: 'Why.', min: 0, max: 2_000 })
  reason!: string;

  @PartsField(() => JournaledChangeAnswer, { says: 'What changed.', max: 300 })
  changes!: readonly JournaledChangeAnswer[];
}

export class HistoryAnswer {
  @PartsField(() => HistoryEntryAnswer, { says: 'Newest first.', max: 200 })
  items!: readonly HistoryEntryAnswer[];

  @TextField({ says: 'Cursor for older ones; null at the beginning.', max: 60, nullable: true })
  nextCursor!: string | null;
}
