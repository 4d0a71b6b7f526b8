import { TradeBotError } from '../../../kernel/errors.js';
import { fieldOf, isForCallers, retryAfterOf, statusOf } from './problem-status.js';

/** One fault of a request: which member, and what it must be. */
export interface FieldFault {
  /** Path with dots, such as `identity.botId` or `weights.0`; empty for the whole body. */
  readonly field: string;
  readonly message: string;
}

/** A problem of RFC 9457, as `application/problem+json`. `code` is closed: what scripts match on. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  /** What a program does, where that is more than the remedy for people says. */
  readonly script?: string;
  /** `urn:tradebot:request:<id>`: the same id stands in the log. */
  readonly instance: string;
  readonly errors?: readonly FieldFault[];
}

export interface ProblemFacts {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  /** In the words of the interface; `detail` and `remedy` are in those of people, since pages show them. */
  readonly script?: string;
  readonly errors?: readonly FieldFault[];
  /** Headers of the response, such as Allow and Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an endpoint throws when it knows the status of HTTP by itself; a TradeBotError gets one by `statusOf`. */
export class Problem extends Error {
  constructor(readonly facts: ProblemFacts) {
    super(facts.detail);
    this.name = 'Problem';
  }
}

const SEE_DOCS = 'See /api/docs for the available endpoints.';

export const notFound = (what: string, remedy = 'Go back to the overview.', script = { script: SEE_DOCS }): Problem =>
  new Problem({ status: 404, code: 'NOT_FOUND', detail: `There is no ${what}.`, remedy, ...script });

/** `script`: what a program does. */
export const conflict = (code: string, detail: string, remedy: string, script?: { readonly script: string }): Problem =>
  new Problem({ status: 409, code, detail, remedy, ...script });

/** All faults at once. */
export const unprocessable = (errors: readonly FieldFault[]): Problem =>
  new Problem({
    status: 422,
    code: 'INVALID_INPUT',
    detail: `${errors.length} ${errors.length === 1 ? 'value is' : 'values are'} invalid.`,
    remedy: 'Correct what is marked. Nothing was changed.',
    script: 'The member errors lists each fault.',
    errors,
  });

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not logged in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict with the current state',
  412: 'Changed in the meantime',
  413: 'Too large',
  415: 'Not JSON',
  421: 'Wrong host',
  422: 'Invalid input',
  428: 'Condition required',
  429: 'Too many requests',
  431: 'Headers too large',
  503: 'Not available now',
};

export function titleOf(status: number): string {
  return TITLES[status] ?? (status < 500 ? 'Refused' : 'Failed');
}

/** Who gets a problem: the holder of the set-up token has proven who he is, but is no user. */
export type ProblemReader = 'user' | 'set-up' | 'stranger';

/** The problem for any error; an unexpected one reveals nothing about itself, and less to who is not logged in. */
export function problemOf(error: unknown, reader: ProblemReader): ProblemFacts {
  if (error instanceof Problem) return error.facts;
  if (error instanceof TradeBotError) return fromTradeBotError(error, reader);
  return fromHttpError(error) ?? unexpected();
}

function fromTradeBotError(error: TradeBotError, reader: ProblemReader): ProblemFacts {
  const status = statusOf(error);
  const { code, message: detail, remedy } = error;
  const hidden = (status >= 500 && reader !== 'user') || (reader === 'stranger' && !isForCallers(error));
  if (hidden) {
    return {
      status,
      code,
      detail: `${titleOf(status)}.`,
      remedy: 'See the log of the web process for the id of this request.',
    };
  }
  const field = fieldOf(error);
  const seconds = retryAfterOf(error);
  return {
    ...{ status, code, detail, remedy },
    ...(field === undefined ? {} : { errors: [{ field, message: detail }] }),
    ...(seconds === undefined ? {} : { headers: { 'Retry-After': String(seconds) } }),
  };
}

function unexpected(): ProblemFacts {
  return {
    status: 500,
    code: 'UNEXPECTED',
    detail: 'The request failed with an unexpected error.',
    remedy: 'Find the id of this request in the log of the web process and report it.',
  };
}

/** What body parser, router and HTTP server throw: `status` or `getStatus()`, and for bodies a `type`. */
function fromHttpError(error: unknown): ProblemFacts | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const status = httpStatusOf(error);
  if (status === undefined || status < 400 || status > 499) return undefined;
  const type = 'type' in error && typeof error.type === 'string' ? error.type : '';
  return BODY_PROBLEMS[type] ?? BY_STATUS[status] ?? { ...malformed('The request is not valid.'), status };
}

function httpStatusOf(error: object): number | undefined {
  if ('getStatus' in error && typeof error.getStatus === 'function') {
    const status: unknown = (error.getStatus as () => unknown).call(error);
    return typeof status === 'number' ? status : undefined;
  }
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

const malformed = (detail: string): ProblemFacts => ({
  status: 400,
  code: 'MALFORMED_REQUEST',
  detail,
  remedy: 'Load the page again and repeat what you did.',
  script: 'Send valid JSON in UTF-8 and a well-formed address.',
});

/** The refusal of a body that is too large. */
export const TOO_LARGE: ProblemFacts = {
  status: 413,
  code: 'BODY_TOO_LARGE',
  detail: 'This is more than 100 kB at once.',
  remedy: 'Enter less text.',
  script: 'Send a smaller body.',
};

const NOT_JSON: ProblemFacts = {
  status: 415,
  code: 'NOT_JSON',
  detail: 'The bot could not read the request.',
  remedy: 'Load the page again and repeat what you did.',
  script: 'Send JSON in UTF-8 with Content-Type: application/json and no content encoding.',
};

const BODY_PROBLEMS: Readonly<Record<string, ProblemFacts>> = {
  'entity.too.large': TOO_LARGE,
  'entity.parse.failed': malformed('The body is not valid JSON.'),
  'request.size.invalid': malformed('The length of the body differs from Content-Length.'),
  'request.aborted': malformed('The body is incomplete.'),
  'encoding.unsupported': NOT_JSON,
  'charset.unsupported': NOT_JSON,
};

/** The refusal of an address that nobody serves. */
export const NO_ADDRESS: ProblemFacts = {
  status: 404,
  code: 'NOT_FOUND',
  detail: 'This address does not exist.',
  remedy: 'Go back to the overview.',
  script: SEE_DOCS,
};

const BY_STATUS: Readonly<Record<number, ProblemFacts>> = {
  404: NO_ADDRESS,
  400: malformed('The body or the address is not well-formed.'),
  413: TOO_LARGE,
  415: NOT_JSON,
};
