import { SECRET_FIELDS, secretFieldFaults } from '../../../app/provisioning/secret-fields.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { SECRET_FILES, type SecretFileName, type Vault } from '../../../ports/vault.js';
import type { FieldFault } from '../common/problem.js';

export interface SecretFieldFacts {
  readonly name: string;
  readonly label: string;
  /** Typed hidden. */
  readonly secret: boolean;
  readonly set: boolean;
  /** What a value must be. */
  readonly help: string;
}

/** A secret file without its values. */
export interface SecretFacts {
  readonly name: SecretFileName;
  /** False for what is made by other means: the identity at the set-up, second factors on the account page. */
  readonly editable: boolean;
  /** True when it takes fields of any name. */
  readonly open: boolean;
  readonly fields: readonly SecretFieldFacts[];
}

export interface SecretsFacts {
  readonly generation: number;
  readonly masterKey: boolean;
  /** Empty when a master key wraps the keys (SEC-4). */
  readonly warning: string;
  readonly secrets: readonly SecretFacts[];
}

const MADE_ELSEWHERE: readonly SecretFileName[] = ['bot_identity', 'login'];
const NAMES = Object.keys(SECRET_FILES) as SecretFileName[];

export const EDITABLE_SECRETS = NAMES.filter((name) => !MADE_ELSEWHERE.includes(name));

/** SEC-4: the warning of the dashboard while the keys are stored next to the secrets. */
const NO_MASTER_KEY =
  'The keys are stored next to the secrets: anyone who can read the folder of the bot can read both. Start it with --master-key-file to encrypt the keys.';

/** What is to be said about the keys; empty when a master key wraps them. */
export function keyWarning(vault: Pick<Vault, 'hasMasterKey'>): string {
  try {
    return vault.hasMasterKey ? '' : NO_MASTER_KEY;
  } catch (error) {
    return error instanceof TradeBotError ? error.line : 'The keys are not readable.';
  }
}

/** Which secrets are set; never what they are. Throws what the vault throws. */
export function secretsFacts(vault: Vault): SecretsFacts {
  const masterKey = vault.hasMasterKey;
  return {
    generation: vault.generation() ?? 0,
    masterKey,
    warning: keyWarning(vault),
    secrets: NAMES.map((name) => secretFacts(vault, name)),
  };
}

function secretFacts(vault: Vault, name: SecretFileName): SecretFacts {
  const record = vault.secret(name);
  const set = (field: string): boolean => record[field]?.isEmpty === false;
  const known = SECRET_FIELDS[name];
  const fields =
    known === null
      ? // Users' ids are the fields of `login`: nobody's business here.
        (name === 'login' ? [] : Object.keys(record)).map((field) => openField(field, set(field)))
      : known.map(({ name: field, label, hidden, mustBe }) => ({
          name: field,
          label,
          secret: hidden,
          set: set(field),
          help: hidden ? '' : `Must be ${mustBe}.`,
        }));
  return { name, editable: EDITABLE_SECRETS.includes(name), open: known === null, fields };
}

function openField(name: string, set: boolean): SecretFieldFacts {
  return { name, label: name, secret: true, set, help: '' };
}

/** Every fault of new values at once, by name of the field. */
export function secretFaults(name: SecretFileName, fields: Readonly<Record<string, string>>): readonly FieldFault[] {
  const faults = new Map<string, string>();
  secretFieldFaults(name, fields, 'fields', faults);
  if (Object.keys(fields).length === 0) faults.set('fields', 'must hold at least one field');
  return [...faults].map(([field, message]) => ({ field, message }));
}
