import { Controller, Get, Inject } from '@nestjs/common';
import type { ProcessHealth } from '../../ipc/messages.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { ProcessesAnswer } from './processes.dto.js';

const ANSWER_WITHIN_MS = 5_000;

@Tag('processes')
@Controller('api/processes')
export class ProcessesController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, ProcessesAnswer, 'Returns the state of main and its processes.')
  async processes(): Promise<ProcessesAnswer> {
    return { processes: await this.context.ask<readonly ProcessHealth[]>({ ask: 'processes' }, ANSWER_WITHIN_MS) };
  }
}
