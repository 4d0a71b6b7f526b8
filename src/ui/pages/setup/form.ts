import type { components } from '../../generated/api.js';

/** Progress of the set-up and options of its form. */
export type SetupStatus = components['schemas']['SetupAnswer'];
export type SetupBody = components['schemas']['SetupInput'];

/** Values of the form by dotted path, such as `identity.botId`; a fault of the server names the same path. */
export type Values = Readonly<Record<string, string>>;

export const STEPS = ['identity', 'broker', 'trading', 'journal', 'extras', 'review'] as const;
export type Step = (typeof STEPS)[number];

/** Whether a text of an address names a step. */
export function isStep(text: string | undefined): text is Step {
  return STEPS.some((one) => one === text);
}

/** The identity, in the order of its fields. */
export const IDENTITY = ['entityCode', 'jurisdictionCode', 'brokerCode', 'botId'] as const;

/** Fields that are no member of what is sent: they make the address of the journal. */
export const JOURNAL = { kind: 'journal.kind', encryption: 'journal.encryption', caFile: 'journal.caFile' } as const;
export const JOURNAL_URL = 'settings.JOURNAL_URL';
export const SEAL_ANCHOR = 'settings.SEAL_ANCHOR_DIR';

interface Defaults {
  readonly identity?: Readonly<Record<string, string>>;
  readonly openingFloat?: string;
  readonly symbols?: readonly string[];
}

/** The form as it is proposed. */
export function firstValues(status: SetupStatus, sealAnchor: string): Values {
  const { identity = {}, openingFloat = '', symbols = [] } = status.defaults as Defaults;
  return {
    ...Object.fromEntries(IDENTITY.map((name) => [`identity.${name}`, identity[name] ?? ''])),
    broker: 'SIM',
    openingFloat,
    symbols: symbols.join(', '),
    [JOURNAL.kind]: 'file',
    [JOURNAL.encryption]: 'tls',
    [SEAL_ANCHOR]: sealAnchor,
  };
}

/** What is sent: only the fields of the chosen broker and journal, and no secret that was left empty. */
export function bodyOfValues(values: Values, status: SetupStatus): SetupBody {
  const group = (name: string, fields: readonly { readonly name: string }[]): Record<string, string> =>
    Object.fromEntries(
      fields.flatMap((field) => {
        const value = values[`${name}.${field.name}`] ?? '';
        return value.trim() === '' ? [] : [[field.name, value]];
      }),
    );
  const { broker = 'SIM' } = values;
  const onServer = values[JOURNAL.kind] === 'server';
  const anchor = values[SEAL_ANCHOR]?.trim() ?? '';
  const identity = (name: (typeof IDENTITY)[number]): string => values[`identity.${name}`]?.trim() ?? '';
  return {
    identity: {
      entityCode: identity('entityCode'),
      jurisdictionCode: identity('jurisdictionCode'),
      brokerCode: identity('brokerCode'),
      botId: identity('botId'),
    },
    broker,
    brokerCredentials: group('brokerCredentials', brokerFields(status, broker)),
    openingFloat: values['openingFloat']?.trim() ?? '',
    symbols: symbolsOf(values['symbols'] ?? ''),
    smtp: group('smtp', status.mail),
    journalServer: onServer ? group('journalServer', status.journalServer) : {},
    settings: {
      ...(anchor === '' ? {} : { SEAL_ANCHOR_DIR: anchor }),
      ...(onServer ? { JOURNAL_URL: journalUrl(values) } : {}),
    },
  };
}

/** The form that starts the simulator. */
export function simulatorBody(status: SetupStatus): SetupBody {
  return bodyOfValues(firstValues(status, ''), status);
}

/** The fields of a broker's credentials. */
export function brokerFields(status: SetupStatus, code: string): SetupStatus['brokers'][number]['fields'] {
  return status.brokers.find((broker) => broker.code === code)?.fields ?? [];
}

/** The tickers of a text that has them in any order of commas, spaces and lines. */
function symbolsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((symbol) => symbol !== '');
}

/** A whole URL is taken as it is; host and port become one. */
function journalUrl(values: Values): string {
  const address = values[JOURNAL_URL]?.trim() ?? '';
  const url = address.includes('://') ? address : `esdb://${address}`;
  const caFile = values[JOURNAL.caFile]?.trim() ?? '';
  const options = [
    ...(values[JOURNAL.encryption] === 'none' ? ['tls=false'] : []),
    ...(caFile === '' ? [] : [`tlsCAFile=${encodeURIComponent(caFile)}`]),
  ];
  if (options.length === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${options.join('&')}`;
}

/** The step that a field stands on. */
export function stepOf(field: string): Step {
  const [group = ''] = field.split('.');
  if (group === 'identity') return 'identity';
  if (group === 'broker' || group === 'brokerCredentials') return 'broker';
  if (group === 'openingFloat' || group === 'symbols') return 'trading';
  if (group === 'journal' || group === 'journalServer' || field === JOURNAL_URL) return 'journal';
  return 'extras';
}
