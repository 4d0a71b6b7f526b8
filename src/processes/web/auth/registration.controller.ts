import { Controller, Inject, Post } from '@nestjs/common';
import { BySetupToken, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { GivenInput, type Given } from '../common/input.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { newAccount } from '../users/new-account.js';
import { UserAnswer } from '../users/user-answers.js';
import { RegistrationForm } from './auth-forms.js';

@Tag('registration')
@Controller('api/registration')
@ServedIn('registration')
export class RegistrationController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post()
  @BySetupToken()
  @Answers(201, UserAnswer, 'Creates the first account, an admin; only one caller succeeds. The bot then starts.')
  async register(@GivenInput(RegistrationForm) given: Given<RegistrationForm>): Promise<UserAnswer> {
    const { users } = this.context.users();
    return users.registerFirst(newAccount(given, users));
  }
}
