import type { RecordedEvent } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';

const MOST_CHARACTERS = 160;

/** Describes an event in one line; from long lists only the symbols of interest are shown. */
export function describeEvent(event: RecordedEvent, symbols: ReadonlySet<string>): string {
  return eventWords(event, symbols) ?? plainWords(event);
}

/** The same in words alone; undefined for an event whose data say it best. */
export function eventWords(event: RecordedEvent, symbols: ReadonlySet<string>): string | undefined {
  return storyWords(event) ?? dayWords(event, symbols);
}

function storyWords(event: RecordedEvent): string | undefined {
  switch (event.type) {
    case 'SignalTriggered': {
      const { strategy, symbol, side, price, rule, figures } = event.data;
      return `${strategy}: ${side} ${symbol} at ${price}, ${rule} (${pairs(figures)})`;
    }
    case 'OrderIntended': {
      const { clientOrderId, purpose, side, quantity, notional, symbol, orderType, exitReason } = event.data;
      const why = exitReason === null ? '' : `, ${exitReason}`;
      return `${purpose}${why}: ${side} ${quantity ?? `$${notional ?? ''}`} ${symbol} ${orderType}, order ${clientOrderId}`;
    }
    case 'OrderFilled': {
      const { side, quantity, symbol, price, commission, fee, executionId, reportedCharges: exact } = event.data;
      const reported = exact === undefined ? '' : ` (reported ${exact.commission} and ${exact.fee})`;
      return `${side} ${quantity} ${symbol} at ${price}, commission ${commission}, fee ${fee}${reported}, execution ${executionId}`;
    }
    case 'TrailingStopMoved':
      return `stop at ${event.data.stop}`;
    case 'PositionOpened': {
      const { side, quantity, symbol, price, positionId } = event.data;
      return `${side} ${quantity} ${symbol} at ${price}, position ${positionId}`;
    }
    case 'PositionClosed': {
      const { symbol, entryPrice, exitPrice, grossPnl, fees, netPnl, exitReason } = event.data;
      return `${symbol} ${entryPrice} to ${exitPrice}, ${exitReason}: gross ${grossPnl}, fees ${fees}, net ${netPnl}`;
    }
    case 'TradeBlocked':
      return `${event.data.symbol} ${event.data.purpose} rejected:  ${event.data.limit} (${pairs(event.data.figures)})`;
    case 'FilterUndecided': {
      const { symbol, filter, code, figures } = event.data;
      return `${symbol} decided without ${filter}: ${code} (${pairs(figures)})`;
    }
    case 'EnhancementBlocked':
    case 'CandidateRejected':
      return `${event.data.symbol} rejected:  ${event.data.code} (${pairs(event.data.figures)})`;
    default:
      return undefined;
  }
}

function dayWords(event: RecordedEvent, symbols: ReadonlySet<string>): string | undefined {
  switch (event.type) {
    case 'CandidatesRanked': {
      const { strategy, candidates } = event.data;
      const ranks = candidates
        .filter(({ symbol }) => symbols.has(symbol))
        .map(({ symbol, rank, fitness }) => `${symbol}: rank ${rank}, fitness ${fitness}`);
      return [`${strategy}: ${candidates.length} candidates`, ...ranks].join('; ');
    }
    case 'StrategyStarted':
      return `${event.data.strategy} started`;
    case 'SessionOpened':
      return `session of ${event.data.date}, float ${event.data.floatAtStart}, cap ${event.data.sessionCap}`;
    case 'DailySummaryCompiled':
      return `${event.data.date}: ${event.data.trades} trades, gross ${event.data.grossPnl}, fees ${event.data.fees}, net ${event.data.netPnl}`;
    case 'OpeningBalancesRecorded':
      return `cash ${event.data.cash}, ${event.data.positions.length} positions`;
    case 'FloatAdjusted':
      return `${event.data.direction} ${event.data.amount} (${event.data.source}): ${event.data.reason}`;
    case 'BrokerActivityImported':
      return `${event.data.reversesEventId === undefined ? '' : 'taken back: '}${event.data.activityType} ${event.data.amount}: ${event.data.description}`;
    default:
      return undefined;
  }
}

function plainWords(event: RecordedEvent): string {
  const text = canonicalJson(event.data);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
}

function pairs(figures: Readonly<Record<string, string>>): string {
  return Object.entries(figures)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
