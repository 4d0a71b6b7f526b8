import type { ExitReason } from '../../../../src/domain/orders/exit-reason.js';
import type { EventData } from '../../../../src/events/event.js';
import { parseClientOrderId, parseSymbol, type ClientOrderId } from '../../../../src/events/names.js';
import { invariant } from '../../../../src/kernel/errors.js';
import type { DecimalText } from '../../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import { toUtcText } from '../../../../src/kernel/time.js';
import type { Given } from './rule-spec.js';
import { DATE, OPEN, timeOf, type RuleWorld } from './rule-world.js';

const number = (text: string): DecimalText => text as DecimalText;

/** Client order id of the order with this number. */
export function orderId(order: number): ClientOrderId {
  return parseClientOrderId(`DEMO_US_SIM_B01-20131007-${order}`);
}

function intentOf(world: RuleWorld, order: number): EventData<'OrderIntended'> {
  const intent = world.state.orders.get(orderId(order))?.intent;
  invariant(intent !== undefined, 'TEST_ORDER', `order ${order} was never intended`);
  return intent;
}

export interface EntryWords {
  readonly symbol?: string;
  readonly side?: 'long' | 'short';
  readonly shares: string;
  readonly price: string;
  /** Trading day of the position when it is an earlier one. */
  readonly date?: string;
  /** Symbol of the signal; that of the order when left out. */
  readonly signalOf?: string;
}

/** An entry order is intended; its position is named after its symbol. */
export const entry =
  (
    order: number,
    { symbol = 'AIG', side = 'long', shares, price, date = DATE, signalOf = symbol }: EntryWords,
  ): Given =>
  (world) =>
    world.record(
      'OrderIntended',
      {
        clientOrderId: orderId(order),
        strategy: OPEN,
        symbol: parseSymbol(symbol),
        side: side === 'long' ? 'buy' : 'sell',
        positionEffect: `open_${side}`,
        purpose: 'entry',
        quantity: number(shares),
        notional: null,
        orderType: 'market',
        limitPrice: null,
        stopPrice: null,
        timeInForce: 'day',
        referencePrice: number(price),
        signalId: `${date}/open/${signalOf}`,
        positionId: `${date}/open/${signalOf}`,
        poolRank: 1,
        exitReason: null,
      },
      date,
    );

/** An exit order is intended for the position that order `of` opened. */
export const exit =
  (
    order: number,
    of: number,
    shares: string,
    exitReason: ExitReason,
    more: Partial<EventData<'OrderIntended'>> = {},
  ): Given =>
  (world) => {
    const opened = intentOf(world, of);
    const long = opened.positionEffect === 'open_long';
    world.record('OrderIntended', {
      ...opened,
      clientOrderId: orderId(order),
      side: long ? 'sell' : 'buy',
      positionEffect: long ? 'close_long' : 'close_short',
      purpose: 'exit',
      quantity: number(shares),
      exitReason,
      ...more,
    });
  };

/** A stop order at `price` is intended for the position that order `of` opened. */
export const restingStop =
  (order: number, of: number, shares: string, price: string): Given =>
  (world) => {
    exit(order, of, shares, 'stop_loss', {
      orderType: 'stop',
      stopPrice: number(price),
      referencePrice: number(price),
    })(world);
  };

export const submitted =
  (order: number, attempt = 1): Given =>
  (world) =>
    world.record('OrderSubmitted', { clientOrderId: orderId(order), attempt });

/** The broker has taken the order in: submitted and acknowledged. */
export const working =
  (order: number): Given =>
  (world) => {
    submitted(order)(world);
    world.record('OrderAcknowledged', { clientOrderId: orderId(order), brokerOrderId: `O-${order}` });
  };

export const unresolved =
  (order: number): Given =>
  (world) => {
    const { symbol, strategy } = intentOf(world, order);
    world.record('OrderUnresolved', {
      clientOrderId: orderId(order),
      symbol,
      strategy,
      code: 'NO_ANSWER',
      message: 'test',
    });
  };

export const rejected =
  (order: number): Given =>
  (world) =>
    world.record('OrderRejected', { clientOrderId: orderId(order), code: 'REFUSED', message: 'test' });

export const cancelRequested =
  (order: number, exitReason: ExitReason | null = null): Given =>
  (world) =>
    world.record('OrderCancelRequested', { clientOrderId: orderId(order), reason: 'test', exitReason });

/** What is left of the entry is cancelled because its position is to be closed. */
export const cancelRequestedForExit = (order: number, reason: ExitReason): Given => cancelRequested(order, reason);

export const cancelled =
  (order: number, filled = '0'): Given =>
  (world) =>
    world.record('OrderCancelled', {
      clientOrderId: orderId(order),
      filledQuantity: number(filled),
      reason: 'test',
    });

