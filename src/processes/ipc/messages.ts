import type { ClockAnchor } from '../../adapters/clock/steady-clock.js';
import type { UsersRequest } from '../../app/access/user-requests.js';
import type { AdjustRequest } from '../../app/manual-entries/adjusting-entry.js';
import type { FloatRequest } from '../../app/manual-entries/float-entry.js';
import type { ConfirmationRequest } from '../../app/manual-entries/entry-confirmation.js';
import type { MismatchRequest } from '../../app/manual-entries/mismatch-resolution.js';
import type { SetupForm } from '../../app/provisioning/setup-form.js';
import type { InverseEtfsRequest } from '../../app/settings/inverse-etfs.js';
import type { StreamDecision } from '../../app/streams/acknowledge.js';
import type { FeedChoice } from '../../composition/market-source.js';
import type { BookTask, WorkerBookTask } from '../../app/book-tasks/book-task.js';
import type { EngineCommand, CommandOutcome } from '../../app/live/commands.js';
import type { Briefing } from '../../domain/conditions/briefing.js';
import type { Condition, Severity } from '../../domain/conditions/condition.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor, EventData, Position } from '../../events/event.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import type { ErrorKind } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';

/** main is not among them: it is the one that launches (RUN-1). */
export type ChildName = 'engine' | 'projector' | 'web' | 'worker';

/**
 * Time of a simulated world, alike in every process: `virtualStart + (wall - wallStart) * speed`, in epoch milliseconds.
 * Only with the simulated broker.
 */
export interface TimeScale {
  readonly virtualStart: number;
  readonly wallStart: number;
  readonly speed: number;
}

/** A command with the number that its outcome comes back with. */
export interface NumberedCommand {
  readonly id: number;
  readonly command: EngineCommand;
}

/** The first message to every child: all that it needs to know; nothing comes through the environment. */
export interface ChildInit {
  readonly home: string;
  /** The folder of the program: VERSION.md, SQL files, pages. */
  readonly root: string;
  readonly versionTag: string;
  /** Null before provisioning: only web and the provisioning worker run then. */
  readonly identityParts: BotIdentityParts | null;
  readonly timeScale: TimeScale | null;
  /** The market data of the simulated world, the same for every engine of this main; left out: an invented market of the bot. */
  readonly feed?: FeedChoice | undefined;
  /** The time that main works with; left out: the machine's. */
  readonly clockAnchor?: ClockAnchor | undefined;
  /** How often this child was started before in this run of main. */
  readonly attempt: number;
  /** Where the master key is, when there is one (SEC-4): a file; the key itself never travels. */
  readonly masterKeyFile: string | null;
  /** web and engine only: key of this run of main, which proves that a user of the web set a flag; in no file. */
  readonly flagKey?: string | undefined;
  /** web only. */
  readonly web: WebInit | null;
  /** engine only: obeyed before anything trades (RUN-15). */
  readonly commands: readonly NumberedCommand[];
  /** worker only. */
  readonly task: WorkerTask | null;
}

export interface WebInit {
  readonly host: string;
  readonly port: number;
  /** One-time token for the set-up and the first account; null once there is a user. */
  readonly setupToken: string | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Binding another address than the loopback without TLS was asked for explicitly (SEC-16). */
  readonly allowPlainRemote: boolean;
}

/** A worker does one task and ends (RUN-5). */
export type WorkerTask =
  | { readonly task: 'provision'; readonly form: SetupForm; readonly actor: string }
  | {
      readonly task: 'save-settings';
      readonly changes: Readonly<Record<string, string>>;
      /** Keys whose pending change is withdrawn; left out: none. */
      readonly withdraw?: readonly string[];
      /** A person confirmed that no strategy can trade with them. */
      readonly confirmNoTrading?: boolean;
      readonly actor: string;
      readonly reason: string;
    }
  | {
      readonly task: 'save-secret';
      readonly name: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly actor: string;
    }
  | { readonly task: 'rotate'; readonly actor: string; readonly reason: string }
  /** Rotates, and destroys what the vault keeps of earlier generations. */
  | { readonly task: 'destroy-earlier'; readonly actor: string; readonly reason: string }
  /** At every start of a home that is set up: records and completes the work that a crash interrupted. Other tasks do that first, too. */
  | { readonly task: 'reconcile' }
  | { readonly task: 'backup' }
  /** Verifies the chain of the whole journal; the value has `everyHours`, when the next one is due. */
  | { readonly task: 'verify' }
  | { readonly task: 'anchor' }
  /** Builds the universe; `night` is false when somebody asked for it: it is then built again. */
  | { readonly task: 'universe'; readonly night: boolean }
  | { readonly task: 'float'; readonly request: FloatRequest; readonly actor: Actor }
  | { readonly task: 'adjust'; readonly request: AdjustRequest; readonly actor: Actor }
  | { readonly task: 'mismatch'; readonly request: MismatchRequest; readonly actor: Actor }
  | { readonly task: 'confirm-entry'; readonly request: ConfirmationRequest; readonly actor: Actor }
  | { readonly task: 'inverse-etfs'; readonly request: InverseEtfsRequest; readonly actor: Actor }
  /** Work on the books that needs no file of the projector. */
  | { readonly task: 'books'; readonly work: WorkerBookTask; readonly actor: Actor }
  | { readonly task: 'users'; readonly request: UsersRequest; readonly actor: Actor }
  | {
      readonly task: 'test-run';
      readonly test: string;
      readonly flag: string;
      readonly by: string | null;
      readonly runId: string;
      /** The run that this check is a part of; `runId` when it is a run of its own. */
      readonly partOf: string;
    };

