import { BROKER_LABELS, type BrokerName, type RealBrokerName } from './broker-names.js';

/** Whose money an order of the bot moves; `unknown` is treated as live. */
export type AccountKind = 'simulator' | 'emulator' | 'paper' | 'live' | 'unknown';

/** The account of a bot as it may be shown: no key, no account number. */
export interface AccountSummary {
  readonly broker: BrokerName;
  readonly kind: AccountKind;
  /** Host and port; empty for the simulator. */
  readonly host: string;
}

/** Fields of the secret broker_credentials, as text. Values that are hidden never enter a fault. */
export type CredentialTexts = Readonly<Record<string, string>>;

/** A fault of one field; `field problem` is a sentence without the value of a hidden field. */
export interface CredentialFault {
  readonly field: string;
  readonly problem: string;
}

/** Hosts that the vendors publish. */
const KNOWN_HOSTS: Readonly<
  Record<string, { readonly broker: RealBrokerName; readonly kind: 'paper' | 'live' | undefined }>
> = {
  'paper-api.alpaca.markets': { broker: 'ALPACA', kind: 'paper' },
  'api.alpaca.markets': { broker: 'ALPACA', kind: 'live' },
  'data.alpaca.markets': { broker: 'ALPACA', kind: undefined },
  'sandbox.tradier.com': { broker: 'TRADIER', kind: 'paper' },
  'api.tradier.com': { broker: 'TRADIER', kind: 'live' },
};

/** Ports of Trader Workstation and of the gateway, as they are installed. */
const IBKR_PORTS: Readonly<Record<string, 'paper' | 'live'>> = {
  7497: 'paper',
  4002: 'paper',
  7496: 'live',
  4001: 'live',
};

/** The port of the gateway's paper account, which a host without a port means. */
const IBKR_PORT = '4002';

const REQUIRED: Readonly<Record<RealBrokerName, readonly string[]>> = {
  ALPACA: ['BROKER_URL', 'BROKER_API_KEY', 'BROKER_SECRET_KEY'],
  TRADIER: ['BROKER_URL', 'BROKER_API_KEY', 'BROKER_ACCOUNT_NUMBER'],
  IBKR: ['BROKER_URL'],
};

const EXAMPLE: Readonly<Record<RealBrokerName, string>> = {
  ALPACA: 'https://paper-api.alpaca.markets',
  TRADIER: 'https://sandbox.tradier.com/v1',
  IBKR: 'tcp://127.0.0.1:4002',
};

const OPTIONAL: Readonly<Record<RealBrokerName, readonly string[]>> = {
  ALPACA: ['BROKER_ACCOUNT_NUMBER'],
  TRADIER: [],
  IBKR: ['BROKER_ACCOUNT_NUMBER'],
};

/** The fields of broker_credentials that a broker uses, each with its help text. */
export function credentialFieldsOf(broker: BrokerName): readonly { readonly field: string; readonly help: string }[] {
  if (broker === 'SIM') return [];
  return [
    ...REQUIRED[broker].map((field) => ({ field, help: `Required${exampleOf(broker, field)}.` })),
    ...OPTIONAL[broker].map((field) => ({ field, help: 'Optional: the bot refuses another account than this one.' })),
  ];
}

interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

