import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '../files/atomic-write.js';
import { systemErrorCode } from '../files/system-error.js';

const LONGEST_CAUSE = 2_000;
const UNKNOWN_CAUSE = 'main had ordered to close everything before it ended';

/**
 * Why main itself ordered to close everything, on disk before it acts: a main that dies before everything is closed
 * leaves the order to its successor. On a full disk the file is empty, which is the same order without its cause.
 */
export class HaltNote {
  constructor(private readonly path: string) {}

  /** Throws what the file system throws when it refuses even an empty file. */
  write(cause: string): void {
    try {
      writeFileAtomic(this.path, `${cause.slice(0, LONGEST_CAUSE)}\n`);
    } catch {
      // a file that is there already is the order
      closeSync(openSync(this.path, 'a', 0o600));
    }
  }

  /** The cause of the order that an earlier main left; undefined without one. */
  read(): string | undefined {
    try {
      const cause = readFileSync(this.path, 'utf8').trim().slice(0, LONGEST_CAUSE);
      return cause === '' ? UNKNOWN_CAUSE : cause;
    } catch (error) {
      return systemErrorCode(error) === 'ENOENT' ? undefined : UNKNOWN_CAUSE;
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
