import { FolderDiskSpace } from '../adapters/files/disk-space.js';
import { RawFrameFiles } from '../adapters/raw-frames/raw-frame-files.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { Clock } from '../kernel/time.js';

/** The evidence of a home: what broker and market data sent, each in files of its own. */
export function rawFramesOf(
  paths: Pick<HomePaths, 'home' | 'storage'>,
  clock: Clock,
  keepDays: () => number,
): Readonly<Record<'broker' | 'feed', RawFrameFiles>> {
  const common = { dir: paths.storage.rawFrames, clock, keepDays, disk: new FolderDiskSpace(paths.home) };
  return {
    broker: new RawFrameFiles({ ...common, side: 'broker' }),
    feed: new RawFrameFiles({ ...common, side: 'feed' }),
  };
}
