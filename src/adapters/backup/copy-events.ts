import { Chains, chainKindOf } from '../../domain/audit/chain.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import type { ImportedEvent, Journal } from '../../ports/journal.js';
import { storedText } from '../event-codec/codec.js';
import { CopiedEvents } from '../journal-sqlite/copied-events.js';
import { CopyWriter } from '../journal-sqlite/copy-writer.js';

/** How far a copy has come in the journal that it was made from. */
export interface CopySource {
  /** Of the last event that was copied, as the source has them. */
  readonly position: Position;
  readonly hash: Sha256Hex;
}

export interface CopyEventsOptions {
  readonly from: Pick<Journal, 'readAll'>;
  /** A file that does not exist, or an earlier copy that is continued. */
  readonly to: string;
  /** Of the earlier copy in `to`. */
  readonly earlier?: CopySource;
  /** Events done; the total is not known. */
  readonly onProgress?: (done: number) => void;
}

/** What was copied: the end in the source, and the digest of all events of the copy. */
export interface CopyEnd {
  readonly source: CopySource | undefined;
  readonly count: number;
  readonly eventsDigest: Sha256Hex;
}

const PAGE = 1_000;

/**
 * Copies all events of a journal into a journal file, in their order and byte for byte. Each is checked against the chain of
 * the source on the way. Events that are appended meanwhile are left out. One page is in memory at a time, and one hash
 * for each stream. Throws JournalError `JOURNAL_CORRUPT` (stop) for an event that does not fit its chain.
 */
export async function copyEvents({ from, to, earlier, onProgress }: CopyEventsOptions): Promise<CopyEnd> {
  const [last] = await from.readAll({ direction: 'backwards', limit: 1 });
  const digest = new LinesDigest();
  const chains = new Chains(last === undefined ? 'one chain' : chainKindOf(last.position));
  let count = earlier === undefined ? 0 : readCopy(to, chains, digest);
  let source = earlier;
  const writer = new CopyWriter(to);
  try {
    while (last !== undefined && source?.position !== last.position) {
      const page = await from.readAll({ limit: PAGE, ...(source === undefined ? {} : { after: source.position }) });
      const wanted = page.filter(({ position }) => position <= last.position);
      writer.add(wanted.map((event) => copied(event, chains, digest)));
      count += wanted.length;
      onProgress?.(count);
      const end = wanted.at(-1);
      if (end === undefined) throw misfit(last, 'it can no longer be read');
      source = { position: end.position, hash: end.hash };
    }
  } finally {
    writer.close();
  }
  return { source, count, eventsDigest: digest.hex() };
}

function copied(event: RecordedEvent, chains: Chains, digest: LinesDigest): ImportedEvent {
  const body = storedText(event);
  const { stream, revision, type, id } = event;
  const { prevHash, hash } = chains.next(stream, body);
  if (event.prevHash !== prevHash || event.hash !== hash) throw misfit(event, 'it does not match its hash chain');
  digest.add(body);
  return { stream, revision, type, id, body };
}

/** Takes the ends of the chains and the digest from the earlier copy, whose own chain was verified. */
function readCopy(path: string, chains: Chains, digest: LinesDigest): number {
  const copy = new CopiedEvents(path);
  try {
    let count = 0;
    for (const { stream, body } of copy.all()) {
      chains.next(stream, body);
      digest.add(body);
      count += 1;
    }
    return count;
  } finally {
    copy.close();
  }
}

function misfit({ position, stream, revision }: RecordedEvent, why: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the journal is damaged at position ${position}, revision ${revision} of stream ${stream}: ${why}`,
    remedy: 'Keep the older backups, and run verify, which says what is damaged.',
    details: { position },
  });
}
