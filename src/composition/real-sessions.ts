import { RunningTimer } from '../adapters/clock/running-timer.js';
import { pauseMs } from '../adapters/broker-common/pause.js';
import { strategyBudget } from './strategy-budget.js';
import { idempotent, retrySafely } from '../app/errors/retry-safely.js';
import { fencedBroker } from '../app/ownership/fenced-broker.js';
import { LiveSession } from '../app/live/live-session.js';
import { PreparedSession } from '../app/live/prepared-session.js';
import { blocksSession } from '../domain/lifecycle/blocking-checks.js';
import type { BeginSession, SessionInputs } from '../app/live/session-runner.js';
import type { ExchangeSession } from '../domain/calendar/nyse.js';
import { isOption } from '../domain/options/contract-name.js';
import { isFlat } from '../domain/session/trading-permissions.js';
import type { TickerSymbol } from '../events/names.js';
import { canonicalJson } from '../kernel/canonical-json.js';
import type { Settings } from '../domain/config/settings.js';
import type { SessionSymbols } from '../domain/universe/session-symbols.js';
import type { Decimal } from '../kernel/decimal.js';
import { networkError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import { SECOND_MS, type Clock, type DateText, type EpochMs } from '../kernel/time.js';
import type { MarketDataFeed, MarketDay } from '../ports/market-data.js';
import { ownStrategiesFound } from '../strategies/own/own-strategies.js';
import { strategiesToRun } from '../strategies/registry.js';
import { awaitLedger } from './await-ledger.js';
import type { LiveWorld, TestSeams } from './live-sessions.js';
import type { BrokerChoice } from './broker-choice.js';
import type { RealAccount } from './real-account.js';
import { homeRecords, sessionDeps } from './session-deps.js';
import { statementSource } from './statement-source.js';

/** What sessions at a real broker are made of. */
export interface RealWorld extends Omit<LiveWorld, 'world' | 'store'> {
  readonly account: RealAccount;
  /** The symbols that may be traded on a day, as many as there is room for. */
  readonly symbols: (date: DateText, settings: Settings, room: number) => SessionSymbols;
  readonly choice: Pick<BrokerChoice, 'feed'>;
  /** The capital that the set-up named. */
  readonly plannedFloat: Decimal;
}

/** Sessions of a home with a real broker: one connection for all of them, a feed for each. */
export function realSessions(parts: RealWorld, seams: TestSeams): BeginSession {
  return (day, inputs) => {
    const { account, core } = parts;
    const settings = inputs.settings();
    const withinS = settings.API_TIMEOUT * (settings.API_RETRY_LIMIT + 1);
    const venue = account.broker(settings);
    const chosen = symbolsOf(parts, day.date, settings);
    const feed = account.feed(settings, chosen.symbols);
    const broker = parts.watch.broker(fencedBroker(seams.broker?.(venue) ?? venue, core.effects), true);
    const begin = (loaded: boolean): LiveSession =>
      liveSession({
        parts,
        seams,
        day,
        inputs,
        broker,
        feed,
        market: marketOf(feed, day.date, { loaded, parts, chosen }),
      });
    return new PreparedSession({
      load: () => prepared(feed, day.date, { pacer: parts.pacer, retries: settings.API_RETRY_LIMIT }),
      limit: (late) => {
        const timer = new RunningTimer(withinS * SECOND_MS, late);
        return () => timer.cancel();
      },
      cannotWait: inputs.purpose === 'close' || !isFlat(core.state),
      make: begin,
      late: () => lateFeed(withinS),
      end: () => feed.close?.(),
    });
  };
}

/** A feed that cannot be reached for a moment costs no session. */
function prepared(
  feed: MarketDataFeed,
  date: DateText,
  { pacer, retries: limit }: { readonly pacer: Clock; readonly retries: number },
): Promise<void> {
  if (feed.prepare === undefined) return Promise.resolve();
  const until = (at: EpochMs): Promise<void> => pauseMs(Math.max(0, at - pacer.now()));
  const load = idempotent('prepare the market data', () => feed.prepare?.(date) ?? Promise.resolve());
  return retrySafely(load, { limit, seed: `feed/${date}`, now: () => pacer.now(), until });
}

interface SessionParts {
  readonly parts: RealWorld;
  readonly seams: TestSeams;
  readonly day: ExchangeSession;
  readonly inputs: SessionInputs;
  readonly broker: ReturnType<RealWorld['watch']['broker']>;
  readonly feed: MarketDataFeed;
  readonly market: MarketDay;
}

function liveSession({ parts, seams, day, inputs, broker, feed, market }: SessionParts): LiveSession {
  const { core, pacer, watch, checks, own, plannedFloat } = parts;
  const { paths, identity, identityParts, codes, state } = core;
  const { settings } = inputs;
  const deps = sessionDeps(core, {
    ...homeRecords(core, 'as they come'),
    strategies: seams.strategies?.(settings()) ?? strategiesToRun(settings(), own),
    ownStrategies: ownStrategiesFound(own),
    broker,
    brokerSeed: NO_SEED,
    calendarDay: day,
    feed: watch.market(feed, day),
    market,
    world: undefined,
    projections: { catchUp: () => awaitLedger(paths.output.ledgerDb, state) },
    statement: statementSource({ paths, identity, identityParts, codes }),
    plannedFloat,
  });
  const hooks = { checks: async () => (await checks.modules(settings())).filter(blocksSession) };
  return new LiveSession({ ...deps, ...inputs, pacer, budget: strategyBudget(paths), hooks });
}

/** Events name the seed of a simulated broker; a real one has none. */
const NO_SEED = 0;

/** A session that has begun keeps its symbols; whatever is held is watched as well, but options, which are followed by themselves. */
function symbolsOf(parts: RealWorld, date: DateText, settings: Settings): ChosenSymbols {
  const { session, positions } = parts.core.state;
  const held = [...positions.values()].flatMap(({ symbol, quantity }) =>
    quantity.isZero() || isOption(symbol) ? [] : [symbol],
  );
  const opened = session?.opened.date === date ? session.opened.feed : undefined;
  const room = Math.max(1, settings.SCREENER_SESSION_SYMBOLS - held.length);
  const { symbols, description } = opened ?? parts.symbols(date, settings, room);
  return { symbols: [...new Set([...symbols, ...held])], description };
}

interface ChosenSymbols {
  readonly symbols: readonly TickerSymbol[];
  /** Where they come from, in words. */
  readonly description: string;
}

/**
 * The day of the feed. Its digest follows from feed and symbols, so that a session that has begun is resumed with what it began
 * with. A day that could not be loaded has symbols only: positions are managed, and no candidate is complete.
 */
function marketOf(
  feed: MarketDataFeed,
  date: DateText,
  { loaded, parts, chosen }: { readonly loaded: boolean; readonly parts: RealWorld; readonly chosen: ChosenSymbols },
): MarketDay {
  const opened = parts.core.state.session?.opened;
  const begun = opened?.date === date ? opened.feed : undefined;
  const day = openedDay(feed, date, loaded) ?? bareDay(date, chosen.symbols, parts.choice.feed);
  const { kind } = day.description;
  // a session that has begun says what it began with
  const description = begun?.description ?? `${day.description.description}; ${chosen.description}`;
  const symbols = begun?.symbols ?? day.description.symbols;
  const sha256 = begun?.sha256 ?? sha256Hex(canonicalJson({ kind, symbols }));
  return { ...day, findings: () => day.findings(), description: { kind, description, seed: null, symbols, sha256 } };
}

function openedDay(feed: MarketDataFeed, date: DateText, loaded: boolean): MarketDay | undefined {
  try {
    return feed.open(date);
  } catch (error) {
    if (loaded) throw error;
    return undefined;
  }
}

function bareDay(
  date: DateText,
  symbols: readonly TickerSymbol[],
  kind: MarketDay['description']['kind'] = 'synthetic',
): MarketDay {
  return {
    date,
    references: symbols.map((symbol) => ({
      symbol,
      previousClose: undefined,
      previousVolume: undefined,
      marketCap: undefined,
    })),
    description: { kind, description: `market data of ${kind}`, seed: null, symbols, sha256: sha256Hex('') },
    findings: () => ({}),
  };
}

function lateFeed(seconds: number): ReturnType<typeof networkError> {
  return networkError('retry', {
    code: 'API_TIMEOUT',
    message: `the market data did not answer within ${seconds} s`,
    remedy: 'Check the connection to the provider and its status page, then start the bot again.',
  });
}
