import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { RecordedEvent } from '../../../events/event.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { QueryInput } from '../common/input.js';
import { DEFAULT_PAGE } from '../common/paging.js';
import type { House } from '../house.js';
import { HOUSE } from '../tokens.js';
import { EventsAnswer, EventsQueryInput, type EventAnswer } from './journal.dto.js';

@ApiTags('journal')
@Controller('api/journal/events')
export class JournalController {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  @Get()
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, EventsAnswer, 'Reads the journal, newest first.')
  async events(@QueryInput(EventsQueryInput) query: EventsQueryInput): Promise<EventsAnswer> {
    const { items, nextCursor } = await new JournalPages(this.house.open().journal).events({
      limit: query.limit ?? DEFAULT_PAGE,
      cursor: query.cursor,
      types: query.type?.split(',').map((type) => type.trim()),
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
