import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import type { Position } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { UtcText } from '../../kernel/time.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import type { CopySource } from './copy-events.js';
import type { KeptRecordings } from './market-recordings.js';

/** The facts of a copy of the journal; stored next to it as `<copy>.json`. */
export interface BackupManifest {
  readonly format: 'tradebot-journal-backup';
  readonly version: 1;
  readonly name: string;
  readonly botIdentity: BotIdentity;
  /** Of the last event in the copy. */
  readonly position: Position;
  readonly count: number;
  readonly headHash: Sha256Hex;
  /** Recording time of the last event in the copy: a copy has the time of its journal, not of the clock. */
  readonly createdAt: UtcText;
  /** SHA-256 over the texts of all events in order, each with a line feed after it; missing in older manifests. */
  readonly eventsDigest?: Sha256Hex;
  /** Last event of the copy as the server has it; only in a copy of a journal on a server. */
  readonly source?: CopySource;
  /** The recordings of market data in `market/` next to the copy, each named by its day and digest; missing in older manifests. */
  readonly recordings?: KeptRecordings;
  /** What was wrong with the journal when the copy was made: it has only what was left. Missing when nothing was. */
  readonly findings?: readonly string[];
  /** Of the file. */
  readonly sha256: Sha256Hex;
  readonly bytes: number;
}

export function manifestPath(file: string): string {
  return `${file}.json`;
}

export function writeManifest(file: string, manifest: BackupManifest): void {
  writeFileAtomic(manifestPath(file), `${canonicalJson(manifest)}\n`);
}

/** Undefined when there is none; throws DataError `BACKUP_MANIFEST_UNREADABLE` for a foreign one. */
export function readManifest(file: string): BackupManifest | undefined {
  const path = manifestPath(file);
  if (!existsSync(path)) return undefined;
  let value: Partial<BackupManifest> | null;
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as Partial<BackupManifest> | null;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (value?.format !== 'tradebot-journal-backup' || value.version !== 1) throw unreadable(path, undefined);
  return value as BackupManifest;
}

function unreadable(path: string, cause: unknown): Error {
  return dataError({
    code: 'BACKUP_MANIFEST_UNREADABLE',
    message: `${path} is not a backup manifest of a known version`,
    remedy: 'Use the manifest that was made with the copy, or another copy.',
    cause,
  });
}

/** SHA-256 of a file, read in pieces. */
export async function fileDigest(path: string): Promise<Sha256Hex> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) sum.update(chunk as Buffer);
  return sum.digest('hex') as Sha256Hex;
}
