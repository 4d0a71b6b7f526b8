import { configError, type TradeBotError } from '../../kernel/errors.js';
import { secret, type Secret } from '../../kernel/secret.js';
import { PROVIDERS, type ProviderName } from './observation.js';

/** What the admin entered for a provider of the universe. */
export interface ProviderAccount {
  readonly name: ProviderName;
  /** Empty: the address of the provider. Without a slash at its end. */
  readonly url: string;
  readonly apiKey: Secret;
  readonly secretKey: Secret;
  readonly contact: string;
  readonly uses: readonly ProviderUseName[];
}

const USES = ['universe', 'enrichment', 'trading'] as const;
export type ProviderUseName = (typeof USES)[number];

/** What a provider is used for when nothing is said: all that it can do. */
const USUAL: Readonly<Record<ProviderName, readonly ProviderUseName[]>> = {
  alpaca: ['universe', 'trading'],
  finnhub: ['universe', 'enrichment', 'trading'],
  edgar: ['enrichment'],
};
/** The field without which a provider is not enabled. */
const OPENS_WITH: Readonly<Record<ProviderName, string>> = { alpaca: 'API_KEY', finnhub: 'API_KEY', edgar: 'CONTACT' };
const MOST_LISTED = 20;
const NONE = secret('');

type Fields = Readonly<Record<string, Secret | undefined>>;

/**
 * The enabled providers in order of precedence, from the secret `screener_api`: by name (FINNHUB_API_KEY, ALPACA_API_KEY and
 * ALPACA_SECRET_KEY, EDGAR_CONTACT, each with _URL and _USE), or as a list (1_PROVIDER, 1_API_KEY, 1_USE). Throws ConfigError
 * PROVIDER_UNKNOWN and PROVIDER_FIELD, which name the field and never its value.
 */
export function providerAccounts(fields: Fields): readonly ProviderAccount[] {
  const prefixes = new Map<ProviderName, string>();
  for (const name of PROVIDERS) prefixes.set(name, name.toUpperCase());
  for (let at = 1; at <= MOST_LISTED; at += 1) {
    const listed = fields[`${at}_PROVIDER`]?.reveal().trim().toLowerCase() ?? '';
    if (listed !== '') prefixes.set(providerNamed(listed, `${at}_PROVIDER`), String(at));
  }
  return PROVIDERS.flatMap((name) => {
    const prefix = prefixes.get(name) ?? name.toUpperCase();
    const opens = fields[`${prefix}_${OPENS_WITH[name]}`];
    return opens === undefined || opens.isEmpty ? [] : [accountOf(name, prefix, fields)];
  });
}

function providerNamed(text: string, field: string): ProviderName {
  const name = PROVIDERS.find((one) => one === text);
  if (name !== undefined) return name;
  throw configError({
    code: 'PROVIDER_UNKNOWN',
    message: `${field} of screener_api names no provider of this version`,
    remedy: `Enter one of ${PROVIDERS.join(', ')}.`,
  });
}

function accountOf(name: ProviderName, prefix: string, fields: Fields): ProviderAccount {
  const of = (field: string): Secret => fields[`${prefix}_${field}`] ?? NONE;
  const url = of('URL').reveal().trim().replace(/\/+$/, '');
  if (url !== '' && !isSafe(url))
    throw badField(`${prefix}_URL`, 'an address with https://, or with http:// on this machine');
  const contact = of('CONTACT').reveal().trim();
  if (!/^[\x20-\x7e]*$/.test(contact))
    throw badField(`${prefix}_CONTACT`, 'a name and a mail address in plain letters');
  const given = of('USE').reveal().trim();
  const words = given === '' ? USUAL[name] : given.split(/[,\s]+/);
  const uses = words.flatMap((word) => USES.filter((use) => use === word));
  if (uses.length !== words.length) throw badField(`${prefix}_USE`, `a list of ${USES.join(', ')}`);
  return { name, url, contact, uses, apiKey: of('API_KEY'), secretKey: of('SECRET_KEY') };
}

/** A key must not travel in plain text, except within this machine. */
function isSafe(url: string): boolean {
  return (
    /^https:\/\/[^\s@]{1,500}$/.test(url) ||
    /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(\/[^\s@]*)?$/.test(url)
  );
}

function badField(field: string, mustBe: string): TradeBotError {
  return configError({
    code: 'PROVIDER_FIELD',
    message: `${field} of screener_api is not valid`,
    remedy: `It must be ${mustBe}.`,
  });
}
