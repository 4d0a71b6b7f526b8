import { statfsSync } from 'node:fs';
import type { DiskSpace } from '../../ports/disk-space.js';

/** Queries the file system of `folder`. */
export class FolderDiskSpace implements DiskSpace {
  constructor(private readonly folder: string) {}

  freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.folder);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  }
}
