import type { Request } from 'express';
import type { Permission } from '../../../domain/access/roles.js';
import { secret, type Secret } from '../../../kernel/secret.js';
import type { Access } from './access.js';
import type { SessionCookie } from './cookies.js';
import { Problem } from './problem.js';
import type { Principal } from './principal.js';
import { contextOf } from './request-context.js';
import { refuseForeignOrigin } from './security.js';

/** Who a cookie or a token belongs to, and what is written down of refusals. */
export interface Authenticator {
  /** Undefined: no such session, or it is over. */
  session(cookie: Secret, address: string): Promise<Principal | undefined>;
  /** Undefined: no such token, or it is over. */
  token(token: Secret, address: string): Promise<Principal | undefined>;
  /** In constant time. */
  isCsrfToken(cookie: Secret, given: Secret): boolean;
  /** A user was refused: for the journal. */
  denied(denial: Denial): Promise<void>;
}

export interface Denial {
  readonly userId: string;
  readonly address: string;
  /** Method and route, without parameters. */
  readonly endpoint: string;
  readonly code: 'ROLE' | 'CSRF';
}

const READS = ['GET', 'HEAD'];
const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{16,200})$/i;

/** Lets a request in, or throws the Problem that says why not. */
export class Gatekeeper {
  constructor(
    private readonly parts: {
      readonly cookie: SessionCookie;
      /** Undefined before there is a journal to write attempts to. */
      readonly authenticator: () => Authenticator | undefined;
    },
  ) {}

  async admit(request: Request, access: Access): Promise<Principal | undefined> {
    const mutates = !READS.includes(request.method);
    if (mutates) refuseForeignOrigin(request);
    if (access.kind === 'public') return undefined;
    const authenticator = this.parts.authenticator();
    if (authenticator === undefined) throw notLoggedIn();
    const bearer = request.headers.authorization;
    const principal =
      bearer === undefined
        ? await this.bySession(request, authenticator, mutates)
        : await this.byToken(request, authenticator, bearer);
    return this.allowed(request, authenticator, principal, access.permission);
  }

  private async byToken(request: Request, authenticator: Authenticator, header: string): Promise<Principal> {
    const token = BEARER.exec(header)?.[1];
    const { address } = contextOf(request);
    const principal = token === undefined ? undefined : await authenticator.token(secret(token), address);
    if (principal === undefined) throw notLoggedIn();
    return principal;
  }

  private async bySession(request: Request, authenticator: Authenticator, mutates: boolean): Promise<Principal> {
    const cookie = this.parts.cookie.read(request);
    if (cookie === undefined) throw notLoggedIn();
    const principal = await authenticator.session(cookie, contextOf(request).address);
    if (principal === undefined) throw notLoggedIn();
    if (mutates && !hasCsrfToken(request, cookie, authenticator)) {
      await this.tell(request, authenticator, principal, 'CSRF');
      throw new Problem({
        status: 403,
        code: 'CSRF_TOKEN_NEEDED',
        detail: 'The request does not bring the CSRF token of this session.',
        remedy: 'Send csrfToken of GET /api/auth/session as X-CSRF-Token.',
      });
    }
    return principal;
  }

  private async allowed(
    request: Request,
    authenticator: Authenticator,
    principal: Principal,
    permission: Permission,
  ): Promise<Principal> {
    if (principal.may(permission)) return principal;
    await this.tell(request, authenticator, principal, 'ROLE');
    throw new Problem({
      status: 403,
      code: 'ROLE',
      detail: `The role ${principal.role} does not allow this: it needs the permission "${permission}".`,
      remedy: principal.blocked ?? 'Ask an admin for another role.',
    });
  }

  private async tell(
    request: Request,
    authenticator: Authenticator,
    principal: Principal,
    code: Denial['code'],
  ): Promise<void> {
    const { address, route } = contextOf(request);
    const endpoint = `${request.method} ${route ?? 'unknown'}`;
    await authenticator.denied({ userId: principal.userId, address, endpoint, code });
  }
}

function hasCsrfToken(request: Request, cookie: Secret, authenticator: Authenticator): boolean {
  const given = request.headers['x-csrf-token'];
  return typeof given === 'string' && given.length <= 200 && authenticator.isCsrfToken(cookie, secret(given));
}

function notLoggedIn(): Problem {
  return new Problem({
    status: 401,
    code: 'NOT_LOGGED_IN',
    detail: 'There is no session, or it is over.',
    remedy: 'Log in with POST /api/auth/login, or send a personal access token.',
    headers: { 'WWW-Authenticate': 'Bearer realm="tradebot"' },
  });
}
