import { Controller, Get, Inject, Post } from '@nestjs/common';
import { BySetupToken, Public, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import type { SetupService } from './setup-service.js';
import { AcceptedAnswer, JournalCheckAnswer, SetupAnswer, SetupCheckAnswer, SetupInput } from './setup.dto.js';
import { SETUP_SERVICE } from './tokens.js';
import { BROKERS, JOURNAL_FIELDS, MAIL_FIELDS } from './setup-rules.js';

@Tag('setup')
@Controller('api/setup')
@ServedIn('setup')
export class SetupController {
  constructor(@Inject(SETUP_SERVICE) private readonly service: SetupService) {}

  @Get()
  @Public('state and progress of the set-up, no value of the form')
  @Answers(200, SetupAnswer, 'Returns the progress of the set-up and the options of the form.')
  status(): SetupAnswer {
    const {
      brokerCredentials: _credentials,
      smtp: _smtp,
      journalServer: _login,
      ...defaults
    } = this.service.rules.defaults;
    return { ...this.service.status(), brokers: BROKERS, mail: MAIL_FIELDS, journalServer: JOURNAL_FIELDS, defaults };
  }

  @Post('check')
  @BySetupToken()
  @Answers(200, SetupCheckAnswer, 'Validates the form without any change.')
  check(@Input(SetupInput) given: SetupInput): SetupCheckAnswer {
    const { rules } = this.service;
    const form = this.service.formOf(given);
    const faults = rules.check(form);
    return { ok: faults.length === 0, faults, sealAnchor: rules.sealAnchor, account: rules.account(form) };
  }

  @Post('journal-check')
  @BySetupToken()
  @Answers(200, JournalCheckAnswer, 'Looks at the journal server of the form: reach, TLS, rights, a write and a read.')
  checkJournal(@Input(SetupInput) given: SetupInput): Promise<JournalCheckAnswer> {
    return this.service.checkJournal(this.service.formOf(given));
  }

  @Post()
  @BySetupToken()
  @Answers(202, AcceptedAnswer, 'Starts the set-up; an empty form selects the simulator.')
  begin(@Input(SetupInput) given: SetupInput): AcceptedAnswer {
    this.service.begin(this.service.formOf(given));
    return { look: '/api/setup' };
  }
}
