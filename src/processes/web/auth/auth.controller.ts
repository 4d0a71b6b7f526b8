import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { LoginResult } from '../../../app/access/login.js';
import type { ProofSource } from '../../../app/access/proof-source.js';
import { may } from '../../../app/access/principal.js';
import { PERMISSIONS } from '../../../domain/access/roles.js';
import { secret } from '../../../kernel/secret.js';
import { Needs, Public, ServedIn, WithoutProof } from '../common/access.js';
import { Answers } from '../common/answers.js';
import type { DeviceCookie, SessionCookie } from '../common/cookies.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import { csrfTokenOf } from '../common/gatekeeper.js';
import { Problem, type ProblemFacts } from '../common/problem.js';
import { contextOf } from '../common/request-context.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT, DEVICE_COOKIE, SESSION_COOKIE } from '../tokens.js';
import { AccountAnswer, SessionAnswer, type WhoAnswer } from './auth-answers.js';
import { LoginForm, PasswordForm, ProofForm, ResetConfirmation, ResetForm } from './auth-forms.js';

@Tag('account')
@Controller('api/auth')
@ServedIn('dashboard')
export class AuthController {
  constructor(
    @Inject(WEB_CONTEXT) private readonly context: WebContext,
    @Inject(SESSION_COOKIE) private readonly cookie: SessionCookie,
    @Inject(DEVICE_COOKIE) private readonly deviceCookie: DeviceCookie,
  ) {}

  @Post('login')
  @Public('logging in is how a session begins; attempts are counted by name, address and device')
  @Answers(200, SessionAnswer, 'Logs in: sets the session cookie and returns the CSRF token.')
  async login(
    @Input(LoginForm) { name, password, code }: LoginForm,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionAnswer> {
    const result = await this.context.users().login({
      name,
      password: secret(password),
      code: code ?? null,
      ...this.#sourceOf(request),
      previous: this.cookie.read(request) ?? null,
    });
    if (!result.ok) throw refusedLogin(result);
    const { sessionId, sessionRef, csrfToken, principal } = result.session;
    contextOf(request).principal = principal;
    this.cookie.set(response, sessionId);
    this.deviceCookie.set(response, result.device);
    return { user: whoIs(principal), csrfToken, sessionRef };
  }

  @Post('logout')
  @Needs('account')
  @WithoutProof('it only takes access away from the caller')
  @Answers(204, null, 'Ends the session.')
  async logout(@Me() me: Principal, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.context.users().sessions.logout(me);
    this.cookie.clear(response);
  }

  @Get('session')
  @Needs('account')
  @Answers(200, AccountAnswer, 'Returns the logged-in user, and the CSRF token that came with the request.')
  session(@Me() me: Principal, @Req() request: Request): AccountAnswer {
    const users = this.context.users();
    const { secondFactor, email } = users.users.view(me.userId);
    return {
      user: whoIs(me),
      csrfToken: csrfTokenOf(request),
      sessionRef: me.ref,
      ...{ secondFactor, email },
      recoveryCodesLeft: users.secondFactor.recoveryCodesLeft(me.userId),
    };
  }

  @Post('proof')
  @Needs('account')
  @WithoutProof('it gives the proof')
  @Answers(204, null, 'Proves the password again, for changes of account, users and secrets in the next ten minutes.')
  async prove(
    @Input(ProofForm) { current, code }: ProofForm,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<void> {
    const { address } = contextOf(request);
    await this.context.users().proofs.prove(me, { password: secret(current), code: code ?? null, address });
  }

  @Post('password')
  @Needs('account')
  @WithoutProof('it carries the password, and asks for a fresh proof where a second factor is in use')
  @Answers(200, SessionAnswer, 'Changes the password, ends all other sessions and renews the cookie of this one.')
  async changePassword(
    @Input(PasswordForm) { current, password }: PasswordForm,
    @Me() me: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionAnswer> {
    const { users, proofs } = this.context.users();
    if (users.view(me.userId).secondFactor) proofs.require(me);
    const change = { current: secret(current), next: secret(password), ...this.#sourceOf(request) };
    const { sessionId, csrfToken, device } = await users.changePassword(me, change);
    this.cookie.set(response, sessionId);
    this.deviceCookie.set(response, device);
    return { user: whoIs({ ...me, mustChangePassword: false }), csrfToken, sessionRef: me.ref };
  }

  @Post('password-reset')
  @Public('for users who cannot log in; the answer is the same for every address')
  @Answers(202, null, 'Mails a one-time link for a new password, when the address belongs to a user.')
  async requestReset(@Input(ResetForm) { email }: ResetForm, @Req() request: Request): Promise<void> {
    await this.context.users().passwordResets.request(email, contextOf(request).address);
  }

  @Post('password-reset/confirm')
  @Public('the one-time token is the proof')
  @Answers(204, null, 'Sets the new password; every session of the user ends.')
  async confirmReset(
    @Input(ResetConfirmation) { token, password }: ResetConfirmation,
    @Req() request: Request,
  ): Promise<void> {
    const { address } = contextOf(request);
    await this.context.users().passwordResets.confirm(secret(token), secret(password), address);
  }

  #sourceOf(request: Request): ProofSource {
    return { address: contextOf(request).address, device: this.deviceCookie.read(request) ?? null };
  }
}

function whoIs(principal: Principal): WhoAnswer {
  const { userId, name, ownRole: role, mustEnrolSecondFactor, mustChangePassword } = principal;
  const permissions = PERMISSIONS.filter((permission) => may(principal, permission));
  return { userId, name, role, permissions, mustEnrolSecondFactor, mustChangePassword };
}

type Refused = Extract<LoginResult, { readonly ok: false }>;

const REFUSALS: Readonly<Record<Refused['refusal'], Omit<ProblemFacts, 'code'>>> = {
  BAD_CREDENTIALS: {
    status: 401,
    detail: 'The name or password is wrong.',
    remedy: 'Try again; after failed attempts a new device waits up to 30 seconds before the next one.',
  },
  SECOND_FACTOR_NEEDED: {
    status: 401,
    detail: 'This user needs a second factor.',
    remedy: 'Enter the code of your authenticator app, or a recovery code.',
    script: 'Send it as the member code.',
  },
  BAD_SECOND_FACTOR: {
    status: 401,
    detail: 'The code is wrong, or was used before.',
    remedy: 'Wait for the next code and try again.',
  },
  TWO_CODES_NEEDED: {
    status: 401,
    detail: 'Too many wrong codes were entered for this user, so one code is not enough on a new device.',
    remedy: 'Enter the code of your authenticator app and the one after it, one behind the other, or a recovery code.',
    script: 'Send it as the member code.',
  },
  DELAYED: {
    status: 429,
    detail: 'There were failed attempts for this name.',
    remedy: 'Wait half a minute at most, then try again. A device that logged in before does not wait.',
    script: 'Retry-After has the seconds.',
  },
};

/** Refusals that are about the code of the second factor alone. */
const ABOUT_CODE: ReadonlySet<string> = new Set<Refused['refusal']>(['BAD_SECOND_FACTOR', 'TWO_CODES_NEEDED']);

function refusedLogin({ refusal, retryAfterSeconds }: Refused): Problem {
  const headers = retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) };
  const facts = REFUSALS[refusal];
  const errors = ABOUT_CODE.has(refusal) ? { errors: [{ field: 'code', message: facts.detail }] } : {};
  return new Problem({ ...facts, ...errors, code: refusal, headers });
}
