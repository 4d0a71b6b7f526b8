import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import { FlagField, PartsField, RecordField, TextField, TextsField, WholeField } from '../common/fields.js';

export class SecretInput {
  @RecordField({ description: 'Fields to set; an empty text removes a field; others are kept.', max: 200, each: 2_000 })
  fields!: Readonly<Record<string, string>>;
}

export class DestroyEarlierInput {
  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'a key leaked',
  })
  reason!: string;
}

class SecretFieldAnswer {
  @TextField({ description: 'Name.', max: 60 })
  name!: string;

  @TextField({ description: 'Display name.', max: 100 })
  label!: string;

  @FlagField({ description: 'Whether the input is hidden.' })
  secret!: boolean;

  @FlagField({ description: 'Whether it has a value.' })
  set!: boolean;

  @TextField({ description: 'Rule for the value.', min: 0, max: 500 })
  help!: string;
}

class SecretAnswer {
  @TextField({ description: 'Name of the file.', max: 60 })
  name!: string;

  @FlagField({ description: 'Whether this version uses it.' })
  used!: boolean;

  @TextField({ description: 'What uses it, and from when a change counts.', max: 200 })
  use!: string;

  @TextField({ description: 'When it was last changed, UTC; null when it never was.', max: 30, nullable: true })
  changedAt!: string | null;

  @FlagField({ description: 'Whether PUT can change it.' })
  editable!: boolean;

  @FlagField({ description: 'Whether fields with any name are allowed.' })
  open!: boolean;

  @PartsField(() => SecretFieldAnswer, { description: 'Its fields, without values.', max: 200 })
  fields!: readonly SecretFieldAnswer[];
}

export class SecretsAnswer {
  @WholeField({ description: 'Generation of the keys.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @WholeField({
    description: 'Earliest generation that is kept encrypted; the current one when no other is.',
    max: Number.MAX_SAFE_INTEGER,
  })
  earliestKept!: number;

  @FlagField({ description: 'Whether a master key wraps the keys (SEC-4).' })
  masterKey!: boolean;

  @TextField({ description: 'Warning about the protection of the keys; may be empty.', min: 0, max: 500 })
  warning!: string;

  @PartsField(() => SecretAnswer, { description: 'One entry per file.', max: 50 })
  secrets!: readonly SecretAnswer[];
}

export class RotationAnswer {
  @WholeField({ description: 'Current generation.', max: Number.MAX_SAFE_INTEGER })
  generation!: number;

  @TextsField({ description: 'Categories with a new key.', max: 50, each: 60 })
  categories!: readonly string[];
}
