import { existsSync } from 'node:fs';
import { openForReading } from '../journal-sqlite/open-file.js';

/** Whether a replaced journal is still kept as it was: `differs` when its last event is another one. */
export type KeptJournal = 'whole' | 'missing' | 'differs' | 'unreadable';

/** Looks at the last event of a replaced journal; changes nothing. */
export function keptJournal(path: string, headHash: string): KeptJournal {
  if (!existsSync(path)) return 'missing';
  try {
    const db = openForReading(path);
    try {
      const hash = db.prepare<[], string>('SELECT hash FROM events ORDER BY position DESC LIMIT 1').pluck().get();
      return hash === headHash ? 'whole' : 'differs';
    } finally {
      db.close();
    }
  } catch {
    return 'unreadable';
  }
}
