import type { Settings } from '../config/settings.js';
import { isSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BlockedSymbol } from './blocklist.js';
import type { UniverseRow } from './enrich.js';

/** Limits of the universe as settings give them, as texts: they are kept with each build. */
export interface UniverseLimits {
  readonly exchanges: readonly string[];
  readonly minPrice: string;
  readonly maxPrice: string;
  readonly minMarketCap: string;
  readonly maxMarketCap: string;
  readonly maxSize: number;
  /** False when no provider of the build reports market caps: the rule is then left out, and the universe says so. */
  readonly marketCapKnown: boolean;
}

/** What a rule says of a symbol. */
export interface RuleResult {
  readonly rule: RuleName;
  readonly ok: boolean;
  /** Why it fails; empty when it holds. */
  readonly code: string;
  readonly value: string;
  readonly limit: string;
}

/** The rules in their order: the first that fails is the reason why a symbol is not in the universe. */
export type RuleName = 'blocklist' | 'symbol' | 'tradable' | 'exchange' | 'price' | 'market_cap' | 'size';

const UNKNOWN = 'unknown';
const NOT_CHECKED = 'not checked: no provider of this build reports it';

/** The limits that the settings give. */
export function limitsOf(settings: Settings, marketCapKnown: boolean): UniverseLimits {
  return {
    exchanges: settings.SCREENER_UNIVERSE_EXCHANGES,
    minPrice: settings.SCREENER_UNIVERSE_MIN_PRICE.shortText(),
    maxPrice: settings.SCREENER_UNIVERSE_MAX_PRICE.shortText(),
    minMarketCap: String(settings.SCREENER_UNIVERSE_MIN_MARKET_CAP),
    maxMarketCap: String(settings.SCREENER_UNIVERSE_MAX_MARKET_CAP),
    maxSize: settings.SCREENER_UNIVERSE_MAX_SIZE,
    marketCapKnown,
  };
}

type Judged = Omit<RuleResult, 'rule'>;

const holds = (value: string, limit: string): Judged => ({ ok: true, code: '', value, limit });
const fails = (code: string, value: string, limit: string): Judged => ({ ok: false, code, value, limit });

/** What each rule but the size says of a symbol. */
export function judgeRow(
  row: UniverseRow,
  limits: UniverseLimits,
  blocked: BlockedSymbol | undefined,
): readonly RuleResult[] {
  const { price, market_cap: cap } = row.figures;
  return [
    { rule: 'blocklist', ...blocklistRule(blocked) },
    {
      rule: 'symbol',
      ...(isSymbol(row.symbol)
        ? holds(row.symbol, 'a symbol that can be traded')
        : fails('SYMBOL_NOT_SUPPORTED', row.symbol, 'capitals, digits and dots')),
    },
    { rule: 'tradable', ...tradableRule(row) },
    { rule: 'exchange', ...exchangeRule(row, limits) },
    { rule: 'price', ...rangeRule('PRICE', price?.value, limits.minPrice, limits.maxPrice) },
    {
      rule: 'market_cap',
      ...(limits.marketCapKnown
        ? rangeRule('MARKET_CAP', cap?.value, limits.minMarketCap, limits.maxMarketCap)
        : holds(cap?.value ?? UNKNOWN, NOT_CHECKED)),
    },
  ];
}

function blocklistRule(blocked: BlockedSymbol | undefined): Judged {
  if (blocked === undefined) return holds('not listed', 'not on the blocklist');
  const { reason, since, provider } = blocked;
  return fails('BLOCKLISTED', `${reason} (${since}, ${provider})`, 'not on the blocklist');
}

function tradableRule({ figures }: UniverseRow): Judged {
  const limit = 'not refused by a broker';
  const { tradable } = figures;
  if (tradable?.value === 'false') return fails('NOT_TRADABLE', 'false', limit);
  return holds(tradable?.value ?? UNKNOWN, limit);
}

function exchangeRule({ figures }: UniverseRow, { exchanges }: UniverseLimits): Judged {
  const limit = exchanges.join(',');
  const { exchange } = figures;
  if (exchange === undefined) return fails('EXCHANGE_UNKNOWN', UNKNOWN, limit);
  return exchanges.includes(exchange.value)
    ? holds(exchange.value, limit)
    : fails('EXCHANGE_NOT_WANTED', exchange.value, limit);
}

function rangeRule(name: 'PRICE' | 'MARKET_CAP', value: string | undefined, min: string, max: string): Judged {
  const limit = `${min} to ${max}`;
  if (value === undefined) return fails(`${name}_UNKNOWN`, UNKNOWN, limit);
  const figure = Decimal.parse(value);
  if (figure.lt(Decimal.parse(min))) return fails(`${name}_BELOW_MIN`, value, limit);
  if (figure.gt(Decimal.parse(max))) return fails(`${name}_ABOVE_MAX`, value, limit);
  return holds(value, limit);
}

/** Dollars traded in the last session; undefined when price or volume is not known. */
export function dollarVolume({ figures }: UniverseRow): Decimal | undefined {
  const { price, volume } = figures;
  if (price === undefined || volume === undefined) return undefined;
  return Decimal.parse(price.value).times(Decimal.parse(volume.value)).rounded(2, 'halfEven');
}
