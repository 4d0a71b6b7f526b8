import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { AccessService } from '../../../app/access/access.js';
import { ownAccount } from '../../../app/access/authority.js';
import { may, type Principal } from '../../../app/access/principal.js';
import type { Permission } from '../../../domain/access/roles.js';
import type { TradeBotError } from '../../../kernel/errors.js';
import { secret } from '../../../kernel/secret.js';
import { mutates, type Access } from './access.js';
import type { SessionCookie } from './cookies.js';
import { recordDenial, sessionNeeded } from './fresh-proof.js';
import { Problem } from './problem.js';
import { contextOf } from './request-context.js';
import { foreignOrigin } from './security.js';
import { SETUP_TOKEN_HEADER, WRONG_SETUP_TOKEN, type SetupToken } from './setup-token.js';

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{16,200})$/i;

type Guarding = Pick<AccessService, 'denied'> & {
  readonly sessions: Pick<AccessService['sessions'], 'authenticate' | 'csrfMatches' | 'recall' | 'remember'>;
  readonly tokens: Pick<AccessService['tokens'], 'authenticate'>;
  readonly proofs: Pick<AccessService['proofs'], 'require'>;
};

/** Sent with what an open page asks by itself while nobody is there. */
const UNATTENDED_HEADER = 'x-unattended';
const LONGEST_TOKEN = 200;

/** The half of the session that a header carries; '' without one. */
export function csrfTokenOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-csrf-token'];
  return typeof given === 'string' && given.length <= LONGEST_TOKEN ? given : '';
}

export interface GatekeeperDeps {
  readonly cookie: SessionCookie;
  readonly setupToken: Pick<SetupToken, 'check'>;
  /** Undefined before there is a home with users. */
  readonly access: () => Guarding | undefined;
}

/** Lets a request in, or throws the Problem that says why not (SEC-12..14). */
export class Gatekeeper {
  constructor(private readonly deps: GatekeeperDeps) {}

  /** Who asks; undefined for a public endpoint, and for one by the token of the set-up. `proof`: it needs a fresh one. */
  async admit(request: Request, access: Access, proof: boolean): Promise<Principal | undefined> {
    const changes = mutates(request.method);
    const foreign = changes ? foreignOrigin(request) : undefined;
    if (foreign !== undefined) {
      await this.#recordForeign(request, foreign);
      throw foreign;
    }
    if (access.kind === 'public') return undefined;
    if (access.kind === 'setup-token') return this.#bySetupToken(request);
    const guarding = this.deps.access();
    if (guarding === undefined) throw notLoggedIn('NO_SESSION');
    const principal =
      request.headers.authorization === undefined
        ? await this.#bySession(request, guarding)
        : await this.#byToken(request, guarding, request.headers.authorization);
    const refusal = refusalOf(request, principal, { permission: access.permission, changes, proof });
    if (refusal !== undefined) {
      const code = refusal instanceof Problem ? refusal.facts.code : refusal.code;
      await recordDenial(request, principal, guarding, code);
      throw refusal;
    }
    if (proof) guarding.proofs.require(principal);
    return principal;
  }

  /**
   * The user of a session who may read what needs a permission, when that follows from an earlier request alone. Undefined says
   * nothing: `admit` then lets in or refuses, and records what has to be recorded.
   */
  recall(request: Pick<IncomingMessage, 'headers'>, permission: Permission): Principal | undefined {
    if (request.headers.authorization !== undefined) return undefined;
    const sessionId = this.deps.cookie.read(request);
    if (sessionId === undefined) return undefined;
    const principal = this.deps.access()?.sessions.recall({ sessionId, csrfToken: csrfTokenOf(request) });
    return principal !== undefined && may(principal, permission) ? principal : undefined;
  }

