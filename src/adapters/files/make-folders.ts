import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from './system-error.js';

/**
 * Creates `path` (absolute) and its missing parents; existing folders are unchanged. Throws node's file system error.
 * Not node's own `recursive`: on a file system that answers ENOENT to every mkdir, such as /proc, node 20 loops
 * forever.
 */
export function makeFolders(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = path; !isFolder(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) makeOne(folder, mode);
}

function isFolder(path: string): boolean {
  return path === dirname(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have created it just now.
    if (systemErrorCode(error) !== 'EEXIST' || !isFolder(folder)) throw error;
  }
}
