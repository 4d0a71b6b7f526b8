import type { EventData, RecordedEvent } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { parseUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { Difference } from './books-comparison.js';

/** A difference that nobody has resolved. */
export interface OpenMismatch {
  readonly data: EventData<'BooksMismatchFound'>;
  readonly foundAt: UtcText;
}

/** A difference that a person left to the broker: it is tolerated until then. */
interface LeftToBroker {
  readonly delta: string;
  readonly expiresAt: UtcText;
}

/** The last comparison. */
interface LastComparison {
  readonly at: UtcText;
  readonly data: EventData<'BooksCompared'>;
}

/** Books against broker, folded from the journal: plain values, for the engine and for projections. */
export interface ComparisonState {
  /** Differences found so far; the number of the last id. */
  readonly found: number;
  /** Open differences by what differs. */
  readonly open: Readonly<Record<string, OpenMismatch>>;
  readonly leftToBroker: Readonly<Record<string, LeftToBroker>>;
  readonly last: LastComparison | null;
  /** When the books were last compared with an answer of the broker. */
  readonly knownAt: UtcText | null;
  /** Since when they could not be compared. */
  readonly unknownSince: UtcText | null;
  /** A comparison that does not wait for the schedule. */
  readonly due: 'start' | 'reconnect' | 'resolution' | null;
}

/** Before the first event. */
export const NO_COMPARISON: ComparisonState = {
  found: 0,
  open: {},
  leftToBroker: {},
  last: null,
  knownAt: null,
  unknownSince: null,
  due: null,
};

/** Applies an event; those of other subjects change nothing. */
export function reduceComparison(state: ComparisonState, event: RecordedEvent): ComparisonState {
  switch (event.type) {
    case 'SessionOpened':
      return { ...state, due: 'start' };
    case 'BrokerResumed':
      return { ...state, due: 'reconnect' };
    case 'BooksMismatchFound': {
      const found = { data: event.data, foundAt: event.occurredAt };
      const key = keyOf(event.data);
      const leftToBroker = without(state.leftToBroker, key);
      return { ...state, found: state.found + 1, open: { ...state.open, [key]: found }, leftToBroker };
    }
    case 'BooksMismatchResolved':
      return resolved(state, event.data);
    case 'BooksCompared':
      return compared(state, event);
    default:
      return state;
  }
}

function resolved(state: ComparisonState, data: EventData<'BooksMismatchResolved'>): ComparisonState {
  const [key, found] = Object.entries(state.open).find(([, one]) => one.data.mismatchId === data.mismatchId) ?? [];
  if (key === undefined || found === undefined) return state;
  const left =
    data.expiresAt === null
      ? state.leftToBroker
      : { ...state.leftToBroker, [key]: { delta: found.data.delta, expiresAt: data.expiresAt } };
  return { ...state, open: without(state.open, key), leftToBroker: left, due: 'resolution' };
}

function compared(state: ComparisonState, event: RecordedEvent<'BooksCompared'>): ComparisonState {
  const { data, occurredAt: at } = event;
  const last = { at, data };
  if (data.outcome === 'unknown') return { ...state, last, due: null, unknownSince: state.unknownSince ?? at };
  const now = new Set(data.differences.map(keyOf));
  const kept = Object.entries(state.leftToBroker).filter(([key]) => now.has(key));
  return { ...state, last, due: null, knownAt: at, unknownSince: null, leftToBroker: Object.fromEntries(kept) };
}

type Subject = Pick<EventData<'BooksMismatchFound'>, 'subject' | 'symbol' | 'brokerSymbol'>;

/** What differs, as the key of its difference. */
function keyOf({ subject, symbol, brokerSymbol }: Subject): string {
  if (brokerSymbol !== null) return `name/${brokerSymbol}`;
  return symbol === null ? subject : `${subject}/${symbol}`;
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([one]) => one !== key));
}

/** Whether a difference is open with this amount, or left to the broker at `now`: then it is not a new one. */
export function isKnownDifference(state: ComparisonState, { key, delta }: Difference, now: EpochMs): boolean {
  const open = state.open[key];
  if (open !== undefined) return Decimal.parse(open.data.delta).equals(delta);
  const left = state.leftToBroker[key];
  return left !== undefined && Decimal.parse(left.delta).equals(delta) && now < parseUtcText(left.expiresAt);
}

/** The open differences in the order in which they were found. */
export function openMismatches(state: ComparisonState): readonly OpenMismatch[] {
  return Object.values(state.open).sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf({ data }: OpenMismatch): number {
  return Number(data.mismatchId.slice(MISMATCH_PREFIX.length));
}

const MISMATCH_PREFIX = 'BM-';

/** The id of the n-th difference of a bot. */
export function mismatchIdOf(number: number): string {
  return `${MISMATCH_PREFIX}${number}`;
}

/** Whether open differences hold entries: unless the setting says otherwise. */
export function mismatchesHoldEntries(
  state: ComparisonState,
  settings: Readonly<Record<string, string | null>>,
): boolean {
  return Object.keys(state.open).length > 0 && settings['BOOKS_MISMATCH_HOLDS_ENTRIES'] !== 'false';
}
