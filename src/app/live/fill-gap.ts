import type { MarketDataFeed } from '../../ports/market-data.js';
import type { MarketStream } from '../day/market-stream.js';
import type { BrokerCalls } from '../execution/broker-calls.js';

/**
 * Asks the feed for the minutes between the last recorded one and now, if it can give them again. A feed that does not
 * answer in time, or refuses, leaves them missed: they are counted, and trading continues without them.
 */
export async function fillGap(
  feed: Pick<MarketDataFeed, 'backfill'>,
  stream: Pick<MarketStream, 'missing' | 'backfill'>,
  calls: Pick<BrokerCalls, 'call'>,
): Promise<void> {
  const { missing } = stream;
  if (missing === undefined || feed.backfill === undefined) return;
  const { from, to } = missing;
  const ask = feed.backfill.bind(feed);
  await calls.call({
    work: () => ask(from, to),
    take: (answer) => {
      if (answer.ok) stream.backfill(answer.value);
      return Promise.resolve();
    },
    gaveUp: () => Promise.resolve(),
  });
}
