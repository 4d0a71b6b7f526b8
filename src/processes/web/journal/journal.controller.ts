import { Controller, Get, Inject } from '@nestjs/common';
import { frameOfDay } from '../../../adapters/raw-frames/find-frame.js';
import type { KeptFrame } from '../../../adapters/raw-frames/frame-line.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';
import { eventWithFrame, frameDigests } from '../../../app/web-queries/event-frames.js';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { RecordedEvent } from '../../../events/event.js';
import { dateOf, parseUtcText } from '../../../kernel/time.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput, QueryInput } from '../common/input.js';
import { MadeOfOnly } from '../common/kept-answers.js';
import { DEFAULT_PAGE } from '../common/paging.js';
import { Me, type Principal } from '../common/principal.js';
import { notFound } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { eventAnswer } from './event-answer.js';
import { EVENT_ID, EventsAnswer, EventsQueryInput, FrameAnswer, MOST_FRAME_CHARS } from './journal.dto.js';
import { pastPosition } from './past-position.js';
import { visibleTypes } from './visible-events.js';

@Tag('journal')
@Controller('api/journal/events')
export class JournalController {
  /** An answer reads files of a day: one at a time. */
  readonly #queue = new SerialQueue();

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @MadeOfOnly('journal')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(
    200,
    EventsAnswer,
    'Reads the journal, newest first; events about access, secrets and settings are for admins only.',
  )
  async events(@QueryInput(EventsQueryInput) query: EventsQueryInput, @Me() me: Principal): Promise<EventsAnswer> {
    const asked = query.type?.split(',').map((type) => type.trim());
    const { journal } = this.context.open();
    const until = await pastPosition(query.asof, journal);
    const types = visibleTypes(me, asked);
    if (types?.length === 0) return { items: [], nextCursor: null };
    const { items, nextCursor } = await new JournalPages(journal).events({
      limit: query.limit ?? DEFAULT_PAGE,
      cursor: query.cursor,
      types,
      streamPrefix: query.stream,
      stream: query.streamName,
      correlationId: query.correlation,
      until,
    });
    return { items: items.map(eventAnswer), nextCursor };
  }

  @Get(':id/frame')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, FrameAnswer, 'Returns the message of the broker that an event was made from, as it came.')
  frame(@PathInput('id', EVENT_ID, 'Id of the event.') id: string, @Me() me: Principal): Promise<FrameAnswer> {
    return this.#queue.run(async () => {
      const { journal, paths } = this.context.open();
      const event = await eventWithFrame(journal, id);
      if (event === undefined || visibleTypes(me, [event.type])?.length === 0) {
        throw notFound('event with this id that was made from a message of the broker');
      }
      for (const sha256 of frameDigests(event.data)) {
        const found = await frameOfDay(paths.storage.rawFrames, sha256, dateOf(parseUtcText(event.recordedAt)));
        if (found !== undefined) return frameAnswer(event, found);
      }
      throw notFound(
        'message kept for this event',
        'The simulator sends none, and a message is kept for RAW_FRAMES_KEEP_DAYS. tradebot raw looks through all days.',
      );
    });
  }
}

function frameAnswer({ id, type }: RecordedEvent, { at, source, channel, sha256, text }: KeptFrame): FrameAnswer {
  const cut = text.length > MOST_FRAME_CHARS;
  return { eventId: id, type, at, source, channel, sha256, text: text.slice(0, MOST_FRAME_CHARS), cut };
}
