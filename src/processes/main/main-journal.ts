import type { Observable, Subscription } from 'rxjs';
import type { Draft } from '../../events/draft.js';
import { BookTaskJournal } from './book-task-journal.js';
import { STREAMS } from '../../events/streams.js';
import { journalCrashes } from '../../app/errors/journal-crashes.js';
import type { FlagJournal } from '../../app/flags/control-flag-processor.js';
import type { FlagFile, FlagOutcome } from '../../app/flags/flag.js';
import { FlagEvents } from '../../app/flags/flag-events.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { followJournal } from '../../app/journal/follow-journal.js';
import { ProtectionsJournal } from '../../app/risk/protections-journal.js';
import { LARGEST_BELIEVED_MS } from '../../domain/schedule/clock-jump.js';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import { leavesAfter } from '../../domain/lifecycle/bot-state-changed.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor, EventData, EventType, Position, RecordedEvent } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { CrashNotes } from '../../ports/crash-notes.js';
import { acknowledgeForeign, type StreamDecision } from '../../app/streams/acknowledge.js';
import { StreamRecorder } from '../../app/streams/stream-recorder.js';
import type { Journal, JournalFile, StreamFinding } from '../../ports/journal.js';
import type { MainOptions } from './main-options.js';
import { OpenPositions, POSITION_EVENTS } from './open-positions.js';

/** Openings and closings that are looked at for positions that are open at the start. */
const REMEMBERED_POSITIONS = 5_000;

/** More changes of state do not lie between the request of an end and the state that it found. */
const STATES_OF_AN_END = 10;

/** Events after which all keys are rotated (SEC-3). */
const SENSITIVE: readonly EventType[] = [
  'UserRegistered',
  'UserRoleChanged',
  'UserDisabled',
  'UserEnabled',
  'PasswordChanged',
  'SecondFactorChanged',
];

export function isSensitive(event: RecordedEvent): boolean {
  if (event.type === 'PasswordChanged') return event.data.how !== 'rehash';
  return SENSITIVE.includes(event.type);
}

/** How far two clocks may differ before one counts as set back. */
export const CLOCK_TOLERANCE_MS = 1_000;

export interface MainJournalOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly identity: BotIdentity;
}

type Process = EventData<'ProcessStarted'>['process'];
type ProgramVersion = Pick<MainOptions, 'versionTag' | 'nodeVersion'>;

/** Pause before a subscription that failed is made again. */
const FOLLOW_AGAIN_MS = 1_000;

/** What main writes into the journal, and what it must know of it. */
export class MainJournal implements FlagJournal {
  readonly #appender: EventAppender;
  readonly #flags: FlagEvents;
  readonly #positions = new OpenPositions();

  /** The tasks of the books. */
  readonly bookTasks: BookTaskJournal;

  constructor(private readonly options: MainJournalOptions) {
    this.bookTasks = new BookTaskJournal(options);
    this.#appender = new EventAppender({ ...options, actor: 'system:main' });
    this.#flags = new FlagEvents({ journal: options.journal, appender: this.#appender });
  }

  /** Call once before it is asked about flags or positions. */
  async load(): Promise<void> {
    await this.#flags.load();
    const newest = await this.#last(POSITION_EVENTS, REMEMBERED_POSITIONS);
    for (const event of [...newest].reverse()) this.#positions.apply(event);
  }

  /** Every event that follows: the engine consumes a flag that main left, opens and closes positions. */
  seen(event: RecordedEvent): void {
    this.#flags.follow(event);
    this.#positions.apply(event);
  }

  /** Symbols and sides of the open positions. */
  openPositions(): readonly string[] {
    return this.#positions.list();
  }

