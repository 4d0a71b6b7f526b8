import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { Draft } from '../../events/draft.js';
import type { Actor, AppendedEvent, RecordedEvent, StreamName } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { DateText } from '../../kernel/time.js';
import { RevisionedAppender, type AppenderOptions, type StreamEnd } from './revisioned-appender.js';

type LastEvent = RecordedEvent | undefined;

/** Decides what follows the last event of a stream; it may be asked several times. */
export type Decide = (last: LastEvent) => readonly Draft[] | Promise<readonly Draft[]>;

export interface EventAppenderOptions extends AppenderOptions {
  /** False for a stream whose event ids were never made with the name of the writer; true when left out. */
  readonly idsNameWriter?: boolean;
}

/** Appends for processes that do not fold the whole journal: main, web, workers. Decides on the last event of a stream. */
export class EventAppender extends RevisionedAppender<LastEvent> {
  readonly #idsNameWriter: boolean;

  constructor({ idsNameWriter = true, ...options }: EventAppenderOptions) {
    super(options);
    this.#idsNameWriter = idsNameWriter;
  }

  /**
   * Appends drafts that stay true whatever other processes wrote. An event with a known natural key is not written
   * again.
   */
  append(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<readonly AppendedEvent[]> {
    return this.decide(stream, () => drafts, actor);
  }

  /** Appends the drafts of `decide`; nothing when it returns none. Throws its errors, and those of the journal. */
  decide(
    stream: StreamName,
    decide: Decide,
    actor: Actor = this.options.actor,
    sessionDate: DateText | null = null,
  ): Promise<readonly AppendedEvent[]> {
    const writer = this.#idsNameWriter ? { writer: actor } : {};
    return this.decideAs(stream, decide, () => ({ actor, sessionDate, ...writer }));
  }

  /** The state of the bot in the journal (RUN-10); `initialize` before its first event. */
  async botState(): Promise<BotState> {
    return (await this.lastBotState())?.data.to ?? 'initialize';
  }

  /** Moves the bot to another state. Throws BOT_STATE_TRANSITION for a transition that RUN-11 does not have. */
  async changeBotState(to: BotState, reason: string, actor?: Actor): Promise<void> {
    await this.decide(
      STREAMS.lifecycle,
      async () => {
        const last = await this.lastBotState();
        const from = last?.data.to ?? 'initialize';
        return [botStateChanged({ from, to, reason }, { correlationId: 'lifecycle', causationId: last?.id ?? null })];
      },
      actor,
    );
  }

  protected async endOf(stream: StreamName): Promise<StreamEnd<LastEvent>> {
    const [last] = await this.options.journal.readStream(stream, { direction: 'backwards', limit: 1 });
    return { seen: last, revision: last?.revision };
  }

  protected onAppended(): Promise<void> {
    return Promise.resolve();
  }

  /** The next read of the stream finds the other writer's event. */
  protected onConflict(): Promise<void> {
    return Promise.resolve();
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
