import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../files/names-in.js';
import { type BackupManifest, manifestPath, readManifest } from './manifest.js';

/** The manifests of the copies in a folder. A copy without a manifest, or with a foreign one, is left alone. */
export function copiesIn(folder: string): readonly BackupManifest[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.db'))
    .flatMap((name) => manifestOf(join(folder, name)));
}

/**
 * Deletes copies, the manifest first: a copy without one no longer counts as a backup, even after a crash in between.
 */
export function removeCopies(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const file = join(folder, name);
    rmSync(manifestPath(file), { force: true });
    rmSync(file, { force: true });
  }
}

function manifestOf(file: string): readonly BackupManifest[] {
  try {
    const manifest = readManifest(file);
    return manifest === undefined ? [] : [manifest];
  } catch {
    return [];
  }
}
