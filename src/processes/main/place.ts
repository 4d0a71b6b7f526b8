import { existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import { makeFolders } from '../../adapters/files/make-folders.js';
import { causeText } from '../../adapters/files/system-error.js';
import { openHome, type OpenedHome } from '../../adapters/home/home.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { basePaths, type BasePaths } from '../../kernel/home-paths.js';

/**
 * Makes the folders that a home has before it belongs to a bot; `dir` is an absolute path. Throws ConfigError HOME_NOT_A_FOLDER, HOME_NOT_WRITABLE,
 * HOME_OTHER_USER.
 */
export function preparePlace(dir: string, userId: number | undefined): BasePaths {
  const base = basePaths(withoutSlash(dir));
  const found = factsOf(base.home);
  if (found?.isDirectory() === false) {
    throw configError({
      code: 'HOME_NOT_A_FOLDER',
      message: `${base.home} is a file, not a folder`,
      remedy: 'Give --home a folder; a missing one is made.',
    });
  }
  refuseOtherUser(base, userId);
  try {
    makeFolders(base.storage.dir, 0o700);
    for (const path of [base.control.dir, base.output.dir, base.output.systemLogs]) makeFolders(path, 0o755);
  } catch (cause) {
    throw notWritable(base, cause);
  }
  // One name for one home, also in what processes are told and found by.
  return basePaths(realpathSync(base.home));
}

/** The bot of this home; undefined while it is not set up so far that it has a journal. Makes folders that are missing. */
export function settledHome(base: BasePaths, version: string): OpenedHome | undefined {
  if (!existsSync(base.marker)) return undefined;
  const opened = openHome({ dir: base.home, create: true, version });
  return existsSync(opened.paths.storage.journalDb) ? opened : undefined;
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Files that another user made would be out of reach for one of the two from then on. */
function refuseOtherUser(base: BasePaths, userId: number | undefined): void {
  const owner = factsOf(base.storage.dir)?.uid;
  if (owner === undefined || userId === undefined || owner === userId) return;
  throw configError({
    code: 'HOME_OTHER_USER',
    message: `${base.home} belongs to user ${owner}, this is user ${userId}`,
    remedy: 'Run as the user that the home belongs to, or give --home a folder of your own.',
    details: { owner, user: userId },
  });
}

function notWritable(base: BasePaths, cause: unknown): TradeBotError {
  return configError({
    code: 'HOME_NOT_WRITABLE',
    message: `nothing can be written under ${base.home}: ${causeText(cause)}`,
    remedy: 'Choose another --home, or let this user write there.',
    cause,
  });
}

function withoutSlash(path: string): string {
  return path === '/' ? path : path.replace(/\/+$/, '');
}
