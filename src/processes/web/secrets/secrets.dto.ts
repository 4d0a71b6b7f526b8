import { FlagField, PartsField, RecordField, TextField, TextsField, WholeField } from '../common/fields.js';

export class SecretInput {
  @RecordField({ says: 'Fields to set; an empty text takes one away; others stay.', max: 200, each: 2_000 })
  fields!: Readonly<Record<string, string>>;
}

class SecretFieldAnswer {
  @TextField({ says: 'Name.', max: 60 })
  name!: string;

  @TextField({ says: 'For people.', max: 100 })
  label!: string;

  @FlagField({ says: 'Typed hidden.' })
  secret!: boolean;

  @FlagField({ says: 'Whether it has a value.' })
  set!: boolean;

  @TextField({ says: 'What a value must be.', min: 0, max: 500 })
  help!: string;
}

class SecretAnswer {
  @TextField({ says: 'Name of the file.', max: 60 })
  name!: string;

  @FlagField({ says: 'Whether PUT takes it.' })
  editable!: boolean;

  @FlagField({ says: 'Whether it takes fields of any name.' })
  open!: boolean;

  @PartsField(() => SecretFieldAnswer, { says: 'Its fields, without values.', max: 200 })
  fields!: readonly SecretFieldAnswer[];
}

export class SecretsAnswer {
  @WholeField({ says: 'Generation of the keys.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @FlagField({ says: 'Whether a master key wraps the keys (SEC-4).' })
  masterKey!: boolean;

  @TextField({ says: 'What is to be said about that; empty when nothing is.', min: 0, max: 500 })
  warning!: string;

  @PartsField(() => SecretAnswer, { says: 'One a file.', max: 50 })
  secrets!: readonly SecretAnswer[];
}

export class RotationAnswer {
  @WholeField({ says: 'Generation that is current now.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @TextsField({ says: 'Categories with a new key.', max: 50, each: 60 })
  categories!: readonly string[];
}
