import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import type { BlockedSymbol } from './blocklist.js';
import type { UniverseRow } from './enrich.js';
import type { ProviderName } from './observation.js';
import type { UniverseLimits } from './rules.js';

/** What a build was made of: the same header and the same answers give the same files, byte for byte. */
export interface UniverseHeader {
  readonly format: 1;
  /** The last session before the build. */
  readonly date: string;
  readonly build_id: string;
  /** Time of the newest answer that the build rests on. */
  readonly as_of: UtcText;
  readonly providers: readonly ProviderName[];
  readonly limits: UniverseLimits;
  /** What a reader must know of the build, such as a rule that was left out. */
  readonly notes: readonly string[];
}

/** A symbol of the published universe. */
export interface PublishedSymbol {
  readonly symbol: string;
  /** 1 is the most traded. */
  readonly rank: number;
  readonly row: UniverseRow;
}

export interface PublishedUniverse {
  readonly header: UniverseHeader;
  readonly symbols: readonly PublishedSymbol[];
}

/** All symbols of a build with the blocklist that it had: enough to judge each again. */
export interface UnfilteredUniverse {
  readonly header: UniverseHeader;
  readonly blocklist: readonly BlockedSymbol[];
  readonly rows: readonly UniverseRow[];
}

/** Reads a published universe. Throws UNIVERSE_DAMAGED for a text that is none. */
export function parsePublished(text: string): PublishedUniverse {
  const { header, rows } = parseDocument(text);
  const symbols = rows.map(({ row, rank }) => {
    if (rank === undefined) throw damaged(`${row.symbol} has no rank`);
    return { symbol: row.symbol, rank, row };
  });
  return { header, symbols };
}

/** Reads the unfiltered symbols of a build. Throws UNIVERSE_DAMAGED for a text that is none. */
export function parseUnfiltered(text: string): UnfilteredUniverse {
  const { header, rows, blocklist } = parseDocument(text);
  return { header, rows: rows.map(({ row }) => row), blocklist };
}

interface Parsed {
  readonly header: UniverseHeader;
  readonly blocklist: readonly BlockedSymbol[];
  readonly rows: readonly { readonly row: UniverseRow; readonly rank: number | undefined }[];
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseDocument(text: string): Parsed {
  const value = jsonOf(text);
  if (!isMembers(value) || value['format'] !== 1 || !Array.isArray(value['symbols'])) {
    throw damaged('it has no list of symbols of format 1');
  }
  const { format, date, build_id, as_of, providers, limits, notes, blocklist = [] } = value;
  const isHeader = [date, build_id, as_of].every((one) => typeof one === 'string') && isMembers(limits);
  if (!isHeader || !Array.isArray(providers) || !Array.isArray(notes)) throw damaged('its header is not whole');
  const header = { format, date, build_id, as_of, providers, limits, notes } as unknown as UniverseHeader;
  return { header, blocklist: blocklist as readonly BlockedSymbol[], rows: value['symbols'].map(rowOf) };
}

function rowOf(value: unknown): Parsed['rows'][number] {
  if (!isMembers(value) || typeof value['symbol'] !== 'string' || !isMembers(value['figures'])) {
    throw damaged('a row has no symbol or no figures');
  }
  for (const [name, figure] of Object.entries(value['figures'])) {
    if (!isMembers(figure) || typeof figure['value'] !== 'string')
      throw damaged(`${name} of ${value['symbol']} has no value`);
  }
  const { symbol, figures, disagreements, rank } = value;
  const row = { symbol, figures, disagreements: Array.isArray(disagreements) ? disagreements : [] } as UniverseRow;
  return { row, rank: typeof rank === 'number' ? rank : undefined };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged('it is not JSON');
  }
}

function damaged(why: string): TradeBotError {
  return dataError({
    code: 'UNIVERSE_DAMAGED',
    message: `the universe file cannot be used: ${why}`,
    remedy: 'Build it again: tradebot universe build.',
  });
}
