import { readFile } from 'node:fs/promises';
import { Controller, Get, Inject } from '@nestjs/common';
import type { Position, RecordedEvent } from '../../../events/event.js';
import { STREAMS } from '../../../events/streams.js';
import { sha256Hex } from '../../../kernel/hash.js';
import { parseDateText, type DateText } from '../../../kernel/time.js';
import type { Journal } from '../../../ports/journal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput, QueryInput } from '../common/input.js';
import { conflict, notFound } from '../common/problem.js';
import { pastPosition } from '../journal/past-position.js';
import { MomentQueryInput } from '../ledger/ledger.dto.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { ClosedDaysAnswer, DATE_SHAPE, DayAnswer } from './days.dto.js';

const MOST_DAYS = 400;
/** Events of a session stream from its end: a session that was continued after a crash has more than one end. */
const MOST_OF_SESSION = 1_000;

/** Closed sessions, each as the sheet that is filed away: its summary, its digest, its seal. */
@Tag('books')
@Controller('api/days')
@ServedIn('dashboard')
@Needs('read')
export class DaysController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, ClosedDaysAnswer, 'Lists the closed sessions, newest first.')
  async days(@QueryInput(MomentQueryInput) { asof }: MomentQueryInput): Promise<ClosedDaysAnswer> {
    const { journal } = this.context.open();
    const upTo = await pastPosition(asof, journal);
    const closed = await newest(journal, 'SessionClosed', upTo);
    const seen = new Set<string>();
    return {
      days: closed.flatMap(({ data: { date, outcome } }) => {
        if (seen.has(date)) return [];
        seen.add(date);
        return [{ date, outcome }];
      }),
    };
  }

  @Get(':date')
  @Answers(200, DayAnswer, 'Returns the summary of a closed session with its digest and its seal.')
  async day(
    @PathInput('date', DATE_SHAPE, 'date of a session') text: string,
    @QueryInput(MomentQueryInput) { asof }: MomentQueryInput,
  ): Promise<DayAnswer> {
    const { journal, paths } = this.context.open();
    const date = parseDateText(text);
    const upTo = await pastPosition(asof, journal);
    const closed = await closeOf(journal, date, upTo);
    if (closed === undefined)
      throw notFound(
        'closed session of this date',
        'Choose one of the list; an open session has its sheet at its end.',
      );
    const file = await readFile(paths.dailySummaryOf(date), 'utf8').catch(() => undefined);
    if (file === undefined)
      throw conflict(
        'SUMMARY_MISSING',
        `The summary of ${date} is not there.`,
        'Rebuild daily-summary under Entries and tasks: it is made again from the journal.',
      );
    const seals = await newest(journal, 'JournalSealed', upTo);
    const seal = seals.find(({ data }) => data.sealId.startsWith(date));
    return {
      ...{ date, closedAt: closed.occurredAt, eventId: closed.id },
      summary: JSON.parse(file) as object,
      sha256: sha256Hex(file),
      seal: seal === undefined ? null : sealOf(seal),
    };
  }
}

function sealOf({ id, data }: RecordedEvent<'JournalSealed'>): NonNullable<DayAnswer['seal']> {
  const { sealId, position, count, hash, merkleRoot, sealedAt } = data;
  return { sealId, position, count, hash, merkleRoot, sealedAt, eventId: id };
}

async function newest<T extends 'SessionClosed' | 'JournalSealed'>(
  journal: Journal,
  type: T,
  upTo: Position | undefined,
): Promise<readonly RecordedEvent<T>[]> {
  const events = await journal.readAll({ direction: 'backwards', limit: MOST_DAYS, filter: { types: [type] } });
  return (events as readonly RecordedEvent<T>[]).filter(({ position }) => upTo === undefined || position <= upTo);
}

async function closeOf(
  journal: Journal,
  date: DateText,
  upTo: Position | undefined,
): Promise<RecordedEvent<'SessionClosed'> | undefined> {
  const events = await journal.readStream(STREAMS.session(date), { direction: 'backwards', limit: MOST_OF_SESSION });
  const found = events.find(
    (event) => event.type === 'SessionClosed' && (upTo === undefined || event.position <= upTo),
  );
  return found?.type === 'SessionClosed' ? found : undefined;
}
