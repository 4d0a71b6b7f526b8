/** Node's code of a failed system call, such as ENOENT, or undefined. Errors may come from another realm, so no instanceof. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The shortest text that names the cause: the code of a system call, else the message. */
export function causeText(error: unknown): string {
  const code = systemErrorCode(error);
  if (code !== undefined) return code;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

const LOCKS = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/;

/** Whether SQLite reports that another connection has locked the file. */
export function isLock(error: unknown): boolean {
  return LOCKS.test(systemErrorCode(error) ?? '');
}
