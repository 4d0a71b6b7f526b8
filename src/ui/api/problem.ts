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

/** The bot does not answer at all. */
export function unreachable(): Problem {
  return new Problem(0, {
    code: 'UNREACHABLE',
    detail: 'The bot does not respond.',
    remedy: 'It may be restarting. This page continues when it responds.',
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
