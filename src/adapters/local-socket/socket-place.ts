import { chmodSync, closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { makeFolders } from '../files/make-folders.js';
import { causeText } from '../files/system-error.js';
import type { BasePaths } from '../../domain/home/home-paths.js';

export type SocketPaths = BasePaths['localSocket'];

/** What every system takes as the path of a socket: macOS 103 bytes, Linux 107. */
const LONGEST_PATH_BYTES = 103;
const OTHERS = 0o077;

/** A path that names the socket for this process; `free` when it is no longer needed. */
export interface ReachablePath {
  readonly path: string;
  readonly free: () => void;
}

/** The path of the socket itself, or through a handle of its folder when it is too long. Throws LOCAL_PATH_TOO_LONG. */
export function reachablePath({ dir, file }: SocketPaths): ReachablePath {
  if (Buffer.byteLength(file) <= LONGEST_PATH_BYTES) return { path: file, free: () => undefined };
  if (process.platform !== 'linux') throw tooLong(file);
  const handle = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${handle}${file.slice(dir.length)}`, free: () => closeSync(handle) };
}

/** Makes the folder of the socket and clears what a killed main left in it. Throws LOCAL_FOLDER_UNSAFE, LOCAL_SOCKET_UNUSABLE. */
export function prepareSocketPlace({ dir, file }: SocketPaths): void {
  try {
    makeFolders(dir, 0o700);
    // a tree that was copied without its modes
    if (lstatSync(dir).isDirectory() && isOurs(dir)) chmodSync(dir, 0o700);
    refuseUnsafeFolder(dir);
    rmSync(file, { force: true });
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** Throws LOCAL_FOLDER_UNSAFE when another user may have put the socket there. */
export function refuseUnsafeFolder(dir: string): void {
  const fault = folderFault(dir);
  if (fault === undefined) return;
  throw configError({
    code: 'LOCAL_FOLDER_UNSAFE',
    message: `${dir} ${fault}: others could take the place of the bot there`,
    remedy: 'Make it a folder of the user who runs the bot, with mode 700.',
    details: { path: dir },
  });
}

function folderFault(dir: string): string | undefined {
  const found = lstatSync(dir);
  if (!found.isDirectory()) return 'is no folder';
  if (!isOurs(dir)) return `belongs to user ${found.uid}`;
  return (found.mode & OTHERS) === 0 ? undefined : `has mode ${(found.mode & 0o777).toString(8)}`;
}

/** The socket cannot be made, or not be used. */
export function unusable(file: string, cause: unknown): TradeBotError {
  if (cause instanceof TradeBotError) return cause;
  return configError({
    code: 'LOCAL_SOCKET_UNUSABLE',
    message: `the local socket ${file} cannot be made: ${causeText(cause)}`,
    remedy: 'Free its path and let the user who runs the bot write in its folder; it is tried again by itself.',
    cause,
  });
}

/** Root may speak for every user. */
function isOurs(path: string): boolean {
  const { uid } = lstatSync(path);
  const own = process.getuid?.();
  return own === undefined || own === 0 || own === uid;
}

function tooLong(file: string): TradeBotError {
  return configError({
    code: 'LOCAL_PATH_TOO_LONG',
    message: `the path of the local socket has ${Buffer.byteLength(file)} bytes, of at most ${LONGEST_PATH_BYTES}`,
    remedy: 'Give --home a shorter path.',
  });
}
