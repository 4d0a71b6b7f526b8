import { Controller, Inject, Post } from '@nestjs/common';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Me, type Principal } from '../common/principal.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { UniverseBuildAnswer } from './market.dto.js';

/** The build of the universe that somebody asks for; the nightly one needs nobody (TRD-10). */
@Tag('trading')
@Controller('api/universe')
@ServedIn('dashboard')
@Needs('maintenance')
export class UniverseController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post('build')
  @Answers(202, UniverseBuildAnswer, 'Begins a build of the universe; its events say how far it is, and how it ended.')
  build(@Me() me: Principal): Promise<UniverseBuildAnswer> {
    return this.context.ask<UniverseBuildAnswer>({ ask: 'universe', actor: me.actor });
  }
}
