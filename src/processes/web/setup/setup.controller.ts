import { Controller, Get, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BySetupToken, Public, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Input } from '../common/input.js';
import type { SetupDesk } from './setup-desk.js';
import { AcceptedAnswer, SetupAnswer, SetupCheckAnswer, SetupInput } from './setup.dto.js';
import { SETUP_DESK } from './tokens.js';
import { BROKERS, MAIL_FIELDS } from './setup-rules.js';

@ApiTags('setup')
@Controller('api/setup')
@ServedIn('setup')
export class SetupController {
  constructor(@Inject(SETUP_DESK) private readonly desk: SetupDesk) {}

  @Get()
  @Public('state and progress of the set-up, no value of the form')
  @Answers(200, SetupAnswer, 'Tells how far the set-up is, and what the form may hold.')
  status(): SetupAnswer {
    const { brokerCredentials: _credentials, smtp: _smtp, ...defaults } = this.desk.rules.defaults;
    return { ...this.desk.status(), brokers: BROKERS, mail: MAIL_FIELDS, defaults };
  }

  @Post('check')
  @BySetupToken()
  @Answers(200, SetupCheckAnswer, 'Checks the form without doing anything.')
  check(@Input(SetupInput) given: SetupInput): SetupCheckAnswer {
    const faults = this.desk.rules.check(this.desk.formOf(given));
    return { ok: faults.length === 0, faults };
  }

  @Post()
  @BySetupToken()
  @Answers(202, AcceptedAnswer, 'Begins the set-up; an empty form is the simulator.')
  begin(@Input(SetupInput) given: SetupInput): AcceptedAnswer {
    this.desk.begin(this.desk.formOf(given));
    return { look: '/api/setup' };
  }
}
