/**
 * The error taxonomy. An error states what its caller must do, not only what went wrong:
 * - `retry`     the same call may succeed later (bounded by the caller);
 * - `refuse`    the request is wrong and nothing was changed; report it to the caller;
 * - `reconcile` the outcome is unknown; query the other side before anything else;
 * - `stop`      an invariant is broken; continuing could lose or duplicate data.
 */
export type CallerMust = 'retry' | 'refuse' | 'reconcile' | 'stop';

/** Kind of failure (RUN-40). */
export type ErrorKind = 'NetworkError' | 'BrokerError' | 'LogicError' | 'ConfigError' | 'JournalError' | 'DataError';

export interface ErrorFacts {
  /** A closed, SCREAMING_SNAKE code for tests and scripts. */
  readonly code: string;
  /** One sentence that names the object and its value. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Figures for logs and --json; never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

export class TradeBotError extends Error {
  readonly kind: ErrorKind;
  readonly callerMust: CallerMust;
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;

  constructor(kind: ErrorKind, callerMust: CallerMust, facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = kind;
    this.kind = kind;
    this.callerMust = callerMust;
    this.code = facts.code;
    this.remedy = facts.remedy;
    this.details = facts.details ?? {};
  }

  /** The line shown to the user: message, code and remedy. */
  get line(): string {
    return `${this.message} (${this.code}). ${this.remedy}`;
  }
}

/** A setting, argument or file from the user is wrong. */
export const configError = (facts: ErrorFacts): TradeBotError => new TradeBotError('ConfigError', 'refuse', facts);
/** Market data or an input file is missing, corrupt or has a wrong format. */
export const dataError = (facts: ErrorFacts): TradeBotError => new TradeBotError('DataError', 'refuse', facts);
/** The journal rejected an operation or found damage. */
export const journalError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('JournalError', callerMust, facts);
export const brokerError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('BrokerError', callerMust, facts);
/** No response, or a broken connection; after a submit the outcome is unknown, hence `reconcile`. */
export const networkError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('NetworkError', callerMust, facts);

/** The same refusal, about this field of a form: a page shows it there. */
export function atField(error: TradeBotError, field: string): TradeBotError {
  const { kind, callerMust, code, message, remedy, details, cause } = error;
  return new TradeBotError(kind, callerMust, { code, message, remedy, details: { ...details, field }, cause });
}

/** What `read` returns; a refusal that it throws is about this field of a form. */
export function ofField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof TradeBotError && error.callerMust === 'refuse' ? atField(error, field) : error;
  }
}

/** Checks an invariant, also in production: when it is broken, the only safe action is to stop. */
export function invariant(ok: boolean, code: string, message: string, details?: ErrorFacts['details']): asserts ok {
  if (ok) return;
  throw new TradeBotError('LogicError', 'stop', {
    code,
    message,
    remedy: 'Leave the home unchanged and report this with the journal position. Nothing was written.',
    ...(details === undefined ? {} : { details }),
  });
}

/** Closes a switch over a union: an unhandled member does not compile. */
export function unreachable(value: never, where: string): never {
  throw new TradeBotError('LogicError', 'stop', {
    code: 'UNREACHABLE',
    message: `${where} found an unknown value: ${JSON.stringify(value)}`,
    remedy: 'The data is damaged or from a newer version. Update TradeBot or restore the file.',
  });
}
