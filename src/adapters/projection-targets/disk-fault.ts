import { dataError, TradeBotError } from '../../kernel/errors.js';
import { OUTPUT_LOCKED, OUTPUT_NOT_WRITABLE } from '../../ports/projection-targets.js';
import { causeText, isLock, systemErrorCode } from '../files/system-error.js';

const FAULTS = /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN)|ENOSPC|EDQUOT|EROFS|EIO|EFBIG|EACCES|EPERM)/;

/**
 * Runs `work` on the file at `path`; a disk that is full, failing or read-only becomes DataError `OUTPUT_NOT_WRITABLE`, a
 * lock of another program DataError `OUTPUT_LOCKED` (retry).
 */
export function onDisk<T>(work: () => T, path?: string): T {
  try {
    return work();
  } catch (cause) {
    if (isLock(cause)) throw locked(path, cause);
    if (!FAULTS.test(systemErrorCode(cause) ?? '')) throw cause;
    throw dataError({
      code: OUTPUT_NOT_WRITABLE,
      message: `the outputs cannot be written: ${causeText(cause)}`,
      remedy:
        'Free disk space, or make the folder writable, and start again: the journal is complete, nothing is lost.',
      cause,
    });
  }
}

function locked(path: string | undefined, cause: unknown): TradeBotError {
  return new TradeBotError('DataError', 'retry', {
    code: OUTPUT_LOCKED,
    message: `another program has locked ${path ?? 'an output'}: ${causeText(cause)}`,
    remedy: 'Close the program that writes to it. It is tried again; the journal is complete, nothing is lost.',
    cause,
  });
}
