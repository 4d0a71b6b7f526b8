import { Controller, Get, Inject, Post } from '@nestjs/common';
import type { StreamFinding } from '../../../ports/journal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { AcknowledgedAnswer, AcknowledgeInput, HeldStreamsAnswer } from './streams.dto.js';

const ANSWER_WITHIN_MS = 5_000;

/** What others did to the streams of a journal on a server (JRN-8). */
@Tag('journal')
@Controller('api/journal/streams')
@ServedIn('dashboard')
export class StreamsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Needs('read')
  @Answers(200, HeldStreamsAnswer, 'Returns the streams that others reached, so that the bot cannot write them.')
  async held(): Promise<HeldStreamsAnswer> {
    const held = await this.context.ask<readonly StreamFinding[]>({ ask: 'held-streams' }, ANSWER_WITHIN_MS);
    return {
      streams: held.map(({ stream, kind, message: text, remedy, sha256 = null }) => ({
        ...{ stream, kind: kind as HeldStreamsAnswer['streams'][number]['kind'], text, remedy, sha256 },
      })),
    };
  }

  @Post('acknowledge')
  @Needs('streams')
  @Answers(200, AcknowledgedAnswer, 'Acknowledges the events of another program at the end of a stream of the bot.')
  async acknowledge(
    @Me() me: Principal,
    @Input(AcknowledgeInput) { stream, sha256, reason }: AcknowledgeInput,
  ): Promise<AcknowledgedAnswer> {
    const decision = { stream, sha256, reason };
    return { effect: await this.context.ask<string>({ ask: 'acknowledge-stream', decision, actor: me.actor }) };
  }
}
