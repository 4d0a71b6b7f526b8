import { STREAMS } from '../../events/streams.js';
import type { Draft } from '../../events/draft.js';
import type { RecordedEvent } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';
import type { FlagJournal } from './control-flag-processor.js';
import { flagEventId, shownName, type FlagFile, type FlagOutcome } from './flag.js';

/** Flags whose consumption is looked up: more never lie in the folder. */
const REMEMBERED_FLAGS = 500;

type FlagEventType = 'ControlFlagConsumed' | 'ControlFlagReported';

export interface FlagEventsParts {
  readonly journal: Pick<Journal, 'readAll'>;
  readonly appender: Pick<EventAppender, 'decide'>;
}

/** What the journal has of control flags. Main and the engine both read flags: the first to record one decides its outcome. */
export class FlagEvents implements FlagJournal {
  readonly #consumed = new Set<Uuid>();
  readonly #reported = new Set<Uuid>();

  constructor(private readonly parts: FlagEventsParts) {}

  /** Call once before it is asked about flags. */
  async load(): Promise<void> {
    for (const id of await this.#recorded('ControlFlagConsumed')) this.#consumed.add(id);
    for (const id of await this.#recorded('ControlFlagReported')) this.#reported.add(id);
  }

  /** An event of another process. */
  follow(event: RecordedEvent): void {
    if (event.type === 'ControlFlagConsumed') this.#consumed.add(event.id);
  }

  isConsumed(id: Uuid): boolean {
    return this.#consumed.has(id);
  }

  /** Writes nothing when the flag has its outcome already, from this process or from another. */
  async consumed(flag: FlagFile, data: FlagOutcome): Promise<void> {
    const id = flagEventId(flag);
    if (this.#consumed.has(id)) return;
    await this.#write(flag, { type: 'ControlFlagConsumed', data });
    this.#consumed.add(id);
  }

  async reported(flag: FlagFile, reason: string): Promise<void> {
    const id = flagEventId(flag);
    if (this.#reported.has(id)) return;
    const data = { flag: shownName(flag.name), reason };
    await this.#write(flag, { type: 'ControlFlagReported', data });
    this.#reported.add(id);
  }

  async #write(flag: FlagFile, draft: Pick<Draft<FlagEventType>, 'type' | 'data'>): Promise<void> {
    const naturalKey = ['control-flag', flag.name, flag.identity] as const;
    await this.parts.appender.decide(STREAMS.processes, async () => {
      if ((await this.#recorded(draft.type)).includes(flagEventId(flag))) return [];
      return [{ ...draft, naturalKey, correlationId: 'processes', causationId: null } as Draft];
    });
  }

  async #recorded(type: FlagEventType): Promise<readonly Uuid[]> {
    const last = await this.parts.journal.readAll({
      direction: 'backwards',
      limit: REMEMBERED_FLAGS,
      filter: { types: [type] },
    });
    return last.map(({ id }) => id);
  }
}
