import { findingError } from '../../app/streams/finding-error.js';
import type { StreamName } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { ExpectedRevision } from '../../ports/journal.js';
import type { EncodedEvent } from '../event-codec/codec.js';
import { findBatch, revisionFits, type FoundEvent } from '../journal-common/append.js';
import { wrongRevision } from '../journal-common/errors.js';
import { batchTooLarge } from './esdb-errors.js';
import { chainEvent, type ChainedEvent } from './event-record.js';
import { ACKNOWLEDGEMENT, isNamed, type ForeignRun } from './stream-course.js';
import { foreignFinding } from './stream-findings.js';
import type { StreamState } from './stream-states.js';

export interface AppendRequest {
  readonly stream: StreamName;
  readonly batch: readonly EncodedEvent[];
  readonly expected: ExpectedRevision;
  readonly recordedAt: UtcText;
}

/** The decision on one request, made before anything is sent; numbers are revisions of the stream. */
export type Decision =
  | { readonly kind: 'write'; readonly first: number; readonly last: number }
  /** Found among the recorded events. */
  | { readonly kind: 'found'; readonly found: readonly FoundEvent[] }
  /** Found among the events of this plan, which an earlier request writes: they have no position yet. */
  | { readonly kind: 'repeats'; readonly found: readonly FoundEvent[] }
  | { readonly kind: 'refuse'; readonly error: unknown; readonly mayBeBehind: boolean };

export interface AppendPlan {
  readonly decisions: readonly Decision[];
  readonly events: readonly ChainedEvent[];
}

/** The server's limit on one append, and the part that we use: versions count slightly differently. */
const MAX_APPEND_BYTES = 1_048_576;
export const MAX_APPEND_EVENTS = 4_095;
export const USABLE_BYTES = MAX_APPEND_BYTES - 4_096;

interface Tail {
  revision: number;
  hash: Sha256Hex;
  readonly ids: Map<string, number>;
  readonly events: ChainedEvent[];
  bytes: number;
  run: ForeignRun | undefined;
}

/**
 * Decides a run of requests to one stream, in order, as if each saw the outcome of the previous ones. `recorded` holds
 * the bodies of the ids that are in the stream. Requests that do not fit are left to the next plan: there may be fewer
 * decisions than requests, but never none.
 */
export function planAppends(
  requests: readonly AppendRequest[],
  state: StreamState,
  recorded: ReadonlyMap<string, FoundEvent>,
): AppendPlan {
  const tail: Tail = {
    revision: state.revision,
    hash: state.hash,
    ids: new Map(),
    events: [],
    bytes: 0,
    run: state.run,
  };
  const decisions: Decision[] = [];
  for (const request of requests) {
    const decision = decide(request, state, recorded, tail);
    if (decision === 'no room') break;
    decisions.push(decision);
  }
  return { decisions, events: tail.events };
}

function decide(
  request: AppendRequest,
  state: StreamState,
  recorded: ReadonlyMap<string, FoundEvent>,
  tail: Tail,
): Decision | 'no room' {
  const { stream, batch, expected } = request;
  try {
    const found = findBatch(stream, batch, (id) => recorded.get(id) ?? pending(tail, state, id));
    if (found !== undefined) {
      const fresh = found.some((event) => event.revision > state.revision);
      return { kind: fresh ? 'repeats' : 'found', found };
    }
  } catch (error) {
    // An event that looks new here may have been recorded by another process with the rest of its batch.
    return { kind: 'refuse', error, mayBeBehind: true };
  }
  // The caller sees our events only; foreign ones behind them must be acknowledged by the next event.
  const { run } = tail;
  if (run !== undefined && !acknowledges(batch[0], run)) {
    return { kind: 'refuse', error: findingError(foreignFinding(run, true)), mayBeBehind: true };
  }
  const last = run === undefined ? tail.revision : state.ownRevision;
  const actual = last < 0 ? null : last;
  if (!revisionFits(expected, actual)) {
    return { kind: 'refuse', error: wrongRevision(stream, expected, actual), mayBeBehind: true };
  }
  return write(request, tail);
}

function pending(tail: Tail, state: StreamState, id: string): FoundEvent | undefined {
  const revision = tail.ids.get(id);
  const event = revision === undefined ? undefined : tail.events[revision - state.revision - 1];
  if (revision === undefined || event === undefined) return undefined;
  const { body, hash, prevHash } = event;
  return { revision, body, hash, prevHash, position: '' as FoundEvent['position'] };
}

function write(request: AppendRequest, tail: Tail): Decision | 'no room' {
  const { stream, batch, recordedAt } = request;
  if (batch.length > MAX_APPEND_EVENTS) {
    return refuseLarge(batchTooLarge(stream, 'events', batch.length, MAX_APPEND_EVENTS));
  }
  const first = tail.revision + 1;
  const events: ChainedEvent[] = [];
  let hash = tail.hash;
  let bytes = 0;
  for (const encoded of batch) {
    const event = chainEvent(encoded, recordedAt, first + events.length, hash);
    events.push(event);
    hash = event.hash;
    bytes += event.bytes;
  }
  if (bytes > USABLE_BYTES) return refuseLarge(batchTooLarge(stream, 'bytes', bytes, USABLE_BYTES));
  if (tail.bytes + bytes > USABLE_BYTES || tail.events.length + events.length > MAX_APPEND_EVENTS) return 'no room';
  tail.run = undefined;
  for (const event of events) {
    tail.events.push(event);
    tail.ids.set(event.id, event.revision);
  }
  tail.revision += events.length;
  tail.hash = hash;
  tail.bytes += bytes;
  return { kind: 'write', first, last: tail.revision };
}

/** Whether an event acknowledges exactly these foreign events. */
function acknowledges(encoded: EncodedEvent | undefined, run: ForeignRun): boolean {
  if (encoded?.event.type !== ACKNOWLEDGEMENT) return false;
  const { fromRevision: from, toRevision: to, sha256 } = encoded.event.data;
  return isNamed(run, { from, to, sha256 });
}

function refuseLarge(error: unknown): Decision {
  return { kind: 'refuse', error, mayBeBehind: false };
}
