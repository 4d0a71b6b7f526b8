import { Controller, Get, Inject, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '../../../app/access/principal.js';
import { refuseResolution } from '../../../app/manual-entries/early-refusals.js';
import type { MismatchResolved } from '../../../app/manual-entries/mismatch-resolution.js';
import { mismatchViews, readComparison } from '../../../app/manual-entries/open-mismatches.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me } from '../common/principal.js';
import { requestIdOf } from '../common/request-id.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { MismatchesAnswer, ResolvedAnswer, ResolveInput } from './mismatches.dto.js';

/** Differences between books and broker, and what a person decides about them (ACC-62). */
@Tag('accounting')
@Controller('api/mismatches')
@ServedIn('dashboard')
export class MismatchesController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Needs('read')
  @Answers(200, MismatchesAnswer, 'Returns the open differences between books and broker.')
  async list(): Promise<MismatchesAnswer> {
    const state = await readComparison(this.context.open().journal);
    return { comparedAt: state.knownAt, unknownSince: state.unknownSince, mismatches: mismatchViews(state) };
  }

  @Post('resolve')
  @Needs('adjusting-entries')
  @Answers(200, ResolvedAnswer, 'Resolves a difference with a reason; the next comparison proves it.')
  async resolve(
    @Me() me: Principal,
    @Req() http: Request,
    @Input(ResolveInput) input: ResolveInput,
  ): Promise<ResolvedAnswer> {
    const { mismatchId, take, reason } = input;
    const { price = null, against = null, entryId = null, until = null } = input;
    const request = { mismatchId, take, price, against, entryId, until, reason, requestId: requestIdOf(http, me) };
    await refuseResolution(this.context.open().journal, request, this.context.clock.now());
    return this.context.ask<MismatchResolved>({
      ask: 'worker',
      task: { task: 'mismatch', request, actor: me.actor },
    });
  }
}
