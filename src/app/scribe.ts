import type { Actor, RecordedEvent, StreamName } from '../events/event.js';
import { changeState, type BotState } from '../domain/lifecycle/bot-state.js';
import { invariant, TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock, DateText } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import type { Draft } from '../events/draft.js';
import { eventOf } from './execution/envelope.js';
import { STREAMS } from '../events/streams.js';
import { SerialQueue } from './journal/serial-queue.js';

export interface ScribeOptions {
  readonly journal: Pick<Journal, 'append' | 'readStream' | 'readAll'>;
  readonly clock: Clock;
  readonly identity: BotIdentity;
  readonly actor: Actor;
}

/** Two processes at full speed on one stream lost 50 in a row; one that never lets us in is a defect. */
const MAX_RACES = 200;

/** The second: an equal actor elsewhere took this revision in this very millisecond. */
const LOST_RACE = ['WRONG_EXPECTED_REVISION', 'EVENT_ID_CONFLICT'];

export type Decide = (last: RecordedEvent | undefined) => readonly Draft[] | Promise<readonly Draft[]>;

/**
 * Writes events for processes that do not fold the whole journal: main, web, workers. Reads how a stream stands, lets
 * `decide` say what follows, appends at that revision, and does all of it anew when another process was faster.
 */
export class Scribe {
  /** One at a time: two of this process would find the same revision, and make the same id of it. */
  readonly #queue = new SerialQueue();

  constructor(private readonly options: ScribeOptions) {}

  /** Drafts that follow from nothing. A fact that is there already (same natural key) is not written again. */
  record(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<readonly RecordedEvent[]> {
    return this.decide(stream, () => drafts, actor);
  }

  /**
   * `decide` gets the last event of the stream, and may be asked several times; no drafts, nothing is written. Throws what
   * it throws, and what the journal throws but lost races.
   */
  decide(
    stream: StreamName,
    decide: Decide,
    actor: Actor = this.options.actor,
    sessionDate: DateText | null = null,
  ): Promise<readonly RecordedEvent[]> {
    return this.#queue.run(() => this.decideInTurn(stream, decide, { actor, sessionDate }));
  }

  private async decideInTurn(
    stream: StreamName,
    decide: Decide,
    by: { readonly actor: Actor; readonly sessionDate: DateText | null },
  ): Promise<readonly RecordedEvent[]> {
    const { journal } = this.options;
    for (let race = 0; race < MAX_RACES; race += 1) {
      const [last] = await journal.readStream(stream, { direction: 'backwards', limit: 1 });
      const drafts = await decide(last);
      if (drafts.length === 0) return [];
      const place = { stream, ...by, writer: by.actor, revision: (last?.revision ?? -1) + 1 };
      const events = drafts.map((draft, index) =>
        eventOf(this.options, { ...place, revision: place.revision + index }, draft),
      );
      try {
        const { events: recorded } = await journal.append(stream, events, {
          expectedRevision: last?.revision ?? 'noStream',
        });
        return recorded;
      } catch (error) {
        if (!(error instanceof TradeBotError) || !LOST_RACE.includes(error.code)) throw error;
      }
    }
    invariant(false, 'STREAM_NEVER_QUIET', `${stream} moved on ${MAX_RACES} times while an event was to follow`);
  }

  /** The state of the bot as the journal has it (RUN-10); `initialize` before its first event. */
  async botState(): Promise<BotState> {
    return (await this.lastBotState())?.data.to ?? 'initialize';
  }

  /** Moves the bot to another state; a transition that RUN-11 does not have throws BOT_STATE_TRANSITION, nothing written. */
  async changeBotState(to: BotState, reason: string, actor?: Actor): Promise<void> {
    await this.decide(
      STREAMS.lifecycle,
      async () => {
        const last = await this.lastBotState();
        return [
          {
            type: 'BotStateChanged',
            data: changeState(last?.data.to ?? 'initialize', to, reason),
            correlationId: 'lifecycle',
            causationId: last?.id ?? null,
          },
        ];
      },
      actor,
    );
  }

  private async lastBotState(): Promise<RecordedEvent<'BotStateChanged'> | undefined> {
    const [last] = await this.options.journal.readAll({
      direction: 'backwards',
      limit: 1,
      filter: { types: ['BotStateChanged'] },
    });
    return last?.type === 'BotStateChanged' ? last : undefined;
  }
}
