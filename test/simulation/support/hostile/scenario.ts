import type { OrderFaultKind, SimFault } from '../../../../src/adapters/broker-sim/faults.js';
import type { TickerSymbol } from '../../../../src/events/names.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import type { OrderSide } from '../../../../src/ports/order-entry.js';

/** What the exchange does to one order. */
export type OrderTrick =
  | 'drop ack'
  | 'fill before ack'
  | 'slow ack'
  | 'drop fill'
  | 'repeat fill'
  | 'fill after cancel'
  | 'overfill'
  | 'bust'
  | 'rebook'
  | 'correct'
  | 'reject'
  | 'timeout accepted'
  | 'timeout lost';

/** What the line does to one report of the broker. */
export type ReportTrick = 'drop' | 'repeat' | 'delay' | 'swap' | 'wrong total' | 'acknowledge again' | 'garble';

/** What the line does to one call of the engine. */
export type CallTrick =
  /** The request never arrives. */
  | 'lost'
  /** It arrives, and its answer does not. */
  | 'lost answer'
  /** It arrives, and nothing ever comes back. */
  | 'silent'
  /** It never arrives, and nothing ever comes back. */
  | 'silent lost'
  | 'late answer'
  /** The request arrives so much later, and nothing comes back. */
  | 'late arrival'
  | 'limited'
  /** It never arrives, and is refused by the limit of requests only so much later. */
  | 'late limit'
  /** The answer is the one of before: without what happened in the last seconds. */
  | 'stale';

/** Calls whose outcome is in doubt without an answer. */
export const ORDER_CALLS = ['submit', 'cancel', 'cancelAll', 'closeAll'] as const;
export type OrderCall = (typeof ORDER_CALLS)[number];

export type LineCall =
  OrderCall | 'orderByClientId' | 'account' | 'positions' | 'openOrders' | 'activities' | 'asset' | 'connect';

/** One thing that goes wrong. Times are milliseconds after the open; plain values only, so that a plan can be printed. */
export type HostileFault =
  | { readonly kind: 'order'; readonly nth: number; readonly does: OrderTrick; readonly ms: number }
  | { readonly kind: 'report'; readonly nth: number; readonly does: ReportTrick; readonly ms: number }
  | {
      readonly kind: 'call';
      readonly call: LineCall;
      readonly nth: number;
      readonly does: CallTrick;
      readonly ms: number;
    }
  | {
      readonly kind: 'outage';
      readonly from: number;
      readonly to: number;
      readonly refuses: 'orders' | 'everything' | 'nothing';
    }
  /** Every call is refused by the limit of requests. */
  | { readonly kind: 'storm'; readonly from: number; readonly to: number }
  /** An order can be found only so long after it was placed. */
  | { readonly kind: 'hidden'; readonly nth: number; readonly ms: number }
  | {
      readonly kind: 'by hand';
      readonly at: number;
      readonly symbol: string;
      readonly side: OrderSide;
      readonly shares: string;
      readonly reported: boolean;
    }
  | { readonly kind: 'closed by hand'; readonly at: number; readonly symbol: string; readonly reported: boolean }
  | { readonly kind: 'cash'; readonly at: number; readonly amount: string; readonly direction: 'in' | 'out' }
  | { readonly kind: 'crash'; readonly nth: number; readonly when: 'before' | 'after'; readonly downMs: number }
  /** The process dies `ms` after it sent a request, while it waits for the answer; the request arrives before that, after it, or never. */
  | {
      readonly kind: 'death in call';
      readonly call: OrderCall;
      readonly nth: number;
      readonly ms: number;
      readonly arrives: 'before' | 'after' | 'never';
      readonly downMs: number;
    }
  /** The process dies at this time, whatever it waits for. */
  | { readonly kind: 'death'; readonly at: number; readonly downMs: number }
  | { readonly kind: 'command'; readonly at: number; readonly command: 'kill' | 'stop' | 'start' | 'hand over' }
  /** Main obeys a control flag itself: it writes the state of the bot, and the engine reads it. */
  | { readonly kind: 'flag'; readonly at: number; readonly command: 'kill' | 'stop' }
  /** Hot settings that change in the session. */
  | { readonly kind: 'settings'; readonly at: number; readonly changes: Readonly<Record<string, string>> }
  /** The journal takes nothing; `loses`: it took the last append, whose answer is lost. `keeps`: appends that the disk keeps meanwhile. */
  | {
      readonly kind: 'journal away';
      readonly at: number;
      readonly ms: number;
      readonly how: 'refuses' | 'silent';
      readonly loses: boolean;
      readonly keeps: number;
    }
  /** The machine stands still while its clock runs. */
  | { readonly kind: 'freeze'; readonly at: number; readonly ms: number };

