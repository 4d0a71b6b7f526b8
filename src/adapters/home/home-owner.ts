import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { BasePaths, HomePaths } from '../../domain/home/home-paths.js';
import { isOwn, othersMayWrite, ownUser, type OwnUser } from '../files/owner.js';

const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;

/** The folders that a home has before it belongs to a bot. */
export function baseFolders({ storage, control, output }: BasePaths): readonly string[] {
  return [storage.dir, storage.vault, control.dir, output.dir, output.systemLogs];
}

/** Folders, and the files that decide whose home it is and which keys open it. */
export function watchedPaths({ folders, marker, storage }: HomePaths): readonly string[] {
  const folder = folders.map(({ path }) => path);
  return [...folder, storage.vault, storage.keys, storage.secrets, marker, storage.journalDb, storage.usersDb];
}

/**
 * Refuses a home in which another user could put files in the place of ours. `paths` are looked at as far as they exist; the folders
 * above the home only for whether others may rename it. Throws ConfigError HOME_UNSAFE. A kill needs no home that passes.
 */
export function refuseUnsafeHome(home: string, paths: readonly string[], own: OwnUser | undefined = ownUser()): void {
  if (own === undefined) return;
  const real = realpathSync(home);
  for (const path of above(real)) refuseOpenParent(path, real);
  refuse(real, statSync(real), own);
  for (const path of paths) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (found.isSymbolicLink()) throw linked(path);
    refuse(path, found, own);
  }
}

function refuse(path: string, found: Stats, own: OwnUser): void {
  if (!isOwn(found, own)) {
    throw unsafe(
      `${path} belongs to user ${found.uid}, and the bot runs as user ${own.uid}`,
      `Give it to the user of the bot: chown ${own.uid} ${path}`,
    );
  }
  if (othersMayWrite(found, own)) {
    throw unsafe(`other users may write in ${path}`, `Take that right away: chmod go-w ${path}`);
  }
}

/** In a folder such as /tmp others may write, but not rename what is ours. */
function refuseOpenParent(path: string, home: string): void {
  const { mode } = statSync(path);
  if ((mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0) return;
  throw unsafe(
    `everybody may write in ${path}, so that others can replace the home ${home}`,
    `Take that right away (chmod o-w ${path}), or give --home a folder elsewhere`,
  );
}

function above(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...above(parent)];
}

function linked(path: string): TradeBotError {
  return unsafe(
    `${path} is a symbolic link, and a home has a folder or file there: what it leads to may be changed by others`,
    'Remove the link and move what it leads to there; for another disk, mount it there (mount --bind)',
  );
}

function unsafe(message: string, remedy: string): TradeBotError {
  return configError({
    code: 'HOME_UNSAFE',
    message,
    remedy: `${remedy}. A kill works all the same: tradebot kill.`,
  });
}
