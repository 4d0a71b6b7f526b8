import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { Request } from 'express';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import { hasFrame } from '../../../app/web-queries/event-frames.js';
import { explain } from '../../../app/explain/explain.js';
import { partsAt } from '../../../app/explain/past.js';
import type { Explanation } from '../../../app/explain/explanation.js';
import { sourceText, sourceTypes, STATUS_SOURCES } from '../../../app/explain/figure-sources.js';
import { questionOf } from '../../../app/explain/question.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { recordDenial } from '../common/fresh-proof.js';
import { QueryInput } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import { Problem } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { ExplainAnswer, ExplainFieldsAnswer, ExplainQueryInput, MOST_PARTS } from './explain.dto.js';
import { pastPosition } from './past-position.js';
import { visibleTypes } from './visible-events.js';

@Tag('journal')
@Controller('api/explain')
export class ExplainController {
  /** An answer reads the whole journal: one at a time, and one of a user. */
  readonly #queue = new SerialQueue();
  readonly #asking = new Set<string>();

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, ExplainAnswer, 'Explains an id or a figure: how it is made, its parts, and the events behind it.')
  async explain(
    @QueryInput(ExplainQueryInput) { subject, asof }: ExplainQueryInput,
    @Me() me: Principal,
    @Req() request: Request,
  ): Promise<ExplainAnswer> {
    const question = questionOf(subject);
    if (question.about === 'setting' && !isVisible(me, 'ConfigChanged')) {
      const refusal = notForRole();
      await recordDenial(request, me, this.context.users(), refusal.facts.code);
      throw refusal;
    }
    if (this.#asking.has(me.userId)) throw busy();
    this.#asking.add(me.userId);
    try {
      return await this.#queue.run(async () => {
        const { journal, paths } = this.context.open();
        const position = await pastPosition(asof, journal);
        const ledger = openLedger(paths.output.ledgerDb);
        try {
          const now = { journal, ledger };
          const parts = position === undefined ? now : await partsAt(now, { position });
          const readable = visibleTypes(me, undefined);
          const mayRead = readable === undefined ? () => true : (type: string) => readable.includes(type);
          return answerOf(subject, await explain({ ...parts, mayRead }, question), mayRead);
        } finally {
          ledger.close();
        }
      });
    } finally {
      this.#asking.delete(me.userId);
    }
  }

  @Get('fields')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, ExplainFieldsAnswer, 'Returns what explains each field of the status.')
  fields(): ExplainFieldsAnswer {
    return {
      fields: Object.entries(STATUS_SOURCES).map(([field, source]) => ({
        field,
        subject: 'ask' in source ? source.ask : null,
        text: sourceText(source),
        events: sourceTypes(source),
      })),
    };
  }
}

/** What a user may not read in the journal is not shown here either, however it was found. */
function answerOf(
  subject: string,
  { figure, events, groups, summaries }: Explanation,
  mayRead: (type: string) => boolean,
): ExplainAnswer {
  const seen = events.filter(({ type }) => mayRead(type));
  const parts = figure?.contributions ?? [];
  const all = [...seen, ...summaries];
  return {
    subject,
    figure: figure === null ? null : { ...figure, contributions: parts.slice(-MOST_PARTS) },
    leftOut: Math.max(0, parts.length - MOST_PARTS) + Math.max(0, all.length - MOST_PARTS),
    events: all.slice(-MOST_PARTS).map(({ position, type, eventId, occurredAt, words }) => ({
      ...{ position, type, eventId, occurredAt, text: words, hasFrame: hasFrame(type) },
    })),
    postings: groups.slice(-MOST_PARTS),
  };
}

function isVisible(me: Principal, type: string): boolean {
  return visibleTypes(me, [type])?.length !== 0;
}

function busy(): Problem {
  return new Problem({
    status: 503,
    code: 'EXPLAIN_BUSY',
    detail: 'Your last question is still being answered.',
    remedy: 'Wait for its answer, then ask again.',
    headers: { 'Retry-After': '5' },
  });
}

function notForRole(): Problem {
  return new Problem({
    status: 403,
    code: 'ROLE',
    detail: 'Your role may not read settings.',
    remedy: 'Ask an admin for access.',
  });
}
