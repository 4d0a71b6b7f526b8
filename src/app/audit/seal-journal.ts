import type { EventData, RecordedEvent } from '../../events/event.js';
import { dataError } from '../../kernel/errors.js';
import { toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';
import type { JournalTree } from './journal-tree.js';
import type { ChainVerifier } from './verified-chain.js';

export interface SealParts {
  readonly appender: EngineAppender;
  readonly tree: JournalTree;
  /** A journal is not sealed before its chain is verified up to its end. */
  readonly chain: Pick<ChainVerifier, 'verifyNews'>;
  readonly clock: Clock;
}

/**
 * Seals the journal at the end of a session (JRN-30), exactly once, however often it is called. Only the event is
 * recorded here; it is the same on every machine. The projection writes the signed file from it.
 */
export async function sealSession(parts: SealParts, date: DateText): Promise<void> {
  if (parts.appender.state.session?.sealed === true) return;
  await seal(parts, () => date);
}

/**
 * Seals the journal on demand. A journal that ends with a seal is not sealed again: that seal is returned, with `made`
 * false. Throws DataError `NOTHING_TO_SEAL` for an empty journal.
 */
export async function sealNow(
  parts: SealParts,
  journal: Pick<Journal, 'readAll'>,
): Promise<{ readonly data: EventData<'JournalSealed'>; readonly made: boolean }> {
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
  if (last !== undefined && isSeal(last)) return { data: last.data, made: false };
  return { data: await seal(parts, ({ position }) => `at-${position}`), made: true };
}

function isSeal(event: RecordedEvent): event is RecordedEvent<'JournalSealed'> & RecordedEvent {
  return event.type === 'JournalSealed';
}

async function seal(
  { appender, tree, chain, clock }: SealParts,
  nameOf: (covered: { readonly position: string }) => string,
): Promise<EventData<'JournalSealed'>> {
  await chain.verifyNews();
  const covered = await tree.sealable();
  if (covered === undefined) {
    throw dataError({
      code: 'NOTHING_TO_SEAL',
      message: 'the journal is empty',
      remedy: 'Trade a session first (tradebot day).',
    });
  }
  const data = { sealId: nameOf(covered), ...covered, sealedAt: toUtcText(clock.now()) };
  const { sessionDate } = appender;
  // A seal on demand covers the journal; it belongs to no session.
  appender.sessionDate = null;
  try {
    // another process may report meanwhile: the seal covers what it covers
    await appender.append(STREAMS.reporting, [
      { type: 'JournalSealed', data, correlationId: `seal/${data.sealId}`, causationId: null },
    ]);
  } finally {
    appender.sessionDate = sessionDate;
  }
  return data;
}
