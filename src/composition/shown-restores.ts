import { keptJournal, type KeptJournal } from '../adapters/backup/kept-journal.js';
import { hasRestoreNote } from '../adapters/backup/restore-note.js';
import { restoreText, type Restored } from '../app/audit/restored-history.js';
import type { HomePaths } from '../domain/home/home-paths.js';

/** A restore in the journal, and what became of the journal that it replaced. */
export interface ShownRestore {
  readonly at: string;
  readonly data: Restored['data'];
  readonly text: string;
  /** The replaced journal; null when none was kept. */
  readonly kept: KeptJournal | null;
}

/** Looks for the replaced journal next to the present one. */
export function shownRestore(paths: HomePaths, restore: Restored): ShownRestore {
  const { position: at, data } = restore;
  const { abandoned, keptIn } = data;
  const kept =
    abandoned === null || keptIn === null ? null : keptJournal(paths.keptJournal(keptIn), abandoned.headHash);
  return { at, data, text: restoreText(restore), kept };
}

/** One line for each restore, and one for a restore that is not finished. */
export function restoreLines(restores: readonly ShownRestore[], paths: HomePaths): readonly string[] {
  const lines = restores.map(({ at, text, kept }) => `RESTORED at position ${at}: ${text}${keptText(kept)}`);
  if (!hasRestoreNote(paths)) return lines;
  return [...lines, 'A restore of this home is not finished: the next start, or any command that writes, settles it.'];
}

function keptText(kept: KeptJournal | null): string {
  if (kept === null) return '';
  if (kept === 'whole') return ', where the replaced journal is whole';
  return `, BUT THE REPLACED JOURNAL IS ${kept === 'differs' ? 'ANOTHER ONE' : kept.toUpperCase()}`;
}
