import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type {
  Actor,
  AppendedEvent,
  EventData,
  EventType,
  NewEvent,
  Position,
  RecordedEvent,
  StreamName,
} from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { toUtcText, type DateText } from '../../kernel/time.js';
import type { AppendResult } from '../../ports/journal.js';
import type { SpooledBatch } from '../../ports/outage-spool.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { foldJournal } from './fold-journal.js';
import type { AwayJournal, JournalOutage, Kept, OutageEnd, Written } from './journal-outage.js';
import {
  isRevisionConflict,
  limitConflicts,
  RevisionedAppender,
  type AppendBy,
  type AppenderOptions,
  type StreamEnd,
} from './revisioned-appender.js';

const OUTAGE_CAUSE = { correlationId: 'journal-outage', causationId: null } as const;
const DEFAULT_RULES: OutageRules = { limitSeconds: 120, action: 'close' };
/** Of a journal without events. */
const NOWHERE = '' as Position;
const NO_HASH = '' as Sha256Hex;

/** Events of money that no rule has tried on the books before; fills are tried when the broker reports them. */
const UNTRIED: readonly EventType[] = ['BrokerActivityImported', 'FloatAdjusted', 'OpeningBalancesRecorded'];

export interface EngineAppenderOptions extends AppenderOptions {
  readonly state: EngineState;
  /** Live only: keeps what is recorded while the journal is away. */
  readonly outage?: JournalOutage;
  /** What the settings say of an outage. */
  readonly outageRules?: () => OutageRules;
}

/** Events for one stream of several. */
export interface StreamDrafts {
  readonly stream: StreamName;
  readonly drafts: readonly Draft[];
}

type Settled =
  | { readonly stream: StreamName; readonly result: AppendResult }
  | { readonly stream: StreamName; readonly error: unknown };

/** What follows when the journal stays away. */
export type OutageRules = Pick<EventData<'JournalOutageBegan'>, 'limitSeconds' | 'action'>;

/**
 * Appends for the engine, which folds the whole journal: decides on the state, and folds what it recorded. Events of
 * other processes that precede its own are folded first, in journal order. While the journal is away, what is recorded is kept
 * and folded as it is; the journal gets it with the same ids.
 */
export class EngineAppender extends RevisionedAppender<EngineState> {
  /** The session that events belong to; null outside a session. */
  sessionDate: DateText | null = null;
  readonly state: EngineState;
  /** Refusals of `tryAppend` in a row. */
  #conflicts = 0;
  readonly #outage: JournalOutage | undefined;
  readonly #kept = new WeakSet<AppendResult>();
  readonly #rules: () => OutageRules;

  constructor(options: EngineAppenderOptions) {
    super(options);
    this.state = options.state;
    this.#outage = options.outage;
    this.#outage?.endsBy((end) => this.inTurn(() => this.#endOutage(end)));
    this.#rules = options.outageRules ?? (() => DEFAULT_RULES);
  }

  /** Since when the journal is away, and why; undefined while it is not. */
  get away(): AwayJournal | undefined {
    return this.#outage?.away;
  }

  /** Events that wait for the journal. */
  get waiting(): number {
    return this.#outage?.waiting ?? 0;
  }

  /** Resolves when the journal is not away. */
  async journalBack(): Promise<void> {
    await this.#outage?.over();
  }

  /** Reads from the journal; undefined while it is away, also when it goes away at that moment. */
  readJournal<T extends object>(read: () => Promise<T>): Promise<T | undefined> {
    const outage = this.#outage;
    if (outage === undefined) return read();
    return this.inTurn(async () => {
      const found = await outage.read(read);
      await this.#sayAway();
      return found;
    });
  }

