import { PERSONALITIES } from '../../../adapters/feed-synthetic/personality.js';
import { SECRET_FIELDS, type SecretField } from '../../../app/provisioning/secret-fields.js';
import { planOf, type SetupForm } from '../../../app/provisioning/setup-form.js';
import { accountOf, accountWords, credentialFieldsOf } from '../../../domain/config/broker-account.js';
import { BROKER_LABELS, BROKER_NAMES } from '../../../domain/config/broker-names.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { SetupRules } from './setup-service.js';

/** What the form says when nothing was typed: the simulator. */
const DEFAULTS: SetupForm = {
  identity: { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' },
  broker: 'SIM',
  brokerCredentials: {},
  openingFloat: '25000.00',
  symbols: PERSONALITIES.map(({ symbol }) => symbol),
  smtp: {},
  journalServer: {},
  settings: {},
};

export interface FormField {
  readonly name: string;
  readonly label: string;
  /** Typed hidden. */
  readonly secret: boolean;
  /** What a value must be. */
  readonly help: string;
}

export interface BrokerChoice {
  readonly code: string;
  readonly label: string;
  readonly fields: readonly FormField[];
}

/** Brokers that this version knows, each with the credentials that it needs. */
export const BROKERS: readonly BrokerChoice[] = BROKER_NAMES.map((code) => ({
  code,
  label: BROKER_LABELS[code],
  fields: credentialFieldsOf(code).flatMap(({ field, help }) =>
    fieldsOf('broker_credentials').flatMap((one) => (one.name === field ? [{ ...one, help }] : [])),
  ),
}));

export const MAIL_FIELDS: readonly FormField[] = fieldsOf('smtp');

export const JOURNAL_FIELDS: readonly FormField[] = fieldsOf('journal_server');

function fieldsOf(name: 'broker_credentials' | 'smtp' | 'journal_server'): readonly FormField[] {
  return (SECRET_FIELDS[name] ?? []).map(formField);
}

function formField({ name, label, hidden, mustBe }: SecretField): FormField {
  return { name, label, secret: hidden, help: hidden ? '' : `Must be ${mustBe}.` };
}

/** The rules of the provisioning itself, asked without doing anything. */
export function setupRules(versionTag: string, sealAnchor: string): SetupRules {
  return {
    defaults: DEFAULTS,
    sealAnchor,
    account: ({ broker, brokerCredentials }) => {
      const name = BROKER_NAMES.find((known) => known === broker);
      return name === undefined ? '' : accountWords(accountOf(name, brokerCredentials));
    },
    check: (form) => {
      try {
        planOf(form, versionTag);
        return [];
      } catch (error) {
        if (!(error instanceof TradeBotError) || error.code !== 'SETUP_INVALID') throw error;
        return Object.entries(error.details).map(([field, message]) => ({ field, message: String(message) }));
      }
    },
  };
}
