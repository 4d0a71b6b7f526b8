import { NOBODY, reduceOwnership, type Ownership } from '../../domain/ownership/ownership.js';
import type { Draft } from '../../events/draft.js';
import type { AppendedEvent, EventType } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { AppendResult } from '../../ports/journal.js';
import { RevisionedAppender, type AppenderOptions, type StreamEnd } from '../journal/revisioned-appender.js';

const PAGE = 1_000;

type OwnershipEventType = Extract<EventType, `Ownership${string}`>;

/** The drafts that follow from an ownership; it is asked again after a conflict, and may throw to give up. */
export type DecideOwnership = (ownership: Ownership) => readonly Draft<OwnershipEventType>[];

/** What one process knows of the ownership of its bot: it may be behind, and then the journal refuses what it appends. */
export interface KnownOwnership {
  readonly ownership: Ownership;
  /** Of the last known event; undefined for a stream without events. */
  readonly revision: number | undefined;
}

/** The stream `ownership` as one process reads and writes it: every append names the revision up to which it was read. */
export class OwnershipStream extends RevisionedAppender<Ownership> {
  #known: KnownOwnership;

  constructor(options: AppenderOptions, known: KnownOwnership = { ownership: NOBODY, revision: undefined }) {
    super(options);
    this.#known = known;
  }

  get known(): KnownOwnership {
    return this.#known;
  }

  get ownership(): Ownership {
    return this.#known.ownership;
  }

  /** Reads what others wrote since. */
  async look(): Promise<Ownership> {
    await this.inTurn(() => this.#read());
    return this.ownership;
  }

  /** Appends what `decide` returns for the newest ownership; its events as recorded. */
  async decide(decide: DecideOwnership): Promise<void> {
    await this.decideAs(STREAMS.ownership, decide, () => ({ actor: this.options.actor, sessionDate: null }));
  }

  protected endOf(): Promise<StreamEnd<Ownership>> {
    return Promise.resolve({ seen: this.ownership, revision: this.#known.revision });
  }

  protected onAppended({ events }: AppendResult): Promise<void> {
    this.#fold(events);
    return Promise.resolve();
  }

  protected onConflict(): Promise<void> {
    return this.#read();
  }

  async #read(): Promise<void> {
    for (;;) {
      const from = (this.#known.revision ?? -1) + 1;
      const page = await this.options.journal.readStream(STREAMS.ownership, { from, limit: PAGE });
      this.#fold(page);
      if (page.length < PAGE) return;
    }
  }

  #fold(events: readonly AppendedEvent[]): void {
    for (const event of events) {
      if (event.revision <= (this.#known.revision ?? -1)) continue;
      this.#known = { ownership: reduceOwnership(this.ownership, event), revision: event.revision };
    }
  }
}
