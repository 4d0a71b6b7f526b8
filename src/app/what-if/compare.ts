import type { RecordedEvent } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { DateText } from '../../kernel/time.js';
import { reportDay, type DayReport } from '../day/day-report.js';
import { leftOutOf, notCompared, type LeftOut } from './left-out.js';

/** An event in comparable form, without ids, positions and hashes, which only number it. */
export interface Happening {
  readonly type: string;
  readonly stream: string;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly data: object;
}

/** One item on both sides; null on a side that does not have it. */
export interface Pair {
  readonly what: string;
  readonly recorded: string | null;
  readonly whatIf: string | null;
}

/** A session compared with its replay. Lists contain only the differences. */
export interface Comparison {
  readonly date: DateText;
  /** True when nothing differs but the settings themselves. */
  readonly identical: boolean;
  readonly firstDifference: { readonly recorded: Happening | null; readonly whatIf: Happening | null } | null;
  readonly signals: readonly Pair[];
  readonly orders: readonly Pair[];
  readonly trades: readonly Pair[];
  /** Candidates and orders that were refused, by rule, strategy and symbol. */
  readonly blocks: readonly Pair[];
  /** Limits that were reached, kill switch, defense mode. */
  readonly breaches: readonly Pair[];
  /** What no replay can repeat. */
  readonly leftOut: readonly LeftOut[];
  readonly recorded: DayReport;
  readonly whatIf: DayReport;
}

/** Compares the events of one session with those of its replay, each in order. */
export function compareSessions(
  date: DateText,
  recorded: readonly RecordedEvent[],
  whatIf: readonly RecordedEvent[],
): Comparison {
  const firstDifference = firstDifferent(recorded, whatIf);
  const pairs = (label: Label): readonly Pair[] => differing(labelled(recorded, label), labelled(whatIf, label));
  return {
    date,
    identical: firstDifference === null,
    firstDifference,
    signals: pairs(signalOf),
    orders: pairs(orderOf),
    trades: pairs(tradeOf),
    blocks: pairs(blockOf),
    breaches: pairs(breachOf),
    leftOut: leftOutOf(recorded),
    recorded: reportDay(date, recorded),
    whatIf: reportDay(date, whatIf),
  };
}

/**
 * Settings are the change itself, so their difference is no finding; a seal concerns the journal, not the session; a valuation
 * follows from trades and prices, and sessions of older versions have none. A comparison of the books comes with each start of a
 * process, whose boot no event measures; a difference that it finds is an event of its own.
 */
const BESIDE_THE_POINT: ReadonlySet<string> = new Set([
  'BooksCompared',
  'ConfigChanged',
  'ConfigChangeDeferred',
  'ConfigChangeWithdrawn',
  'JournalSealed',
  'PositionsMarked',
  'ProcessCrashed',
]);

function comparable(
  events: readonly RecordedEvent[],
  isNotCompared: (event: RecordedEvent) => boolean,
): readonly Happening[] {
  return events
    .filter((event) => !BESIDE_THE_POINT.has(event.type) && !isNotCompared(event))
    .map((event) => {
      const { type, stream, meta } = event;
      // after a kill no answer is awaited: when it was taken depends on the machine, and nothing follows from it
      const occurredAt = type === 'OrderSubmitted' ? '' : event.occurredAt;
      const data = event.type === 'SessionOpened' ? { ...event.data, settingsSha256: null } : event.data;
      return { type, stream, occurredAt, correlationId: meta.correlationId, data };
    });
}

function firstDifferent(
  recorded: readonly RecordedEvent[],
  whatIf: readonly RecordedEvent[],
): Comparison['firstDifference'] {
  const isNotCompared = notCompared(recorded);
  const ours = comparable(recorded, isNotCompared);
  const theirs = comparable(whatIf, isNotCompared);
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const one = ours[index] ?? null;
    const other = theirs[index] ?? null;
    if (canonicalJson(one) !== canonicalJson(other)) return { recorded: one, whatIf: other };
  }
  return null;
}

/** The description of an event: [subject, words]; undefined for events of another kind. */
type Label = (event: RecordedEvent) => readonly [what: string, words: string] | undefined;

function labelled(events: readonly RecordedEvent[], label: Label): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const event of events) {
    const made = label(event);
    if (made === undefined) continue;
    let [what] = made;
    // The same subject again, such as a second attempt to close a position.
    for (let n = 2; found.has(what); n += 1) what = `${made[0]} (${n})`;
    found.set(what, made[1]);
  }
  return found;
}

function differing(recorded: ReadonlyMap<string, string>, whatIf: ReadonlyMap<string, string>): readonly Pair[] {
  return [...new Set([...recorded.keys(), ...whatIf.keys()])]
    .map((what): Pair => ({ what, recorded: recorded.get(what) ?? null, whatIf: whatIf.get(what) ?? null }))
    .filter((pair) => pair.recorded !== pair.whatIf);
}

const clock = (event: RecordedEvent): string => event.occurredAt.slice(11, 19);

const signalOf: Label = (event) => {
  if (event.type !== 'SignalTriggered') return undefined;
  const { signalId, side, price, rule } = event.data;
  return [signalId, `${side} at ${price}, ${clock(event)}, ${rule}`];
};

const orderOf: Label = (event) => {
  if (event.type !== 'OrderIntended') return undefined;
  const { positionId, purpose, side, quantity, notional, orderType, referencePrice } = event.data;
  const size = quantity ?? `$${notional ?? ''}`;
  return [`${positionId} ${purpose}`, `${side} ${size} ${orderType}, price then ${referencePrice}, ${clock(event)}`];
};

const tradeOf: Label = (event) => {
  if (event.type !== 'PositionClosed') return undefined;
  const { positionId, side, quantity, entryPrice, exitPrice, netPnl, exitReason } = event.data;
  return [positionId, `${side} ${quantity}, ${entryPrice} to ${exitPrice}, net ${netPnl}, ${exitReason}`];
};

const blockOf: Label = (event) => {
  switch (event.type) {
    case 'TradeBlocked':
      return [`${event.data.strategy}/${event.data.symbol} ${event.data.purpose}`, event.data.limit];
    case 'CandidateRejected':
      return [`${event.data.strategy}/${event.data.symbol}`, event.data.code];
    case 'EnhancementBlocked':
      return [`${event.data.strategy}/${event.data.symbol} ${event.data.filter}`, event.data.code];
    default:
      return undefined;
  }
};

const breachOf: Label = (event) => {
  switch (event.type) {
    case 'RiskLimitBreached':
      return [event.data.limit, `reached ${clock(event)}`];
    case 'KillSwitchTripped':
      return ['kill switch', `${event.data.code} ${clock(event)}`];
    case 'DefenseModeEntered':
      return ['defense mode', event.data.reason];
    default:
      return undefined;
  }
};
