import { clockTimeToUtc, parseClockTime, clockTimeText } from '../../domain/calendar/clock-time.js';
import { ownKey } from '../../domain/config/own-names.js';
import { ownFaults, ownText } from '../../domain/config/own-settings.js';
import { CLOSE_OUT_MINUTES } from '../../domain/config/running-strategies.js';
import type { Settings } from '../../domain/config/settings.js';
import type { MarketView, SymbolView } from '../../domain/market/view.js';
import { startOnDay } from '../../domain/schedule/strategy-times.js';
import { parseStrategyName, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { MINUTE_MS, plusMs } from '../../kernel/time.js';
import { freshBar } from '../fresh-price.js';
import { poolOf, screen, type Scored, type ScreenedOut } from '../screening.js';
import { shortTypeCheck } from '../self-check.js';
import type {
  CheckResult,
  OpenPositionView,
  RankedPool,
  Reason,
  ShortType,
  SignalResult,
  Strategy,
  StrategyContext,
  StrategyWindow,
} from '../strategy.js';
import { clampedWindow } from '../window.js';
import { analysisAnswer, manageAnswer, signalAnswer } from './answers.js';
import { COMMON, type OwnDefinition } from './definition.js';
import { contextFacts, marketAnswers, NO_QUESTIONS, positionFacts, symbolFacts } from './market-facts.js';
import type { OwnCode } from './own-code.js';

/** The module of an own strategy that was found, checked and can be called. */
export interface OwnModule {
  readonly definition: OwnDefinition;
  readonly code: OwnCode;
  /** As it is shown: `strategies/<name>/<file>`. */
  readonly file: string;
  /** Digest of the source text. */
  readonly sha256: Sha256Hex;
}

/** The screens common to all strategies; those of gap and size of the company are for its own module to make. */
const SCREENS = { maxGap: Decimal.of(100), minMarketCap: 0, maxMarketCap: Number.MAX_SAFE_INTEGER } as const;

/** The strategy of a module (TRD-24): the engine asks it like one of the program. */
export function ownStrategy({ definition, code, file, sha256 }: OwnModule): Strategy {
  const { name } = definition;
  const window = (context: StrategyContext): StrategyWindow => windowOf(definition, context);
  const factsOf = (market: MarketView, context: StrategyContext) =>
    contextFacts(market, context, settingsFor(definition, context.settings));
  const viewOf = (view: SymbolView, market: MarketView, context: StrategyContext) =>
    symbolFacts(view, market, window(context));
  return {
    name: parseStrategyName(name),
    codeSha256: sha256,
    filters: [],
    enabled: () => true,
    shortType: (settings) => textIn(definition, settings, COMMON.shortType) as ShortType,
    trailFraction: (settings) => Decimal.parse(textIn(definition, settings, COMMON.trail)),
    window,
    selfCheck: (context) => checksOf({ definition, code, file }, context),
    analyze: (market, context) =>
      analyzed(market, context, (views) => {
        const request = {
          context: factsOf(market, context),
          symbols: views.map((view) => viewOf(view, market, context)),
        };
        const answers = code.call('analyze', request, marketAnswers(market));
        return analysisAnswer(file, answers, views.length);
      }),
    signal: (symbol, market, context) =>
      signalled(symbol, market, (view) => {
        const request = { context: factsOf(market, context), symbol: viewOf(view, market, context) };
        return signalAnswer(file, code.call('signal', request, marketAnswers(market)));
      }),
    approach: () => undefined,
    manage: (position, market, context) => {
      if (!definition.methods.includes('manage')) return undefined;
      const symbol = viewOf(market.of(position.symbol), market, context);
      const request = { context: factsOf(market, context), symbol, position: positionFacts(position) };
      return manageAnswer(file, code.call('manage', request, marketAnswers(market)));
    },
  };
}

function analyzed(
  market: MarketView,
  { settings }: StrategyContext,
  ask: (views: readonly SymbolView[]) => ReturnType<typeof analysisAnswer>,
): RankedPool {
  const scored: Scored[] = [];
  const screenedOut: ScreenedOut[] = [];
  const passed: SymbolView[] = [];
  for (const symbol of market.symbols) {
    const view = market.of(symbol);
    const reason = screen(view, settings, SCREENS);
    if (reason === undefined) passed.push(view);
    else screenedOut.push({ symbol, ...reason });
  }
  const answers = ask(passed);
  for (const [index, view] of passed.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if ('code' in answer) screenedOut.push({ symbol: view.symbol, ...answer });
    else scored.push({ symbol: view.symbol, ...answer });
  }
  return poolOf(scored, screenedOut, settings);
}

function signalled(
  symbol: TickerSymbol,
  market: MarketView,
  ask: (view: SymbolView) => ReturnType<typeof signalAnswer>,
): SignalResult {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  if ('reason' in fresh) return { fired: false, reason: fresh.reason };
  const answer = ask(view);
  if ('code' in answer) return { fired: false, reason: answer };
  return { fired: true, signal: { symbol, price: fresh.bar.close, ...answer } };
}

function textIn({ name, settings: own }: OwnDefinition, settings: Settings, what: string): string {
  const key = ownKey(name, what);
  const setting = own.find((one) => one.key === key);
  return setting === undefined ? '' : ownText(settings, setting);
}

/** The strategy's settings as its module knows them: numbers, flags and words by their short names. */
function settingsFor(
  { name, settings: own }: OwnDefinition,
  settings: Settings,
): Readonly<Record<string, number | boolean | string>> {
  const prefix = ownKey(name, '').length;
  return Object.fromEntries(
    own.map((setting) => {
      const text = ownText(settings, setting);
      const value =
        setting.kind === 'boolean'
          ? text === 'true'
          : setting.kind === 'number' || setting.kind === 'count'
            ? Number(text)
            : text;
      return [setting.key.slice(prefix), value];
    }),
  );
}

function windowOf(definition: OwnDefinition, context: StrategyContext): StrategyWindow {
  const { settings } = context;
  // its self-check says which setting is wrong
  if (ownFaults(settings, definition).length > 0) return idleWindow(context);
  const minutes = (what: string): number => Number(textIn(definition, settings, what));
  const start = parseClockTime(textIn(definition, settings, COMMON.start));
  return clampedWindow(context, {
    from: startOnDay(settings, clockTimeToUtc(context.date, start), definition.onHalfDays, context),
    analysisMinutes: minutes(COMMON.analysis),
    breakoutMinutes: minutes(COMMON.entry),
    monitoringMinutes: minutes(COMMON.monitoring),
  });
}

function checksOf(
  { definition, code, file }: Omit<OwnModule, 'sha256'>,
  context: StrategyContext,
): readonly CheckResult[] {
  const { name, methods } = definition;
  const check = (what: string, cause: string, remedy: string): CheckResult => ({
    module: `strategy ${name}: ${what}`,
    ok: cause === '',
    cause,
    remedy: cause === '' ? '' : remedy,
  });
  const faults = ownFaults(context.settings, definition);
  const invalid = faults.map(({ key, problem }) => `${key} ${problem}`).join('; ');
  if (invalid !== '') return [check('settings', invalid, 'Correct the setting on the settings page.')];
  const window = windowOf(definition, context);
  const fits = window.analysisFrom < window.breakoutFrom && window.breakoutFrom < window.monitoringFrom;
  const start = clockTimeText(parseClockTime(textIn(definition, context.settings, COMMON.start)));
  const key = ownKey(name, COMMON.start);
  const own = methods.includes('selfCheck') ? ownWord({ definition, code, file }, context) : '';
  return [
    check(
      'window',
      fits ? '' : `${key}=${start} leaves no time for analysis and entries in this session`,
      `Change ${key} or the minutes of the strategy.`,
    ),
    shortTypeCheck(
      { strategy: name, key: ownKey(name, COMMON.shortType) },
      textIn(definition, context.settings, COMMON.shortType) as ShortType,
      context,
    ),
    check('own check', own, `See ${file}.`),
  ];
}

/** What its own check says; an error in it is one more reason not to run. */
function ownWord({ definition, code, file }: Omit<OwnModule, 'sha256'>, context: StrategyContext): string {
  const market = undefined;
  try {
    const facts = contextFacts(market, context, settingsFor(definition, context.settings));
    const answer = code.call('selfCheck', { context: facts }, NO_QUESTIONS);
    return answer === null
      ? ''
      : typeof answer === 'string'
        ? answer.slice(0, 300)
        : `${file}: selfCheck answered no text`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Why a module of that name does not trade. */
export interface RefusedStrategy {
  readonly name: string;
  readonly code: string;
  /** File and line as they are shown, such as `strategies/gap-fade/gap-fade.ts:12:5`. */
  readonly where: string;
  readonly cause: string;
  readonly remedy: string;
}

/** The window of a strategy that enters nothing: it is reported at the open, and what it holds is managed until the close. */
function idleWindow({ opensAt, closesAt }: StrategyContext): StrategyWindow {
  const end = plusMs(closesAt, -CLOSE_OUT_MINUTES * MINUTE_MS);
  return { analysisFrom: opensAt, breakoutFrom: end, monitoringFrom: end, endsAt: end };
}

/** Stands in for a strategy that cannot run: it fails its self-check, by name and place, and the others trade. */
export function refusedStrategy({ name, where, cause, remedy }: RefusedStrategy): Strategy {
  const nothing: Reason = { code: 'NOT_LOADED', figures: {} };
  return {
    name: parseStrategyName(name),
    filters: [],
    enabled: () => true,
    shortType: () => 'disabled',
    trailFraction: (settings) => settings.TRADING_TRAILING_STOP_PCT,
    window: idleWindow,
    selfCheck: () => [{ module: `strategy ${name}: module`, ok: false, cause: `${where}: ${cause}`, remedy }],
    analyze: () => ({ candidates: [], screenedOut: [] }),
    signal: () => ({ fired: false, reason: nothing }),
    approach: () => undefined,
    manage: (_position: OpenPositionView) => undefined,
  };
}
