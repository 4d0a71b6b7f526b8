import { dataError } from '../../kernel/errors.js';
import { OUTPUT_NOT_WRITABLE } from '../../ports/projection-targets.js';
import { causeText, systemErrorCode } from '../files/system-error.js';

const FAULTS = /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN)|ENOSPC|EDQUOT|EROFS|EIO|EFBIG|EACCES|EPERM)/;

/** Runs `work`; a disk that is full, failing or read-only becomes DataError `OUTPUT_NOT_WRITABLE`. */
export function onDisk<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
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
