import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { dataError } from '../../kernel/errors.js';
import { syncFolder, writeFileAtomic } from '../files/atomic-write.js';

/** What a restore is about to do, so that the next command can settle one that was cut off. */
export interface RestoreNote {
  /** File name of the backup. */
  readonly backup: string;
  /** Folder for the replaced journal and what is kept with it. */
  readonly folder: string;
  /** Seals and exports to move into that folder. */
  readonly files: readonly string[];
}

type Place = { readonly storage: Pick<HomePaths['storage'], 'restoreNote'> };

/** Whether a restore of this home was begun and is not finished. */
export function hasRestoreNote({ storage }: Place): boolean {
  return existsSync(storage.restoreNote);
}

/** Durable when it returns. */
export function writeRestoreNote({ storage }: Place, note: RestoreNote): void {
  writeFileAtomic(storage.restoreNote, `${JSON.stringify(note)}\n`);
}

/** Undefined when no restore is unfinished. Throws DataError `RESTORE_NOTE_UNREADABLE`. */
export function readRestoreNote({ storage }: Place): RestoreNote | undefined {
  if (!existsSync(storage.restoreNote)) return undefined;
  try {
    const { backup, folder, files } = JSON.parse(readFileSync(storage.restoreNote, 'utf8')) as RestoreNote;
    if ([backup, folder].every((text) => typeof text === 'string') && Array.isArray(files)) {
      return { backup, folder, files };
    }
  } catch (cause) {
    throw unreadable(storage.restoreNote, cause);
  }
  throw unreadable(storage.restoreNote, undefined);
}

/** The restore is settled. */
export function removeRestoreNote({ storage }: Place): void {
  rmSync(storage.restoreNote, { force: true });
  syncFolder(dirname(storage.restoreNote));
}

function unreadable(path: string, cause: unknown): Error {
  return dataError({
    code: 'RESTORE_NOTE_UNREADABLE',
    message: `${path} is not the note of a restore`,
    remedy: 'Restore the same backup again; the journal is a complete one in any case.',
    cause,
  });
}
