import type { BotState } from '../../domain/lifecycle/bot-state.js';
import { isEventType, type EventType, type Position, type RecordedEvent } from '../../events/event.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import type { EventFilter, Journal } from '../../ports/journal.js';

/** Newest first. `nextCursor` is the cursor of the older ones; null at the start of the journal. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageQuery {
  /** 1 to 200. */
  readonly limit: number;
  /** `nextCursor` of the previous page; undefined starts at the newest event. */
  readonly cursor?: string | undefined;
}

export interface EventsQuery extends PageQuery {
  readonly types?: readonly string[] | undefined;
  readonly streamPrefix?: string | undefined;
  /** The whole name of one stream. */
  readonly stream?: string | undefined;
  readonly correlationId?: string | undefined;
  /** The first page begins at this position, as the journal was then. */
  readonly until?: Position | undefined;
}

export interface StateNow {
  readonly state: BotState;
  readonly from: BotState | null;
  readonly reason: string;
  readonly since: UtcText | null;
}

/** A change of settings from the journal (RUN-30). */
export interface ConfigChange {
  readonly at: UtcText;
  readonly actor: string;
  readonly reason: string;
  /** `pending`: it waits for the next session. `withdrawn`: it waits no longer, and never took effect. */
  readonly status: 'changed' | 'pending' | 'withdrawn';
  readonly changes: RecordedEvent<'ConfigChanged'>['data']['changes'];
}

/** Who gave a setting the value that it has. */
export interface LastConfigChange {
  readonly at: UtcText;
  readonly actor: string;
  readonly reason: string;
  readonly position: Position;
}

/** The outcome of a control flag (RUN-15). */
export interface FlagOutcome {
  readonly at: UtcText;
  readonly flag: string;
  readonly command: string;
  readonly by: string | null;
  readonly outcome: 'obeyed' | 'refused' | 'reported';
  readonly reason: string;
}

export interface TestRun {
  readonly runId: string;
  readonly test: string;
  readonly by: string | null;
  readonly startedAt: UtcText;
  readonly endedAt: UtcText | null;
  /** Null while it runs. */
  readonly ok: boolean | null;
  readonly results: RecordedEvent<'TestRunEnded'>['data']['results'];
}

/** A failed check before launch: the fault to fix before the bot starts. */
export interface CheckFailure {
  readonly module: string;
  readonly cause: string;
  readonly remedy: string;
}

/** The alphabet of positions in all journals; otherwise opaque. */
const CURSOR = /^[0-9A-Za-z:._/-]{1,60}$/;
const MOST_READ = 2_000;
/** Start and end of a run of all, and of each of its checks, at most. */
const EVENTS_OF_A_RUN = 30;

/** Queries for pages and lists, straight from the journal: nothing is folded, every read is bounded. */
export class JournalPages {
  constructor(private readonly journal: Pick<Journal, 'readAll'>) {}

  /**
   * Events of the whole journal. With `correlationId` or `stream` at most 2,000 are examined per page, so that one with fewer events
   * than its limit, or with none, may have a `nextCursor`. Throws UNKNOWN_EVENT_TYPE.
   */
  async events(query: EventsQuery): Promise<Page<RecordedEvent>> {
    const { correlationId, stream } = query;
    const streamPrefix = stream ?? query.streamPrefix;
    const filter: EventFilter = {
      ...(query.types === undefined ? {} : { types: query.types.map(eventType) }),
      ...(streamPrefix === undefined ? {} : { streamPrefix }),
    };
    const cursor = query.cursor ?? (await this.#firstCursor(query.until));
    if (correlationId === undefined && stream === undefined) return this.page({ ...query, cursor }, filter);
    const { items, nextCursor } = await this.page({ limit: MOST_READ, cursor }, filter);
    const found = items.filter(
      (event) =>
        (correlationId === undefined || event.meta.correlationId === correlationId) &&
        (stream === undefined || event.stream === stream),
    );
    const last = found[query.limit - 1];
    return found.length > query.limit && last !== undefined
      ? { items: found.slice(0, query.limit), nextCursor: last.position }
      : { items: found, nextCursor };
  }

  /** A cursor is exclusive: that of a position is the event after it; undefined at the head. */
  async #firstCursor(until: Position | undefined): Promise<string | undefined> {
    if (until === undefined) return undefined;
    const [next] = await this.journal.readAll({ after: until, limit: 1 });
    return next?.position;
  }

  /** `initialize` before the first event. */
  async state(): Promise<StateNow> {
    const [last] = await this.newest({ types: ['BotStateChanged'] }, 1);
    if (last?.type !== 'BotStateChanged') return { state: 'initialize', from: null, reason: '', since: null };
    const { to, from, reason } = last.data;
    return { state: to, from, reason, since: last.recordedAt };
  }

  async configHistory(query: PageQuery): Promise<Page<ConfigChange>> {
    const { items, nextCursor } = await this.page(query, {
      types: ['ConfigChanged', 'ConfigChangeDeferred', 'ConfigChangeWithdrawn'],
    });
    return { items: items.flatMap(configChange), nextCursor };
  }

