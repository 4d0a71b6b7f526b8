import { Controller, Delete, Get, Inject, Post, Put, Req } from '@nestjs/common';
import type { Request } from 'express';
import { secret } from '../../../kernel/secret.js';
import { EndedAnswer, SessionListItem, TokenListItem } from '../auth/auth-answers.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { OPAQUE_ID } from '../common/ids.js';
import { GivenInput, Input, PathInput, QueryInput, type Given } from '../common/input.js';
import { DEFAULT_PAGE, makeCursor, pageOf, PageQuery, readCursor } from '../common/paging.js';
import { Me, type Principal } from '../common/principal.js';
import { conflict } from '../common/problem.js';
import { contextOf } from '../common/request-context.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { newAccount } from './new-account.js';
import { UserAnswer, UserPage } from './user-answers.js';
import { EndSessionsQuery } from '../auth/auth-forms.js';
import { NewPasswordForm, NewUserForm, ReasonForm, RoleForm } from './user-forms.js';

const UserId = (): ParameterDecorator => PathInput('id', OPAQUE_ID, 'Id of the user.');

/** Accounts, by an admin (SEC-12). */
@Tag('users')
@Controller('api/users')
@ServedIn('dashboard')
@Needs('users')
export class UsersController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, UserPage, 'Users by name, a page at a time.')
  list(@QueryInput(PageQuery) { limit = DEFAULT_PAGE, cursor }: PageQuery): UserPage {
    const after = readCursor('users', cursor, 1)?.[0];
    const users = this.context.users().users.list();
    const rest = after === undefined ? users : users.filter(({ name }) => name > String(after));
    return pageOf(rest, limit, ({ name }) => makeCursor('users', [name]));
  }

  @Post()
  @Answers(201, UserAnswer, 'Makes an account.')
  async create(@GivenInput(NewUserForm) given: Given<NewUserForm>, @Me() me: Principal): Promise<UserAnswer> {
    const { users } = this.context.users();
    return users.create(me, newAccount(given, users), given.form.role);
  }

  @Get(':id')
  @Answers(200, UserAnswer, 'One user.')
  one(@UserId() id: string): UserAnswer {
    return this.context.users().users.view(id);
  }

  @Put(':id/role')
  @Answers(200, UserAnswer, 'Gives the user another role; the sessions of the user end.')
  changeRole(@UserId() id: string, @Input(RoleForm) { role }: RoleForm, @Me() me: Principal): Promise<UserAnswer> {
    return this.context.users().users.changeRole(me, id, role);
  }

  @Post(':id/disable')
  @Answers(200, UserAnswer, 'The user may not log in any more; sessions and tokens end.')
  disable(@UserId() id: string, @Input(ReasonForm) { reason }: ReasonForm, @Me() me: Principal): Promise<UserAnswer> {
    return this.context.users().users.disable(me, id, reason);
  }

  @Post(':id/enable')
  @Answers(200, UserAnswer, 'The user may log in again.')
  enable(@UserId() id: string, @Input(ReasonForm) { reason }: ReasonForm, @Me() me: Principal): Promise<UserAnswer> {
    return this.context.users().users.enable(me, id, reason);
  }

  @Post(':id/unlock')
  @Answers(200, UserAnswer, 'Ends a lock that failed log-ins brought.')
  unlock(@UserId() id: string, @Input(ReasonForm) { reason }: ReasonForm, @Me() me: Principal): Promise<UserAnswer> {
    return this.context.users().users.unlock(me, id, reason);
  }

  @Put(':id/password')
  @Answers(204, null, 'Sets a password for a user who cannot get in; the sessions of the user end.')
  async setPassword(
    @UserId() id: string,
    @Input(NewPasswordForm) { password }: NewPasswordForm,
    @Me() me: Principal,
  ): Promise<void> {
    await this.context.users().users.setPassword(me, id, secret(password));
  }

  @Post(':id/password-reset')
  @Answers(202, null, 'Mails the user a one-time link for a new password.')
  async mailReset(@UserId() id: string, @Req() request: Request): Promise<void> {
    const { email } = this.context.users().users.view(id);
    if (email === null) {
      throw conflict('NO_EMAIL', 'The user has no email address.', 'Set a password for the user instead.');
    }
    await this.context.users().passwordResets.request(email, contextOf(request).address);
  }

  @Delete(':id/second-factor')
  @Answers(204, null, 'Switches the second factor off, for a user who lost it.')
  async removeSecondFactor(@UserId() id: string, @Me() me: Principal): Promise<void> {
    await this.context.users().secondFactor.remove(me, id);
  }

  @Get(':id/sessions')
  @Answers(200, [SessionListItem], 'Sessions of the user, newest first.')
  sessions(@UserId() id: string, @Me() me: Principal): readonly SessionListItem[] {
    const { sessions, users } = this.context.users();
    const { userId } = users.view(id);
    return sessions.list(userId).map((session) => ({ ...session, current: session.sessionRef === me.ref }));
  }

  @Delete(':id/sessions')
  @Answers(200, EndedAnswer, 'Ends every session of the user, and on request every token.')
  async endSessions(
    @UserId() id: string,
    @QueryInput(EndSessionsQuery) { tokens: alsoTokens = false }: EndSessionsQuery,
    @Me() me: Principal,
  ): Promise<EndedAnswer> {
    const { sessions, users, tokens } = this.context.users();
    const { userId } = users.view(id);
    const ended = await sessions.revokeAll(me, userId);
    return { ended, tokensRevoked: alsoTokens ? await tokens.revokeAll(me, userId, 'sessions-ended') : 0 };
  }

  @Get(':id/tokens')
  @Answers(200, [TokenListItem], 'Lists the personal access tokens of the user, without the tokens themselves.')
  tokens(@UserId() id: string): readonly TokenListItem[] {
    const { tokens, users } = this.context.users();
    return tokens.list(users.view(id).userId);
  }

  @Delete(':id/tokens/:tokenId')
  @Answers(204, null, 'Revokes a personal access token of the user.')
  async revokeToken(
    @UserId() id: string,
    @PathInput('tokenId', OPAQUE_ID, 'Id of the token.') tokenId: string,
    @Me() me: Principal,
  ): Promise<void> {
    await this.context.users().tokens.revoke(me, id, tokenId);
  }
}
