import { accessSync, constants, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const WAIT_MS = 15 * 60_000;
const LOOK_MS = 200;

/** A fault that the user can fix; everything else is a defect and keeps its stack. */
export class SetupError extends Error {}

/**
 * Allows one set-up at a time per clone, by a lock in `folder`; takes over the lock of a process that is gone. Throws
 * SetupError when the folder cannot be written, or the lock is not released in time.
 */
export async function holdingLock(folder, work) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      `${folder} cannot be written (${error?.code}). Run any command once as the owner of the clone, or make room on the disk.`,
    );
  }
  const lock = `${folder}/.setup.lock`;
  const until = performance.now() + WAIT_MS;
  while (!tookLock(lock)) {
    if (performance.now() > until) {
      throw new SetupError(`Another set-up holds ${lock}; remove it if no set-up is running.`);
    }
    if (holderIsGone(lock)) rmSync(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A link appears as a whole, so the lock always names its holder. */
function tookLock(lock) {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error?.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderIsGone(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return error?.code === 'ESRCH' || error?.code === 'ENOENT';
  }
}
