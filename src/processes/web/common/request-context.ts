import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { Principal } from './principal.js';

/** Facts about one request in addition to HTTP itself. */
export interface RequestContext {
  /** Stands in the log and in every problem. */
  readonly id: string;
  /** Network address of the other end; never journaled as such (JRN-13). */
  readonly address: string;
  /** By performance.now(). */
  readonly startedAt: number;
  /** Set by the access guard. */
  principal: Principal | undefined;
  /** Set by the access guard for a caller with the token of the set-up. */
  bySetupToken: boolean;
  /** Pattern of the route, once it is known: `/api/users/:id`. */
  route: string | undefined;
}

const CONTEXTS = new WeakMap<Request, RequestContext>();

/** No proxy is trusted: headers with another address are ignored. */
export function contextOf(request: Request): RequestContext {
  const known = CONTEXTS.get(request);
  if (known !== undefined) return known;
  const made: RequestContext = {
    // Node makes the random bytes of many of them at once: less than half the cost.
    id: randomUUID().replaceAll('-', '').slice(0, 16),
    address: request.socket.remoteAddress ?? 'unknown',
    startedAt: performance.now(),
    principal: undefined,
    bySetupToken: false,
    route: undefined,
  };
  CONTEXTS.set(request, made);
  return made;
}