/** Where an account is reached; undefined without an address. */
function addressOf(broker: RealBrokerName, fields: CredentialTexts): Address | undefined {
  const url = fields['BROKER_URL'] ?? '';
  const host = fields['BROKER_HOST'] ?? '';
  const text = url !== '' || broker !== 'IBKR' ? url : host === '' ? '' : `tcp://${host}`;
  const match = /^([a-z]+):\/\/(?:[^/@\s]*@)?(\[[^\]\s]+\]|[^/:\s?#]+)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', name = '', port = ''] = match;
  const missing = broker === 'IBKR' ? IBKR_PORT : '';
  return { scheme: scheme.toLowerCase(), host: name.toLowerCase(), port: port === '' ? missing : port };
}

/** Whether a host is this machine. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Broker, kind and host of the account: what a person must know before the bot trades. */
export function accountOf(broker: BrokerName, fields: CredentialTexts): AccountSummary {
  if (broker === 'SIM') return { broker, kind: 'simulator', host: '' };
  const address = addressOf(broker, fields);
  if (address === undefined) return { broker, kind: 'unknown', host: '' };
  const { host, port } = address;
  return { broker, kind: kindOf(broker, address), host: port === '' ? host : `${host}:${port}` };
}

function kindOf(broker: RealBrokerName, { host, port }: Address): AccountKind {
  if (broker === 'IBKR') return IBKR_PORTS[port] ?? (isLoopback(host) ? 'emulator' : 'unknown');
  if (isLoopback(host)) return 'emulator';
  const known = KNOWN_HOSTS[host];
  return known?.broker === broker ? (known.kind ?? 'unknown') : 'unknown';
}

/** The account in one sentence for people; live money is named. */
export function accountWords({ broker, kind, host }: AccountSummary): string {
  const label = BROKER_LABELS[broker];
  switch (kind) {
    case 'simulator':
      return 'Simulator: no order reaches a market.';
    case 'emulator':
      return `${label} emulator on this machine (${host}): no order reaches a market.`;
    case 'paper':
      return `${label} paper account (${host}): no real money.`;
    case 'live':
      return `${label} LIVE account (${host}): orders move real money.`;
    case 'unknown':
      return `${label} at ${host === '' ? 'an unknown address' : host}: not a known paper address, so treat it as LIVE: orders may move real money.`;
  }
}

/**
 * Faults of the credentials of a broker, all at once and before anything is asked of it: what is missing, an address that is
 * not the broker's or sends a key in clear text, and a key or an account that belongs to the other kind of account.
 */
export function credentialFaults(broker: BrokerName, fields: CredentialTexts): readonly CredentialFault[] {
  if (broker === 'SIM') return [];
  const missing = REQUIRED[broker].filter(
    (field) => (fields[field] ?? '') === '' && !isGivenByHost(broker, fields, field),
  );
  const faults = missing.map((field) => ({ field, problem: `is required for ${broker}${exampleOf(broker, field)}` }));
  return [...faults, ...addressFaults(broker, fields), ...kindFaults(broker, fields)];
}

function isGivenByHost(broker: RealBrokerName, fields: CredentialTexts, field: string): boolean {
  return broker === 'IBKR' && field === 'BROKER_URL' && (fields['BROKER_HOST'] ?? '') !== '';
}

function exampleOf(broker: RealBrokerName, field: string): string {
  return field === 'BROKER_URL' ? `, such as ${EXAMPLE[broker]}` : '';
}

function addressFaults(broker: RealBrokerName, fields: CredentialTexts): readonly CredentialFault[] {
  const field = 'BROKER_URL';
  const url = fields[field] ?? '';
  const address = addressOf(broker, fields);
  if (address === undefined)
    return url === '' ? [] : [{ field, problem: `must be an address such as ${EXAMPLE[broker]}` }];
  const { scheme, host } = address;
  const other = KNOWN_HOSTS[host];
  if (/^[a-z]+:\/\/[^/]*@/i.test(url)) {
    return [{ field, problem: 'must have no user:password@; give them in their own fields' }];
  }
  if (other !== undefined && other.broker !== broker) {
    return [
      {
        field,
        problem: `must be an address of ${BROKER_LABELS[broker]}: ${host} belongs to ${BROKER_LABELS[other.broker]}`,
      },
    ];
  }
  if (other !== undefined && other.kind === undefined) {
    return [
      {
        field,
        problem: `must be the address for trading, such as ${EXAMPLE[broker]}: ${host} serves market data only`,
      },
    ];
  }
  const isTcp = broker === 'IBKR';
  if (isTcp !== (scheme === 'tcp'))
    return [{ field, problem: `must begin with ${isTcp ? 'tcp://' : 'https://'} for ${broker}` }];
  if (scheme === 'http' && !isLoopback(host)) {
    return [
      {
        field,
        problem: 'must begin with https:// unless the host is this machine: the key would travel in clear text',
      },
    ];
  }
  return [];
}

/** Alpaca names keys by their account: PK on paper, AK live. Interactive Brokers names paper accounts with a D. */
function kindFaults(broker: RealBrokerName, fields: CredentialTexts): readonly CredentialFault[] {
  const { kind, host } = accountOf(broker, fields);
  if (kind !== 'paper' && kind !== 'live') return [];
  const [field, shown] = broker === 'ALPACA' ? ['BROKER_API_KEY', 'key'] : ['BROKER_ACCOUNT_NUMBER', 'account'];
  const text = fields[field] ?? '';
  const isOf = broker === 'ALPACA' ? alpacaKind(text) : broker === 'IBKR' ? ibkrKind(text) : undefined;
  if (isOf === undefined || isOf === kind) return [];
  const remedy = `give the ${shown} of the ${kind} account, or the address of the ${isOf} one`;
  return [{ field, problem: `is a ${isOf} ${shown}, and ${host} is the address of ${kind} accounts: ${remedy}` }];
}

function alpacaKind(key: string): 'paper' | 'live' | undefined {
  if (key.startsWith('PK')) return 'paper';
  return key.startsWith('AK') ? 'live' : undefined;
}

function ibkrKind(account: string): 'paper' | 'live' | undefined {
  if (/^D[A-Z]\d+$/.test(account)) return 'paper';
  return /^[UF]\d+$/.test(account) ? 'live' : undefined;
}
