import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Position } from '../../events/event.js';
import { positionText } from '../journal-common/position.js';
import { plainCopy } from './plain-copy.js';
import { corrupt } from './sqlite-errors.js';
import { verifyFile } from './verifier.js';

/** Followed by the position of the last event in it. */
const SAVED = '.saved-';
const POSITION = /^\d{16}$/;

/** Path of the copy that is saved from an open journal whose file was lost. */
export function savedJournalName(journal: string, position: Position): string {
  return `${journal}${SAVED}${position}`;
}

/** The saved copy with the most events next to a journal; undefined when there is none. */
export function newestSavedJournal(journal: string): string | undefined {
  const start = `${basename(journal)}${SAVED}`;
  const positions = namesIn(dirname(journal)).flatMap((name) =>
    name.startsWith(start) && POSITION.test(name.slice(start.length)) ? [name.slice(start.length)] : [],
  );
  const newest = positions.sort().at(-1);
  return newest === undefined ? undefined : `${journal}${SAVED}${newest}`;
}

/** Turns a copy into one plain durable file and verifies its chain. Throws `JOURNAL_CORRUPT` for a damaged copy. */
export async function settleCopy(path: string): Promise<{ readonly position: Position; readonly count: number }> {
  return plainCopy(path, async (db) => {
    const found = await verifyFile(db);
    if (!found.ok) throw corrupt(path, `${found.message} (${found.code})`);
    return { position: positionText(found.count), count: found.count };
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
