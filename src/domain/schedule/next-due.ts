import type { KnownExchange } from '../calendar/broker-day.js';
import type { ExchangeSession } from '../calendar/nyse.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { nextSession, type TradingHours } from './trading-hours.js';

/** Past days according to the journal. */
export interface DaysSoFar {
  /** The last closed session. */
  readonly lastClosed: DateText | undefined;
  /** A session that was opened but not closed, with its own hours. */
  readonly unfinished: ExchangeSession | undefined;
  /** The day already prepared by this process. */
  readonly prepared: DateText | undefined;
  /** Limits the hours of a session that has not begun. */
  readonly exchange: Pick<KnownExchange, 'limit'>;
}

export type Due =
  /** Configuration and modules are checked for `day` now (RUN-20, RUN-21). */
  | { readonly kind: 'prepare'; readonly day: ExchangeSession }
  /** The session runs now: from its open, from the middle of it, or only to be brought to its end. */
  | { readonly kind: 'session'; readonly day: ExchangeSession }
  /** Nothing before `until`; `next` is undefined when no session is in sight, then ask again. */
  | { readonly kind: 'wait'; readonly until: EpochMs; readonly next: ExchangeSession | undefined };

/** Preparation begins this long before the open. */
export const PREPARE_MS = 5 * MINUTE_MS;
/** Delay before the next look at the calendar when no trading day is in range. */
const ASK_AGAIN_MS = 24 * 60 * MINUTE_MS;

/** The next task due (RUN-27). */
export function nextDue(now: EpochMs, hours: TradingHours, so: DaysSoFar): Due {
  const { unfinished } = so;
  if (unfinished !== undefined) return dueOn(now, unfinished, so.prepared);
  const day = nextSession(now, hours, so.lastClosed);
  if (day === undefined) return { kind: 'wait', until: plusMs(now, ASK_AGAIN_MS), next: undefined };
  const limited = so.exchange.limit(day);
  return dueOn(now, 'session' in limited ? limited.session : day, so.prepared);
}

function dueOn(now: EpochMs, day: ExchangeSession, prepared: DateText | undefined): Due {
  const from = plusMs(day.opensAt, -PREPARE_MS);
  if (now < from) return { kind: 'wait', until: from, next: day };
  if (prepared !== day.date) return { kind: 'prepare', day };
  return now < day.opensAt ? { kind: 'wait', until: day.opensAt, next: day } : { kind: 'session', day };
}