  /** Appends drafts that stay true whatever other processes wrote meanwhile. */
  append(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void> {
    return this.decide(stream, () => drafts, actor);
  }

  /** Appends the drafts that `decide` returns for the state; it is asked again after a conflict. */
  async decide(stream: StreamName, decide: (state: EngineState) => readonly Draft[], actor?: Actor): Promise<void> {
    await this.decideAs(stream, decide, () => this.by(actor));
  }

  /** Folds the events of other processes, then decides: for decisions outside a session. */
  async decideOnNewest(
    stream: StreamName,
    decide: (state: EngineState) => readonly Draft[],
    actor?: Actor,
  ): Promise<void> {
    await this.follow();
    await this.decide(stream, decide, actor);
  }

  /** Throws WRONG_EXPECTED_REVISION when another writer was first: nothing was written, its events are folded. */
  appendIfUnchanged(stream: StreamName, drafts: readonly Draft[], actor?: Actor): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.appendAt(stream, this.state.revisionOf(stream), drafts, this.by(actor));
      } catch (error) {
        if (!isRevisionConflict(error)) throw error;
        await this.onConflict(stream, error);
        throw wrongRevision(stream, error);
      }
    });
  }

  /** False when another writer was first: its events are folded, and the caller decides again. */
  async tryAppend(stream: StreamName, drafts: readonly Draft[]): Promise<boolean> {
    return (await this.tryAppendAll([{ stream, drafts }])).every(Boolean);
  }

  /**
   * The same for several streams at once, each named once: the journal gets all of them before it answers the first, so a file
   * writes them in one transaction. An outcome for each, in order.
   */
  tryAppendAll(appends: readonly StreamDrafts[]): Promise<readonly boolean[]> {
    return this.inTurn(async () => {
      const written = await this.#writeAll(appends);
      const lost = written.filter((each) => 'error' in each);
      for (const { stream, error } of lost) await this.#lostRace(stream, error);
      if (lost.length === 0) this.#conflicts = 0;
      await this.#applyAll(written.flatMap((each) => ('result' in each ? each.result : [])));
      await this.#sayAway();
      return written.map((each) => 'result' in each);
    });
  }

  async #writeAll(appends: readonly StreamDrafts[]): Promise<readonly Settled[]> {
    const batches = appends.map(({ stream, drafts }) => {
      this.#refuseOutOfRange(drafts);
      const last = this.state.revisionOf(stream);
      const events = this.eventsAt(stream, last, drafts, this.by());
      return { stream, events, expectedRevision: last ?? 'noStream' } as const;
    });
    const written = await (this.#outage?.appendAll(batches) ?? this.#appendAll(batches));
    return batches.map((batch, index) => {
      const one = written[index] ?? { error: new Error(`no outcome for ${batch.stream}`) };
      if ('error' in one) return { stream: batch.stream, ...one };
      const { value } = one;
      return { stream: batch.stream, result: value === 'kept' ? this.#asKept(batch) : value };
    });
  }

  #appendAll(batches: readonly SpooledBatch[]): Promise<readonly Written[]> {
    const { journal } = this.options;
    return Promise.all(
      batches.map(({ stream, events, expectedRevision }) =>
        journal.append(stream, events, { expectedRevision }).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        ),
      ),
    );
  }

  /** Folds the events of the writer that was first; throws what another decision does not solve. */
  async #lostRace(stream: StreamName, error: unknown): Promise<void> {
    if (!isRevisionConflict(error)) throw error;
    await this.onConflict(stream, error);
    this.#conflicts += 1;
    limitConflicts(stream, this.#conflicts);
  }

  /** Folds what other processes have appended since. */
  follow(): Promise<void> {
    return this.inTurn(async () => {
      await this.#fold();
      await this.#sayAway();
    });
  }

  /** Folds the news of the journal; what was applied when it was kept is passed over. */
  async #fold(): Promise<void> {
    const outage = this.#outage;
    if (outage === undefined) return foldJournal(this.options.journal, this.state);
    const { journal } = this.options;
    const readAll = async (...asked: Parameters<typeof journal.readAll>): ReturnType<typeof journal.readAll> =>
      (await outage.read(() => journal.readAll(...asked))) ?? [];
    await foldJournal({ readAll }, this.state, (id) => outage.wasApplied(id));
  }

  /** The first event that is kept says why the others are. */
  async #sayAway(): Promise<void> {
    const away = this.away;
    if (away === undefined || this.state.journalOutage !== undefined) return;
    const data = { since: away.since, cause: away.cause, ...this.#rules() };
    await this.#appendOutage({ type: 'JournalOutageBegan', data, ...OUTAGE_CAUSE });
  }

  /** Records the end of an outage that an earlier process did not see: the journal has what was kept. */
  endLeftOutage(kept: Kept): Promise<void> {
    return this.inTurn(() => this.#sayBack(kept));
  }

  async #sayBack(kept: Kept): Promise<void> {
    const began = this.state.journalOutage;
    if (began === undefined) return;
    const data = { since: began.since, until: toUtcText(this.options.clock.now()), ...kept };
    await this.#appendOutage({ type: 'JournalOutageEnded', data, ...OUTAGE_CAUSE });
  }

  async #endOutage(end: OutageEnd): Promise<void> {
    await end.bring();
    const kept = end.kept();
    end.back();
    await this.#sayBack(kept);
    if (this.away === undefined) end.forget();
    await this.#fold();
  }

  async #appendOutage(draft: Draft): Promise<void> {
    const stream = STREAMS.journalOutages;
    await this.appendAt(stream, this.state.revisionOf(stream), [draft], this.by());
  }

  /**
   * Moves the bot to another state outside a session; does nothing when it is already there. Throws
   * BOT_STATE_TRANSITION for a transition that RUN-11 does not have.
   */
  changeBotState(to: BotState, reason: string, actor?: Actor): Promise<void> {
    return this.decideOnNewest(
      STREAMS.lifecycle,
      ({ botState: from, botStateEventId: causationId }) =>
        from === to ? [] : [botStateChanged({ from, to, reason }, { correlationId: 'lifecycle', causationId })],
      actor,
    );
  }

  protected endOf(stream: StreamName): Promise<StreamEnd<EngineState>> {
    return Promise.resolve({ seen: this.state, revision: this.state.revisionOf(stream) });
  }

  protected async onAppended(result: AppendResult): Promise<void> {
    await this.#applyAll([result]);
    await this.#sayAway();
  }

  /** One look at the journal shows all of them: each was written before any is applied. */
  async #applyAll(results: readonly AppendResult[]): Promise<void> {
    let folded = false;
    for (const result of results) {
      if (this.#follows(result)) {
        for (const event of await result.recorded()) this.state.apply(event);
        continue;
      }
      if (!folded) await this.#fold();
      folded = true;
      this.#applyUnread(result.events);
    }
  }

  /** True when nothing precedes it that the state does not have. */
  #follows(result: AppendResult): boolean {
    if (this.#kept.has(result)) return true;
    const mayHaveMissed = result.alreadyThere || this.options.journal.chainsStreams === true;
    return !mayHaveMissed && result.events[0]?.prevHash === this.state.lastHash;
  }

  /** The journal went away after it took them: they are applied as what is kept, and their places are read later. */
  #applyUnread(events: readonly AppendedEvent[]): void {
    if (this.away === undefined) return;
    for (const event of events) {
      if ((this.state.revisionOf(event.stream) ?? -1) >= event.revision) continue;
      this.#outage?.noteApplied(event.id);
      this.state.apply({ ...event, ...this.#endOfState() });
    }
  }

  /** The place of events that have none in the journal yet: they follow the last one that has one. */
  #endOfState(): Pick<RecordedEvent, 'position' | 'prevHash' | 'hash'> {
    const { lastPosition: position = NOWHERE, lastHash: hash = NO_HASH } = this.state;
    return { position, prevHash: hash, hash };
  }

  protected override async write(
    stream: StreamName,
    events: readonly NewEvent[],
    expectedRevision: number | 'noStream',
  ): Promise<AppendResult> {
    const result = await this.#outage?.append(stream, events, expectedRevision);
    if (result === undefined) return super.write(stream, events, expectedRevision);
    return result === 'kept' ? this.#asKept({ stream, events, expectedRevision }) : result;
  }

  #asKept({ stream, events, expectedRevision }: SpooledBatch): AppendResult {
    const place = { stream, ...this.#endOfState(), recordedAt: toUtcText(this.options.clock.now()) };
    const first = expectedRevision === 'noStream' ? 0 : expectedRevision + 1;
    const kept = events.map((event, index) => ({ ...event, ...place, revision: first + index }));
    const recorded = (): Promise<readonly RecordedEvent[]> => Promise.resolve(kept);
    const result = { revision: first + events.length - 1, alreadyThere: false, events: kept, recorded };
    this.#kept.add(result);
    return result;
  }

  protected override async appendAt(
    stream: StreamName,
    last: number | undefined,
    drafts: readonly Draft[],
    by: AppendBy,
  ): Promise<readonly AppendedEvent[]> {
    this.#refuseOutOfRange(drafts);
    return await super.appendAt(stream, last, drafts, by);
  }

  /** Throws BOOKS_OUT_OF_RANGE for amounts that would stop the ledger files for good. */
  #refuseOutOfRange(drafts: readonly Draft[]): void {
    if (!drafts.some(({ type }) => UNTRIED.includes(type))) return;
    const fault = postingPreflight(this.state, drafts, this.options.clock.now());
    if (fault?.code === 'BOOKS_OUT_OF_RANGE') throw fault;
  }

  /** A conflict over an id in a stream without new events is not a race, and would recur. */
  protected async onConflict(stream: StreamName, error: TradeBotError): Promise<void> {
    const before = this.state.revisionOf(stream);
    await this.#fold();
    if (error.code === 'EVENT_ID_CONFLICT' && this.state.revisionOf(stream) === before) throw error;
  }

  private by(actor: Actor = this.options.actor): AppendBy {
    return { actor, sessionDate: this.sessionDate };
  }
}

/** One code for both kinds of conflict. */
function wrongRevision(stream: StreamName, cause: TradeBotError): TradeBotError {
  if (cause.code === 'WRONG_EXPECTED_REVISION') return cause;
  return journalError('refuse', {
    code: 'WRONG_EXPECTED_REVISION',
    message: `another process wrote to ${stream} first: ${cause.message}`,
    remedy: 'Decide again from the current journal.',
    cause,
  });
}
