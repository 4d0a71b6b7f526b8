import type { UtcText } from '../../kernel/time.js';

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
