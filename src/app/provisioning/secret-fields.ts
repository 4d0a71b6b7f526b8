import { JOURNAL_LOGIN, type SecretFileName } from '../../ports/vault.js';

export interface SecretField {
  readonly name: string;
  readonly label: string;
  /** The allowed values in words, and their pattern. Empty is always allowed: the field is left out. */
  readonly mustBe: string;
  readonly shape: RegExp;
  /** False for a value that may be shown: an address is not a password. */
  readonly hidden: boolean;
  /** False for one that nothing of this version reads: it can be removed, not set. */
  readonly used: boolean;
}

/** What reads a secret file; `used` is false when nothing of this version does. */
export interface SecretUse {
  readonly used: boolean;
  readonly use: string;
}

const NOT_USED = 'Not used in this version.';
const unused = (why = ''): SecretUse => ({ used: false, use: `${NOT_USED}${why}` });

/** Secret files of which nothing reads the values are kept for later versions, and say so. */
export const SECRET_USE: Readonly<Record<SecretFileName, SecretUse>> = {
  bot_identity: { used: true, use: 'Name of the bot: compared with the home at every start. Set at the set-up.' },
  broker_credentials: {
    used: true,
    use: 'Address and keys of the broker that BROKER_NAME names; the simulator needs none. Takes effect with the next session.',
  },
  screener_api: {
    used: true,
    use: 'Providers of the universe and of market data other than the broker: FINNHUB_API_KEY; ALPACA_API_KEY and ALPACA_SECRET_KEY; EDGAR_CONTACT; each with _URL and _USE (universe,enrichment,trading). Takes effect with the next build or session.',
  },
  smtp: { used: true, use: 'Mail for password resets. Takes effect at once.' },
  alert_channels: unused(),
  network_config: {
    used: true,
    use: 'Address and port of these pages. Takes effect at the next start; the options of the start and .env come first.',
  },
  acct_api: unused(),
  holdings_config: unused(),
  login: { used: true, use: 'Second factors of users. Set on the account page.' },
  hub: unused(),
  journal_server: {
    used: true,
    use: 'User and password of the journal server, when JOURNAL_URL names one. Takes effect at the next start.',
  },
};

const PRINTABLE = /^[^\p{Cc}]{1,2000}$/u;

function hidden(name: string, label: string): SecretField {
  return { name, label, mustBe: 'printable text of up to 2000 characters', shape: PRINTABLE, hidden: true, used: true };
}

function plain(name: string, label: string, shape = PRINTABLE, mustBe = 'printable text'): SecretField {
  return { name, label, mustBe, shape, hidden: false, used: true };
}

const PORT = /^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;
const CODE = /^[A-Z0-9]{1,12}$/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/;
const MAIL = /^[^\s@<>"\p{Cc}]{1,64}@[^\s@<>"\p{Cc}]{1,190}$/u;

const codeField = (name: string, label: string): SecretField =>
  plain(name, label, CODE, '1 to 12 capital letters or digits');
const portField = (name: string, label: string): SecretField => plain(name, label, PORT, 'a port from 1 to 65535');
const hostField = (name: string, label: string): SecretField => plain(name, label, HOST, 'a host name or address');

/** Fields of each secret file (SEC-2). `null`: any field, because the lists of providers and channels grow. */
export const SECRET_FIELDS: Readonly<Record<SecretFileName, readonly SecretField[] | null>> = {
  bot_identity: [
    codeField('ENTITY_CODE', 'Entity'),
    codeField('JURISDICTION_CODE', 'Jurisdiction'),
    codeField('BROKER_CODE', 'Broker'),
    codeField('BOT_ID', 'Bot'),
  ],
  broker_credentials: [
    codeField('BROKER_CODE', 'Broker'),
    plain(
      'BROKER_URL',
      'Address of the API',
      /^(https?|tcp):\/\/[^\s\p{Cc}]{1,500}$/u,
      'an address that starts with https://, or with tcp:// for IBKR',
    ),
    hostField('BROKER_HOST', 'Host'),
    hidden('BROKER_USERNAME', 'User'),
    hidden('BROKER_PASSWORD', 'Password'),
    hidden('BROKER_ACCOUNT_NUMBER', 'Account'),
    hidden('BROKER_API_KEY', 'API key'),
    hidden('BROKER_SECRET_KEY', 'Secret key'),
  ],
  smtp: [
    hostField('SMTP_HOST', 'Server'),
    portField('SMTP_PORT', 'Port'),
    plain('SMTP_SECURITY', 'Encryption', /^(starttls|tls|none)$/, 'starttls, tls or none'),
    hidden('SMTP_USERNAME', 'User'),
    hidden('SMTP_PASSWORD', 'Password'),
    plain('SMTP_FROM', 'Sender', MAIL, 'an address such as bot@example.com'),
  ],
  network_config: [
    hostField('LOCAL_IP', 'Address of the pages'),
    portField('LOCAL_PORT', 'Port of the pages'),
    { ...hostField('REMOTE_IP', 'Remote address'), used: false },
    { ...portField('REMOTE_PORT', 'Remote port'), used: false },
  ],
  screener_api: null,
  alert_channels: null,
  acct_api: null,
  holdings_config: null,
  login: null,
  hub: null,
  journal_server: [hidden(JOURNAL_LOGIN.user, 'User'), hidden(JOURNAL_LOGIN.password, 'Password')],
};

/** User ids are fields of `login`. */
const ANY_FIELD = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/;
const MOST_FIELDS = 200;

/** Adds the faults of one secret's fields, by `<path>.<field>`; a value is never shown. */
export function secretFieldFaults(
  name: SecretFileName,
  fields: Readonly<Record<string, string>>,
  path: string,
  faults: Map<string, string>,
): void {
  const known = SECRET_FIELDS[name];
  const given = Object.entries(fields);
  if (given.length > MOST_FIELDS) faults.set(path, `must have at most ${MOST_FIELDS} fields`);
  for (const [field, value] of given.slice(0, MOST_FIELDS)) {
    const shown = `${path}.${field.slice(0, 60)}`;
    const spec = known === null ? hidden(field, field) : known.find((one) => one.name === field);
    if (spec === undefined || !ANY_FIELD.test(field)) {
      const names = known?.map((one) => one.name).join(', ') ?? 'any name of letters, digits, underscore and dash';
      faults.set(shown, `is not a field of ${name}: ${names}`);
    } else if (value !== '' && !spec.used) faults.set(shown, 'is not used in this version; leave it empty');
    else if (value !== '' && !spec.shape.test(value)) faults.set(shown, `must be ${spec.mustBe}`);
  }
}
