import { existsSync, readFileSync } from 'node:fs';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { writeFileAtomic } from '../files/atomic-write.js';

type Place = { readonly storage: Pick<HomePaths['storage'], 'sealAnchors'> };

/** Directories that seals of a home were anchored in; none where the note is missing or damaged. */
export function anchorDirectoriesOf({ storage }: Place): readonly string[] {
  if (!existsSync(storage.sealAnchors)) return [];
  try {
    const found = JSON.parse(readFileSync(storage.sealAnchors, 'utf8')) as unknown;
    return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    // the setting still names the directory
    return [];
  }
}

/** Notes a directory, so that a later change of the setting does not make its seals forgotten. */
export function noteAnchorDirectory(place: Place, directory: string): void {
  const known = anchorDirectoriesOf(place);
  if (known.includes(directory)) return;
  writeFileAtomic(place.storage.sealAnchors, `${JSON.stringify([...known, directory])}\n`);
}
