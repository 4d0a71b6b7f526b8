import { readFileSync, rmSync } from 'node:fs';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { CrashNote, CrashNotes } from '../../ports/crash-notes.js';
import { writeFileAtomic } from './atomic-write.js';

const MOST_NOTES = 20;
const PROCESSES = ['main', 'engine', 'projector', 'web', 'worker'] as const;

/** One small file per process in the storage of the home; `of` is the process that may leave notes. */
export class CrashNoteFiles implements CrashNotes {
  constructor(
    private readonly storage: Pick<BasePaths['storage'], 'crashNotes'>,
    private readonly of: (typeof PROCESSES)[number],
  ) {}

  leave(note: CrashNote): void {
    try {
      const path = this.storage.crashNotes(this.of);
      const notes = [...notesIn(path), note].slice(-MOST_NOTES);
      writeFileAtomic(path, `${JSON.stringify(notes, null, 2)}\n`);
    } catch {
      // The disk refuses this too; only the exit code remains.
    }
  }

  find(): readonly CrashNote[] {
    const all = PROCESSES.flatMap((name) => notesIn(this.storage.crashNotes(name)));
    return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  drop(): void {
    for (const name of PROCESSES) rmSync(this.storage.crashNotes(name), { force: true, recursive: true });
  }
}

function notesIn(path: string): readonly CrashNote[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(value) ? value.filter(isNote) : [];
  } catch {
    return [];
  }
}

const TEXTS = ['at', 'process', 'errorType', 'errorCode', 'message', 'traceback'] as const;

function isNote(value: unknown): value is CrashNote {
  if (typeof value !== 'object' || value === null) return false;
  return TEXTS.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'string');
}
