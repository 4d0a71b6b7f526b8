import { Controller, Get, Headers, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Needs, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Me, type Principal } from '../common/principal.js';
import { contextOf } from '../common/request-context.js';
import { visibleTypes } from '../journal/visible-events.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { STREAM_HEADERS, type Listener } from './live-feed.js';

export const LIVE_PATH = '/api/events/live';

export function listenerOf(me: Principal, address: string): Listener {
  const { ref, userId, role } = me;
  const sees: Listener['sees'] = (type) => visibleTypes(me, [type])?.length !== 0;
  return { ref, userId, isAdmin: role === 'admin', address, sees };
}

@Tag('live')
@Controller('api/events')
export class LiveController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('live')
  @Needs('read')
  @ServedIn('dashboard')
  @AnswersWith('text/event-stream', 'Streams changes of state, flags, processes, positions and configuration.')
  async live(
    @Req() request: Request,
    @Res() response: Response,
    @Me() me: Principal,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<void> {
    if (request.method === 'HEAD') {
      // express answers it by the GET; a stream without its events would keep its place for an hour
      response.status(200).set(Object.fromEntries(STREAM_HEADERS)).end();
      return;
    }
    await this.context.live.attach(response, listenerOf(me, contextOf(request).address), lastEventId);
  }
}
