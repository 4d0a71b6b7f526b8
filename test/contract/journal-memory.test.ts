import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { journalContract } from './journal.contract.js';

journalContract('memory', async (clock) => {
  const journal = new MemoryJournal({ clock });
  return { journal, dispose: () => journal.close() };
});
