import { Controller, Get, Inject, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Input } from '../common/input.js';
import { contextOf } from '../common/request-context.js';
import type { SetupDesk } from './setup-desk.js';
import { TOKEN_HEADER, type SetupToken } from './setup-token.js';
import { AcceptedAnswer, SetupAnswer, SetupCheckAnswer, SetupInput } from './setup.dto.js';
import { SETUP_DESK, SETUP_TOKEN } from './tokens.js';
import { BROKERS, MAIL_FIELDS } from './setup-rules.js';

const BY_TOKEN = 'there is no user yet; the one-time token that was printed at the start authorises it';

@ApiTags('setup')
@Controller('api/setup')
@ServedIn('setup')
export class SetupController {
  constructor(
    @Inject(SETUP_DESK) private readonly desk: SetupDesk,
    @Inject(SETUP_TOKEN) private readonly token: SetupToken,
  ) {}

  @Get()
  @Public('state and progress of the set-up, no value of the form')
  @Answers(200, SetupAnswer, 'Tells how far the set-up is, and what the form may hold.')
  status(): SetupAnswer {
    const { brokerCredentials: _credentials, smtp: _smtp, ...defaults } = this.desk.rules.defaults;
    return { ...this.desk.status(), brokers: BROKERS, mail: MAIL_FIELDS, defaults };
  }

  @Post('check')
  @Public(BY_TOKEN)
  @Answers(200, SetupCheckAnswer, 'Checks the form without doing anything. Needs the header X-Setup-Token.')
  check(@Req() request: Request, @Input(SetupInput) given: SetupInput): SetupCheckAnswer {
    this.admit(request);
    const faults = this.desk.rules.check(this.desk.formOf(given));
    return { ok: faults.length === 0, faults };
  }

  @Post()
  @Public(BY_TOKEN)
  @Answers(202, AcceptedAnswer, 'Begins the set-up. Needs the header X-Setup-Token; an empty form is the simulator.')
  begin(@Req() request: Request, @Input(SetupInput) given: SetupInput): AcceptedAnswer {
    this.admit(request);
    this.desk.begin(this.desk.formOf(given));
    return { look: '/api/setup' };
  }

  private admit(request: Request): void {
    const header = request.headers[TOKEN_HEADER];
    this.token.check(typeof header === 'string' ? header : undefined, contextOf(request).address);
  }
}
