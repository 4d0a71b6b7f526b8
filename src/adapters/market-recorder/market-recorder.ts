import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { MarketSlice } from '../../domain/market/types.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { DateText } from '../../kernel/time.js';
import type { DataFindings, MarketDay } from '../../ports/market-data.js';
import type { DayRecording, EarlierMinutes, MarketRecorder, MarketRecording } from '../../ports/market-recorder.js';
import type { DiskSpace } from '../../ports/disk-space.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { FolderDiskSpace } from '../files/disk-space.js';
import { PartFile } from './part-file.js';
import { RecordedFeed } from './recorded-feed.js';
import { FORMAT_LINE } from './recording-format.js';
import { addMinute, referenceLine, type Tally } from './recording-lines.js';

/** Byte of the gzip header that names the operating system; 255 is "unknown", so that all machines write the same. */
const GZIP_OS_BYTE = 9;
const UNKNOWN_OS = 255;
/** A day of seven symbols: 83 KB in 4 ms; level 9 gives 70 KB in 70 ms, half of the cost of the day. */
const GZIP_LEVEL = 4;

/** When the minutes are written: at the close, or each when it ends, for a feed that cannot be asked again. */
export type RecorderMode = 'at the close' | 'as they come';

/**
 * Stores the data of a session for replay and what-if (TRD-6): one gzipped CSV text per day, complete or absent, and
 * until then the minutes so far in a file of their own. The same minutes give the same bytes in both modes.
 */
export class FileMarketRecorder implements MarketRecorder {
  constructor(
    private readonly paths: Pick<HomePaths, 'marketRecording' | 'marketRecordingPart'>,
    private readonly mode: RecorderMode,
    private readonly disk?: DiskSpace,
  ) {}

  begin(market: MarketDay, day: ExchangeSession): DayRecording {
    const { date } = market;
    const path = this.paths.marketRecording(date);
    if (this.mode === 'at the close') return new RecordedMinutes(path, market);
    const partPath = this.paths.marketRecordingPart(date);
    // the folder above is always there
    const disk = this.disk ?? new FolderDiskSpace(dirname(dirname(partPath)));
    const { part, earlier } = PartFile.open(partPath, date, disk);
    return new RecordedMinutes(path, market, { part, earlier: earlier ?? this.#recordedBefore(date, day) });
  }

  /** After the close only the complete recording is there. */
  #recordedBefore(date: DateText, { opensAt, closesAt }: ExchangeSession): EarlierMinutes {
    try {
      const session = new RecordedFeed(this.paths.marketRecording).openSession(date);
      return { minutes: [...session.slices(opensAt, closesAt)], findings: {} };
    } catch {
      return NOTHING;
    }
  }
}

const NOTHING: EarlierMinutes = { minutes: [], findings: {} };

/** The minutes so far, in memory and, with a part file, on disk too. */
class RecordedMinutes implements DayRecording {
  readonly earlier: EarlierMinutes;
  readonly #part: PartFile | undefined;
  readonly #lines: string[] = [];
  readonly #tally: Tally = { bars: 0, quotes: 0, vix: '' };

  constructor(
    private readonly path: string,
    private readonly market: MarketDay,
    kept: { readonly part?: PartFile; readonly earlier: EarlierMinutes } = { earlier: NOTHING },
  ) {
    this.earlier = kept.earlier;
    this.#part = kept.part;
    for (const slice of this.earlier.minutes) addMinute(this.#lines, slice, this.#tally);
  }

  get fault(): string | undefined {
    return this.#part?.fault;
  }

  add(slice: MarketSlice, findings: DataFindings): void {
    const from = this.#lines.length;
    addMinute(this.#lines, slice, this.#tally);
    this.#part?.append(this.#lines.slice(from), slice.start, findings);
  }

  finish(findings: DataFindings): MarketRecording {
    const { date, description, references } = this.market;
    const { bars, quotes } = this.#tally;
    const head = [FORMAT_LINE, `session,${date}`, `feed,${canonicalJson({ ...description, findings })}`];
    const lines = [...head, ...references.map(referenceLine), ...this.#lines, `end,${bars},${quotes}`];
    const text = `${lines.join('\n')}\n`;
    const packed = gzipSync(text, { level: GZIP_LEVEL });
    packed[GZIP_OS_BYTE] = UNKNOWN_OS;
    writeFileAtomic(this.path, packed);
    return { name: basename(this.path), bars, quotes, sha256: sha256Hex(text) };
  }

  done(): void {
    this.#part?.remove();
  }
}

/** The bytes of a recording. Throws DATA_RECORDING_MISSING. */
export function readRecording(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw dataError({
      code: 'DATA_RECORDING_MISSING',
      message: `the recorded market data ${path} cannot be read`,
      remedy: 'Restore the file from a backup; the journal has its digest.',
      cause,
    });
  }
}
