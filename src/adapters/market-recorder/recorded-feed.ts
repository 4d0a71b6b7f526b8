import { gunzipSync } from 'node:zlib';
import { Findings, isQualityRule } from '../../domain/market/quality.js';
import type { MarketSlice, SymbolReference } from '../../domain/market/types.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { FeedDescription, RecordedSession } from '../../ports/market-data.js';
import { closedNote, readDataFile } from '../feed-kit/data-files.js';
import { RecordedDay } from '../feed-kit/recorded-day.js';
import { ReplayFeed } from '../feed-kit/replay-feed.js';
import { parseRecording, type Recording } from './recording-format.js';

/** A day of minutes of 500 symbols is below 100 MB of text. */
const MOST_TEXT_BYTES = 256 * 1024 * 1024;

/**
 * Replays the recording of a session (TRD-6): slice by slice what the session saw, with the description of the original
 * feed. `fileOf` returns the recording of a day.
 */
export class RecordedFeed extends ReplayFeed {
  constructor(private readonly fileOf: (date: DateText) => string) {
    super();
  }

  openSession(date: DateText): RecordedSession {
    const path = this.fileOf(date);
    const recording = readRecording(path, date);
    if (recording.date !== date) throw unusable(path, `it is of ${recording.date}, not of ${date}`);
    const findings = new Findings();
    for (const [rule, count] of Object.entries(recording.findings)) {
      if (isQualityRule(rule)) findings.add(rule, count);
    }
    return new RecordedDay({
      date,
      references: referencesOf(recording),
      description: recording.description ?? unknownFeed(recording),
      bars: [recording.bars],
      quotes: [recording.quotes],
      halted: recording.halted,
      vix: vixIn(recording),
      imbalances: recording.imbalances,
      chains: recording.chains,
      findings,
    });
  }
}

function readRecording(path: string, date: DateText): Recording {
  const cut = path.lastIndexOf('/');
  const file = readDataFile(cut === -1 ? '.' : path.slice(0, cut), path.slice(cut + 1));
  if (file === undefined) {
    throw dataError({
      code: 'DATA_NO_SUCH_DAY',
      message: `no market data was recorded on ${date}${closedNote(date)}: ${path} does not exist`,
      remedy: 'Choose a day on which this bot ran a session.',
    });
  }
  try {
    return parseRecording(gunzipSync(file.bytes, { maxOutputLength: MOST_TEXT_BYTES }).toString('utf8'));
  } catch (error) {
    throw unusable(path, String(error).replace(/^\w*Error: /, ''), error);
  }
}

/** Without the feed's own references only the symbols of the rows are known. */
function referencesOf({ references, bars }: Recording): readonly SymbolReference[] {
  if (references.length > 0) return references;
  return [...new Set(bars.map(({ symbol }) => symbol))].map((symbol) => ({
    symbol,
    previousClose: undefined,
    previousVolume: undefined,
    marketCap: undefined,
  }));
}

function unknownFeed(recording: Recording): FeedDescription {
  return {
    kind: 'csv',
    description: `recorded market data of ${recording.date}`,
    seed: null,
    symbols: referencesOf(recording).map(({ symbol }) => symbol),
    sha256: sha256Hex(canonicalJson(recording.bars)),
  };
}

function unusable(path: string, why: string, cause?: unknown): TradeBotError {
  return dataError({
    code: 'DATA_RECORDING_UNUSABLE',
    message: `${path} is not a usable recording: ${why}`,
    remedy: 'Restore it from a backup; the journal has its SHA-256.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function vixIn({ vix }: Recording): (start: EpochMs) => MarketSlice['vix'] {
  return (start) => vix.findLast((change) => change.start <= start)?.value;
}
