import { Controller, Delete, Get, Inject, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import type { DeviceCookie } from '../common/cookies.js';
import { Tag } from '../common/described.js';
import { recordingDenial } from '../common/fresh-proof.js';
import { OPAQUE_ID } from '../common/ids.js';
import { Input, PathInput, QueryInput } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import { contextOf } from '../common/request-context.js';
import type { WebContext } from '../web-context.js';
import { DEVICE_COOKIE, WEB_CONTEXT } from '../tokens.js';
import {
  EndedAnswer,
  EnrolmentAnswer,
  NewTokenAnswer,
  RecoveryCodesAnswer,
  SessionListItem,
  TokenListItem,
} from './auth-answers.js';
import { CloseForm, CodeForm, EndSessionsQuery, OptionalCodeForm, TokenForm } from './auth-forms.js';

/** Endpoints of the user's own account; closed to personal access tokens. */
@Tag('account')
@Controller('api/auth')
@ServedIn('dashboard')
@Needs('account')
export class AccountController {
  constructor(
    @Inject(WEB_CONTEXT) private readonly context: WebContext,
    @Inject(DEVICE_COOKIE) private readonly deviceCookie: DeviceCookie,
  ) {}

  @Post('second-factor')
  @Answers(201, EnrolmentAnswer, 'Starts the enrolment of a second factor; a code confirms it.')
  enrol(@Me() me: Principal): EnrolmentAnswer {
    const { secret, uri } = this.context.users().secondFactor.begin(me);
    return { secret: secret.reveal(), uri: uri.reveal() };
  }

  @Post('second-factor/confirm')
  @Answers(200, RecoveryCodesAnswer, 'Confirms the second factor with a first code; returns recovery codes.')
  async confirm(
    @Input(CodeForm) { code }: CodeForm,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<RecoveryCodesAnswer> {
    const { secondFactor, proofs } = this.context.users();
    const codes = await secondFactor.confirm(me, code, contextOf(request).address);
    proofs.codeConfirmed(me);
    return { recoveryCodes: codes.map((one) => one.reveal()) };
  }

  @Post('second-factor/disable')
  @Answers(204, null, 'Turns off the second factor; a code is not needed next to the fresh proof.')
  async disable(
    @Input(OptionalCodeForm) { code }: OptionalCodeForm,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<void> {
    await this.context.users().secondFactor.disable(me, code ?? null, contextOf(request).address);
  }

  @Post('close')
  @Answers(204, null, 'Closes the own account: it is disabled, and its sessions and tokens end. Never the last admin.')
  async close(@Input(CloseForm) { confirm }: CloseForm, @Me() me: Principal): Promise<void> {
    await this.context.users().users.closeOwn(me, confirm);
  }

  @Get('sessions')
  @Answers(200, [SessionListItem], 'Lists all sessions of the user, newest first.')
  sessions(@Me() me: Principal): readonly SessionListItem[] {
    const sessions = this.context.users().sessions.list(me.userId);
    return sessions.map((session) => ({ ...session, current: session.sessionRef === me.ref }));
  }

  @Delete('sessions')
  @Answers(
    200,
    EndedAnswer,
    'Ends all other sessions of the user and forgets other devices; on request every token ends.',
  )
  async endOthers(
    @QueryInput(EndSessionsQuery) { tokens: alsoTokens = false }: EndSessionsQuery,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<EndedAnswer> {
    const { sessions, tokens } = this.context.users();
    const ended = await sessions.revokeAll(me, me.userId, me.ref, this.deviceCookie.read(request) ?? null);
    return { ended, tokensRevoked: alsoTokens ? await tokens.revokeAll(me, me.userId, 'sessions-ended') : 0 };
  }

  @Delete('sessions/:ref')
  @Answers(204, null, 'Ends one session of the user.')
  async end(@PathInput('ref', OPAQUE_ID, 'Reference of the session.') ref: string, @Me() me: Principal): Promise<void> {
    await this.context.users().sessions.revoke(me, me.userId, ref);
  }

  @Get('tokens')
  @Answers(200, [TokenListItem], 'Lists the personal access tokens of the user, without the tokens themselves.')
  tokens(@Me() me: Principal): readonly TokenListItem[] {
    return this.context.users().tokens.list(me.userId);
  }

  @Post('tokens')
  @Answers(201, NewTokenAnswer, 'Creates a personal access token for scripts; it is shown once.')
  async issue(
    @Input(TokenForm) form: TokenForm,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<NewTokenAnswer> {
    const access = this.context.users();
    const issued = access.tokens.issue(me, form);
    const { token, view } = await recordingDenial(request, me, access, { code: 'TOKEN_ABOVE_ROLE', work: issued });
    return { ...view, token: token.reveal() };
  }

  @Delete('tokens/:id')
  @Answers(204, null, 'Revokes a personal access token.')
  async revoke(@PathInput('id', OPAQUE_ID, 'Id of the token.') id: string, @Me() me: Principal): Promise<void> {
    await this.context.users().tokens.revoke(me, me.userId, id);
  }
}
