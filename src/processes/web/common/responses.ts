import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pageInstead } from './app-address.js';
import { problemOf, titleOf, type ProblemBody, type ProblemFacts, type ProblemReader } from './problem.js';
import { contextOf, type RequestContext } from './request-context.js';
import type { WebLog } from './web-log.js';

/** Answers a problem (RFC 9457); one that has begun to answer is cut off instead. */
export function sendProblem(request: Request, response: Response, facts: ProblemFacts): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, detail, remedy, script, errors } = facts;
  const body: ProblemBody = {
    type: `urn:tradebot:problem:${code}`,
    title: titleOf(status),
    status,
    detail,
    code,
    remedy,
    ...(script === undefined ? {} : { script }),
    instance: `urn:tradebot:request:${contextOf(request).id}`,
    ...(errors === undefined ? {} : { errors }),
  };
  for (const [name, value] of Object.entries(facts.headers ?? {})) response.setHeader(name, value);
  if (status === 503 && !response.hasHeader('Retry-After')) response.setHeader('Retry-After', '1');
  // What was not read of a body that is too large must not be taken for the next request.
  if (status === 413) response.setHeader('Connection', 'close');
  response.setHeader('Cache-Control', 'no-store');
  response.status(status).type('application/problem+json').end(JSON.stringify(body));
}

/** The methods of a path that there are, when a request came with another one. */
export type KnownMethods = (path: string) => readonly string[];

/**
 * Turns every error of a request into a problem; an unexpected one is logged with the id that the client gets. A browser that
 * asks for an address that nobody serves is led to the app.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: WebLog,
    private readonly methodsOf: KnownMethods,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const about = contextOf(request);
    const facts = this.#sharpened(request, problemOf(error, readerOf(about)));
    const page = facts.code === 'NOT_FOUND' && about.route === undefined ? pageInstead(request) : undefined;
    if (page !== undefined) {
      http.getResponse<Response>().redirect(302, page);
      return;
    }
    if (facts.status >= 500) this.log.failure({ request: about.id, code: facts.code, error });
    sendProblem(request, http.getResponse<Response>(), facts);
  }

  /** Not found by method only: 405, with the methods that there are. */
  #sharpened(request: Request, facts: ProblemFacts): ProblemFacts {
    if (facts.status !== 404 || contextOf(request).route !== undefined) return facts;
    const methods = this.methodsOf(request.path);
    if (methods.length === 0) return facts;
    return methodNotAllowed(request.method, methods);
  }
}

function readerOf({ principal, bySetupToken }: RequestContext): ProblemReader {
  if (principal !== undefined) return 'user';
  return bySetupToken ? 'set-up' : 'stranger';
}

export function methodNotAllowed(method: string, methods: readonly string[]): ProblemFacts {
  const allow = methods.join(', ');
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    detail: `This address does not support ${method}.`,
    remedy: `Allowed: ${allow}.`,
    headers: { Allow: allow },
  };
}
