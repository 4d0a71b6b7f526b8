import { MINUTE_MS, parseUtcText, type EpochMs } from '../../kernel/time.js';
import type { Difference } from '../../domain/accounting/books-comparison.js';
import type { Order } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';

/** A difference that was seen and may be an order whose report is under way. */
export interface Suspect {
  readonly delta: string;
  /** Looks in a row that saw it with the same amount. */
  readonly looks: number;
  /** Whether all of them were quiet for it. */
  readonly quiet: boolean;
  readonly firstSeenAt: EpochMs;
}

/** What earlier looks saw, by what differs. */
export type Suspects = ReadonlyMap<string, Suspect>;

/** The pause between two looks while a difference has not settled, in milliseconds. */
export const LOOK_AGAIN_MS = MINUTE_MS;
/** The figures of a broker may be this much older than its reports of executions. */
const QUIET_AFTER_MS = 5 * MINUTE_MS;
const QUIET_LOOKS = 2;
/** Orders in flight change an amount from look to look; one that stays is no order, however busy the session is. */
const BUSY_LOOKS = 6;
/** After this time every difference with a constant amount has settled. */
const SETTLES_WITHIN_MS = BUSY_LOOKS * LOOK_AGAIN_MS;

/**
 * A difference counts when looks a minute apart see the same amount: two, when no order that could explain it was live or
 * had news in the five minutes before either of them, otherwise six. A different amount begins again.
 */
export function settleDifferences(
  state: EngineState,
  differences: readonly Difference[],
  before: Suspects,
  now: EpochMs,
): { readonly suspects: Suspects; readonly settled: ReadonlySet<string> } {
  const suspects = new Map<string, Suspect>();
  const settled = new Set<string>();
  for (const difference of differences) {
    const { key } = difference;
    const suspect = seenAgain(difference, before.get(key), isQuiet(state, difference, now), now);
    suspects.set(key, suspect);
    if (suspect.looks >= (suspect.quiet ? QUIET_LOOKS : BUSY_LOOKS)) settled.add(key);
  }
  return { suspects, settled };
}

function seenAgain({ delta }: Difference, before: Suspect | undefined, quiet: boolean, now: EpochMs): Suspect {
  const text = delta.shortText();
  if (before?.delta !== text) return { delta: text, looks: 1, quiet, firstSeenAt: now };
  return { ...before, looks: before.looks + 1, quiet: before.quiet && quiet };
}

/** Whether no order that moves what differs is live or had news lately: every order moves the cash. */
function isQuiet(state: EngineState, { symbol, subject }: Difference, now: EpochMs): boolean {
  return ordersOf(state, { symbol, subject }).every(
    ({ intent: { clientOrderId: id } }) => !state.liveOrders.has(id) && isOld(state.newsAt.get(id), now),
  );
}

/** The orders that could explain a difference, in the order of their intents. */
export function ordersOf(
  state: EngineState,
  { symbol, subject }: Pick<Difference, 'symbol' | 'subject'>,
): readonly Order[] {
  return [...state.orders.values()].filter(({ intent }) => subject === 'cash' || intent.symbol === symbol);
}

function isOld(newsAt: EpochMs | undefined, now: EpochMs): boolean {
  return newsAt === undefined || now - newsAt >= QUIET_AFTER_MS;
}

/** Whether the books have not been known for longer than `everyMs` and the time in which a difference settles. */
export function isOverdue({ comparison: { knownAt }, session }: EngineState, everyMs: number, now: EpochMs): boolean {
  if (session === undefined) return false;
  const since = knownAt !== null && knownAt > session.openedAt ? knownAt : session.openedAt;
  return now - parseUtcText(since) >= everyMs + SETTLES_WITHIN_MS;
}
