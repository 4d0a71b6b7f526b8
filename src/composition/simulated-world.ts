import { existsSync, readFileSync } from 'node:fs';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { writeFileAtomic } from '../adapters/files/atomic-write.js';
import type { SessionMarket } from '../app/live/session-market.js';
import { BROKER_NAMES } from '../domain/config/broker-names.js';
import { parseSymbol } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { configError, TradeBotError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { DateText } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import type { ReplayedFeed } from '../ports/market-data.js';
import { openRecordedDays, type FeedChoice } from './market-source.js';

/** The world of a bot with the simulated broker: identical after every restart, different for each bot. */
export interface SimulatedWorld {
  readonly feed: ReplayedFeed;
  readonly brokerSeed: number;
  /** Initial cash of the account. */
  readonly openingCash: Decimal;
  /** What the rest is derived from. */
  readonly facts: SimulatedWorldFacts;
  readonly market: SessionMarket;
}

/** Facts of the set-up and of the start that make the simulated world; kept next to the account for a kill without a journal. */
export interface SimulatedWorldFacts {
  readonly openingFloat: string;
  /** All of the market when empty. */
  readonly symbols: readonly string[];
  /** The market data that the bot was started with; absent: a synthetic market of the bot's own. */
  readonly feed?: FeedChoice;
}

/** Derives the world from the set-up event and the choice of the start. Throws when the home was never provisioned. */
export async function simulatedWorld(
  journal: Pick<Journal, 'readAll'>,
  identity: BotIdentity,
  choice?: FeedChoice,
): Promise<SimulatedWorld> {
  const [provisioned] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['ProvisioningCompleted'] },
  });
  if (provisioned?.type !== 'ProvisioningCompleted') {
    throw configError({
      code: 'HOME_NOT_PROVISIONED',
      message: `the journal of ${identity} has no completed set-up`,
      remedy: 'Set the bot up in the browser first: tradebot run prints the address.',
    });
  }
  const { openingFloat, symbols } = provisioned.data;
  return worldOf(identity, { openingFloat, symbols, ...(choice === undefined ? {} : { feed: choice }) });
}

/** The world of these facts. */
export function worldOf(identity: BotIdentity, facts: SimulatedWorldFacts): SimulatedWorld {
  const { feed: choice } = facts;
  const brokerSeed = choice?.seed ?? seedOf(identity, 'broker');
  const { feed, days } =
    choice === undefined || choice.feed === 'synthetic'
      ? { feed: inventedFeed(identity, facts), days: undefined }
      : openRecordedDays(choice);
  const kind = choice?.feed ?? 'synthetic';
  return {
    ...{ feed, brokerSeed, facts },
    openingCash: Decimal.parse(facts.openingFloat),
    market: {
      facts: {
        kind,
        description: MARKETS[kind],
        simulated: true,
        symbols: symbolsOf(facts).map(parseSymbol),
        days: days?.length ?? null,
        firstDay: days?.[0] ?? null,
        lastDay: days?.at(-1) ?? null,
        brokerSeed,
      },
      days,
      fault: days === undefined ? () => undefined : faultOf(feed),
    },
  };
}

const MARKETS = {
  lean: 'recorded days of QuantConnect minute files',
  csv: 'recorded days of CSV minute bars',
  synthetic: 'an invented market',
} as const;

/** Opens a day once, when it is due, and remembers why it cannot be traded. */
function faultOf(feed: ReplayedFeed): SessionMarket['fault'] {
  const known = new Map<DateText, string | undefined>();
  return (date) => {
    if (!known.has(date)) known.set(date, faultOn(feed, date));
    return known.get(date);
  };
}

function faultOn(feed: ReplayedFeed, date: DateText): string | undefined {
  try {
    feed.openSession(date);
    return undefined;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return error.message;
  }
}

/** Keeps the facts of the world next to the account. On a full disk what is there stays. */
export function keepWorldFacts(path: string, facts: SimulatedWorldFacts): void {
  const text = `${JSON.stringify(facts)}\n`;
  try {
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileAtomic(path, text);
  } catch {
    // the next start tries again
  }
}

/** The facts of the world without the journal. Throws SIM_WORLD_UNKNOWN when they were never kept. */
export function keptWorldFacts(path: string): SimulatedWorldFacts {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SimulatedWorldFacts;
  } catch (cause) {
    throw configError({
      code: 'SIM_WORLD_UNKNOWN',
      message: `${path} cannot be read: without it the simulated market is not known`,
      remedy: 'Restore the journal (tradebot restore), then start the bot.',
      cause,
    });
  }
}

/** Those of the start, else those of the set-up. */
function symbolsOf({ feed, symbols }: SimulatedWorldFacts): readonly string[] {
  return feed === undefined || feed.symbols.length === 0 ? symbols : feed.symbols;
}

function inventedFeed(identity: BotIdentity, facts: SimulatedWorldFacts): SyntheticFeed {
  const seed = facts.feed?.seed ?? seedOf(identity, 'feed');
  const symbols = symbolsOf(facts).map(parseSymbol);
  return new SyntheticFeed({ seed, unknownTickers: 'invent', ...(symbols.length === 0 ? {} : { symbols }) });
}

/** 31 bits; days of a feed and orders of a broker already vary by date and order id. */
function seedOf(identity: BotIdentity, purpose: string): number {
  return Number.parseInt(sha256Hex(`${purpose} of ${identity}`).slice(0, 8), 16) & 0x7fff_ffff;
}

const REAL_BROKERS: readonly string[] = BROKER_NAMES.filter((name) => name !== 'SIM');

/** Refuses a start with another market or broker seed while the journal has a session that is not over. */
export async function refuseOtherFeed(
  journal: Pick<Journal, 'readAll'>,
  identity: BotIdentity,
  choice: FeedChoice | undefined,
): Promise<void> {
  const types = ['SessionOpened', 'SessionClosed'] as const;
  const [newest] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types } });
  if (newest?.type !== 'SessionOpened') return;
  const { date, feed, brokerSeed } = newest.data;
  // the market of a real broker is no choice of the start
  if (REAL_BROKERS.includes(newest.data.broker)) return;
  const world = await simulatedWorld(journal, identity, choice);
  const differs =
    world.feed.openSession(date).description.sha256 !== feed.sha256
      ? 'market data'
      : world.brokerSeed === brokerSeed
        ? undefined
        : 'broker seed';
  if (differs === undefined) return;
  throw configError({
    code: 'SESSION_DIFFERS',
    message: `the session of ${date} is not over and was opened with different ${differs}: ${feed.description}`,
    remedy:
      'Start with the --feed, --data, --symbols, --vix and --seed of that session; other ones from the next day on.',
  });
}
