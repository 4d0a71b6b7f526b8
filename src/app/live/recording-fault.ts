import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
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
  await appender.append(STREAMS.errors, [
    errorRecorded(
      {
        errorType: 'DataError',
        errorCode: 'MARKET_RECORDING_WAITS',
        message: `the market data of ${date} cannot be written (${fault}): it is kept in memory until it can. Free space on that disk; a crash before that loses these minutes`,
        context: { key },
      },
      { correlationId: `session/${date}`, causationId: appender.state.session?.openedEventId ?? null },
    ),
  ]);
}
