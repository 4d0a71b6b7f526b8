import { Controller, Get, Inject, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { refuseDecision } from '../../../app/manual-entries/early-refusals.js';
import type { Principal } from '../../../app/access/principal.js';
import { waitingEntries, type ConfirmationMade } from '../../../app/manual-entries/entry-confirmation.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me } from '../common/principal.js';
import { requestIdOf } from '../common/request-id.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { DecidedAnswer, DecideInput, WaitingEntriesAnswer } from './confirmations.dto.js';

/** Entries that wait for an operator, and what a person decides about them (TRD-53). */
@Tag('control')
@Controller('api/confirmations')
@ServedIn('dashboard')
export class ConfirmationsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Needs('read')
  @Answers(200, WaitingEntriesAnswer, 'Returns the entries that wait for a confirmation.')
  async list(): Promise<WaitingEntriesAnswer> {
    return { waiting: await waitingEntries(this.context.open().journal) };
  }

  @Post('decide')
  @Needs('confirm-trades')
  @Answers(200, DecidedAnswer, 'Confirms or refuses an entry; a confirmed one is judged again before it is sent.')
  async decide(
    @Me() me: Principal,
    @Req() http: Request,
    @Input(DecideInput) input: DecideInput,
  ): Promise<DecidedAnswer> {
    const { signalId, take, reason } = input;
    const request = { signalId, take, reason, requestId: requestIdOf(http, me) };
    await refuseDecision(this.context.open().journal, request);
    return this.context.ask<ConfirmationMade>({
      ask: 'worker',
      task: { task: 'confirm-entry', request, actor: me.actor },
    });
  }
}
