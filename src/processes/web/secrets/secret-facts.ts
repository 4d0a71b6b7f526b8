import { SECRET_FIELDS, SECRET_USE, secretFieldFaults } from '../../../app/provisioning/secret-fields.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { secret } from '../../../kernel/secret.js';
import type { UtcText } from '../../../kernel/time.js';
import type { Journal } from '../../../ports/journal.js';
import { SECRET_FILES, type SecretFileName, type SecretReader } from '../../../ports/vault.js';
import type { WebInit } from '../../ipc/messages.js';
import type { FieldFault } from '../common/problem.js';
import { isLoopback } from '../listening.js';

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
  readonly used: boolean;
  readonly use: string;
  /** When it was last changed; null when it never was. */
  readonly changedAt: UtcText | null;
  /** False for what is made by other means: the identity at the set-up, second factors on the account page. */
  readonly editable: boolean;
  /** True when it takes fields of any name. */
  readonly open: boolean;
  readonly fields: readonly SecretFieldFacts[];
}

export interface SecretsFacts {
  readonly generation: number;
  readonly earliestKept: number;
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
export function keyWarning(vault: Pick<SecretReader, 'hasMasterKey'>): string {
  try {
    return vault.hasMasterKey ? '' : NO_MASTER_KEY;
  } catch (error) {
    return error instanceof TradeBotError ? error.line : 'The keys are not readable.';
  }
}

export interface SecretsFactsDeps {
  readonly vault: SecretReader;
  readonly journal: Pick<Journal, 'readAll'>;
}

/**
 * Which secrets are set, and since when; never what they are, for nothing is decrypted: the journal has the names of the
 * fields and keyed digests. Throws what the vault and the journal throw.
 */
export async function secretsFacts({ vault, journal }: SecretsFactsDeps): Promise<SecretsFacts> {
  const masterKey = vault.hasMasterKey;
  const recorded = await recordedSecrets({ vault, journal });
  const generation = vault.generation() ?? 0;
  return {
    generation,
    earliestKept: vault.earlier().at(-1) ?? generation,
    masterKey,
    warning: keyWarning(vault),
    secrets: NAMES.map((name) => secretFacts(name, recorded.get(name) ?? NEVER)),
  };
}

/** Fields that are set, and the last change of a secret file. */
interface RecordedSecret {
  readonly set: ReadonlySet<string>;
  readonly changedAt: UtcText | null;
}

const NEVER: RecordedSecret = { set: new Set(), changedAt: null };

async function recordedSecrets({ vault, journal }: SecretsFactsDeps): Promise<ReadonlyMap<string, RecordedSecret>> {
  const empty = vault.digestOf(secret(''));
  const recorded = new Map<string, RecordedSecret>();
  for (const event of await journal.readAll({ filter: { types: ['SecretChanged'] } })) {
    if (event.type !== 'SecretChanged') continue;
    const { category, fields } = event.data;
    const set = new Set(recorded.get(category)?.set);
    for (const { field, digest } of fields) {
      if (digest === empty) set.delete(field);
      else set.add(field);
    }
    recorded.set(category, { set, changedAt: event.recordedAt });
  }
  return recorded;
}

function secretFacts(name: SecretFileName, { set, changedAt }: RecordedSecret): SecretFacts {
  const known = SECRET_FIELDS[name];
  const fields =
    known === null
      ? // Users' ids are the fields of `login`: nobody's business here.
        (name === 'login' ? [] : [...set]).map(openField)
      : known.map(({ name: field, label, hidden, mustBe, used }) => ({
          name: field,
          label,
          secret: hidden,
          set: set.has(field),
          help: used ? (hidden ? '' : `Must be ${mustBe}.`) : 'Not used in this version.',
        }));
  const editable = EDITABLE_SECRETS.includes(name);
  return { name, ...SECRET_USE[name], changedAt, editable, open: known === null, fields };
}

function openField(name: string): SecretFieldFacts {
  return { name, label: name, secret: true, set: true, help: '' };
}

/** Every fault of new values at once, by name of the field. */
export function secretFaults(name: SecretFileName, fields: Readonly<Record<string, string>>): readonly FieldFault[] {
  const faults = new Map<string, string>();
  secretFieldFaults(name, fields, 'fields', faults);
  if (Object.keys(fields).length === 0) faults.set('fields', 'must hold at least one field');
  return [...faults].map(([field, message]) => ({ field, message }));
}

/** An address at which the next start would refuse to listen without TLS (SEC-16): its owner would be locked out. */
export function remoteFaults(
  name: SecretFileName,
  fields: Readonly<Record<string, string>>,
  web: WebInit | null,
): readonly FieldFault[] {
  const host = name === 'network_config' ? (fields['LOCAL_IP'] ?? '') : '';
  if (host === '' || isLoopback(host) || web?.tls !== null || web.allowPlainRemote) return [];
  const message =
    'needs TLS: start the bot with --tls-cert and --tls-key, or with --allow-plain-remote, before it is set';
  return [{ field: 'fields.LOCAL_IP', message }];
}