/** Test mode at the present time: what runs, and the flags that wait, in their order. Times in UTC of the bot's world. */
export interface TestsNow {
  readonly running: {
    readonly runId: string;
    readonly test: string;
    readonly by: string | null;
    readonly startedAt: string;
    /** The check that is under way; null between two. */
    readonly check: string | null;
    readonly done: number;
    readonly total: number;
  } | null;
  readonly waiting: readonly { readonly test: string; readonly by: string | null; readonly askedAt: string }[];
}

/** How a process stands, for `GET /api/processes`. */
export interface ProcessHealth {
  readonly process: 'main' | ChildName;
  readonly state: 'starting' | 'running' | 'waiting to restart' | 'stopping' | 'stopped' | 'given up';
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly restarts: number;
  /** Time of the last sign of life. */
  readonly aliveAt: string | null;
  readonly rssBytes: number | null;
  /** What the process says of itself, such as the lag of projections. */
  readonly figures: Readonly<Record<string, string>>;
}

/** How the bot stands at the present time (OUT-5). */
export interface HealthNow {
  readonly overall: 'OK' | Severity;
  readonly conditions: readonly Condition[];
  /** What the bot is, its time, its next session, and why it does not trade. */
  readonly briefing: Briefing;
}

/** What the web asks of main; answered by an `answer` with the same id. Everything else goes by journal and flags. */
export type Ask =
  | { readonly ask: 'processes' }
  /** How the bot stands now: answered with HealthNow. */
  | { readonly ask: 'conditions' }
  /** Answered with TestsNow. */
  | { readonly ask: 'tests' }
  | { readonly ask: 'worker'; readonly task: WorkerTask }
  /** Begins work on the books: answered with its BookTaskState at once. */
  | { readonly ask: 'book-task'; readonly task: BookTask; readonly actor: Actor }
  /** Begins a build of the universe: answered at once; its events say how far it is. */
  | { readonly ask: 'universe'; readonly actor: Actor }
  /** The newest tasks of the books: answered with BookTaskState[]. */
  | { readonly ask: 'book-tasks' }
  /** Resets kill switch or defense mode; answered with what that does. */
  | { readonly ask: 'reset'; readonly request: ResetRequest; readonly actor: Actor }
  /** Answered with the StreamFinding[] of the streams that others reached, so that they cannot be written now. */
  | { readonly ask: 'held-streams' }
  /** Answered with how far the last verification of the whole journal came, and when; null before the first. */
  | { readonly ask: 'verified-journal' }
  /** Acknowledges foreign events in a stream of ours; answered with what was acknowledged. */
  | { readonly ask: 'acknowledge-stream'; readonly decision: StreamDecision; readonly actor: Actor };

/** What a verification of the whole journal found in order. */
export interface VerifiedJournal {
  /** After how many hours the next one is due. */
  readonly everyHours: number;
  /** The last event that it covers; null for an empty journal. */
  readonly upTo: { readonly position: Position; readonly at: UtcText } | null;
}

/** How a task of the books stands. */
export interface BookTaskState {
  readonly taskId: string;
  readonly kind: BookTask['kind'];
  readonly subject: string;
  readonly actor: Actor;
  readonly startedAt: string;
  readonly state: 'waiting' | 'running' | EventData<'BookTaskEnded'>['outcome'];
  /** How far it has come, while it runs; null when that is not known. */
  readonly progress: string | null;
  /** Null until it has ended. */
  readonly ended: (Omit<EventData<'BookTaskEnded'>, 'taskId' | 'kind' | 'outcome'> & { readonly at: string }) | null;
}

/** Work that only the projector can do: its files are rebuilt, or compared. */
export interface ProjectorWork {
  readonly kind: 'rebuild' | 'check';
  /** A projection, or all. */
  readonly name: string;
  readonly actor: Actor;
}

/** An error as it crosses a process: never a stack, never a secret. */
export interface PlainError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

export type Answer<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: PlainError };

export type ToChild =
  | { readonly kind: 'init'; readonly init: ChildInit }
  | ({ readonly kind: 'command' } & NumberedCommand)
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  /** projector only: answered by `worked` with the same id. */
  | { readonly kind: 'work'; readonly id: number; readonly work: ProjectorWork }
  /** Main lives; each second, to the engine. */
  | { readonly kind: 'mainAlive' }
  /** A user has accepted the machine's clock. */
  | { readonly kind: 'accept-clock' }
  /** End by yourself within so many milliseconds; then comes SIGKILL. */
  | { readonly kind: 'stop'; readonly withinMs: number };

export type FromChild =
  | { readonly kind: 'ready'; readonly figures: Readonly<Record<string, string>> }
  /** Every second. */
  | { readonly kind: 'alive'; readonly rssBytes: number; readonly figures: Readonly<Record<string, string>> }
  /** The engine took a command up: at once for a kill, before its orders are out. */
  | { readonly kind: 'taken'; readonly id: number }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: CommandOutcome }
  | { readonly kind: 'ask'; readonly id: number; readonly ask: Ask }
  /** projector only: how its work ended. */
  | { readonly kind: 'worked'; readonly id: number; readonly answer: Answer }
  /** worker only: the result of its task. */
  | { readonly kind: 'done'; readonly answer: Answer }
  /** Its last word before it dies of an error that nobody caught; main writes it down (RUN-41). */
  | { readonly kind: 'crashed'; readonly error: PlainError; readonly traceback: string }
  /** It cannot continue and must not be restarted before a person follows the remedy. */
  | { readonly kind: 'fatal'; readonly error: PlainError };
