import { parseClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { parseUtcText, type UtcText } from '../../kernel/time.js';

/** One line of the side file that a kill without journal writes: an intent, an answer or a fill. */
export interface SideLine {
  readonly at: UtcText;
  /** Of the kill. */
  readonly key: string;
  readonly fact:
    | { readonly kind: 'begun'; readonly reason: string; readonly cause: string }
    | { readonly kind: 'cancel' | 'accepted'; readonly clientOrderId: string }
    | {
        readonly kind: 'intended';
        readonly clientOrderId: string;
        readonly symbol: string;
        readonly side: 'buy' | 'sell';
        readonly positionEffect: string;
        /** Shares. */
        readonly quantity: string;
      }
    | {
        readonly kind: 'filled';
        readonly clientOrderId: string;
        readonly executionId: string;
        readonly symbol: string;
        readonly side: 'buy' | 'sell';
        readonly quantity: string;
        /** Dollars. */
        readonly price: string;
      }
    | { readonly kind: 'fault'; readonly what: string; readonly code: string }
    | { readonly kind: 'ended'; readonly flat: boolean; readonly open: readonly string[] };
}

/** The line that a value of a file is; undefined when it is none: a file is never trusted to be what it should. */
export function sideLineOf(value: unknown): SideLine | undefined {
  try {
    const { at, key, fact } = value as SideLine;
    parseUtcText(at);
    return isText(key) && isFact(fact) ? { at, key, fact } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws, or returns false, for what is no fact. */
function isFact(fact: SideLine['fact']): boolean {
  switch (fact.kind) {
    case 'begun':
      return isText(fact.reason) && isText(fact.cause);
    case 'cancel':
    case 'accepted':
      return isOrder(fact.clientOrderId);
    case 'intended':
      return isOrder(fact.clientOrderId) && isText(fact.symbol) && isSide(fact.side) && isQuantity(fact.quantity);
    case 'filled':
      return isOrder(fact.clientOrderId) && isText(fact.executionId) && isSide(fact.side) && isQuantity(fact.quantity);
    case 'fault':
      return isText(fact.what) && isText(fact.code);
    case 'ended':
      return typeof fact.flat === 'boolean' && Array.isArray(fact.open) && fact.open.every(isText);
    default:
      return false;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isOrder(value: string): boolean {
  return parseClientOrderId(value) === value;
}

function isSide(value: string): boolean {
  return value === 'buy' || value === 'sell';
}

function isQuantity(value: string): boolean {
  return Decimal.parse(value).sign() > 0;
}