/** A session of some minutes, and all that goes wrong in it. */
export interface Scenario {
  readonly seed: number;
  readonly minutes: number;
  readonly symbols: readonly string[];
  /** How far the price moves in a minute, as a fraction. */
  readonly volatility: number;
  /** Shares traded in a minute. */
  readonly volume: number;
  readonly partialFills: number;
  readonly rejects: number;
  /** Execution ids count within each order only: two orders have the same ones. */
  readonly sharedIds: boolean;
  /** How long an order may be missing after its send, as the broker says; no fault hides one for longer. */
  readonly findableAfterMs: number;
  /** Stops rest at the broker, which watches them itself. */
  readonly restingStops: boolean;
  /** The broker cancels all orders in one call, and closes all positions in one. */
  readonly bulk: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly faults: readonly HostileFault[];
}

/** The faults that the simulated exchange plays itself. */
export function exchangeFaults({ faults }: Scenario): readonly SimFault[] {
  return faults.flatMap((fault): readonly SimFault[] => {
    switch (fault.kind) {
      case 'order':
        return [{ ...orderFault(fault), match: { nth: fault.nth } }];
      case 'outage':
        return [{ kind: 'disconnect', from: fault.from, to: fault.to, refuses: fault.refuses }];
      case 'by hand': {
        const { at, side, reported } = fault;
        const [symbol, quantity] = [fault.symbol as TickerSymbol, Decimal.parse(fault.shares)];
        return [{ kind: 'outside_order', at, symbol, side, quantity, reported }];
      }
      case 'closed by hand': {
        const { at, reported } = fault;
        return [{ kind: 'manual_close', at, symbol: fault.symbol as TickerSymbol, reported }];
      }
      default:
        return [];
    }
  });
}

function orderFault({ does, ms }: Extract<HostileFault, { kind: 'order' }>): OrderFaultKind {
  const afterMs = ms;
  switch (does) {
    case 'drop ack':
      return { kind: 'drop_ack' };
    case 'fill before ack':
      return { kind: 'fill_before_ack' };
    case 'slow ack':
      return { kind: 'slow_ack', ms };
    case 'drop fill':
      return { kind: 'drop_fill' };
    case 'repeat fill':
      return { kind: 'duplicate_fill', times: 2 + (ms % 3) };
    case 'fill after cancel':
      return { kind: 'fill_after_cancel', afterMs };
    case 'overfill':
      return { kind: 'overfill', quantity: Decimal.parse('1') };
    case 'bust':
      return { kind: 'bust', afterMs };
    case 'rebook':
      return { kind: 'rebook', afterMs };
    case 'correct':
      return { kind: 'correct', afterMs, priceChange: Decimal.parse(ms % 2 === 0 ? '0.03' : '-0.02') };
    case 'reject':
      return { kind: 'reject', code: 'NO', message: 'no' };
    case 'timeout accepted':
      return { kind: 'submit_timeout_accepted' };
    case 'timeout lost':
      return { kind: 'submit_timeout_lost' };
  }
}

/** Whether the account moves by more than the orders of the bot. */
export function isTouchedByHand({ faults }: Scenario): boolean {
  return faults.some(({ kind }) => kind === 'by hand' || kind === 'closed by hand');
}
