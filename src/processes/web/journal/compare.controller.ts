import { Controller, Get, Inject } from '@nestjs/common';
import { compareSessions, type ComparedSession } from '../../../app/web-queries/compare-sessions.js';
import { compareSettings } from '../../../app/web-queries/compare-settings.js';
import { parseDateText } from '../../../kernel/time.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { unprocessable } from '../common/problem.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import {
  CompareSessionsQueryInput,
  CompareSettingsQueryInput,
  SessionsComparedAnswer,
  SettingsComparedAnswer,
} from './compare.dto.js';
import { eventAnswer } from './event-answer.js';
import { pastPosition } from './past-position.js';

/** Two sessions, or two configurations, next to each other with the first event that differs. */
@Tag('journal')
@Controller('api/compare')
@ServedIn('dashboard')
export class CompareController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('sessions')
  @Needs('read')
  @Answers(200, SessionsComparedAnswer, 'Returns two sessions next to each other, and the first event that differs.')
  async sessions(
    @QueryInput(CompareSessionsQueryInput) { a, b }: CompareSessionsQueryInput,
  ): Promise<SessionsComparedAnswer> {
    const dates = { a: parseDateText(a), b: parseDateText(b) };
    const found = await compareSessions(this.context.open().journal, dates);
    if ('missing' in found)
      throw unprocessable([{ field: found.missing, message: 'is not the date of a session of this bot.' }]);
    const { first, equal } = found;
    return {
      ...{ a: sessionAnswer(found.a), b: sessionAnswer(found.b), equal },
      first: first === null ? null : { a: first.a && eventAnswer(first.a), b: first.b && eventAnswer(first.b) },
    };
  }

  @Get('settings')
  @Needs('settings')
  @Answers(
    200,
    SettingsComparedAnswer,
    'Returns the settings that differ between two positions, and what changed them.',
  )
  async settings(
    @QueryInput(CompareSettingsQueryInput) { a, b }: CompareSettingsQueryInput,
  ): Promise<SettingsComparedAnswer> {
    const { journal } = this.context.open();
    const [from, to] = [await pastPosition(a, journal, 'a'), await pastPosition(b, journal, 'b')];
    const { changed, all, first } = await compareSettings(journal, { a: from, b: to });
    return {
      changed: changed.map(({ event, ...rest }) => ({ ...rest, event: eventAnswer(event) })),
      all,
      first: first && eventAnswer(first),
    };
  }
}

function sessionAnswer({ report, opened }: ComparedSession): SessionsComparedAnswer['a'] {
  const { date, outcome, signals, refusals, orders, fills, trades, grossPnl, fees, netPnl } = report;
  const { position } = opened;
  return {
    date,
    position,
    outcome,
    signals,
    notTraded: refusals.length,
    orders,
    fills,
    trades,
    grossPnl,
    fees,
    netPnl,
  };
}
