import { Decimal } from '../../kernel/decimal.js';
import { STRATEGY_NAMES, strategyKey, type ConfiguredStrategy } from './configured-strategies.js';
import { ownNamesAsked, runningStrategies } from './running-strategies.js';
import { botHoursFaults, entryFaults, seasonWithoutEntries } from './session-rules.js';
import { settingsIfValid, type Settings } from './settings.js';
import { FILTER_LIMITS } from './strategy-keys.js';

/** Why no strategy can open a position with these settings, and what changes that. */
export interface NoTradingReason {
  /** Stable: a reason that was confirmed is not asked again. */
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

/** A limit that nothing in the market can pass, for one strategy or, in `common`, for all. */
interface Blocker {
  readonly code: string;
  readonly text: string;
}

/** Shares in a day: more than all US exchanges together trade in most. */
const MOST_VOLUME = 20_000_000_000;
/** Dollars: one listed share costs more. */
const HIGHEST_PRICE = Decimal.parse('100000');
/** Dollars: several times the value of the largest company. */
const LARGEST_COMPANY = 50_000_000_000_000;
/** Dollars: the smallest difference of two quotes, from one dollar on and below it (SEC Rule 612). */
const TICK = { dollar: Decimal.parse('0.01'), below: Decimal.parse('0.0001') } as const;

/**
 * Why no strategy can open a position with these settings: empty when one can, or when they are invalid. `float` is the
 * capital in dollars; undefined while it is unknown.
 */
export function noTradingReasons(texts: Readonly<Record<string, string>>, float?: Decimal): readonly NoTradingReason[] {
  const settings = settingsIfValid(texts);
  if (settings === undefined) return [];
  const reasons: NoTradingReason[] = [];
  if (settings.DISABLE_ALL_TRADES) {
    reasons.push({
      code: 'DISABLE_ALL_TRADES',
      text: 'DISABLE_ALL_TRADES is true: no position is opened',
      remedy: 'Set DISABLE_ALL_TRADES to false.',
    });
  }
  // what an own strategy can trade, only its module knows
  if (ownNamesAsked(settings).length > 0) return reasons;
  const running = runningStrategies(settings);
  const outside = [...botHoursFaults(settings), ...entryFaults(settings)];
  if (running.length > 0 && outside.length >= running.length) {
    const remedy = 'Change MARKET_OPEN, MARKET_CLOSE or the start of a strategy.';
    reasons.push({ code: 'HOURS', text: outside.map(({ key, problem }) => `${key} ${problem}`).join('; '), remedy });
  }
  if (running.length === 0) reasons.push(noStrategy(settings));
  else reasons.push(...allBlocked(settings, running, float));
  return reasons;
}

const SEASONS = {
  standard: 'From November to March (standard time)',
  'daylight saving': 'From March to November (daylight saving time)',
} as const;

/** Why no strategy can trade for months of each year, though one can now or later: to be confirmed when it is saved. */
export function seasonReasons(texts: Readonly<Record<string, string>>): readonly NoTradingReason[] {
  const settings = settingsIfValid(texts);
  const season =
    settings === undefined || ownNamesAsked(settings).length > 0 ? undefined : seasonWithoutEntries(settings);
  if (season === undefined) return [];
  return [
    {
      code: `SEASON ${season}`,
      text: `${SEASONS[season]} no strategy can open a position in the hours of MARKET_OPEN and MARKET_CLOSE: a time without a zone is UTC`,
      remedy: 'Write times with their zone, such as 15:00@America/New_York.',
    },
  ];
}

function noStrategy(settings: Settings): NoTradingReason {
  const off = STRATEGY_NAMES.filter((name) => !settings[`STRAT_${strategyKey(name)}_ENABLED`]);
  const keys = off.map((name) => `STRAT_${strategyKey(name)}_ENABLED`).join(', ');
  return {
    code: 'NO_STRATEGY',
    text: `of STRATEGY_SEQUENCE (${settings.STRATEGY_SEQUENCE.join(', ')}) none is enabled; ${keys} is false`,
    remedy: 'Enable a strategy of STRATEGY_SEQUENCE.',
  };
}

/** A reason when each strategy that runs has a limit that nothing passes. */
function allBlocked(
  settings: Settings,
  running: readonly ConfiguredStrategy[],
  float: Decimal | undefined,
): readonly NoTradingReason[] {
  const common = commonBlockers(settings);
  const remedy = 'Change one of these limits.';
  if (common.length > 0) return common.map(({ code, text }) => ({ code, text, remedy }));
  const found = running.map((name) => ({
    name,
    blockers: [...own(settings, name), ...sizeBlockers(settings, name, float)],
  }));
  if (found.some(({ blockers }) => blockers.length === 0)) return [];
  const codes = found.map(({ name, blockers }) => `${name}:${blockers.map(({ code }) => code).join('+')}`);
  const texts = found.map(({ name, blockers }) => `${name}: ${blockers.map(({ text }) => text).join(', ')}`);
  return [{ code: codes.join(' '), text: texts.join('; '), remedy }];
}

function commonBlockers(settings: Settings): readonly Blocker[] {
  const { MIN_PRICE: low, MAX_PRICE: high, MIN_VOLUME_THRESHOLD: volume, MAX_SPREAD_PCT: spread } = settings;
  const tick = high.lt(Decimal.ONE) ? TICK.below : TICK.dollar;
  const blockers: Blocker[] = [];
  if (low.equals(high)) {
    blockers.push({
      code: 'PRICE_RANGE',
      text: `MIN_PRICE and MAX_PRICE are both ${low.shortText()}: no other price passes`,
    });
  }
  if (low.gt(HIGHEST_PRICE)) {
    blockers.push({ code: 'MIN_PRICE', text: `MIN_PRICE is ${low.shortText()} USD: hardly any share costs that much` });
  }
  if (volume > MOST_VOLUME) {
    blockers.push({
      code: 'MIN_VOLUME',
      text: `MIN_VOLUME_THRESHOLD is ${volume}: no share trades that much in a day`,
    });
  }
  if (high.times(spread).lt(tick)) {
    const text = `MAX_SPREAD_PCT is ${spread.shortText()}: at every price up to MAX_PRICE (${high.shortText()}) the smallest spread, ${tick.shortText()} USD, is more`;
    blockers.push({ code: 'MAX_SPREAD', text });
  }
  return blockers;
}

function own(settings: Settings, name: ConfiguredStrategy): readonly Blocker[] {
  const key = strategyKey(name);
  const [low, high] = [settings[`MIN_MARKET_CAP_${key}`], settings[`MAX_MARKET_CAP_${key}`]];
  const blockers: Blocker[] = [];
  if (low === high || low > LARGEST_COMPANY) {
    blockers.push({
      code: 'MARKET_CAP',
      text: `MIN_MARKET_CAP_${key} ${low} and MAX_MARKET_CAP_${key} ${high} admit no company`,
    });
  }
  for (const { key: limit, gate, stopsAll, because } of FILTER_LIMITS[name] ?? []) {
    if (!settings[gate] || !stopsAll(settings[limit])) continue;
    blockers.push({ code: limit, text: `${limit} is ${settings[limit]} and ${gate} true: ${because}` });
  }
  return blockers;
}

/** The first entry, as float, its weight and the risk at the stop allow it, must buy a cent's worth, or one whole share. */
function sizeBlockers(settings: Settings, name: ConfiguredStrategy, float: Decimal | undefined): readonly Blocker[] {
  if (float === undefined || float.sign() <= 0) return [];
  const allocation = settings.DEFENSE_MODE_ACTIVE ? settings.DEFENSE_MODE_TOTAL_ALLOCATION : settings.TOTAL_ALLOCATION;
  const weight = settings.WEIGHTS[0] ?? Decimal.ZERO;
  const trail = settings[`TRAIL_PCT_${strategyKey(name)}`];
  const atRisk = float.times(settings.MAX_RISK_PER_TRADE).divide(trail, { scale: 2, round: 'down' });
  const most = Decimal.min(float.times(allocation).times(weight), atRisk).rounded(2, 'down');
  if (!settings.FRACTIONAL && most.lt(settings.MIN_PRICE)) {
    const text = `the first entry, ${most.text()} USD of a float of ${float.shortText(2)}, buys no whole share at MIN_PRICE (${settings.MIN_PRICE.shortText(2)}), and FRACTIONAL is false`;
    return [{ code: 'ENTRY_SIZE', text }];
  }
  if (most.sign() > 0) return [];
  return [{ code: 'ENTRY_SIZE', text: `the first entry of a float of ${float.shortText(2)} USD is less than a cent` }];
}
