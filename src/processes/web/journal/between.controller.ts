import { Controller, Get, Inject } from '@nestjs/common';
import { isEventType, type EventType } from '../../../events/event.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { BetweenAnswer, BetweenQueryInput } from './between.dto.js';
import { eventAnswer } from './event-answer.js';
import { pastPosition } from './past-position.js';
import { visibleTypes } from './visible-events.js';

const MOST_COUNTED = 5_000;

/** What happened from one position of the journal to another. */
@Tag('journal')
@Controller('api/journal/between')
export class BetweenController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(
    200,
    BetweenAnswer,
    'Returns the first event after a position, and how many of each type there are up to another.',
  )
  async between(
    @QueryInput(BetweenQueryInput) { after: from, to }: BetweenQueryInput,
    @Me() me: Principal,
  ): Promise<BetweenAnswer> {
    const { journal } = this.context.open();
    const after = await pastPosition(from, journal);
    const last = await pastPosition(to, journal);
    const types = visibleTypes(me, undefined)?.filter((type): type is EventType => isEventType(type));
    const found = await journal.readAll({
      limit: MOST_COUNTED + 1,
      ...(after === undefined ? {} : { after }),
      ...(types === undefined ? {} : { filter: { types } }),
    });
    const events = last === undefined ? found : found.filter(({ position }) => position <= last);
    const counts = new Map<string, number>();
    for (const { type } of events.slice(0, MOST_COUNTED)) counts.set(type, (counts.get(type) ?? 0) + 1);
    const [first] = events;
    return {
      first: first === undefined ? null : eventAnswer(first),
      count: Math.min(events.length, MOST_COUNTED),
      more: events.length > MOST_COUNTED,
      types: [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([type, count]) => ({ type, count })),
    };
  }
}
