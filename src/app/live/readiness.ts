import { canonicalJson } from '../../kernel/canonical-json.js';
import { ASKS_AGAIN, blocksSession, checkText } from '../../domain/lifecycle/blocking-checks.js';
import { openSession } from '../../domain/session/session-open.js';
import { PREPARE_MS } from '../../domain/schedule/next-due.js';
import { DEFAULT_SETTINGS, parseSettings, type Settings } from '../../domain/config/settings.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { TradeBotError, type ErrorKind } from '../../kernel/errors.js';
import type { Clock, DateText, EpochMs } from '../../kernel/time.js';
import type { ModuleCheck } from '../checks/self-checks.js';
import { mayPass } from '../errors/retry-safely.js';
import type { CheckResult } from '../../strategies/strategy.js';
import type { EventData } from '../../events/event.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
import { foundDrafts } from '../settings/own-strategies.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** The checks before the bot may trade (RUN-20, RUN-21). None of them throws for an ordinary fault. */
export interface BootChecks {
  /**
   * Decrypts and validates the configuration: that of the session of `open` while it is open, else that of the next one. A
   * ConfigError lists all faults.
   */
  settings(open?: DateText): Settings;
  /** Keys, schemas, chart of accounts, folders, constraints of the databases. */
  build(settings: Settings): Promise<readonly CheckResult[]>;
  /** The self-check of every module. */
  modules(settings: Settings): Promise<readonly ModuleCheck[]>;
  /** The own strategies of the home, as they were found when the process began; left out when it has none. */
  readonly ownStrategies?: EventData<'OwnStrategiesFound'>;
}

export interface NotReady {
  readonly kind: ErrorKind;
  readonly code: string;
  /** All failures, each with its remedy. */
  readonly cause: string;
  /** Nothing but a broker or a feed that gives no answer is wrong. */
  readonly mayPass: boolean;
}

type Readiness = { readonly settings: Settings } | { readonly fault: NotReady };

const GOES_ON: readonly ErrorKind[] = ['LogicError', 'JournalError'];

/** The results that were journaled last, while nothing but them keeps the bot waiting. */
interface Shown {
  results: string | undefined;
}

/**
 * Reads the configuration again, runs all checks, journals all results, and returns whether the bot may trade. A bot that waits journals
 * results only when they differ from those before.
 */
async function checkReadiness(
  { checks, appender, clock }: ReadyCheckDeps,
  shown: Shown,
  repeats: boolean,
): Promise<Readiness> {
  let settings: Settings;
  try {
    settings = checks.settings(openSession(appender.state, clock.now()));
  } catch (error) {
    return { fault: faultOf(error) };
  }
  const build: readonly ModuleCheck[] = await checks.build(settings);
  const modules = await checks.modules(settings);
  const blocking = [...build, ...modules].filter(blocksSession);
  const waits = blocking.length > 0 && blocking.every(({ mayPass }) => mayPass === true);
  const asksAgain = waits || repeats;
  await journaled(appender, { build: resultsOf(build, asksAgain), modules: resultsOf(modules, asksAgain) }, shown);
  if (!asksAgain) shown.results = undefined;
  const { ownStrategies: own } = checks;
  if (own !== undefined) {
    await appender.decideOnNewest(STREAMS.ownStrategies, (state) => foundDrafts(state.ownStrategies, own));
  }
  if (blocking.length === 0) return { settings };
  const cause = blocking.map((check) => checkText({ ...check, remedy: remedyOf(check, asksAgain) })).join(' | ');
  return { fault: { kind: waits ? 'NetworkError' : 'ConfigError', code: 'CHECKS_FAILED', cause, mayPass: waits } };
}

type Results = EventData<'SelfCheckCompleted'>;

async function journaled(
  appender: EngineAppender,
  { build, modules }: { readonly build: Results; readonly modules: Results },
  shown: Shown,
): Promise<void> {
  const results = canonicalJson({ build, modules });
  if (results === shown.results) return;
  shown.results = results;
  const cause = { correlationId: 'boot', causationId: null } as const;
  await appender.decideOnNewest(STREAMS.health, () => [{ type: 'BuildCheckCompleted', data: build, ...cause }]);
  await appender.decideOnNewest(STREAMS.lifecycle, () => [{ type: 'SelfCheckCompleted', data: modules, ...cause }]);
}

/** The results as they are journaled. */
function resultsOf(checks: readonly ModuleCheck[], asksAgain: boolean): Results {
  return {
    ok: checks.every(({ ok }) => ok),
    checks: checks.map((check) => {
      const { module, ok, cause } = check;
      return { module, ok, cause, remedy: remedyOf(check, asksAgain) };
    }),
  };
}

function remedyOf(check: CheckResult, asksAgain: boolean): string {
  return asksAgain && blocksSession(check) ? `${check.remedy} ${ASKS_AGAIN}` : check.remedy;
}

export interface ReadyCheckDeps {
  readonly checks: BootChecks;
  readonly appender: EngineAppender;
  readonly clock: Clock;
  /** Resolves when a command comes that no check may delay. */
  readonly urgent: () => Promise<void>;
}

/** The checks before a session, which hold for the time of its preparation. */
export class ReadyCheck {
  readonly #shown: Shown = { results: undefined };
  #passedAt: EpochMs | undefined;

  constructor(private readonly deps: ReadyCheckDeps) {}

  /**
   * With `repeats` they are asked every minute at most, while a session cannot continue: equal results are journaled once.
   * `passed before`: they need no repetition yet. `interrupted`: a command comes first, and the next call checks again.
   */
  async run(repeats = false): Promise<Readiness | 'passed before' | 'interrupted'> {
    const { clock, urgent } = this.deps;
    if (this.#passedAt !== undefined && clock.now() - this.#passedAt < PREPARE_MS) return 'passed before';
    const checking = checkReadiness(this.deps, this.#shown, repeats);
    const result = await Promise.race([checking, urgent()]);
    if (result === undefined) {
      // the check continues and reports its findings
      checking.catch(() => undefined);
      return 'interrupted';
    }
    this.#passedAt = 'settings' in result ? clock.now() : undefined;
    return result;
  }

  /** What passed may have changed: the next call checks again. */
  forget(): void {
    this.#passedAt = undefined;
  }
}

/** A fault that a person can fix becomes a result; a defect, or a journal that cannot be written, is thrown again. */
export function faultOf(error: unknown): NotReady {
  if (!(error instanceof TradeBotError) || GOES_ON.includes(error.kind)) throw error;
  const { kind, code, message, remedy } = error;
  return { kind, code, cause: `${message.replace(/[.]?$/, '.')} ${remedy}`, mayPass: mayPass(error) };
}

/** The settings in the journal, secrets at their defaults; the defaults when they are of another version. */
export function recordedSettings(state: EngineState): Settings {
  try {
    return parseSettings(Object.fromEntries(Object.entries(state.settings).filter(([, text]) => text !== '')));
  } catch {
    return DEFAULT_SETTINGS;
  }
}

/** Records why the bot is not ready, or why a command was refused. */
export async function recordFault(
  appender: EngineAppender,
  { kind, code, cause }: Omit<NotReady, 'mayPass'>,
): Promise<void> {
  await appender.decideOnNewest(STREAMS.errors, () => [
    errorRecorded(
      { errorType: kind, errorCode: code, message: cause },
      { correlationId: 'lifecycle', causationId: null },
    ),
  ]);
}
