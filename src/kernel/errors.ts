/**
 * The error taxonomy. An error says what its caller must do, not only what went wrong:
 * - `retry`     the same call may succeed later (bounded by the caller);
 * - `refuse`    the request is wrong; nothing was changed; tell whoever asked;
 * - `reconcile` the outcome is unknown; ask the other side before anything else;
 * - `stop`      an invariant is broken; going on could lose or double something.
 */
export type CallerMust = 'retry' | 'refuse' | 'reconcile' | 'stop';

/** RUN-40: what kind of thing failed. */
export type ErrorKind = 'NetworkError' | 'BrokerError' | 'LogicError' | 'ConfigError' | 'JournalError' | 'DataError';

export interface ErrorFacts {
  /** A closed, SCREAMING_SNAKE code: what tests and scripts match on. */
  readonly code: string;
  /** One sentence that names the thing and the value. */
  readonly message: string;
  /** One sentence that says what to do about it. */
  readonly remedy: string;
  /** Figures for logs and for --json; never a secret. */
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

  /** The one line that a person sees: what, and what to do. */
  get line(): string {
    return `${this.message} (${this.code}). ${this.remedy}`;
  }
}

/** A setting, an argument or a file that a person gave is wrong. */
export const configError = (facts: ErrorFacts): TradeBotError => new TradeBotError('ConfigError', 'refuse', facts);
/** Market data or an input file is missing, corrupt or of a wrong shape. */
export const dataError = (facts: ErrorFacts): TradeBotError => new TradeBotError('DataError', 'refuse', facts);
/** The journal refused or found damage. */
export const journalError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('JournalError', callerMust, facts);
export const brokerError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('BrokerError', callerMust, facts);
/** No answer, or a broken line: for a submit the outcome is unknown, hence `reconcile`. */
export const networkError = (callerMust: CallerMust, facts: ErrorFacts): TradeBotError =>
  new TradeBotError('NetworkError', callerMust, facts);

/** Stays on in production: a false `ok` is a broken invariant, and the only safe thing is to stop. */
export function invariant(ok: boolean, code: string, message: string, details?: ErrorFacts['details']): asserts ok {
  if (ok) return;
  throw new TradeBotError('LogicError', 'stop', {
    code,
    message,
    remedy: 'Keep the home as it is and report this with the journal position; nothing was written.',
    ...(details === undefined ? {} : { details }),
  });
}

/** Closes a switch over a union: a new member that nobody handles does not compile. */
export function unreachable(value: never, where: string): never {
  throw new TradeBotError('LogicError', 'stop', {
    code: 'UNREACHABLE',
    message: `${where} met a value it does not know: ${JSON.stringify(value)}`,
    remedy: 'The data is newer than this program, or damaged; update TradeBot or restore the file.',
  });
}
