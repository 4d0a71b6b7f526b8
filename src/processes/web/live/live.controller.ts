import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Needs, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { Me, type Principal } from '../common/principal.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';

@ApiTags('live')
@Controller('api/events')
export class LiveController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('live')
  @Needs('read')
  @ServedIn('dashboard')
  @AnswersWith('text/event-stream', 'Streams changes of state, flags, processes, positions and configuration.')
  live(
    @Res() response: Response,
    @Me() me: Principal,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<void> {
    return this.context.live.attach(response, me.ref, lastEventId);
  }
}
