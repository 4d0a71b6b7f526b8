import type { EpochMs } from '../../kernel/time.js';
import type { ClientOrderId } from '../../events/names.js';
import type { WaitingReport } from '../reconciliation/foreign-fills.js';
import { LOOK_AGAIN_MS, type Suspects } from '../reconciliation/settle-differences.js';

/** The looks of this process at the account of the broker; losing it costs another look. */
export interface ComparisonMemory {
  /** When the last look began or failed, in milliseconds of a clock that only goes forwards. */
  lookedAt: number | undefined;
  /** The interval of the schedule in which it began, see `intervalAt`. */
  interval: number;
  /** Number of the look whose answer is awaited. */
  awaited: number | undefined;
  looks: number;
  /** A difference has not settled, or the broker gave no figures: the next look does not wait for the schedule. */
  looksAgain: boolean;
  suspects: Suspects;
  /** How long the next look waits when it does not wait for the schedule, in milliseconds. */
  pauseMs: number;
  /** When differences were last judged: those that settle are seen by looks a minute apart. */
  judgedAt: number | undefined;
  /** Reports on orders of others that are not in the books: they wait for the figures of the account. */
  readonly foreign: Map<string, WaitingReport>;
  /** The last whole list of the open orders of the account. */
  listed: { readonly at: EpochMs; readonly ids: ReadonlySet<string> } | undefined;
}

/** Requests of this process to the broker. Losing it is safe: the next process queries before it sends. */
export interface EffectMemory {
  /** Intents of this process that were never sent: only these may be sent without a query. */
  readonly unsent: Set<ClientOrderId>;
  /** When the last cancel left, in milliseconds of a clock that only goes forwards; it is repeated while the order is live. */
  readonly cancelSentAt: Map<ClientOrderId, number>;
  /** The engine's time at which it left: the rules see no later one until the step is over. */
  readonly cancelSentIn: Map<ClientOrderId, EpochMs>;
  /** How often the cancel of an order was repeated. */
  readonly cancelRepeats: Map<ClientOrderId, number>;
  /** When the cancel of an order left with the others of a kill, in milliseconds of a clock that only goes forwards. */
  readonly cancelledTogether: Map<ClientOrderId, number>;
  readonly askedAt: Map<ClientOrderId, EpochMs>;
  /** Orders that the broker was asked for, without an answer yet. */
  readonly asking: Set<ClientOrderId>;
  /** When this process first missed an order at the broker that an earlier one may have sent. */
  readonly missedAt: Map<ClientOrderId, EpochMs>;
  /** Send time of orders in flight; the response arrives as an update. */
  readonly inFlight: Map<ClientOrderId, EpochMs>;
  /** When an order was sent last: an earlier send that fails late says nothing of it. */
  readonly lastSentAt: Map<ClientOrderId, EpochMs>;
  /** Sends that did not leave, or were turned away for the moment, with the reason of the last one. */
  readonly failedSends: Map<
    ClientOrderId,
    { readonly count: number; readonly notBefore: EpochMs; readonly why: string }
  >;
  /** When the last exit order of a position was intended, in milliseconds of a clock that only goes forwards. */
  readonly exitIntendedAt: Map<string, number>;
  readonly comparison: ComparisonMemory;
}

/** The memory of a process that has done nothing yet. */
export function newEffectMemory(): EffectMemory {
  return {
    unsent: new Set(),
    cancelSentAt: new Map(),
    cancelSentIn: new Map(),
    cancelRepeats: new Map(),
    cancelledTogether: new Map(),
    askedAt: new Map(),
    asking: new Set(),
    missedAt: new Map(),
    inFlight: new Map(),
    lastSentAt: new Map(),
    failedSends: new Map(),
    exitIntendedAt: new Map(),
    comparison: {
      lookedAt: undefined,
      interval: 0,
      awaited: undefined,
      looks: 0,
      looksAgain: false,
      suspects: new Map(),
      pauseMs: LOOK_AGAIN_MS,
      judgedAt: undefined,
      foreign: new Map(),
      listed: undefined,
    },
  };
}
