import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EventData } from '../../events/event.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { dataError } from '../../kernel/errors.js';
import { syncFolder, writeFileAtomic } from '../files/atomic-write.js';
import { namesIn } from '../files/names-in.js';

/** A move that is decided: all events are in the new journal, and each step that is left may be repeated. */
export interface MoveNote {
  readonly facts: EventData<'JournalMoved'>;
  /** Folder for the earlier journal when it is a file. */
  readonly folder: string;
}

type Place = { readonly storage: Pick<HomePaths['storage'], 'moveNote' | 'journalDir'> };

/** Durable when it returns: from then on the move can only be finished. */
export function writeMoveNote({ storage }: Place, note: MoveNote): void {
  writeFileAtomic(storage.moveNote, `${JSON.stringify(note)}\n`);
}

/** Undefined when no move is unfinished. Throws DataError `MOVE_NOTE_UNREADABLE`. */
export function readMoveNote({ storage }: Place): MoveNote | undefined {
  return existsSync(storage.moveNote) ? noteIn(storage.moveNote) : undefined;
}

/** The move is finished; where the earlier journal was a file, the note is kept next to it. */
export function closeMoveNote({ storage }: Place, { folder }: MoveNote): void {
  if (existsSync(folder)) renameSync(storage.moveNote, join(folder, KEPT));
  else rmSync(storage.moveNote, { force: true });
  syncFolder(dirname(storage.moveNote));
}

/** Where the journal of the home went last; undefined when it never left the home. */
export function movedTo({ storage }: Place): MoveNote | undefined {
  const notes = namesIn(storage.journalDir)
    .filter((name) => /^moved-\d+$/.test(name))
    .map((name) => join(storage.journalDir, name, KEPT))
    .filter((path) => existsSync(path))
    .map(noteIn);
  return notes.sort((a, b) => b.facts.count - a.facts.count)[0];
}

const KEPT = 'moved.json';

/** Takes a journal file with its logs out of the home's reach; a repeated call does nothing. */
export function moveAside(journalDb: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const ending of ['-wal', '-shm', '-journal', '']) {
    if (existsSync(journalDb + ending)) renameSync(journalDb + ending, join(folder, basename(journalDb) + ending));
  }
  syncFolder(folder);
  syncFolder(dirname(journalDb));
}

function noteIn(path: string): MoveNote {
  try {
    const { facts, folder } = JSON.parse(readFileSync(path, 'utf8')) as MoveNote;
    if (typeof facts.moveId === 'string' && typeof folder === 'string') return { facts, folder };
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path, undefined);
}

function unreadable(path: string, cause: unknown): Error {
  return dataError({
    code: 'MOVE_NOTE_UNREADABLE',
    message: `${path} is not the note of a move`,
    remedy:
      'Repeat tradebot journal move with the same target after this file was moved away; no journal is changed by that.',
    cause,
  });
}
