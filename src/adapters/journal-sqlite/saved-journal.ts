import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Followed by the position of the last event in it. */
const SAVED = '.saved-';
const POSITION = /^\d{16}$/;

/** The saved copy with the most events next to a journal; undefined when there is none. */
export function newestSavedJournal(journal: string): string | undefined {
  const start = `${basename(journal)}${SAVED}`;
  const positions = namesIn(dirname(journal)).flatMap((name) =>
    name.startsWith(start) && POSITION.test(name.slice(start.length)) ? [name.slice(start.length)] : [],
  );
  const newest = positions.sort().at(-1);
  return newest === undefined ? undefined : `${journal}${SAVED}${newest}`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
