import { existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import { makeFolders } from '../../adapters/files/make-folders.js';
import { causeText } from '../../adapters/files/system-error.js';
import { baseFolders, refuseUnsafeHome } from '../../adapters/home/home-owner.js';
import { openHome, type OpenedHome } from '../../adapters/home/home.js';
import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import { isEmbedded, type JournalAddress } from '../../domain/config/journal-address.js';
import { basePaths, type BasePaths, type HomePaths } from '../../domain/home/home-paths.js';

/**
 * Makes the folders that a home has before it belongs to a bot; `dir` is an absolute path. Throws ConfigError
 * HOME_NOT_A_FOLDER, HOME_NOT_WRITABLE, HOME_OTHER_USER, HOME_UNSAFE.
 */
export function prepareHome(dir: string, userId: number | undefined): BasePaths {
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
  if (found !== undefined) refuseUnsafeHome(base.home, baseFolders(base));
  try {
    makeFolders(base.storage.dir, 0o700);
    for (const path of [base.control.dir, base.output.dir, base.output.systemLogs]) makeFolders(path, 0o755);
  } catch (cause) {
    throw notWritable(base, cause);
  }
  // One name for one home, since processes are started with it and found by it.
  return basePaths(realpathSync(base.home));
}

/** A bot and where its journal is. */
export interface SettledHome extends OpenedHome {
  readonly address: JournalAddress;
}

/**
 * The bot of this home; undefined while it is not set up so far that it has a journal. Makes folders that are missing.
 * Throws what `addressOf` throws, and HOME_INCOMPLETE when marker or journal are gone from a home that has users or books: a second set-up would begin
 * another bot over what is left of the first.
 */
export function settledHome(
  base: BasePaths,
  version: string,
  addressOf: (paths: HomePaths) => JournalAddress,
): SettledHome | undefined {
  const hasUsers = existsSync(base.storage.usersDb);
  if (!existsSync(base.marker)) {
    if (hasUsers) throw incomplete(base.marker);
    return undefined;
  }
  const opened = openHome({ dir: base.home, create: true, version });
  const address = addressOf(opened.paths);
  // what a server has is seen when its journal is opened
  if (!isEmbedded(address)) return { ...opened, address };
  const { journalDb } = opened.paths.storage;
  const bytes = factsOf(journalDb)?.size;
  if ((bytes ?? 0) === 0 && (hasUsers || existsSync(opened.paths.output.ledgerDb))) throw incomplete(journalDb);
  return bytes === undefined ? undefined : { ...opened, address };
}

function incomplete(path: string): TradeBotError {
  return dataError({
    code: 'HOME_INCOMPLETE',
    message: `${path} is missing or empty, though this home was set up`,
    remedy: 'Restore it from a backup; the journal with: tradebot restore FILE. Nothing was changed.',
  });
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
  const inTheWay = [base.storage.dir, base.control.dir, base.output.dir, base.output.systemLogs].find(
    (path) => factsOf(path)?.isDirectory() === false,
  );
  if (inTheWay !== undefined) {
    return configError({
      code: 'HOME_NOT_WRITABLE',
      message: `${inTheWay} is a file, and a home has a folder there`,
      remedy: 'Move the file away, or give another --home.',
      cause,
    });
  }
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