  /** The last change of each key that has taken effect, out of the newest changes of settings. */
  async lastConfigChanges(): Promise<ReadonlyMap<string, LastConfigChange>> {
    const last = new Map<string, LastConfigChange>();
    for (const event of await this.newest({ types: ['ConfigChanged'] }, MOST_READ)) {
      if (event.type !== 'ConfigChanged') continue;
      const { recordedAt: at, meta, position } = event;
      for (const { key } of event.data.changes) {
        if (!last.has(key)) last.set(key, { at, actor: meta.actor, reason: event.data.reason, position });
      }
    }
    return last;
  }

  /** The newest flags first. */
  async flags(limit: number): Promise<readonly FlagOutcome[]> {
    const events = await this.newest({ types: ['ControlFlagConsumed', 'ControlFlagReported'] }, limit);
    return events.flatMap(flagOutcome);
  }

  /** The newest runs first, without the single checks of a run of all; a run ends after its start, so both are among the newest events. */
  async testRuns(limit: number): Promise<readonly TestRun[]> {
    const events = await this.newest({ types: ['TestRunStarted', 'TestRunEnded'] }, limit * EVENTS_OF_A_RUN);
    const ends = new Map(events.flatMap((event) => (event.type === 'TestRunEnded' ? [[event.data.runId, event]] : [])));
    return events
      .flatMap((event) =>
        event.type === 'TestRunStarted' && !isPart(event) ? [testRun(event, ends.get(event.data.runId))] : [],
      )
      .slice(0, limit);
  }

  /** Failures of the newest build check and of the newest self-checks; empty when they passed, or none has run yet. */
  async checkFailures(): Promise<readonly CheckFailure[]> {
    const newest = await Promise.all([
      this.newest({ types: ['BuildCheckCompleted'] }, 1),
      this.newest({ types: ['SelfCheckCompleted'] }, 1),
    ]);
    return newest
      .flat()
      .flatMap((event) =>
        event.type === 'BuildCheckCompleted' || event.type === 'SelfCheckCompleted' ? event.data.checks : [],
      )
      .filter(({ ok }) => !ok)
      .map(({ module, cause, remedy }) => ({ module, cause, remedy }));
  }

  private newest(filter: EventFilter, limit: number): Promise<readonly RecordedEvent[]> {
    return this.journal.readAll({ direction: 'backwards', limit, filter });
  }

  private async page(query: PageQuery, filter: EventFilter): Promise<Page<RecordedEvent>> {
    const after = query.cursor === undefined ? undefined : cursorPosition(query.cursor);
    const options = { direction: 'backwards', limit: query.limit + 1, filter } as const;
    const items = await this.journal
      .readAll(after === undefined ? options : { ...options, after })
      .catch((error: unknown) => {
        throw isBadPosition(error) ? badCursor(query.cursor ?? '') : error;
      });
    const shown = items.slice(0, query.limit);
    return { items: shown, nextCursor: items.length > query.limit ? (shown.at(-1)?.position ?? null) : null };
  }
}

function cursorPosition(cursor: string): Position {
  if (!CURSOR.test(cursor)) throw badCursor(cursor);
  return cursor as Position;
}

function isBadPosition(error: unknown): boolean {
  return error instanceof TradeBotError && error.code === 'BAD_POSITION';
}

function badCursor(cursor: string): TradeBotError {
  return configError({
    code: 'BAD_CURSOR',
    message: `"${cursor.slice(0, 40)}" is not a cursor of this journal`,
    remedy: 'Use nextCursor of the previous page, unchanged.',
  });
}

function eventType(text: string): EventType {
  if (isEventType(text)) return text;
  throw configError({
    code: 'UNKNOWN_EVENT_TYPE',
    message: `"${text.slice(0, 60)}" is not an event type`,
    remedy: 'Use a name from event-schemas, such as OrderFilled.',
  });
}

function configChange(event: RecordedEvent): readonly ConfigChange[] {
  const by = { at: event.recordedAt, actor: event.meta.actor };
  switch (event.type) {
    case 'ConfigChanged':
      return [{ ...by, reason: event.data.reason, status: 'changed', changes: event.data.changes }];
    case 'ConfigChangeDeferred':
      return [{ ...by, reason: event.data.reason, status: 'pending', changes: event.data.changes }];
    case 'ConfigChangeWithdrawn': {
      const changes = event.data.keys.map((key) => ({ key, from: null, to: null, secret: false }));
      return [{ ...by, reason: event.data.reason, status: 'withdrawn', changes }];
    }
    default:
      return [];
  }
}

function flagOutcome(event: RecordedEvent): readonly FlagOutcome[] {
  const at = event.recordedAt;
  if (event.type === 'ControlFlagConsumed') {
    const { flag, command, by, outcome, reason } = event.data;
    return [{ at, flag, command, by, outcome, reason }];
  }
  if (event.type !== 'ControlFlagReported') return [];
  return [{ at, flag: event.data.flag, command: '', by: null, outcome: 'reported', reason: event.data.reason }];
}

/** A check within a run of all, whose id its events carry. */
function isPart({ meta, data }: RecordedEvent<'TestRunStarted'>): boolean {
  return data.runId.startsWith(`${meta.correlationId}-`);
}

function testRun(start: RecordedEvent<'TestRunStarted'>, end: RecordedEvent<'TestRunEnded'> | undefined): TestRun {
  const { runId, test, by } = start.data;
  return {
    runId,
    test,
    by,
    startedAt: start.recordedAt,
    endedAt: end?.recordedAt ?? null,
    ok: end?.data.ok ?? null,
    results: end?.data.results ?? [],
  };
}
