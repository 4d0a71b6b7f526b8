import { fileJob } from '../../../projections/kit/file-job.js';
import type { Projection } from '../../../projections/kit/projection.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { DateText } from '../../kernel/time.js';

export interface MarketCopyParts {
  readonly paths: HomePaths;
  /** Bytes of the recording next to the journal; throws when it is missing. */
  readonly readRecording: (date: DateText) => Uint8Array;
}

/**
 * Copies the recorded market data of each session (TRD-6) to the outputs. The recording itself is kept in storage next
 * to the journal: like the journal it is a source, so the outputs can be deleted and rebuilt.
 */
export function marketCopyProjection({ paths, readRecording }: MarketCopyParts): Projection {
  return fileJob<DateText>({
    name: 'market',
    version: 1,
    contexts: ['reporting'],
    claims: [`${paths.output.market}/*`],
    taskOf: (event) => (event.type === 'MarketDataRecorded' ? event.data.date : undefined),
    filesOf: (dates) => dates.map((date) => ({ path: paths.marketFile(date), text: readRecording(date) })),
  });
}
