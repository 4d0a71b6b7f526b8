import { Controller, Get, Inject } from '@nestjs/common';
import { readDecisions } from '../../../app/decisions/read-decisions.js';
import { countRules, selectDecisions } from '../../../app/decisions/select-decisions.js';
import { STRATEGY_NAMES } from '../../../domain/config/configured-strategies.js';
import { parseStrategyName } from '../../../events/names.js';
import { parseDateText } from '../../../kernel/time.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { DEFAULT_PAGE, makeCursor, pageOf, readCursor } from '../common/paging.js';
import { unprocessable } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { DecisionsAnswer, DecisionsQueryInput } from './decisions.dto.js';
import { pastPosition } from './past-position.js';

@Tag('journal')
@Controller('api/decisions')
export class DecisionsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(
    200,
    DecisionsAnswer,
    'Returns for every symbol and strategy of a session what was looked at and which rule ended it.',
  )
  async decisions(@QueryInput(DecisionsQueryInput) query: DecisionsQueryInput): Promise<DecisionsAnswer> {
    const { symbol, strategy, rule, asof, limit = DEFAULT_PAGE } = query;
    const names = STRATEGY_NAMES.map(parseStrategyName);
    const { journal } = this.context.open();
    const upTo = await pastPosition(asof, journal);
    const record = await readDecisions(journal, parseDateText(query.date), names, upTo);
    const asked = selectDecisions(record, { symbol, strategy });
    const { date, strategies, symbols } = selectDecisions(asked, { rule });
    const after = readCursor('decisions', query.cursor, 2);
    const from = symbols.findIndex((row) => row.strategy === after?.[0] && row.symbol === after[1]) + 1;
    if (after !== undefined && from === 0)
      throw unprocessable([{ field: 'cursor', message: 'is not a nextCursor of this list' }]);
    const rest = symbols.slice(from, from + limit + 1);
    const page = pageOf(rest, limit, (row) => makeCursor('decisions', [row.strategy, row.symbol]));
    return { date, strategies, rules: countRules(asked), ...page };
  }
}
