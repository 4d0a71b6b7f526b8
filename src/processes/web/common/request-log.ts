import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { contextOf, type RequestContext } from './request-context.js';
import type { WebLog } from './web-log.js';

/** The header that names a request in the log and in every problem. */
export const REQUEST_ID = 'X-Request-Id';

/** One line for each answer; the pattern of the route and never the address, whose values may be secrets. */
export class RequestLog {
  #count = 0;

  constructor(private readonly log: WebLog) {}

  /** Answered since the start. */
  get count(): number {
    return this.#count;
  }

  /** Writes the line when the answer has ended, however it ends. */
  follow(request: IncomingMessage, response: ServerResponse): RequestContext {
    const about = contextOf(request);
    response.on('close', () => {
      this.#count += 1;
      this.log.request({
        request: about.id,
        method: request.method ?? '',
        route: about.route ?? null,
        // the other end went away before there was an answer
        status: response.headersSent ? response.statusCode : 499,
        ms: Math.round((performance.now() - about.startedAt) * 10) / 10,
        userId: about.principal?.userId ?? null,
      });
    });
    return about;
  }

  handler(): RequestHandler {
    return (request, response, next) => {
      response.setHeader(REQUEST_ID, this.follow(request, response).id);
      next();
    };
  }
}
