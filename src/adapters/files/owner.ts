import { chmodSync, type Stats } from 'node:fs';

/** What decides who may change a file or folder. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** The user that this process runs as; undefined where there are none. */
export interface OwnUser {
  readonly uid: number;
  readonly gid: number;
}

const ROOT = 0;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/** The user of this process; undefined on a system without users. */
export function ownUser(): OwnUser | undefined {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** True for what belongs to the user of this process or to root, who may do everything anyway. */
export function isOwn({ uid }: Pick<Ownership, 'uid'>, own: OwnUser | undefined): boolean {
  return own === undefined || uid === own.uid || uid === ROOT;
}

/**
 * True when somebody else may write there. The private group of a user has the number of the user, as systems with a umask
 * of 002 make it, and has no other member; every other group is others.
 */
export function othersMayWrite({ gid, mode }: Ownership, own: OwnUser | undefined): boolean {
  if (own === undefined) return false;
  if ((mode & OTHERS_WRITE) !== 0) return true;
  const isPrivateGroup = gid === ROOT || (gid === own.gid && gid === own.uid);
  return (mode & GROUP_WRITES) !== 0 && !isPrivateGroup;
}

/** Takes the right to write from others; throws node's file system error. */
export function closeToOthers(path: string, { mode }: Pick<Stats, 'mode'>): void {
  chmodSync(path, mode & 0o7777 & ~(GROUP_WRITES | OTHERS_WRITE));
}
