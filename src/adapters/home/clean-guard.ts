import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';

/** What makes git take a folder for a repository of its own. */
const HEAD = 'ref: refs/heads/not-a-project\n';

/**
 * Keeps `git clean -fdx` out of folders of a home that lies in a clone, as the default home does: git ignores them, and
 * cleaning would delete the journal without a question. Git leaves folders alone that look like another repository. Best
 * effort; nothing is made where there is no clone.
 */
export function keepFromGitClean(home: string, folders: readonly string[]): void {
  if (!isInClone(home)) return;
  for (const folder of folders) {
    const guard = `${folder}/.git`;
    if (existsSync(guard)) continue;
    try {
      for (const part of ['objects', 'refs']) makeFolders(`${guard}/${part}`, 0o700);
      writeFileAtomic(`${guard}/HEAD`, HEAD);
    } catch {
      // A folder that cannot be written is reported by what needs it.
    }
  }
}

function isInClone(home: string): boolean {
  for (let folder = home; ; folder = dirname(folder)) {
    if (existsSync(`${folder}/.git`)) return true;
    if (folder === dirname(folder)) return false;
  }
}
