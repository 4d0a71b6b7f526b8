import { noTradingReasons } from '../../domain/config/no-trading.js';
import { EMBEDDED, isEmbedded, journalAddressOf, type JournalAddress } from '../../domain/config/journal-address.js';
import { saveFaults } from '../../domain/config/save-rules.js';
import { tradingSecretFaults } from '../../domain/config/feed-account.js';
import { renderEnvBot } from '../../domain/config/env-bot.js';
import { parseSettings, type Settings } from '../../domain/config/settings.js';
import { parseSymbol, type TickerSymbol } from '../../events/names.js';
import { Decimal, type DecimalText } from '../../kernel/decimal.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { composeBotIdentity, type BotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import { bareRecord } from '../../kernel/records.js';
import { secret, type Secret } from '../../kernel/secret.js';
import { moneyText } from '../../kernel/money.js';
import { JOURNAL_LOGIN, type SecretFileName, type SecretRecord } from '../../ports/vault.js';
import { identityRecord } from '../settings/vault-identity.js';
import { schemeFault } from '../../domain/journal-check/other-products.js';
import { secretFieldFaults } from './secret-fields.js';

/** The set-up form (SEC-6); secret values are plain text until they are checked. */
export interface SetupForm {
  readonly identity: BotIdentityParts;
  readonly broker: string;
  readonly brokerCredentials: Readonly<Record<string, string>>;
  /** Dollars, such as `25000` or `25000.00`. */
  readonly openingFloat: string;
  readonly symbols: readonly string[];
  readonly smtp: Readonly<Record<string, string>>;
  /** User and password of the journal server that the setting JOURNAL_URL names; empty for the journal in the home. */
  readonly journalServer: Readonly<Record<string, string>>;
  /** Settings other than the defaults, as in `.env_bot`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A form without faults. */
export interface SetupPlan {
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly settings: Settings;
  readonly journal: JournalAddress;
  readonly envBot: Secret;
  readonly secrets: Readonly<Partial<Record<SecretFileName, SecretRecord>>>;
  readonly broker: string;
  /** Two decimals. */
  readonly openingFloat: DecimalText;
  readonly symbols: readonly TickerSymbol[];
}

const MOST_SYMBOLS = 50;
const MOST_FLOAT = Decimal.parse('1000000000');

/**
 * Checks all fields together. Throws ConfigError SETUP_INVALID whose details have one entry per faulty field, by its
 * path in the form (`identity.botId`, `settings.MAX_TRADES`), never with a secret value.
 */
export function planOf(form: SetupForm, versionTag: string): SetupPlan {
  const faults = new Map<string, string>();
  const journal = journalOf(form, faults);
  const texts = { ...settingTexts(form, versionTag), ...(isEmbedded(journal) ? {} : { JOURNAL_URL: journal.url }) };
  const identity = identityOf(form.identity, faults);
  const openingFloat = floatOf(form.openingFloat, faults);
  const symbols = symbolsOf(form.symbols, faults);
  const settings = settingsOf(texts, versionTag, faults);
  secretFieldFaults('broker_credentials', form.brokerCredentials, 'brokerCredentials', faults);
  secretFieldFaults('smtp', form.smtp, 'smtp', faults);
  secretFieldFaults('journal_server', form.journalServer, 'journalServer', faults);
  mailFaults(form.smtp, faults);
  if (settings !== undefined) brokerFaults(form, settings, faults);
  if (identity === undefined || openingFloat === undefined || settings === undefined || faults.size > 0) {
    throw refused(faults);
  }
  return {
    identity,
    identityParts: form.identity,
    settings,
    envBot: secret(renderEnvBot(texts)),
    journal,
    secrets: secretsOf(form, journal),
    broker: settings.BROKER_NAME,
    openingFloat,
    symbols,
  };
}

function settingTexts(form: SetupForm, versionTag: string): Readonly<Record<string, string>> {
  return { ...form.settings, BROKER_NAME: form.broker, VERSION_TAG: versionTag };
}

function identityOf(parts: BotIdentityParts, faults: Map<string, string>): BotIdentity | undefined {
  for (const name of ['entityCode', 'jurisdictionCode', 'brokerCode', 'botId'] as const) {
    if (!/^[A-Z0-9]{1,12}$/.test(parts[name]))
      faults.set(`identity.${name}`, 'must be 1 to 12 capital letters or digits');
  }
  return [...faults.keys()].some((field) => field.startsWith('identity.')) ? undefined : composeBotIdentity(parts);
}

function floatOf(text: string, faults: Map<string, string>): DecimalText | undefined {
  const amount = /^\d{1,12}(\.\d{1,2})?$/.test(text.trim()) ? Decimal.parse(text.trim()) : Decimal.ZERO;
  if (amount.sign() > 0 && amount.lte(MOST_FLOAT)) return moneyText(amount);
  faults.set('openingFloat', `must be an amount above 0 and up to ${MOST_FLOAT.text()}, with at most two decimals`);
  return undefined;
}

function symbolsOf(texts: readonly string[], faults: Map<string, string>): readonly TickerSymbol[] {
  const symbols: TickerSymbol[] = [];
  const bad: string[] = [];
  for (const text of texts.slice(0, MOST_SYMBOLS + 1)) {
    try {
      symbols.push(parseSymbol(text.trim()));
    } catch {
      bad.push(`"${text.slice(0, 20)}"`);
    }
  }
  if (bad.length > 0) faults.set('symbols', `${bad.join(', ')} must be ticker symbols, such as SPY`);
  else if (texts.length < 1 || texts.length > MOST_SYMBOLS)
    faults.set('symbols', `must be 1 to ${MOST_SYMBOLS} tickers`);
  else if (new Set(symbols).size !== symbols.length) faults.set('symbols', 'must name each ticker once');
  return symbols;
}

function settingsOf(
  texts: Readonly<Record<string, string>>,
  versionTag: string,
  faults: Map<string, string>,
): Settings | undefined {
  try {
    const settings = parseSettings(texts, { versionTag });
    for (const { key, problem } of saveFaults(settings)) faults.set(`settings.${key}`, problem);
    // a ban is set by its name, and the status shows it; other ends of all trading are confirmed on the settings page
    for (const { code, text } of noTradingReasons(texts)) {
      if (code !== 'DISABLE_ALL_TRADES') faults.set('settings', `must let a strategy trade: ${text}`);
    }
    return settings;
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'SETTINGS_INVALID') throw error;
    for (const [key, text] of Object.entries(error.details)) {
      const field = key === 'BROKER_NAME' ? 'broker' : `settings.${key}`;
      if (!faults.has(field)) faults.set(field, String(text));
    }
    return undefined;
  }
}

