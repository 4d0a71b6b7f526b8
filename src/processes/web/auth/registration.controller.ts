import { Controller, Inject, Post } from '@nestjs/common';
import { secret } from '../../../kernel/secret.js';
import { BySetupToken, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
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
  register(@Input(RegistrationForm) { name, email, password }: RegistrationForm): Promise<UserAnswer> {
    return this.context.users().users.registerFirst({ name, email: email ?? null, password: secret(password) });
  }
}
