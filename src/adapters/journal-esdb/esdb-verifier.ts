import type { Position, StreamName } from '../../events/event.js';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { JournalHead, VerifyResult } from '../../ports/journal.js';
import { GENESIS_HASH, chainHash } from '../event-codec/codec.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { EsdbReader, RecordPage } from './esdb-reader.js';
import { logPosition, positionText, type LogPosition } from './esdb-position.js';
import { hashOf, linkedBody, serverIdOf, type EsdbRecord, type Link } from './event-record.js';

export interface StreamHead {
  readonly revision: number;
  readonly hash: Sha256Hex;
}

export type Progress = (checked: number, total: number) => void;
type Damage = Extract<VerifyResult, { readonly ok: false }>;

/** The result of the walk, and the head of each stream: what a seal over this journal must cover (JRN-30). */
export interface Walk {
  readonly result: VerifyResult;
  readonly heads: ReadonlyMap<StreamName, StreamHead>;
}

/**
 * Walks all events of the bot in global order and verifies the chain of each stream (JRN-30): revisions without a gap,
 * each hash recomputed over the stored bytes, the server's id derived from the hash. `total` is an estimate until the
 * end: the server does not count. The walk starts after `since` when the log has that event there; `heads` then has the
 * streams that continued after it.
 */
export async function verifyStreams(reader: EsdbReader, onProgress?: Progress, since?: JournalHead): Promise<Walk> {
  const of = { prefix: reader.serverName('') };
  const newest = await reader.allPage(of, undefined, 'backwards', 1);
  const end = newest.records[0]?.position?.commit ?? 0n;
  const heads = new Map<StreamName, StreamHead>();
  const known = since !== undefined && (await isThere(reader, since)) ? since : undefined;
  const digest = known === undefined ? new LinesDigest() : undefined;
  let count = known?.count ?? 0;
  let head: Sha256Hex | null = known?.hash ?? null;
  let cursor: LogPosition | undefined = known === undefined ? undefined : logPosition(known.position);
  for (;;) {
    const page: RecordPage = await reader.allPage(of, cursor, 'forwards', PAGE_EVENTS);
    for (const record of page.records) {
      const before = heads.get(record.stream) ?? (known === undefined ? undefined : await headBefore(reader, record));
      const checked = check(record, before);
      if ('ok' in checked) return { result: checked, heads };
      heads.set(record.stream, { revision: record.revision, hash: checked.hash });
      head = checked.hash;
      digest?.add(checked.body);
      count += 1;
      cursor = record.position ?? cursor;
    }
    if (!page.more || (cursor?.commit ?? 0n) >= end) break;
    onProgress?.(count, Math.max(count, Math.round((count * Number(end)) / Math.max(Number(cursor?.commit ?? 1n), 1))));
  }
  onProgress?.(count, count);
  const whole = digest === undefined ? {} : { eventsDigest: digest.hex() };
  return { result: { ok: true, count, head, ...whole }, heads };
}

async function isThere(reader: EsdbReader, { position, hash }: JournalHead): Promise<boolean> {
  if (!/^\d{20}-\d{20}$/.test(position)) return false;
  const of = { prefix: reader.serverName('') };
  const [next] = (await reader.allPage(of, logPosition(position), 'forwards', 1)).records;
  const [there] = (await reader.allPage(of, next?.position ?? undefined, 'backwards', 1)).records;
  if (there?.position === undefined || there.position === null || positionText(there.position) !== position)
    return false;
  return hashIn(there) === hash;
}

/** Undefined when the record cannot be read. */
function hashIn(record: EsdbRecord): Sha256Hex | undefined {
  try {
    return hashOf(record);
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return undefined;
  }
}

/** The event of the stream before `record`, which an earlier verification has walked over. */
async function headBefore(reader: EsdbReader, { stream, revision }: EsdbRecord): Promise<StreamHead | undefined> {
  if (revision <= 0) return undefined;
  const [record] = (await reader.streamPage(stream, revision - 1)).records;
  const hash = record === undefined ? undefined : hashIn(record);
  return record === undefined || hash === undefined ? undefined : { revision: record.revision, hash };
}

function check(record: EsdbRecord, before: StreamHead | undefined): (Link & { readonly body: string }) | Damage {
  const { stream, revision } = record;
  const place = `revision ${revision} of stream ${stream}`;
  const expected = (before?.revision ?? -1) + 1;
  if (revision !== expected) return damage(record, 'GAP', `found ${place}, expected revision ${expected}`);
  try {
    const link = linkedBody(record);
    if (link.prevHash !== (before?.hash ?? GENESIS_HASH)) {
      return damage(record, 'CHAIN_BROKEN', `${place} does not follow the previous event of its stream`);
    }
    if (chainHash(link.prevHash, link.body) !== link.hash) {
      return damage(record, 'HASH_MISMATCH', `${place} does not match its hash`);
    }
    if (record.serverId !== serverIdOf(link.hash)) {
      return damage(record, 'COLUMN_MISMATCH', `${place} has a server id that is not derived from its hash`);
    }
    return link;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return damage(record, 'UNREADABLE', error.message);
  }
}

function damage(record: EsdbRecord, code: Damage['code'], message: string): Damage {
  const position = record.position === null ? ('' as Position) : positionText(record.position);
  return { ok: false, position, code, message };
}