/** Where the journal of the form is, with the login of whichever of its two places has one. */
export function journalOf(
  { settings, journalServer }: Pick<SetupForm, 'settings' | 'journalServer'>,
  faults: Map<string, string>,
): JournalAddress {
  const text = settings['JOURNAL_URL']?.trim() ?? '';
  const address = journalAddressOf(text === '' ? EMBEDDED.url : text);
  const { [JOURNAL_LOGIN.user]: user = '', [JOURNAL_LOGIN.password]: password = '' } = journalServer;
  const wrong = isEmbedded(address) ? undefined : schemeFault(text);
  if (wrong !== undefined) faults.set('settings.JOURNAL_URL', `${wrong.text}. ${wrong.remedy}`);
  if (user === '' && password === '') return address;
  if (isEmbedded(address))
    faults.set(`journalServer.${JOURNAL_LOGIN.user}`, 'is for a journal on a server; leave it empty');
  if (address.credentials !== undefined) {
    faults.set('settings.JOURNAL_URL', 'must have no user:password@, because both are given apart from it');
  }
  if (user === '' || password === '') {
    const missing = user === '' ? JOURNAL_LOGIN.user : JOURNAL_LOGIN.password;
    faults.set(`journalServer.${missing}`, 'user and password must be given together');
  }
  return { ...address, credentials: { user, password: secret(password) } };
}

/** A broker needs its credentials, and a bot that trades in a market is not named after the simulator. */
function brokerFaults(
  { identity, brokerCredentials }: SetupForm,
  settings: Settings,
  faults: Map<string, string>,
): void {
  const { BROKER_NAME: broker, MARKET_DATA: marketData } = settings;
  const secrets = { broker_credentials: brokerCredentials, screener_api: {} };
  for (const { file, field, problem } of tradingSecretFaults(broker, marketData, secrets)) {
    if (file === 'broker_credentials') setOnce(faults, `brokerCredentials.${field}`, problem);
    else
      setOnce(
        faults,
        'settings.MARKET_DATA',
        `must be broker at the set-up: ${field} of the secret ${file} comes later`,
      );
  }
  if (broker !== 'SIM' && identity.brokerCode === 'SIM') {
    faults.set('identity.brokerCode', `must not be SIM for a bot that trades at ${broker}, such as ${broker}`);
  }
}

function setOnce(faults: Map<string, string>, field: string, text: string): void {
  if (!faults.has(field)) faults.set(field, text);
}

/** Mail needs a server and a sender; a user needs a password. */
function mailFaults(smtp: SetupForm['smtp'], faults: Map<string, string>): void {
  const given = new Set(Object.entries(smtp).flatMap(([field, value]) => (value === '' ? [] : [field])));
  if (given.size === 0) return;
  for (const field of ['SMTP_HOST', 'SMTP_FROM']) {
    if (!given.has(field)) faults.set(`smtp.${field}`, 'is required to send mail');
  }
  if (given.has('SMTP_USERNAME') !== given.has('SMTP_PASSWORD')) {
    const missing = given.has('SMTP_USERNAME') ? 'SMTP_PASSWORD' : 'SMTP_USERNAME';
    faults.set(`smtp.${missing}`, 'user and password must be given together');
  }
}

function secretsOf(form: SetupForm, { credentials }: JournalAddress): SetupPlan['secrets'] {
  return {
    bot_identity: asRecord(identityRecord(form.identity)),
    broker_credentials: asRecord({ ...form.brokerCredentials, BROKER_CODE: form.broker }),
    smtp: asRecord(form.smtp),
    ...(credentials === undefined
      ? {}
      : {
          journal_server: {
            [JOURNAL_LOGIN.user]: secret(credentials.user),
            [JOURNAL_LOGIN.password]: credentials.password,
          },
        }),
  };
}

/** Empty fields are left out. */
function asRecord(fields: Readonly<Record<string, string>>): SecretRecord {
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  return bareRecord(given.map(([field, value]) => [field, secret(value)] as const));
}

function refused(faults: ReadonlyMap<string, string>): TradeBotError {
  const count = faults.size === 1 ? '1 fault' : `${faults.size} faults`;
  return configError({
    code: 'SETUP_INVALID',
    message: `${count} in the set-up: ${[...faults].map(([field, text]) => `${field} ${text}`).join('; ')}`,
    remedy: 'Correct every field listed; nothing was created.',
    details: Object.fromEntries(faults),
  });
}
