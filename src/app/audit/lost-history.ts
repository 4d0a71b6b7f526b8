import { chainKindOf } from '../../domain/audit/chain.js';
import { STREAMS } from '../../events/streams.js';
import type { Position } from '../../events/event.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import type { Journal } from '../../ports/journal.js';
import { hashAt, restoresOf, restoreThatDropped } from './restored-history.js';

/** Something that was made from the journal and proves how far the journal had come. */
export interface HistoryMark {
  /** What it is, for people: "seal 2026-01-06 (path)". */
  readonly name: string;
  /** The file that is the mark; null for a row in a database that is rebuilt. */
  readonly path: string | null;
  readonly position: Position;
  /** Of the event at the position; undefined when the mark does not keep it. */
  readonly hash: Sha256Hex | undefined;
  /** True when the mark was made from a later event, which must be there too. */
  readonly followed: boolean;
  /** A file that is kept when a restore drops what it proves, and listed in the event of the restore. */
  readonly proof?: HistoryProof;
}

/** A seal or a backup that proves an event. */
export interface HistoryProof {
  readonly kind: 'seal' | 'backup';
  /** Id of the seal, or file name of the backup. */
  readonly id: string;
  readonly position: Position;
  readonly hash: Sha256Hex;
}

/** A published export: the event that it was made from must be in the journal. */
export interface PublishedExport {
  readonly path: string;
  readonly format: ExportFormat;
  readonly name: string;
}

/** What a home holds outside the journal that proves the journal's past. */
export interface HistoryEvidence {
  readonly marks: readonly HistoryMark[];
  readonly exports: readonly PublishedExport[];
  /** Contradictions between files that are there, such as a seal and its copy. */
  readonly disputes?: readonly LostHistory[];
}

/** One disagreement between the journal and what was made from it. */
export interface LostHistory {
  readonly code: 'JOURNAL_CUT' | 'JOURNAL_REWRITTEN';
  readonly message: string;
  /** The file that contradicts the journal; null for a row in a database, and for a file outside the home. */
  readonly path: string | null;
  readonly proof: HistoryProof | null;
  /** Format and name of a published export. */
  readonly exported: string | null;
}

type ReadJournal = Pick<Journal, 'head' | 'readAll' | 'readStream'>;

/**
 * Every mark and export that the journal contradicts: it was cut, swapped or written again. What a restore took out of
 * the journal is accounted for by its event and left out. Gather the evidence first.
 */
export async function findLostHistory(
  journal: ReadJournal,
  { marks, exports, disputes = [] }: HistoryEvidence,
): Promise<readonly LostHistory[]> {
  const found: LostHistory[] = [];
  const head = await journal.head();
  for (const mark of marks) {
    const lost = await lostMark(journal, mark, head?.position);
    if (lost !== undefined) found.push(lost);
  }
  const rest = found.some(({ proof }) => proof !== null) ? await unaccounted(journal, found) : found;
  return [...rest, ...disputes, ...(await lostExports(journal, exports, head?.position))];
}

async function lostMark(
  journal: ReadJournal,
  { name, path, position, hash, followed, proof }: HistoryMark,
  head: Position | undefined,
): Promise<LostHistory | undefined> {
  // made before the journal was moved: `verify` makes the other chain again and compares it
  if (head !== undefined && chainKindOf(head) !== chainKindOf(position)) return undefined;
  const facts = { path, proof: proof ?? null, exported: null };
  if (head === undefined || head < position || (followed && head === position)) {
    return { code: 'JOURNAL_CUT', message: `${cutText(head)}, ${name} was made from later events`, ...facts };
  }
  if (hash === undefined || (await hashAt(journal, position)) === hash) return undefined;
  return {
    code: 'JOURNAL_REWRITTEN',
    message: `the event at position ${position} is not the one of ${name}`,
    ...facts,
  };
}

async function unaccounted(journal: ReadJournal, found: readonly LostHistory[]): Promise<readonly LostHistory[]> {
  const restores = await restoresOf(journal);
  return found.filter(({ proof }) => proof === null || restoreThatDropped(restores, proof) === undefined);
}

/** Throws the first of `findLostHistory` (stop): nothing may be appended to, or made from, such a journal. */
export async function refuseLostHistory(journal: ReadJournal, evidence: HistoryEvidence): Promise<void> {
  const found = await findLostHistory(journal, evidence);
  if (found.length > 0) throw lostHistory(found);
}

function lostHistory(found: readonly LostHistory[]): TradeBotError {
  const [first] = found;
  const more = found.length > 1 ? ` (and ${found.length - 1} more: see tradebot verify)` : '';
  return journalError('stop', {
    code: first?.code ?? 'JOURNAL_CUT',
    message: `the journal is not the one of this home: ${first?.message ?? ''}${more}`,
    remedy: 'Restore the whole journal from a backup (tradebot restore FILE). Nothing was changed.',
    details: { contradictions: found.length },
  });
}

function cutText(head: Position | undefined): string {
  return head === undefined ? 'the journal is empty' : `the journal ends at position ${head}`;
}

async function lostExports(
  journal: ReadJournal,
  exports: readonly PublishedExport[],
  head: Position | undefined,
): Promise<readonly LostHistory[]> {
  if (exports.length === 0) return [];
  const journaled = new Set<string>();
  // by its stream: a server would look through the events of all bots for the types
  for (const event of await journal.readStream(STREAMS.reporting)) {
    if (event.type === 'OfxExported') journaled.add(`ofx ${event.data.name}`);
    else if (event.type === 'BooksExported') journaled.add(`${event.data.format} ${event.data.name}`);
  }
  return exports
    .filter(({ format, name }) => !journaled.has(`${format} ${name}`))
    .map(({ path, format, name }) => ({
      code: 'JOURNAL_CUT',
      path,
      proof: null,
      exported: `${format} ${name}`,
      message: `${cutText(head)}, the event that export ${path} was made from is missing`,
    }));
}
