import type { RequestHandler } from 'express';
import { contextOf } from './request-context.js';
import type { WebLog } from './web-log.js';

/** One line for each answer; the pattern of the route and never the address, whose values may be secrets. */
export function logRequests(log: WebLog, count: () => void): RequestHandler {
  return (request, response, next) => {
    const about = contextOf(request);
    response.setHeader('X-Request-Id', about.id);
    response.once('close', () => {
      count();
      log.request({
        request: about.id,
        method: request.method,
        route: about.route ?? null,
        // the other end went away before there was an answer
        status: response.headersSent ? response.statusCode : 499,
        ms: Math.round((performance.now() - about.startedAt) * 10) / 10,
        userId: about.principal?.userId ?? null,
      });
    });
    next();
  };
}
