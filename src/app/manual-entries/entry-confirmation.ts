import type { SignalRun } from '../../domain/session/session-run.js';
import type { Actor, EventData, RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { decisionOf, type ConfirmationTake } from '../../trading/entries/confirmation.js';
import { parseReason, parseRequestId, recordOnce, type ManualEntryParts } from './manual-entry.js';

export const CONFIRMATION_TAKES: readonly ConfirmationTake[] = ['confirmed', 'refused'];

/** The decision of a person about an entry that waits; texts as typed. */
export interface ConfirmationRequest {
  readonly signalId: string;
  readonly take: ConfirmationTake;
  readonly reason: string;
  readonly requestId: string;
}

export interface ConfirmationMade {
  readonly signalId: string;
  readonly take: ConfirmationTake;
  readonly repeated: boolean;
}

/** An entry that waits for a person; figures as the journal has them. */
export type WaitingEntry = EventData<'EntryConfirmationRequested'>;

/** A decision as it was typed, read. Throws REASON_MISSING and BAD_REQUEST_ID. */
export function readDecision({ signalId, take, reason, requestId }: ConfirmationRequest): ConfirmationRequest {
  return { signalId, take, reason: parseReason(reason), requestId: parseRequestId(requestId) };
}

/**
 * Confirms or refuses an entry that waits (TRD-53); the engine judges a confirmed one again before it sends it. Throws
 * CONFIRMATION_NOT_OPEN, REASON_MISSING, BAD_REQUEST_ID, REQUEST_ID_USED, and what the journal throws.
 */
export async function decideConfirmation(
  parts: ManualEntryParts & { readonly now: Clock },
  request: ConfirmationRequest,
  actor: Actor,
): Promise<ConfirmationMade> {
  const { signalId, take, reason, requestId } = readDecision(request);
  const { state, appender, now } = parts;
  await appender.follow();
  const { date } = state.session?.opened ?? {};
  const signal = signalOf(state.session?.strategies.values() ?? [], signalId);
  if (date === undefined || signal === undefined) throw notOpen(signalId);
  const { repeated } = await recordOnce(parts, {
    type: 'EntryConfirmationDecided',
    stream: STREAMS.strategy(signal.data.strategy, date),
    actor,
    requestId,
    isSame: ({ data }) => data.signalId === signalId && data.outcome === take,
    decide: () => {
      const newest = signalOf(state.session?.strategies.values() ?? [], signalId);
      const draft = newest === undefined ? undefined : decisionOf(newest, take, { reason, now: now.now() });
      if (draft === undefined) throw notOpen(signalId);
      return draft;
    },
  });
  return { signalId, take, repeated };
}

const MOST_LISTED = 1_000;

/** The entries of the running session that wait for a person, oldest first: without a fold of everything. */
export async function waitingEntries(journal: Pick<Journal, 'readAll'>): Promise<readonly WaitingEntry[]> {
  const waiting = new Map<string, WaitingEntry>();
  for (const event of await confirmations(journal)) note(waiting, event);
  return [...waiting.values()];
}

/** The signals of the running session for which a person was asked, decided or not. */
export async function askedEntries(journal: Pick<Journal, 'readAll'>): Promise<ReadonlySet<string>> {
  const events = await confirmations(journal);
  return new Set(events.flatMap((event) => (event.type === 'EntryConfirmationRequested' ? [event.data.signalId] : [])));
}

/** What the running session asked and what was decided, in order. */
async function confirmations(journal: Pick<Journal, 'readAll'>): Promise<readonly RecordedEvent[]> {
  const types = ['SessionOpened', 'EntryConfirmationRequested', 'EntryConfirmationDecided'] as const;
  const newest = await journal.readAll({ direction: 'backwards', limit: MOST_LISTED, filter: { types } });
  const opened = newest.findIndex(({ type }) => type === 'SessionOpened');
  return (opened === -1 ? newest : newest.slice(0, opened)).toReversed();
}

function note(waiting: Map<string, WaitingEntry>, event: RecordedEvent): void {
  if (event.type === 'EntryConfirmationRequested') waiting.set(event.data.signalId, event.data);
  if (event.type === 'EntryConfirmationDecided') waiting.delete(event.data.signalId);
}

function signalOf(
  runs: Iterable<{ readonly signals: ReadonlyMap<unknown, SignalRun> }>,
  signalId: string,
): SignalRun | undefined {
  for (const { signals } of runs) {
    for (const signal of signals.values()) if (signal.data.signalId === signalId) return signal;
  }
  return undefined;
}

export function notOpen(signalId: string): TradeBotError {
  return configError({
    code: 'CONFIRMATION_NOT_OPEN',
    message: `no entry ${signalId.slice(0, 120)} waits for a confirmation`,
    remedy: 'It was decided, or its time is up: tradebot confirmations list shows what waits. Nothing was recorded.',
    details: { field: 'signalId' },
  });
}
