import { Controller, Get, Inject } from '@nestjs/common';
import { PerformanceReader } from '../../../app/web-queries/read-performance.js';
import type { Journal } from '../../../ports/journal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { pastPosition } from '../journal/past-position.js';
import { MomentQueryInput } from '../ledger/ledger.dto.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { PerformanceAnswer } from './performance.dto.js';

@Tag('trading')
@Controller('api/performance')
@ServedIn('dashboard')
@Needs('read')
export class PerformanceController {
  #reader: { readonly of: Journal; readonly reader: PerformanceReader } | undefined;

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, PerformanceAnswer, 'Returns what closed positions made, by session, strategy, symbol, hour and size.')
  async performance(@QueryInput(MomentQueryInput) { asof }: MomentQueryInput): Promise<PerformanceAnswer> {
    const { journal } = this.context.open();
    if (this.#reader?.of !== journal) this.#reader = { of: journal, reader: new PerformanceReader(journal) };
    return this.#reader.reader.read(await pastPosition(asof, journal));
  }
}
