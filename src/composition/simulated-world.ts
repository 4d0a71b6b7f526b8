import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { parseSymbol, type TickerSymbol } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { configError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import type { MarketDataFeed } from '../ports/market-data.js';

/** The world of a bot with the simulated broker: identical after every restart, different for each bot. */
export interface SimulatedWorld {
  readonly feed: MarketDataFeed;
  readonly brokerSeed: number;
  /** Initial cash of the account. */
  readonly openingCash: Decimal;
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
  return {
    feed: openFeed(identity, symbols.map(parseSymbol)),
    brokerSeed: seedOf(identity, 'broker'),
    openingCash: Decimal.parse(openingFloat),
  };
}

function openFeed(identity: BotIdentity, symbols: readonly TickerSymbol[]): SyntheticFeed {
  const seed = seedOf(identity, 'feed');
  return new SyntheticFeed({ seed, unknownTickers: 'invent', ...(symbols.length === 0 ? {} : { symbols }) });
}

/** 31 bits; days of a feed and orders of a broker already vary by date and order id. */
function seedOf(identity: BotIdentity, purpose: string): number {
  return Number.parseInt(sha256Hex(`${purpose} of ${identity}`).slice(0, 8), 16) & 0x7fff_ffff;
}
