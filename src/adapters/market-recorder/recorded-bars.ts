import { createReadStream, existsSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Bar } from '../../domain/market/types.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import { barIn, haltIn } from './recording-format.js';

/** What a recording has of one symbol, oldest first. */
export interface SymbolMinutes {
  readonly bars: readonly Bar[];
  /** Minutes in which it was halted. */
  readonly halted: readonly EpochMs[];
}

/** The files of a session: the recording, and the minutes of one that has not closed. */
export interface RecordingFiles {
  readonly recording: string;
  readonly part: string;
}

interface Known {
  readonly mark: string;
  readonly bySymbol: ReadonlyMap<string, SymbolMinutes>;
}

/** More than any session of minutes has. */
const MOST_LINES = 20_000_000;

/**
 * Reads bars of recorded sessions line by line, without their quotes: a day of 500 symbols is large as a whole. The last one that was read is kept while its file does not change.
 */
export class RecordedBars {
  #kept: Known | undefined;

  /** The symbols of a session with their minutes; undefined when nothing was recorded. Throws DataError for a damaged file. */
  async read(files: RecordingFiles): Promise<ReadonlyMap<string, SymbolMinutes> | undefined> {
    const path = [files.recording, files.part].find((one) => existsSync(one));
    if (path === undefined) return undefined;
    const { size, mtimeMs } = statSync(path);
    const mark = `${path} ${size} ${mtimeMs}`;
    if (this.#kept?.mark !== mark) {
      const bySymbol = await readLines(path, path === files.recording);
      this.#kept = { mark, bySymbol };
    }
    return this.#kept.bySymbol;
  }
}

async function readLines(path: string, packed: boolean): Promise<Known['bySymbol']> {
  const bySymbol = new Map<string, { bars: Bar[]; halted: EpochMs[] }>();
  const of = (symbol: string): { bars: Bar[]; halted: EpochMs[] } => {
    const known = bySymbol.get(symbol) ?? { bars: [], halted: [] };
    bySymbol.set(symbol, known);
    return known;
  };
  const take = (line: string): void => {
    if (line.startsWith('bar,')) {
      const bar = barIn(line);
      of(bar.symbol).bars.push(bar);
    } else if (line.startsWith('halt,')) {
      const { symbol, start } = haltIn(line);
      of(symbol).halted.push(start);
    }
  };
  /** Of a part: lines of a minute that has no end yet may be torn. */
  let minute: string[] = [];
  let count = 0;
  try {
    for await (const line of linesOf(path, packed)) {
      count += 1;
      if (count > MOST_LINES) throw new Error(`it has more than ${MOST_LINES} lines`);
      if (packed) take(line);
      else if (line.startsWith('minute,')) {
        minute.forEach(take);
        minute = [];
      } else minute.push(line);
    }
    return bySymbol;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Whole lines; what follows the last line break is left out. */
async function* linesOf(path: string, packed: boolean): AsyncGenerator<string> {
  const raw = createReadStream(path);
  // an error of the file reaches the reader through the last stream
  const text = packed ? pipeline(raw, createGunzip(), () => undefined) : raw;
  text.setEncoding('latin1');
  let rest = '';
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function unreadable(path: string, cause: unknown): TradeBotError {
  if (cause instanceof TradeBotError) return cause;
  return dataError({
    code: 'DATA_RECORDING_UNUSABLE',
    message: `${path} is not a usable recording: ${String(cause).replace(/^\w*Error: /, '')}`,
    remedy: 'Restore it from a backup; the journal has its SHA-256.',
    cause,
  });
}

/** Spans of halted minutes that follow each other. */
export function haltSpans(halted: readonly EpochMs[]): readonly { readonly from: EpochMs; readonly to: EpochMs }[] {
  const spans: { from: EpochMs; to: EpochMs }[] = [];
  for (const start of halted) {
    const last = spans.at(-1);
    const end = plusMs(start, MINUTE_MS);
    if (last?.to === start) last.to = end;
    else spans.push({ from: start, to: end });
  }
  return spans;
}
