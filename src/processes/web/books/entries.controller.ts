import { Controller, Inject, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '../../../app/access/principal.js';
import type { AdjustmentMade } from '../../../app/manual-entries/adjusting-entry.js';
import { refuseAdjustment } from '../../../app/manual-entries/early-refusals.js';
import { readFloat, type FloatBooked } from '../../../app/manual-entries/float-entry.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me } from '../common/principal.js';
import { requestIdOf } from '../common/request-id.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { AdjustmentAnswer, AdjustmentInput, FloatAnswer, FloatInput } from './entries.dto.js';

/** Entries that a person books while the bot runs (ACC-30, ACC-62); a worker of main books each once. */
@Tag('accounting')
@Controller('api')
@ServedIn('dashboard')
export class EntriesController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post('float')
  @Needs('float')
  @Answers(201, FloatAnswer, 'Acknowledges a transfer of capital to or from the bot; the cash is booked once reported.')
  async float(@Me() me: Principal, @Req() http: Request, @Input(FloatInput) input: FloatInput): Promise<FloatBooked> {
    const { direction, amount, reason } = input;
    const request = { direction, amount, reason, requestId: requestIdOf(http, me, input.requestId) };
    readFloat(request);
    return this.context.ask<FloatBooked>({ ask: 'worker', task: { task: 'float', request, actor: me.actor } });
  }

  @Post('adjustments')
  @Needs('adjusting-entries')
  @Answers(201, AdjustmentAnswer, 'Books an adjusting entry: shares, cash, or both; or settles a refused report.')
  async adjust(
    @Me() me: Principal,
    @Req() http: Request,
    @Input(AdjustmentInput) input: AdjustmentInput,
  ): Promise<AdjustmentMade> {
    const { settles = null, symbol = null, side = null, quantity = null, price = null } = input;
    const { cash = null, account = null, at = null, reason } = input;
    const requestId = requestIdOf(http, me, input.requestId);
    const request = { settles, symbol, side, quantity, price, cash, account, at, reason, requestId };
    await refuseAdjustment(this.context.open().journal, request);
    return this.context.ask<AdjustmentMade>({ ask: 'worker', task: { task: 'adjust', request, actor: me.actor } });
  }
}
