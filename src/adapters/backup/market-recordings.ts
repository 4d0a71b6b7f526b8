import Database from 'better-sqlite3';
import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { DateText } from '../../kernel/time.js';
import { syncFile, syncFolder } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { recordingDigest } from '../market-recorder/recording-digest.js';

/** A recording of market data that a journal names: the day, and the digest of its text. */
export interface NamedRecording {
  readonly date: DateText;
  readonly sha256: Sha256Hex;
}

/** Where a home has its recordings, and the folders in which it keeps backups. */
export interface RecordingPlaces {
  readonly marketRecording: (date: DateText) => string;
  readonly backups: string;
  readonly sessionBackups: string;
}

/** The recordings next to a backup: how many, how large, and the days whose recording the home does not have. */
export interface KeptRecordings {
  readonly count: number;
  readonly bytes: number;
  readonly missing: readonly DateText[];
}

/** The recordings that a journal file names, the last one of each day. */
export function recordingsNamedIn(journal: string): readonly NamedRecording[] {
  const db = new Database(journal, { readonly: true, fileMustExist: true });
  try {
    const bodies = db
      .prepare<[], string>(
        `SELECT body FROM events JOIN types USING (type_id) WHERE name = 'MarketDataRecorded' ORDER BY position`,
      )
      .pluck()
      .all();
    const named = bodies.map((body) => (JSON.parse(body) as RecordedEvent<'MarketDataRecorded'>).data);
    return [...new Map(named.map(({ date, sha256 }) => [date, { date, sha256 }])).values()];
  } finally {
    db.close();
  }
}

/**
 * Brings recordings next to the backups in `folder`: each once for all of them, named by its day and its digest. One that an earlier
 * backup has is linked, not copied; each other one is checked first. Throws node's file system errors.
 */
export function keepRecordings(
  named: readonly NamedRecording[],
  places: RecordingPlaces,
  folder: string,
): KeptRecordings {
  const missing: DateText[] = [];
  let bytes = 0;
  for (const recording of named) {
    const path = keptPath(folder, recording);
    if (!existsSync(path) && !linkEarlier(recording, places, path) && !copyChecked(recording, places, path)) {
      missing.push(recording.date);
    } else {
      bytes += statSync(path).size;
    }
  }
  return { count: named.length - missing.length, bytes, missing };
}

/**
 * Puts the recordings next to a backup in place in a home, each checked. A file of the home that is another recording of that day is
 * left as it is without `keepIn`, and moved into that folder with it. Returns the days that have no right recording.
 */
export function placeRecordings(
  named: readonly NamedRecording[],
  backup: string,
  { marketRecording }: Pick<RecordingPlaces, 'marketRecording'>,
  keepIn?: string,
): readonly DateText[] {
  return named.flatMap((recording) => {
    const to = marketRecording(recording.date);
    if (recordingDigest(to) === recording.sha256) return [];
    const from = keptPath(dirname(backup), recording);
    if (existsSync(to) && keepIn === undefined) return [recording.date];
    if (recordingDigest(from) !== recording.sha256) return [recording.date];
    if (existsSync(to) && keepIn !== undefined) setAside(to, keepIn);
    return copied(from, to, recording) ? [] : [recording.date];
  });
}

function keptPath(folder: string, { date, sha256 }: NamedRecording): string {
  return join(folder, 'market', `${date}_${sha256}.csv.gz`);
}

/** A link costs no space. It fails between two file systems, and then the recording is copied. */
function linkEarlier(recording: NamedRecording, { backups, sessionBackups }: RecordingPlaces, to: string): boolean {
  for (const folder of [backups, sessionBackups]) {
    const from = keptPath(folder, recording);
    if (from === to || recordingDigest(from) !== recording.sha256) continue;
    makeFolders(dirname(to), 0o700);
    try {
      linkSync(from, to);
      return true;
    } catch {
      return false;
    }
  }
  return false;
}

function copyChecked(recording: NamedRecording, { marketRecording }: RecordingPlaces, to: string): boolean {
  const from = marketRecording(recording.date);
  return existsSync(from) && copied(from, to, recording);
}

/** The copy is checked, not its source: so what is in place was read back from there. */
function copied(from: string, to: string, { sha256 }: NamedRecording): boolean {
  makeFolders(dirname(to), 0o700);
  const temporary = join(dirname(to), `.${basename(to)}.tmp`);
  try {
    copyFileSync(from, temporary, constants.COPYFILE_FICLONE);
    if (recordingDigest(temporary) !== sha256) return false;
    syncFile(temporary);
    renameSync(temporary, to);
    syncFolder(dirname(to));
    return true;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function setAside(file: string, folder: string): void {
  makeFolders(folder, 0o700);
  renameSync(file, join(folder, basename(file)));
}
