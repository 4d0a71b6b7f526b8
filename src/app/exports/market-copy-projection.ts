import type { FileText, Projection, ProjectionRun } from '../../../projections/kit/projection.js';
import type { RecordedEvent } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { HomePaths } from '../../kernel/home-paths.js';
import type { DateText } from '../../kernel/time.js';

export interface MarketCopyParts {
  readonly paths: HomePaths;
  /** Bytes of the recording that is kept beside the journal; throws when it is not there. */
  readonly readRecording: (date: DateText) => Uint8Array;
}

/**
 * Puts the recorded market data of each session (TRD-6) among the outputs. The recording itself lies beside the journal,
 * in storage: like the journal it is a source, so the outputs can be deleted and made again.
 */
export function marketCopyProjection({ paths, readRecording }: MarketCopyParts): Projection {
  return {
    name: 'market',
    version: 1,
    contexts: ['reporting'],
    readsBooks: false,
    watchesOthers: false,
    databasePath: null,
    schemaSql: '',
    logFiles: [],
    claims: [`${paths.output.market}/*`],
    start: () => new MarketCopyRun((date) => ({ path: paths.marketFile(date), text: readRecording(date) })),
  };
}

class MarketCopyRun implements ProjectionRun {
  #dates: DateText[] = [];

  constructor(private readonly copyOf: (date: DateText) => FileText) {}

  get dirty(): boolean {
    return this.#dates.length > 0;
  }

  apply(event: RecordedEvent): void {
    if (event.type === 'MarketDataRecorded') this.#dates.push(event.data.date);
  }

  outputFiles(): readonly FileText[] {
    return this.#dates.map(this.copyOf);
  }

  writeRows(): void {
    invariant(false, 'MARKET_HAS_NO_ROWS', 'the market projection has no database');
  }

  logLines(): readonly never[] {
    return [];
  }

  stateFiles(): readonly never[] {
    return [];
  }

  stateText(): string {
    return '{}';
  }

  clear(): void {
    this.#dates = [];
  }
}
