import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const made: string[] = [];

/** A folder of its own that `removeTemporaryHomes` takes away. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'tradebot-test-'));
  made.push(home);
  return home;
}

/** The child processes of a bot that was killed write for a moment longer: a folder that fills meanwhile is tried again. */
export function removeTemporaryHomes(): void {
  for (const home of made.splice(0)) rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}

/**
 * Every file below `folder` by its relative name, with its bytes as text of one byte a character; without the empty log and
 * the index that SQLite keeps next to a database that is open.
 */
export function filesUnder(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      if (name.endsWith('-shm') || (name.endsWith('-wal') && statSync(path).size === 0)) continue;
      if (statSync(path).isDirectory()) walk(path);
      else files[relative(folder, path)] = readFileSync(path, 'latin1');
    }
  };
  walk(folder);
  return files;
}
