import { fileJob } from '../../../projections/kit/file-job.js';
import type { Projection } from '../../../projections/kit/projection.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { EventData } from '../../events/event.js';

export interface MarketCopyParts {
  readonly paths: HomePaths;
  /** Bytes of the recording next to the journal; undefined when it is missing, or is not the one of the event. */
  readonly readRecording: (recorded: EventData<'MarketDataRecorded'>) => Uint8Array | undefined;
  /** Whether the outputs have a file. */
  readonly exists: (path: string) => boolean;
}

/**
 * Copies the recorded market data of each session (TRD-6) to the outputs. The recording itself is kept in storage next
 * to the journal: like the journal it is a source, so the outputs can be deleted and rebuilt. A recording that is not there
 * (a home that took over a journal) has no copy until it is brought: the next start makes it.
 */
export function marketCopyProjection({ paths, readRecording, exists }: MarketCopyParts): Projection {
  type Recorded = EventData<'MarketDataRecorded'>;
  const filesOf = (recorded: readonly Recorded[]) =>
    recorded.flatMap((one) => {
      const bytes = readRecording(one);
      return bytes === undefined ? [] : [{ path: paths.marketFile(one.date), text: bytes }];
    });
  return fileJob<Recorded>({
    name: 'market',
    version: 1,
    contexts: ['reporting'],
    claims: [`${paths.output.market}/*`],
    taskOf: (event) => (event.type === 'MarketDataRecorded' ? event.data : undefined),
    filesOf,
    late: {
      types: ['MarketDataRecorded'],
      filesOf: (recorded) =>
        filesOf(recorded.filter(({ date }) => !exists(paths.marketFile(date)))).map(({ path, text }) => ({
          ...{ path, sha256: null, earlier: null },
          text: () => text,
        })),
    },
  });
}