  /** Journals what others do to the streams of a journal on a server, and reports it. */
  recordStreams(report: (finding: StreamFinding) => void): Subscription | undefined {
    return new StreamRecorder({ journal: this.options.journal, appender: this.#appender, report }).start();
  }

  /** Acknowledges foreign events at the end of a stream of ours. Throws what `acknowledgeForeign` throws. */
  acknowledgeStream(decision: StreamDecision, actor: Actor): Promise<StreamFinding> {
    return acknowledgeForeign({ journal: this.options.journal, appender: this.#appender }, decision, actor);
  }

  get file(): JournalFile | undefined {
    return this.options.journal.file;
  }

  botState(): Promise<BotState> {
    return this.#appender.botState();
  }

  /** Whether a main that was ended was closing positions, or had closed them, only because the program ended. */
  async wasLeaving(): Promise<boolean> {
    let leaves = false;
    for (const change of [...(await this.#last(['BotStateChanged'], STATES_OF_AN_END))].reverse()) {
      if (change.type === 'BotStateChanged') leaves = leavesAfter(leaves, change.data);
    }
    return leaves;
  }

  /** Why the bot came into its state; undefined before the first. */
  async lastReason(): Promise<string | undefined> {
    const [last] = await this.#last(['BotStateChanged'], 1);
    return last?.type === 'BotStateChanged' ? last.data.reason : undefined;
  }

  /** True for a home with keys and secrets of its own, at least once; false for one that only traded days on request. */
  async wasSetUp(): Promise<boolean> {
    return (await this.#last(['ProvisioningCompleted'], 1)).length > 0;
  }

  /** Throws BOT_STATE_TRANSITION when RUN-11 has no such arrow. */
  changeBotState(to: BotState, reason: string): Promise<void> {
    return this.#appender.changeBotState(to, reason);
  }

  /** Resets kill switch or defense mode; resolves to what that does. Throws what `ProtectionsJournal.reset` throws. */
  reset(request: ResetRequest, actor: Actor): Promise<string> {
    return new ProtectionsJournal(this.options.journal).reset(this.#appender, request, actor);
  }

  async head(): Promise<Position | undefined> {
    return (await this.options.journal.head())?.position;
  }

  /** Every event that is appended after `after`, by any process. */
  follow(after: Position | undefined, onFault: (error: unknown) => void): Observable<RecordedEvent> {
    return followJournal(this.options.journal, { after, retryMs: FOLLOW_AGAIN_MS, onFault });
  }

  /** True when the first account was made. */
  async hasUser(): Promise<boolean> {
    return (await this.#last(['UserRegistered'], 1)).length > 0;
  }

  /** True when something sensitive happened after the last rotation. */
  async rotationIsDue(): Promise<boolean> {
    const [rotated] = await this.#last(['SecretsRotated'], 1);
    const sensitive = (await this.#last(SENSITIVE, 50)).find(isSensitive);
    return sensitive !== undefined && (rotated === undefined || rotated.position < sensitive.position);
  }

  /** How main ended before: undefined when it never ran, or said good-bye. */
  async diedBefore(): Promise<{ readonly lastEventAt: UtcText } | undefined> {
    const of = (event: RecordedEvent): boolean =>
      (event.type === 'ProcessStarted' || event.type === 'ProcessStopped') && event.data.process === 'main';
    const last = (await this.#last(['ProcessStarted', 'ProcessStopped'], 200)).find(of);
    if (last?.type !== 'ProcessStarted') return undefined;
    return { lastEventAt: (await this.lastEventAt()) ?? last.recordedAt };
  }

  /** Undefined for an empty journal. */
  async lastEventAt(): Promise<UtcText | undefined> {
    const [last] = await this.options.journal.readAll({ direction: 'backwards', limit: 1 });
    return last?.recordedAt;
  }

  /**
   * Writes down a clock that is behind the journal: it was set back while nothing ran (RUN-27). Resolves to the time of the
   * journal then; a second is what two clocks may differ by.
   */
  async clockWentBack(): Promise<UtcText | undefined> {
    const last = await this.lastEventAt();
    const now = this.options.clock.now();
    if (last === undefined || Date.parse(last) - now < CLOCK_TOLERANCE_MS) return undefined;
    const data = { kind: 'backwards', from: last, to: toUtcText(now), missed: [] } as const;
    await this.#write({ type: 'ClockJumped', data });
    if (Date.parse(last) - now > LARGEST_BELIEVED_MS) await this.#holdEntries(toUtcText(now));
    return last;
  }

  /** Nobody but a user knows which of the two is right, the clock or the journal. */
  async #holdEntries(shown: UtcText): Promise<void> {
    const [fault] = await this.#last(['ClockFaultDetected', 'ClockFaultCleared'], 1);
    if (fault?.type === 'ClockFaultDetected') return;
    const data = { cause: 'journal', shown, used: shown } as const;
    const draft = { type: 'ClockFaultDetected', data, correlationId: 'clock', causationId: null } as const;
    await this.#appender.append(STREAMS.risk, [draft]);
  }

  processStarted(
    process: Process,
    { versionTag, nodeVersion }: ProgramVersion,
    attempt: number,
    occurredAt?: EpochMs,
  ): Promise<unknown> {
    const data = { process, versionTag, nodeVersion, attempt };
    return this.#write({ type: 'ProcessStarted', data, ...(occurredAt === undefined ? {} : { occurredAt }) });
  }

  processStopped(process: Process, reason: string): Promise<unknown> {
    return this.#write({ type: 'ProcessStopped', data: { process, reason } });
  }

  processCrashed(data: EventData<'ProcessCrashed'>): Promise<unknown> {
    return this.#write({ type: 'ProcessCrashed', data });
  }

  /** Journals what dying processes left word of, once each (RUN-41). */
  crashNotes(notes: CrashNotes): Promise<number> {
    return journalCrashes(this.#appender, notes);
  }

  /** The start or the end of a run of test mode that has a worker for each of its checks. */
  testRun(draft: Draft<'TestRunStarted'> | Draft<'TestRunEnded'>): Promise<unknown> {
    return this.#appender.append(STREAMS.processes, [draft]);
  }

  /** A run in test mode whose process died is ended here, so that nothing waits for it; left out: every run. */
  async endTestRuns(detail: string, only?: string): Promise<void> {
    const runs = await this.#last(['TestRunStarted', 'TestRunEnded'], 50);
    const ended = new Set(runs.flatMap((event) => (event.type === 'TestRunEnded' ? [event.data.runId] : [])));
    for (const event of runs) {
      if (event.type !== 'TestRunStarted' || ended.has(event.data.runId)) continue;
      const { runId, test } = event.data;
      if (only !== undefined && runId !== only) continue;
      const results = [{ check: test, ok: false, detail }];
      const { correlationId } = event.meta;
      const data = { runId, test, ok: false, results };
      await this.testRun({ type: 'TestRunEnded', data, correlationId, causationId: null });
    }
  }

  isConsumed(id: Uuid): boolean {
    return this.#flags.isConsumed(id);
  }

  consumed(flag: FlagFile, data: FlagOutcome): Promise<void> {
    return this.#flags.consumed(flag, data);
  }

  reported(flag: FlagFile, reason: string): Promise<void> {
    return this.#flags.reported(flag, reason);
  }

  close(): Promise<void> {
    return this.options.journal.close();
  }

  #write(draft: Pick<Draft, 'type' | 'data' | 'occurredAt'>): Promise<unknown> {
    return this.#appender.append(STREAMS.processes, [
      { ...draft, correlationId: 'processes', causationId: null } as Draft,
    ]);
  }

  /** Newest first. */
  #last(types: readonly EventType[], limit: number): Promise<readonly RecordedEvent[]> {
    return this.options.journal.readAll({ direction: 'backwards', limit, filter: { types } });
  }
}
