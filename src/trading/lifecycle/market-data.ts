import { MINUTE_MS, parseUtcText, toUtcText, type EpochMs } from '../../kernel/time.js';
import { STREAMS } from '../../events/streams.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';

/** Minutes without any market data, while the market is open, that count as lost (TRD-5). */
const SILENT_MINUTES = 5;

/**
 * Records MarketDataLost and MarketDataRestored for the whole feed; a single illiquid symbol may have no data. A feed that
 * reports its own loss is believed at the next minute; a shorter interruption is none.
 */
export const marketDataRule: Rule = (state, context, now, atMinute) => {
  const session = state.session;
  // after the close there is no market data to wait for
  if (!atMinute || session === undefined || now > context.strategyContext.closesAt) return undefined;
  const lastData = lastDataAt(context);
  const { feedLoss } = context.market;
  if (session.dataLostSince === undefined) {
    if (feedLoss === undefined && now - lastData < SILENT_MINUTES * MINUTE_MS) return undefined;
    const reason = feedLoss === undefined ? {} : { reason: feedLoss.reason };
    return record(STREAMS.risk, {
      type: 'MarketDataLost',
      data: { symbols: [...context.market.symbols], since: toUtcText(lastData), ...reason },
      correlationId: sessionCorrelation(context),
      causationId: session.openedEventId,
    });
  }
  // of the minute just seen: its data may be known only some seconds after its end
  const isBack = lastData >= context.market.now && lastData > parseUtcText(session.dataLostSince);
  if (feedLoss !== undefined || !isBack) return undefined;
  return record(STREAMS.risk, {
    type: 'MarketDataRestored',
    data: {
      symbols: [...context.market.symbols],
      gapSeconds: Math.round((now - parseUtcText(session.dataLostSince)) / 1_000),
    },
    correlationId: sessionCorrelation(context),
    causationId: session.openedEventId,
  });
};

function lastDataAt(context: TradingContext): EpochMs {
  let last = context.strategyContext.opensAt;
  for (const symbol of context.market.symbols) {
    const end = context.market.of(symbol).lastReportEnd;
    if (end !== undefined && end > last) last = end;
  }
  return last;
}
