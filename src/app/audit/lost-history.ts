import type { Position } from '../../events/event.js';
import { journalError, TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import type { Journal } from '../../ports/journal.js';

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
}

/** One disagreement between the journal and what was made from it. */
export interface LostHistory {
  readonly code: 'JOURNAL_CUT' | 'JOURNAL_REWRITTEN';
  readonly message: string;
  /** The file that contradicts the journal; null for a row in a database. */
  readonly path: string | null;
}

type ReadJournal = Pick<Journal, 'head' | 'readAll'>;

/** Every mark and export that the journal contradicts: it was cut, swapped or written again. Gather the evidence first. */
export async function findLostHistory(
  journal: ReadJournal,
  { marks, exports }: HistoryEvidence,
): Promise<readonly LostHistory[]> {
  const found: LostHistory[] = [];
  const head = await journal.head();
  for (const mark of marks) {
    const { name, path, position, hash, followed } = mark;
    if (head === undefined || head.position < position || (followed && head.position === position)) {
      found.push({
        code: 'JOURNAL_CUT',
        message: `${cutText(head?.position)}, ${name} was made from later events`,
        path,
      });
    } else if (hash !== undefined && (await hashAt(journal, position, head)) !== hash) {
      found.push({
        code: 'JOURNAL_REWRITTEN',
        message: `the event at position ${position} is not the one of ${name}`,
        path,
      });
    }
  }
  return [...found, ...(await lostExports(journal, exports, head?.position))];
}

/** Throws the first of `findLostHistory` (stop): nothing may be appended to, or made from, such a journal. */
export async function refuseLostHistory(journal: ReadJournal, evidence: HistoryEvidence): Promise<void> {
  const found = await findLostHistory(journal, evidence);
  if (found.length > 0) throw lostHistory(found);
}

/** Whether this is the refusal of `refuseLostHistory`. */
export function isLostHistory(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && (error.code === 'JOURNAL_CUT' || error.code === 'JOURNAL_REWRITTEN');
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

/** Undefined when there is no event at the position. */
async function hashAt(
  journal: ReadJournal,
  position: Position,
  head: { readonly position: Position; readonly hash: Sha256Hex },
): Promise<Sha256Hex | undefined> {
  if (position === head.position) return head.hash;
  const [next] = await journal.readAll({ after: position, limit: 1 });
  if (next === undefined) return undefined;
  const [event] = await journal.readAll({ after: next.position, direction: 'backwards', limit: 1 });
  return event?.position === position ? event.hash : undefined;
}

async function lostExports(
  journal: ReadJournal,
  exports: readonly PublishedExport[],
  head: Position | undefined,
): Promise<readonly LostHistory[]> {
  if (exports.length === 0) return [];
  const journaled = new Set<string>();
  for (const event of await journal.readAll({ filter: { types: ['OfxExported', 'BooksExported'] } })) {
    if (event.type === 'OfxExported') journaled.add(`ofx ${event.data.name}`);
    else if (event.type === 'BooksExported') journaled.add(`${event.data.format} ${event.data.name}`);
  }
  return exports
    .filter(({ format, name }) => !journaled.has(`${format} ${name}`))
    .map(({ path }) => ({
      code: 'JOURNAL_CUT',
      path,
      message: `${cutText(head)}, the event that export ${path} was made from is missing`,
    }));
}
