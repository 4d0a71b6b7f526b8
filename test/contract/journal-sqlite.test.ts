import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { journalContract } from './journal.contract.js';

journalContract('sqlite', async (clock) => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-contract-'));
  const journal = SqliteJournal.open({ path: join(dir, 'journal.db'), clock });
  const dispose = async (): Promise<void> => {
    await journal.close();
    rmSync(dir, { recursive: true });
  };
  return { journal, dispose };
});
