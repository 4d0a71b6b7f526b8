import { statfsSync } from 'node:fs';
import type { DiskSpace } from '../../ports/disk-space.js';

/** Asks the file system that `folder` lies on. */
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