export interface FillWords {
  readonly id?: string;
  readonly commission?: string;
  readonly fee?: string;
  /** Time of the fill at the broker when it is not the time of its report. */
  readonly at?: string;
}

/** Shares of the order are filled now at `price`. */
export const filled =
  (
    order: number,
    shares: string,
    price: string,
    { id, commission = '0.00', fee = '0.00', at }: FillWords = {},
  ): Given =>
  (world) => {
    const { strategy, positionId, symbol, side, positionEffect } = intentOf(world, order);
    const executionId = id ?? `E${order}-${shares}-${price}`;
    world.record('OrderFilled', {
      clientOrderId: orderId(order),
      brokerOrderId: `O-${order}`,
      executionId,
      strategy,
      positionId,
      symbol,
      side,
      positionEffect,
      quantity: number(shares),
      price: number(price),
      commission: number(commission),
      fee: number(fee),
      currency: 'USD',
      filledAt: toUtcText(at === undefined ? world.now : timeOf(at)),
      rawSha256: sha256Hex(executionId),
    });
  };

/** The broker busts an execution of the order. */
export const busted =
  (order: number, executionId: string): Given =>
  (world) =>
    world.record('OrderFillBusted', {
      clientOrderId: orderId(order),
      executionId,
      symbol: intentOf(world, order).symbol,
      reason: 'test',
    });

/** The broker replaces an execution by one at another price. */
export const corrected =
  (order: number, executionId: string, shares: string, price: string): Given =>
  (world) => {
    const { strategy, positionId, symbol, side, positionEffect } = intentOf(world, order);
    world.record('OrderFillCorrected', {
      clientOrderId: orderId(order),
      brokerOrderId: `O-${order}`,
      executionId: `${executionId}-c`,
      correctsExecutionId: executionId,
      strategy,
      positionId,
      symbol,
      side,
      positionEffect,
      quantity: number(shares),
      price: number(price),
      commission: number('0.00'),
      fee: number('0.00'),
      currency: 'USD',
      filledAt: toUtcText(world.now),
      rawSha256: sha256Hex(`${executionId}-c`),
    });
  };

export const opened =
  (order: number): Given =>
  (world) => {
    const { positionId, strategy, symbol, positionEffect, quantity, referencePrice, signalId } = intentOf(world, order);
    world.record('PositionOpened', {
      positionId,
      strategy,
      symbol,
      side: positionEffect === 'open_long' ? 'long' : 'short',
      quantity: quantity ?? number('0'),
      price: referencePrice,
      clientOrderId: orderId(order),
      signalId,
    });
  };

/** The position of the order was reported closed. */
export const closed =
  (order: number): Given =>
  (world) => {
    const { positionId, strategy, symbol, positionEffect, referencePrice } = intentOf(world, order);
    const at = toUtcText(world.now);
    world.record('PositionClosed', {
      positionId,
      strategy,
      symbol,
      side: positionEffect === 'open_long' ? 'long' : 'short',
      quantity: number('0'),
      entryPrice: referencePrice,
      exitPrice: referencePrice,
      entryAt: at,
      exitAt: at,
      signalAt: at,
      grossPnl: number('0.00'),
      fees: number('0.00'),
      netPnl: number('0.00'),
      slippage: number('0.00'),
      exitReason: 'manual',
    });
  };

/** The stop of the position was set to `stop`, earlier than the minute that is judged. */
export const stopAt =
  (order: number, stop: string): Given =>
  (world) =>
    stopMoved(order, stop, intentOf(world, order).referencePrice)(world);

/** The stop was moved, with the best price since the entry. */
export const stopMoved =
  (order: number, stop: string, extreme: string): Given =>
  (world) => {
    const { positionId, strategy, symbol, positionEffect } = intentOf(world, order);
    world.record('TrailingStopMoved', {
      positionId,
      strategy,
      symbol,
      side: positionEffect === 'open_long' ? 'long' : 'short',
      stop: number(stop),
      previousStop: null,
      extreme: number(extreme),
      basis: 'percent',
    });
  };

/** A position is held: its entry is intended, filled whole and reported open, all at this instant. */
export const held =
  (order: number, words: EntryWords): Given =>
  (world) => {
    entry(order, words)(world);
    working(order)(world);
    filled(order, words.shares, words.price)(world);
    opened(order)(world);
  };

/** The gate blocked the exit of the order's position by this limit, and that was reported. */
export const exitBlockReported =
  (order: number, limit: string): Given =>
  (world) => {
    const { strategy, symbol, signalId, positionId } = intentOf(world, order);
    world.record('TradeBlocked', { strategy, symbol, signalId, positionId, purpose: 'exit', limit, figures: {} });
  };
