import { LONGEST_REASON } from '../../domain/risk/protections.js';
import type { Draft } from '../../events/draft.js';
import type { Actor, EventData } from '../../events/event.js';
import { parseSymbol, type TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { configError, ofField, type TradeBotError } from '../../kernel/errors.js';
import { refuseHiddenCharacters } from '../../kernel/plain-text.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';

/** The list of inverse ETFs in force: who made it, when and why. */
export interface InverseEtfs {
  /** From 1; 0 before a person made one. */
  readonly version: number;
  /** ETF by symbol. */
  readonly entries: Readonly<Record<string, string>>;
  /** UTC; null before a person made one. */
  readonly changedAt: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/** A whole new list in the place of the one of this version. */
export interface InverseEtfsRequest {
  readonly version: string;
  readonly entries: Readonly<Record<string, string>>;
  readonly reason: string;
}

const MOST_ENTRIES = 500;
const SHORTEST_REASON = 3;

/** The list in force, as the journal has it. */
export async function readInverseEtfs(journal: Pick<Journal, 'readStream'>): Promise<InverseEtfs> {
  const [last] = await journal.readStream(STREAMS.inverseEtfs, { direction: 'backwards', limit: 1 });
  if (last?.type !== 'InverseEtfsChanged') return { version: 0, entries: {}, changedAt: null, by: null, reason: null };
  const { version, entries, reason } = last.data;
  const list = Object.fromEntries(entries.map(({ symbol, etf }) => [symbol, etf]));
  return { version, entries: list, changedAt: last.occurredAt, by: last.meta.actor, reason };
}

/** A list as it was typed, read, with its reason. Throws ConfigError INVERSE_ETFS_INVALID, TEXT_NOT_PLAIN, and what no symbol is refused for. */
function readList(
  request: Pick<InverseEtfsRequest, 'entries' | 'reason'>,
): Pick<EventData<'InverseEtfsChanged'>, 'entries' | 'reason'> {
  const reason = request.reason.trim();
  refuseHiddenCharacters(reason, 'reason');
  const entries = ofField('entries', () => entriesOf(request.entries));
  ofField('reason', () => {
    if (reason.length >= SHORTEST_REASON && reason.length <= LONGEST_REASON) return;
    throw invalid(`a reason of ${SHORTEST_REASON} to ${LONGEST_REASON} characters is required`);
  });
  return { entries, reason };
}

/** Throws what `readList` throws, and INVERSE_ETFS_CHANGED, as far as it can be said before a worker is started. */
export async function refuseList(journal: Pick<Journal, 'readStream'>, request: InverseEtfsRequest): Promise<void> {
  const { entries } = readList(request);
  const before = await readInverseEtfs(journal);
  const same = canonicalJson(entries) === canonicalJson(entriesOf(before.entries));
  if (!same) refuseStale(before.version, request.version);
}

function refuseStale(now: number, given: string): void {
  if (String(now) !== given) throw changed(now);
}

/**
 * Records a new list (TRD-23); an equal one is not recorded again. Throws ConfigError INVERSE_ETFS_INVALID, and
 * INVERSE_ETFS_CHANGED when another person was first.
 */
export async function changeInverseEtfs(
  appender: EventAppender,
  request: InverseEtfsRequest,
  actor: Actor,
): Promise<Pick<EventData<'InverseEtfsChanged'>, 'version'>> {
  const { entries, reason } = readList(request);
  let version = 0;
  await appender.decide(
    STREAMS.inverseEtfs,
    (last): readonly Draft[] => {
      const before = last?.type === 'InverseEtfsChanged' ? last.data : { version: 0, entries: [] };
      version = before.version;
      if (canonicalJson(before.entries) === canonicalJson(entries)) return [];
      refuseStale(before.version, request.version);
      version += 1;
      return [
        {
          type: 'InverseEtfsChanged',
          data: { version, entries: [...entries], reason },
          correlationId: 'inverse-etfs',
          causationId: last?.id ?? null,
        },
      ];
    },
    actor,
  );
  return { version };
}

function entriesOf(list: Readonly<Record<string, string>>): EventData<'InverseEtfsChanged'>['entries'] {
  const entries = Object.entries(list)
    .map(([symbol, etf]) => ({ symbol: parseSymbol(symbol.trim()), etf: etfOf(symbol, etf.trim()) }))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  if (entries.length > MOST_ENTRIES)
    throw invalid(`the list has ${entries.length} entries, of at most ${MOST_ENTRIES}`);
  const symbols = new Set(entries.map(({ symbol }) => symbol));
  for (const { symbol, etf } of entries) {
    if (etf === symbol) throw invalid(`${symbol} cannot be its own inverse ETF`);
    if (symbols.has(etf)) throw invalid(`${etf} is the inverse ETF of ${symbol} and has one itself`);
  }
  return entries;
}

function etfOf(symbol: string, etf: string): TickerSymbol {
  if (etf === '') throw invalid(`${symbol.slice(0, 40)} has no ETF`);
  return parseSymbol(etf);
}

function invalid(message: string): TradeBotError {
  return configError({
    code: 'INVERSE_ETFS_INVALID',
    message,
    remedy: 'Correct the list, such as SPY=SH. Nothing was changed.',
  });
}

function changed(version: number): Error {
  return configError({
    code: 'INVERSE_ETFS_CHANGED',
    message: `the list was changed meanwhile: it has version ${version} now`,
    remedy: 'Look at it again, and repeat the change. Nothing was changed.',
    details: { field: 'version' },
  });
}
