import { readdirSync } from 'node:fs';
import { systemErrorCode } from './system-error.js';

/** Names in a folder, sorted; none when nothing, or a file, has its path. Throws node's error for any other cause. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  }
}
