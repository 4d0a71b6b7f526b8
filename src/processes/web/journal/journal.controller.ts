import { Controller, Get, Inject } from '@nestjs/common';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { RecordedEvent } from '../../../events/event.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { DEFAULT_PAGE } from '../common/paging.js';
import { Me, type Principal } from '../common/principal.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { EventsAnswer, EventsQueryInput, type EventAnswer } from './journal.dto.js';
import { visibleTypes } from './visible-events.js';

@Tag('journal')
@Controller('api/journal/events')
export class JournalController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(
    200,
    EventsAnswer,
    'Reads the journal, newest first; events about access, secrets and settings are for admins only.',
  )
  async events(@QueryInput(EventsQueryInput) query: EventsQueryInput, @Me() me: Principal): Promise<EventsAnswer> {
    const asked = query.type?.split(',').map((type) => type.trim());
    const types = visibleTypes(me, asked);
    if (types?.length === 0) return { items: [], nextCursor: null };
    const { items, nextCursor } = await new JournalPages(this.context.open().journal).events({
      limit: query.limit ?? DEFAULT_PAGE,
      cursor: query.cursor,
      types,
      streamPrefix: query.stream,
      correlationId: query.correlation,
    });
    return { items: items.map(eventAnswer), nextCursor };
  }
}

function eventAnswer(event: RecordedEvent): EventAnswer {
  const { position, id, type, schemaVersion, stream, revision, occurredAt, recordedAt, meta, data, hash } = event;
  return { position, id, type, schemaVersion, stream, revision, occurredAt, recordedAt, meta, data, hash };
}
