import { FlagField, PartsField, RecordField, TextField, TextsField, WholeField } from '../common/fields.js';

export class SecretInput {
  @RecordField({ description: 'Fields to set; an empty text takes one away; others stay.', max: 200, each: 2_000 })
  fields!: Readonly<Record<string, string>>;
}

class SecretFieldAnswer {
  @TextField({ description: 'Name.', max: 60 })
  name!: string;

  @TextField({ description: 'For people.', max: 100 })
  label!: string;

  @FlagField({ description: 'Typed hidden.' })
  secret!: boolean;

  @FlagField({ description: 'Whether it has a value.' })
  set!: boolean;

  @TextField({ description: 'What a value must be.', min: 0, max: 500 })
  help!: string;
}

class SecretAnswer {
  @TextField({ description: 'Name of the file.', max: 60 })
  name!: string;

  @FlagField({ description: 'Whether PUT takes it.' })
  editable!: boolean;

  @FlagField({ description: 'Whether it takes fields of any name.' })
  open!: boolean;

  @PartsField(() => SecretFieldAnswer, { description: 'Its fields, without values.', max: 200 })
  fields!: readonly SecretFieldAnswer[];
}

export class SecretsAnswer {
  @WholeField({ description: 'Generation of the keys.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @FlagField({ description: 'Whether a master key wraps the keys (SEC-4).' })
  masterKey!: boolean;

  @TextField({ description: 'What is to be said about that; empty when nothing is.', min: 0, max: 500 })
  warning!: string;

  @PartsField(() => SecretAnswer, { description: 'One a file.', max: 50 })
  secrets!: readonly SecretAnswer[];
}

export class RotationAnswer {
  @WholeField({ description: 'Generation that is current now.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @TextsField({ description: 'Categories with a new key.', max: 50, each: 60 })
  categories!: readonly string[];
}
