import { accessSync, constants, lstatSync, statSync, type Stats } from 'node:fs';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { systemErrorCode } from '../files/system-error.js';

export interface HomeFault {
  readonly cause: string;
  readonly remedy: string;
}

const OTHERS = 0o077;

/**
 * Folders of the home that are missing, not folders, not writable, owned by another user, or readable by others
 * although private.
 */
export function folderFaults(paths: Pick<HomePaths, 'folders'>): readonly HomeFault[] {
  return paths.folders.flatMap(({ path, private: isPrivate }) => faultsOf(path, isPrivate));
}

function faultsOf(path: string, isPrivate: boolean): readonly HomeFault[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    return [fault(`the folder ${path} is missing`, 'Create it again, or restore it from a backup.')];
  if (!found.isDirectory()) return [fault(`${path} is a file, not a folder`, 'Move the file away.')];
  const faults: HomeFault[] = [];
  if (!isOurs(found.uid))
    faults.push(
      fault(`${path} belongs to another user`, 'Change the owner of the home to the user that runs TradeBot.'),
    );
  if (!mayWrite(path)) faults.push(fault(`the folder ${path} is not writable`, 'Make it writable for this user.'));
  if (isPrivate && (found.mode & OTHERS) !== 0) {
    faults.push(fault(`other users can access ${path}`, `Remove their access: chmod 700 ${path}`));
  }
  return faults;
}

/** Existing files with secrets: only their owner may read them. */
export function privateFileFaults(files: readonly string[]): readonly HomeFault[] {
  return files.flatMap((path): readonly HomeFault[] => {
    const found = existing(path);
    if (found === undefined || (found.mode & OTHERS) === 0) return [];
    return [fault(`other users can read ${path}`, `Remove their access: chmod 600 ${path}`)];
  });
}

function existing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    // A dangling link is reported by the vault's own check.
    if (systemErrorCode(error) === 'ENOENT' || lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      return undefined;
    throw error;
  }
}

function isOurs(owner: number): boolean {
  const own = process.getuid?.();
  return own === undefined || own === 0 || own === owner;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const fault = (cause: string, remedy: string): HomeFault => ({ cause, remedy });