  /** A page of another site used the log-in of a user: that is recorded; what it sends without one is not. */
  async #recordForeign(request: Request, { facts: { code } }: Problem): Promise<void> {
    const guarding = this.deps.access();
    const principal = guarding === undefined ? undefined : await this.#knownUser(request, guarding);
    if (guarding !== undefined && principal !== undefined) await recordDenial(request, principal, guarding, code);
  }

  /** Whose session or token a request brings, whatever else it lacks; a session is not prolonged by it. */
  async #knownUser(request: Request, guarding: Guarding): Promise<Principal | undefined> {
    const sessionId = this.deps.cookie.read(request);
    const header = request.headers.authorization;
    if (header !== undefined) {
      const token = BEARER.exec(header)?.[1];
      if (token === undefined) return undefined;
      const shown = await guarding.tokens.authenticate(secret(token), contextOf(request).address);
      return shown.ok ? shown.principal : undefined;
    }
    if (sessionId === undefined) return undefined;
    const found = await guarding.sessions.authenticate(sessionId, false);
    return found.ok ? found.principal : undefined;
  }

  /** Records a wrong token in the journal, once there is one. */
  async #bySetupToken(request: Request): Promise<undefined> {
    const given = request.headers[SETUP_TOKEN_HEADER.toLowerCase()];
    try {
      this.deps.setupToken.check(typeof given === 'string' ? given : undefined, contextOf(request).address);
    } catch (refusal) {
      const guarding = this.deps.access();
      const wrong = refusal instanceof Problem && refusal.facts.code === WRONG_SETUP_TOKEN;
      if (wrong && guarding !== undefined) await recordDenial(request, null, guarding, WRONG_SETUP_TOKEN);
      throw refusal;
    }
  }

  async #byToken(request: Request, guarding: Guarding, header: string): Promise<Principal> {
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) throw notLoggedIn('BAD_TOKEN');
    const found = await guarding.tokens.authenticate(secret(token), contextOf(request).address);
    if (found.ok) return found.principal;
    throw notLoggedIn(found.refusal);
  }

  async #bySession(request: Request, guarding: Guarding): Promise<Principal> {
    const sessionId = this.deps.cookie.read(request);
    if (sessionId === undefined) throw notLoggedIn('NO_SESSION');
    const halves = { sessionId, csrfToken: csrfTokenOf(request) };
    const known = guarding.sessions.recall(halves);
    if (known !== undefined) return known;
    const found = await guarding.sessions.authenticate(sessionId, request.headers[UNATTENDED_HEADER] === undefined);
    if (!found.ok) throw notLoggedIn(found.refusal);
    // for reading as well: the cookie alone reaches every server on this machine
    if (guarding.sessions.csrfMatches(sessionId, halves.csrfToken)) {
      guarding.sessions.remember(halves, found);
      return found.principal;
    }
    await recordDenial(request, found.principal, guarding, 'CSRF');
    throw new Problem({
      status: 403,
      code: 'CSRF_TOKEN_NEEDED',
      detail: 'This browser is not logged in here any more.',
      remedy: 'Load the page again and log in.',
      script: 'Send csrfToken of the log-in as X-CSRF-Token with every request of the session.',
    });
  }
}

type NotLoggedIn = 'NO_SESSION' | 'SESSION_IDLE' | 'SESSION_EXPIRED' | 'BAD_TOKEN' | 'TOKEN_EXPIRED';

const WHY: Readonly<Record<NotLoggedIn, string>> = {
  NO_SESSION: 'You are not logged in.',
  SESSION_IDLE: 'The session has expired after inactivity.',
  SESSION_EXPIRED: 'The session has reached its maximum age.',
  BAD_TOKEN: 'The personal access token is not valid.',
  TOKEN_EXPIRED: 'The personal access token has expired.',
};

function notLoggedIn(code: NotLoggedIn): Problem {
  return new Problem({
    status: 401,
    code,
    detail: WHY[code],
    remedy: 'Log in.',
    script: 'Log in with POST /api/auth/login, or send a valid personal access token.',
    headers: { 'WWW-Authenticate': 'Bearer realm="tradebot"' },
  });
}

/** Why a user who is known may not do this; undefined when that user may. */
function refusalOf(
  request: Request,
  principal: Principal,
  {
    permission,
    changes,
    proof,
  }: { readonly permission: Permission; readonly changes: boolean; readonly proof: boolean },
): Problem | TradeBotError | undefined {
  if (!may(principal, permission)) return notAllowed(principal, permission);
  if (changes && permission === 'users' && request.params['id'] === principal.userId) return ownAccount();
  return proof && principal.kind === 'token' ? sessionNeeded() : undefined;
}

function notAllowed(principal: Principal, permission: Permission): Problem {
  if (principal.mustEnrolSecondFactor) {
    return new Problem({
      status: 403,
      code: 'SECOND_FACTOR_REQUIRED',
      detail: 'An admin of this bot needs a second factor.',
      remedy: 'Turn one on first, on your account page.',
      script: 'POST /api/auth/second-factor begins it.',
    });
  }
  if (principal.mustChangePassword) {
    return new Problem({
      status: 403,
      code: 'PASSWORD_CHANGE_REQUIRED',
      detail: 'Your password was chosen by an admin: it has to be replaced first.',
      remedy: 'Choose a password of your own on your account page.',
    });
  }
  const account = permission === 'account' && principal.kind === 'token';
  return new Problem({
    status: 403,
    code: 'ROLE',
    detail: account
      ? 'A personal access token does not manage the account that it belongs to.'
      : `The role ${principal.ownRole} does not allow this: it needs the permission "${permission}".`,
    remedy: account ? 'Log in with the password.' : 'Ask an admin for another role.',
  });
}
