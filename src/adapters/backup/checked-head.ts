import type Database from 'better-sqlite3';
import type { Position } from '../../events/event.js';
import { dataError, invariant } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { parseBotIdentity, type BotIdentity } from '../../kernel/identity.js';
import { parseUtcText, toUtcText, type UtcText } from '../../kernel/time.js';
import { positionText } from '../journal-common/position.js';
import { verifyFile } from '../journal-sqlite/verifier.js';

/** The end of a journal whose whole chain was verified. */
export interface CheckedHead {
  readonly botIdentity: BotIdentity;
  readonly position: Position;
  readonly count: number;
  readonly headHash: Sha256Hex;
  /** Of the events alone. */
  readonly eventsDigest: Sha256Hex;
  readonly recordedAt: UtcText;
}

interface LastBody {
  readonly recordedAt: string;
  readonly meta: { readonly botIdentity: string };
}

/**
 * Throws the error of `damaged` for the first position that does not match; DataError `JOURNAL_EMPTY` without any
 * event.
 */
export async function checkedHead(
  db: Database.Database,
  damaged: (position: Position, message: string) => Error,
  onProgress?: (done: number, total: number) => void,
): Promise<CheckedHead> {
  const result = await verifyFile(db, onProgress);
  if (!result.ok) throw damaged(result.position, result.message);
  const last = db
    .prepare<[], { position: number; body: string; hash: Sha256Hex }>(
      'SELECT position, body, hash FROM events ORDER BY position DESC LIMIT 1',
    )
    .get();
  if (last === undefined) {
    throw dataError({
      code: 'JOURNAL_EMPTY',
      message: 'the journal has no events',
      remedy: 'There is nothing to back up or restore yet.',
    });
  }
  const { eventsDigest } = result;
  if (eventsDigest === undefined) invariant(false, 'NO_DIGEST', 'a verification of the whole journal gave no digest');
  const { recordedAt, meta } = JSON.parse(last.body) as LastBody;
  return {
    botIdentity: parseBotIdentity(meta.botIdentity),
    position: positionText(last.position),
    count: result.count,
    headHash: last.hash,
    eventsDigest,
    recordedAt: toUtcText(parseUtcText(recordedAt)),
  };
}
