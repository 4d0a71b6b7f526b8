import { withoutCredentials } from '../../kernel/credentials.js';
import { TradeBotError, type ErrorKind } from '../../kernel/errors.js';

/** The recordable facts of an error (RUN-40): no secret, bounded. */
export interface ErrorFact {
  readonly errorType: ErrorKind;
  readonly errorCode: string;
  /** One line: what happened, and what to do. */
  readonly message: string;
  /** The stack; null for a fault that a person can fix, which needs none. */
  readonly traceback: string | null;
  /** Critical ones are alerted: something was not recorded, or the program is wrong. */
  readonly severity: 'critical' | 'warning';
}

const LONGEST_MESSAGE = 1_000;
const LONGEST_STACK = 16_000;

/** Node and system codes of a failed connection; any other error without a kind is a defect of ours. */
const NETWORK_CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_\w+)$/;
const DISK_CODES = /^(ENOSPC|EDQUOT|EROFS|EIO|EMFILE|ENFILE|SQLITE_(FULL|IOERR\w*|READONLY\w*|CANTOPEN\w*))$/;
const CODE_SHAPE = /^[A-Z][A-Z0-9_]{0,60}$/;

/** Classifies any thrown value, even one that is not an error. */
export function classify(thrown: unknown): ErrorFact {
  if (thrown instanceof TradeBotError) return ofOurs(thrown);
  const code = codeOf(thrown);
  if (code !== undefined && NETWORK_CODES.test(code)) return foreign('NetworkError', code, thrown, 'warning');
  if (code !== undefined && DISK_CODES.test(code)) return foreign('DataError', code, thrown, 'critical');
  return { ...foreign('LogicError', code ?? 'INTERNAL', thrown, 'critical'), traceback: tracebackOf(thrown) };
}

function ofOurs(error: TradeBotError): ErrorFact {
  const defect = error.kind === 'LogicError';
  const critical = error.callerMust === 'stop' || defect;
  return {
    errorType: error.kind,
    errorCode: error.code,
    message: withoutCredentials(`${error.message}. ${error.remedy}`, LONGEST_MESSAGE),
    traceback: defect ? tracebackOf(error) : null,
    severity: critical ? 'critical' : 'warning',
  };
}

function foreign(errorType: ErrorKind, code: string, thrown: unknown, severity: ErrorFact['severity']): ErrorFact {
  const message = withoutCredentials(messageOf(thrown), LONGEST_MESSAGE);
  return { errorType, errorCode: code, message, traceback: null, severity };
}

/** The stack without credentials, shortened; the message when there is none. */
export function tracebackOf(thrown: unknown): string {
  const stack = memberOf(thrown, 'stack');
  return withoutCredentials(stack ?? messageOf(thrown), LONGEST_STACK);
}

function codeOf(thrown: unknown): string | undefined {
  const code = memberOf(thrown, 'code');
  return code !== undefined && CODE_SHAPE.test(code) ? code : undefined;
}

function messageOf(thrown: unknown): string {
  return memberOf(thrown, 'message') ?? String(thrown);
}

function memberOf(thrown: unknown, name: 'code' | 'message' | 'stack'): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const value = (thrown as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
