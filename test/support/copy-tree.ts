import { chmodSync, cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies a file or folder as it is: links stay links, and folders keep their modes, which Node's own copy sets to 755
 * in versions 22 and 24.
 */
export function copyTree(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  keepFolderModes(from, to);
}

function keepFolderModes(from: string, to: string): void {
  if (!statSync(from).isDirectory()) return;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) keepFolderModes(join(from, entry.name), join(to, entry.name));
  }
  chmodSync(to, statSync(from).mode & 0o7777);
}
