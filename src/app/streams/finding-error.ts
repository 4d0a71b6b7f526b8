import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { StreamFinding } from '../../ports/journal.js';

/** The error for what stops the writing of a stream, or of the journal (stop). */
export function findingError(finding: StreamFinding): TradeBotError {
  const { stream, message, remedy } = finding;
  return journalError('stop', { code: CODES[finding.kind], message, remedy, details: { stream } });
}

const CODES: Readonly<Record<StreamFinding['kind'], string>> = {
  cut: 'JOURNAL_STREAM_CUT',
  restricted: 'JOURNAL_STREAM_CUT',
  deleted: 'JOURNAL_STREAM_DELETED',
  lost: 'JOURNAL_EVENTS_LOST',
  blocked: 'JOURNAL_STREAM_FOREIGN',
  foreign: 'JOURNAL_STREAM_FOREIGN',
  acknowledged: 'JOURNAL_STREAM_FOREIGN',
  protected: 'JOURNAL_ACCESS_DENIED',
  unprotected: 'JOURNAL_ACCESS_DENIED',
  restored: 'JOURNAL_STREAM_CUT',
};

/** Whether nothing may be written to the journal any more: nobody can undo it. */
export function stopsForGood({ kind }: StreamFinding): boolean {
  return kind === 'deleted' || kind === 'lost';
}

/** Whether it stops the writing of a stream, or of the journal, until a person undoes or acknowledges it. */
export function holdsWriting({ kind }: StreamFinding): boolean {
  return kind === 'cut' || kind === 'restricted' || kind === 'blocked';
}
