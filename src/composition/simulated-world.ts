import { existsSync, readFileSync } from 'node:fs';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { writeFileAtomic } from '../adapters/files/atomic-write.js';
import { parseSymbol, type TickerSymbol } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { configError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import type { ReplayedFeed } from '../ports/market-data.js';

/** The world of a bot with the simulated broker: identical after every restart, different for each bot. */
export interface SimulatedWorld {
  readonly feed: ReplayedFeed;
  readonly brokerSeed: number;
  /** Initial cash of the account. */
  readonly openingCash: Decimal;
  /** What the rest is derived from. */
  readonly facts: SimulatedWorldFacts;
}

/** Facts of the set-up that make the simulated world; kept next to the account for a kill without a journal. */
export interface SimulatedWorldFacts {
  readonly openingFloat: string;
  /** All of the market when empty. */
  readonly symbols: readonly string[];
}

/** Derives the world from the set-up event. Throws when the home was never provisioned. */
export async function simulatedWorld(
  journal: Pick<Journal, 'readAll'>,
  identity: BotIdentity,
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
  return worldOf(identity, { openingFloat, symbols });
}

/** The world of these facts. */
export function worldOf(identity: BotIdentity, facts: SimulatedWorldFacts): SimulatedWorld {
  return {
    feed: openFeed(identity, facts.symbols.map(parseSymbol)),
    brokerSeed: seedOf(identity, 'broker'),
    openingCash: Decimal.parse(facts.openingFloat),
    facts,
  };
}

/** Keeps the facts of the world next to the account. A full disk leaves what is there: they never change. */
export function keepWorldFacts(path: string, facts: SimulatedWorldFacts): void {
  if (existsSync(path)) return;
  try {
    writeFileAtomic(path, `${JSON.stringify(facts)}\n`);
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

function openFeed(identity: BotIdentity, symbols: readonly TickerSymbol[]): SyntheticFeed {
  const seed = seedOf(identity, 'feed');
  return new SyntheticFeed({ seed, unknownTickers: 'invent', ...(symbols.length === 0 ? {} : { symbols }) });
}

/** 31 bits; days of a feed and orders of a broker already vary by date and order id. */
function seedOf(identity: BotIdentity, purpose: string): number {
  return Number.parseInt(sha256Hex(`${purpose} of ${identity}`).slice(0, 8), 16) & 0x7fff_ffff;
}
