import { Controller, Get, Inject } from '@nestjs/common';
import { storedText } from '../../../adapters/event-codec/codec.js';
import type { Principal } from '../../../app/access/principal.js';
import { eventWords } from '../../../app/explain/describe-event.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';
import { MOST_LOOKED_AT, oneEvent, type OneEvent } from '../../../app/web-queries/one-event.js';
import { isEventType, type RecordedEvent } from '../../../events/event.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { VerifiedJournal } from '../../ipc/messages.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { Me } from '../common/principal.js';
import { notFound } from '../common/problem.js';
import { actorName } from '../control/user-names.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { eventAnswer } from './event-answer.js';
import { EventQueryInput, JournalStateAnswer, OneEventAnswer } from './event.dto.js';
import { pastPosition } from './past-position.js';
import { visibleTypes } from './visible-events.js';

/** Main answers at once, or not at all. */
const ANSWER_WITHIN_MS = 2_000;
const NO_SYMBOLS: ReadonlySet<string> = new Set();

@Tag('journal')
@Controller('api/journal')
@ServedIn('dashboard')
@Needs('read')
export class EventController {
  /** An answer looks through thousands of events: one at a time. */
  readonly #queue = new SerialQueue();

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('event')
  @Answers(200, OneEventAnswer, 'Returns one event with its cause, its effects, its link in the chain and its seal.')
  event(@QueryInput(EventQueryInput) { at }: EventQueryInput, @Me() me: Principal): Promise<OneEventAnswer> {
    return this.#queue.run(async () => {
      const { journal } = this.context.open();
      const position = await pastPosition(at, journal, 'at');
      const types = visibleTypes(me, undefined)?.filter(isEventType);
      const found = position === undefined ? undefined : await oneEvent(journal, { position, types, storedText });
      if (found === undefined) throw notFound(`event at position ${at} that you may read`, NO_EVENT);
      const isVisible = ({ type }: RecordedEvent): boolean => types?.includes(type) ?? true;
      return { ...answerOf(found, isVisible), actorName: actorName(this.context, found.event.meta.actor) };
    });
  }

  @Get('state')
  @Answers(200, JournalStateAnswer, 'Returns how long the journal is, how far it is verified, and its newest seal.')
  async state(): Promise<JournalStateAnswer> {
    const { journal } = this.context.open();
    const [head, [seal], checked] = await Promise.all([
      journal.head(),
      journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['JournalSealed'] } }),
      this.#checked(),
    ]);
    const sealed =
      seal?.type === 'JournalSealed'
        ? {
            ...{ sealId: seal.data.sealId, position: seal.data.position, at: seal.data.sealedAt },
            event: seal.position,
          }
        : null;
    // Nothing is sealed before its chain was verified.
    const bySeal = sealed === null ? null : { position: sealed.position, at: sealed.at };
    const verified = [bySeal, checked].reduce((a, b) => (a === null || (b !== null && b.at > a.at) ? b : a), null);
    return { head: head?.position ?? null, count: head?.count ?? 0, verified, seal: sealed };
  }

  /** What main knows of its own verifications; null when it does not answer: then the seal says it. */
  async #checked(): Promise<VerifiedJournal['upTo']> {
    try {
      return await this.context.ask<VerifiedJournal['upTo']>({ ask: 'verified-journal' }, ANSWER_WITHIN_MS);
    } catch (error) {
      if (error instanceof TradeBotError) return null;
      throw error;
    }
  }
}

const NO_EVENT = 'The page Events lists the events that you may read.';

function answerOf(found: OneEvent, isVisible: (event: RecordedEvent) => boolean): Omit<OneEventAnswer, 'actorName'> {
  const { event, computedHash, follows, cause, effects, seal, before, after } = found;
  return {
    event: eventAnswer(event),
    text: textOf(event),
    prevHash: event.prevHash,
    computedHash,
    intact: follows && computedHash === event.hash,
    cause: cause === null || !isVisible(cause) ? null : related(cause),
    causeId: event.meta.causationId,
    effects: effects.filter(isVisible).map(related),
    lookedAt: MOST_LOOKED_AT,
    seal:
      seal === null
        ? null
        : {
            ...{ sealId: seal.data.sealId, position: seal.position, upTo: seal.data.position },
            ...{ count: seal.data.count, sealedAt: seal.data.sealedAt },
          },
    ...{ before, after },
  };
}

function related(event: RecordedEvent): OneEventAnswer['effects'][number] {
  const { position, id, type, occurredAt } = event;
  return { position, id, type, occurredAt, text: textOf(event) };
}

function textOf(event: RecordedEvent): string {
  return eventWords(event, NO_SYMBOLS) ?? '';
}
