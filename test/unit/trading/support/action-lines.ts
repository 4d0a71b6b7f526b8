import type { Draft } from '../../../../src/events/draft.js';
import type { Figures } from '../../../../src/events/names.js';
import type { Action } from '../../../../src/trading/action.js';

/** An action as text: one line for each event it records, or one for the request to the broker. */
export function actionLines(action: Action | undefined): readonly string[] {
  if (action === undefined) return [];
  if (action.act === 'record') return action.drafts.map(draftLine);
  if (action.act === 'recordAll') return action.appends.flatMap(actionLines);
  if (action.act === 'compare') return [`compare books: ${action.occasion}`];
  return [`${action.act} ${orderNumber(action.clientOrderId)}`];
}

function orderNumber(clientOrderId: string): string {
  return clientOrderId.slice(clientOrderId.lastIndexOf('-') + 1);
}

function figuresText(figures: Figures): string {
  const texts = Object.entries(figures).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`;
}

function draftLine(draft: Draft): string {
  return tradeLine(draft) ?? orderLine(draft) ?? lifecycleLine(draft) ?? draft.type;
}

function tradeLine(draft: Draft): string | undefined {
  switch (draft.type) {
    case 'SignalTriggered': {
      const { symbol, side, price, poolRank } = draft.data;
      return `signal ${symbol} ${side} at ${price}, rank ${poolRank}`;
    }
    case 'EnhancementBlocked':
      return `filter ${draft.data.filter} blocks ${draft.data.symbol}: ${draft.data.code}`;
    case 'FilterUndecided':
      return `filter ${draft.data.filter} cannot judge ${draft.data.symbol}: ${draft.data.code}`;
    case 'TradeBlocked': {
      const { purpose, symbol, limit, figures } = draft.data;
      return `block ${purpose} ${symbol}: ${limit}${figuresText(figures)}`;
    }
    case 'CandidateRejected': {
      const { symbol, code, figures, fallbackLevel } = draft.data;
      const level = fallbackLevel === 0 ? '' : `, fallback ${fallbackLevel}`;
      return `reject ${symbol}: ${code}${figuresText(figures)}${level}`;
    }
    case 'EntryConfirmationRequested': {
      const { symbol, side, quantity, price, expiresAt } = draft.data;
      return `ask for ${symbol} ${side} ${quantity} at ${price} until ${expiresAt.slice(11, 19)}`;
    }
    case 'EntryConfirmationDecided':
      return `confirmation of ${draft.data.symbol} ${draft.data.outcome}: ${draft.data.reason}`;
    case 'TrailingStopMoved': {
      const { symbol, stop, previousStop, extreme, basis } = draft.data;
      const from = previousStop === null ? '' : ` from ${previousStop}`;
      return `stop ${symbol}${from} to ${stop} (${basis}, best ${extreme})`;
    }
    case 'PositionOpened': {
      const { symbol, side, quantity, price } = draft.data;
      return `open ${side} ${symbol}: ${quantity} at ${price}`;
    }
    case 'PositionClosed': {
      const { symbol, side, quantity, entryPrice, exitPrice, exitReason } = draft.data;
      const { grossPnl, fees, netPnl, slippage } = draft.data;
      const result = `gross ${grossPnl}, fees ${fees}, net ${netPnl}, slippage ${slippage}`;
      return `close ${side} ${symbol}: ${quantity} from ${entryPrice} to ${exitPrice} (${exitReason}): ${result}`;
    }
    default:
      return undefined;
  }
}

function orderLine(draft: Draft): string | undefined {
  switch (draft.type) {
    case 'OrderIntended': {
      const { clientOrderId, side, quantity, symbol, positionEffect, referencePrice, exitReason, ...prices } =
        draft.data;
      const why = exitReason === null ? '' : `, ${exitReason}`;
      const what = `${side} ${quantity ?? ''} ${symbol} to ${positionEffect.replace('_', ' ')}`;
      const { stopPrice, limitPrice } = prices;
      const price =
        stopPrice !== null ? `stop ${stopPrice}` : limitPrice !== null ? `limit ${limitPrice}` : referencePrice;
      return `intend ${orderNumber(clientOrderId)}: ${what} at ${price}${why}`;
    }
    case 'OrderCancelRequested':
      return `request cancel ${orderNumber(draft.data.clientOrderId)}: ${draft.data.reason}`;
    case 'OrderUnresolved':
      return `unresolved ${orderNumber(draft.data.clientOrderId)}: ${draft.data.code}`;
    case 'OrderRejected':
      return `withdraw ${orderNumber(draft.data.clientOrderId)}: ${draft.data.code}`;
    default:
      return undefined;
  }
}

function lifecycleLine(draft: Draft): string | undefined {
  switch (draft.type) {
    case 'BotStateChanged':
      return `bot ${draft.data.from} -> ${draft.data.to}`;
    case 'KillSwitchTripped':
      return `trip kill switch: ${draft.data.code}`;
    case 'RiskLimitBreached':
      return `breach ${draft.data.limit}${figuresText(draft.data.figures)}`;
    case 'PhaseStarted':
    case 'PhaseEnded':
      return `${draft.type} ${draft.data.phase}`;
    case 'StrategyFailed':
      return `StrategyFailed ${draft.data.code}`;
    case 'StrategyEnded':
      return `StrategyEnded: ${draft.data.reason}`;
    case 'ErrorRecorded':
      return `error ${draft.data.errorCode}`;
    case 'CandidatesRanked':
      return `rank ${draft.data.candidates.map(({ symbol }) => symbol).join(' ')}`;
    case 'PositionsMarked': {
      const { occasion, holdings, unrealized } = draft.data;
      const lines = holdings.map(({ symbol, quantity, price }) => `${symbol} ${quantity} at ${price}`);
      return `mark (${occasion}): ${lines.join(', ')}, ${unrealized}`;
    }
    case 'MarketDataLost':
      return `market data lost since ${draft.data.since.slice(11, 16)}`;
    case 'MarketDataRestored':
      return `market data restored after ${draft.data.gapSeconds} s`;
    default:
      return undefined;
  }
}
