import { SYMBOLS_NOT_TRADED } from '../../domain/orders/account-refusals.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
import type { TradingContext } from '../../trading/context.js';
import type { EngineAppender } from '../journal/engine-appender.js';

const MOST_NAMED = 10;

/** Reports, once a session, the symbols of its market data that the broker does not know or does not trade: their signals come to nothing. */
export async function reportUntradedSymbols(
  appender: EngineAppender,
  { assets, market, date }: Pick<TradingContext, 'assets' | 'market' | 'date'>,
  broker: string,
): Promise<void> {
  const key = `untraded-symbols/${date}`;
  const untraded = [...market.symbols].filter((symbol) => assets.get(symbol)?.tradable !== true).sort();
  if (untraded.length === 0 || appender.state.reportedErrors.has(key)) return;
  const more = untraded.length - MOST_NAMED;
  const named = `${untraded.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} others` : ''}`;
  const report = errorRecorded(
    {
      errorType: 'BrokerError',
      errorCode: SYMBOLS_NOT_TRADED,
      message: `${broker} does not know or does not trade ${named}: no position is opened in ${untraded.length === 1 ? 'it' : 'them'}`,
      broker,
      context: { key },
    },
    { correlationId: `session/${date}`, causationId: appender.state.session?.openedEventId ?? null },
  );
  await appender.append(STREAMS.errors, [report]);
}
