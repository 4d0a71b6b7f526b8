/** One fault of a form, at the field that the server names. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

interface ProblemBody {
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly remedy?: unknown;
  readonly code?: unknown;
  readonly errors?: unknown;
}

/** A refusal of the server as RFC 9457 describes it, or a server that cannot be reached (status 0). */
export class Problem extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly faults: readonly FieldFault[];

  constructor(
    readonly status: number,
    body: unknown,
    /** Seconds after which the server takes the same request; null when it does not say. */
    readonly retryAfter: number | null = null,
  ) {
    const { title, detail, remedy, code, errors } = (
      typeof body === 'object' && body !== null ? body : {}
    ) as ProblemBody;
    super(text(detail) || text(title) || `The server answered ${status}.`);
    this.code = text(code);
    this.remedy = text(remedy);
    this.faults = Array.isArray(errors) ? errors.flatMap(faultOf) : [];
  }
}

const UNKNOWN = 'Whether it was done is not known. Try again when the bot responds: it is not done twice.';

/** The bot cannot be reached at all; `changes`: what was asked may have been done before the connection broke. */
export function unreachable(changes = false): Problem {
  return new Problem(0, {
    code: 'UNREACHABLE',
    detail: 'The bot does not respond.',
    remedy: changes ? UNKNOWN : 'It may be restarting. This page continues when it responds.',
  });
}

/** The bot took the request, and no answer came within `seconds`. */
export function noAnswer(seconds: number, changes: boolean): Problem {
  return new Problem(0, {
    code: 'NO_ANSWER',
    detail: `The bot gave no answer within ${seconds} seconds.`,
    remedy: changes ? UNKNOWN : 'It may be busy. Try again.',
  });
}

/** Every error as a Problem, for one way of showing it. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, {
    code: 'PAGE_ERROR',
    detail: error instanceof Error ? `This page failed: ${error.message}` : 'This page failed.',
    remedy: 'Load the page again.',
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function faultOf(value: unknown): readonly FieldFault[] {
  const { field, message } = (typeof value === 'object' && value !== null ? value : {}) as Partial<FieldFault>;
  return typeof field === 'string' && typeof message === 'string' ? [{ field, message }] : [];
}
