import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
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

const ID_PART_BYTES = 4;
const ID_PART_DIGITS = 2 * ID_PART_BYTES;
/** Of this process; the number of the request follows. */
const ID_START = randomBytes(ID_PART_BYTES).toString('hex');
let requests = 0;

/** Other requests of other runs have other ids; it need not be hard to guess. */
function nextId(): string {
  requests += 1;
  return `${ID_START}${requests.toString(16).padStart(ID_PART_DIGITS, '0')}`;
}

const CONTEXT = Symbol('context of the request');

interface WithContext extends IncomingMessage {
  [CONTEXT]: RequestContext | undefined;
}

/** No proxy is trusted: headers with another address are ignored. */
export function contextOf(request: IncomingMessage): RequestContext {
  return ((request as WithContext)[CONTEXT] ??= {
    id: nextId(),
    address: request.socket.remoteAddress ?? 'unknown',
    startedAt: performance.now(),
    principal: undefined,
    bySetupToken: false,
    route: undefined,
  });
}
