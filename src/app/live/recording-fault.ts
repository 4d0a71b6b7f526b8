import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
import { isJournalOutage } from '../../ports/journal.js';
import type { DateText } from '../../kernel/time.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** Reports, once a session, that the recording waits for its disk; trading continues, and the minutes are kept in memory. */
export async function reportRecordingFault(
  appender: EngineAppender,
  date: DateText,
  fault: string | undefined,
): Promise<void> {
  const key = `market-recording/${date}`;
  if (fault === undefined || appender.state.reportedErrors.has(key)) return;
  const report = errorRecorded(
    {
      errorType: 'DataError',
      errorCode: 'MARKET_RECORDING_WAITS',
      message: `the market data of ${date} cannot be written (${fault}): it is kept in memory, which a crash loses. Check that disk and the folder`,
      context: { key },
    },
    { correlationId: `session/${date}`, causationId: appender.state.session?.openedEventId ?? null },
  );
  try {
    await appender.append(STREAMS.errors, [report]);
  } catch (error) {
    // one disk may hold both: what the journal must have decides whether the engine goes down, not this
    if (!isJournalOutage(error)) throw error;
  }
}
