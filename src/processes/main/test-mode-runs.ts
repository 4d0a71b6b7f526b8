import { FLAG_TESTS, type TestFlag } from '../../app/flags/flag.js';
import type { CommandOutcome } from '../../app/live/commands.js';
import { leftOut } from '../../app/test-mode/left-out.js';
import type { TestOutcome, TestResult } from '../../app/test-mode/test-run.js';
import { hasEngine, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { EventData } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { Answer, TestsNow } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { WorkerPool } from './worker-pool.js';

export interface TestModeRunsDeps {
  /** A pool of its own: a run takes minutes, and keys and settings must not wait for it. */
  readonly pool: Pick<WorkerPool, 'run' | 'cancel' | 'close'>;
  readonly state: () => BotState;
  readonly clock: Clock;
  readonly journal: TestRunJournal;
}

/** What main writes of runs in test mode; resolves when it was tried. */
export interface TestRunJournal {
  testRunStarted(data: EventData<'TestRunStarted'>): Promise<void>;
  testRunEnded(data: EventData<'TestRunEnded'>): Promise<void>;
  /** The end of a run whose worker did not write it, and the files that it left. */
  cleanUpTestRun(runId: string, detail: string): Promise<void>;
}

/** More flags than there are tests only come from a script. */
const MOST_WAITING = 20;
const ALL = 'all';
const LONGEST_DETAIL = 500;

interface Waiting {
  readonly flag: TestFlag;
  readonly resolve: (outcome: CommandOutcome) => void;
}

/**
 * The runs of test mode (RUN-35): each flag is one run, in order of arrival, one at a time, each check in a worker of its
 * own. A halt ends the one that is under way and those that wait; other commands to the bot wait for the end of a run.
 */
export class TestModeRuns {
  #waiting: readonly Waiting[] = [];
  #now: TestsNow['running'] = null;
  #interrupted: string | undefined;
  #closed = false;
  #held: (() => void)[] = [];
  #runs = 0;

  constructor(private readonly deps: TestModeRunsDeps) {}

  /** Resolves at the end of the run, because its flag stays as long as the run. */
  run(flag: TestFlag): Promise<CommandOutcome> {
    const refusal = this.#refusal(flag);
    if (refusal !== undefined) return Promise.resolve({ outcome: 'refused', reason: refusal });
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { flag, resolve }].sort((a, b) => a.flag.madeAt - b.flag.madeAt);
      this.#next();
    });
  }

  /** A stop or kill: the run that is under way ends. */
  interrupt(reason: string): void {
    for (const { resolve } of this.#waiting) resolve({ outcome: 'refused', reason });
    this.#waiting = [];
    if (this.#now === null || this.#interrupted !== undefined) return;
    this.#interrupted = reason;
    this.deps.pool.cancel(interrupted(reason));
  }

  /** Resolves when no run is under way: immediately, or before the next one begins. */
  async idle(): Promise<void> {
    if (this.#now === null) return;
    await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  /** The run that is under way, and the flags that wait. */
  view(): TestsNow {
    return {
      running: this.#now,
      waiting: this.#waiting.map(({ flag }) => ({ test: flag.test, by: flag.by, askedAt: toUtcText(flag.madeAt) })),
    };
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    for (const { resolve } of this.#waiting) resolve({ outcome: 'refused', reason: 'TradeBot ended before its turn' });
    this.#waiting = [];
    this.#release();
    await this.deps.pool.close(graceMs);
  }

  #refusal({ isOld }: TestFlag): string | undefined {
    const state = this.deps.state();
    if (!hasEngine(state)) return `the bot is not set up yet (${state})`;
    if (isOld) return 'it was set before this start of TradeBot';
    if (this.#closed) return 'TradeBot is stopping';
    if (this.#waiting.length >= MOST_WAITING) return `${MOST_WAITING} runs wait already; try again later`;
    return undefined;
  }

  #next(): void {
    if (this.#now !== null) return;
    const [next, ...rest] = this.#waiting;
    if (next === undefined) return;
    this.#waiting = rest;
    this.#interrupted = undefined;
    this.#begin(next.flag);
    void this.#play(next.flag).then((outcome) => {
      this.#now = null;
      next.resolve(outcome);
      this.#release();
      // commands that were held are on their way before another run begins
      setImmediate(() => this.#next());
    });
  }

  #begin({ test, by }: TestFlag): void {
    const startedAt = toUtcText(this.deps.clock.now());
    this.#runs += 1;
    const runId = `T-${startedAt.replace(/[-:.]/g, '')}-${this.#runs}`;
    const total = test === ALL ? FLAG_TESTS.length : 1;
    this.#now = { runId, test, by, startedAt, check: null, done: 0, total };
  }

  #release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  async #play(flag: TestFlag): Promise<CommandOutcome> {
    const { runId = '' } = this.#now ?? {};
    const { test, by } = flag;
    if (test !== ALL) {
      const answer = await this.#check(test, { flag, runId, partOf: runId });
      if (!answer.ok) return { outcome: 'obeyed', reason: `the run could not be finished: ${answer.error.message}` };
      return ended(outcomeOf(answer).ok);
    }
    await this.deps.journal.testRunStarted({ runId, test, by });
    const results: TestResult[] = [];
    for (const [index, check] of FLAG_TESTS.entries()) {
      results.push(await this.#step(check, { flag, runId: `${runId}-${index + 1}`, partOf: runId }));
      if (this.#now !== null) this.#now = { ...this.#now, done: index + 1 };
    }
    const ok = results.every((result) => result.ok);
    await this.deps.journal.testRunEnded({ runId, test, ok, results });
    return this.#interrupted === undefined ? ended(ok) : { outcome: 'obeyed', reason: this.#interrupted };
  }

  /** One check of all: what it found, in one line. */
  async #step(check: string, run: { flag: TestFlag; runId: string; partOf: string }): Promise<TestResult> {
    const left = leftOut(check);
    if (left !== undefined) return left;
    const stopped = this.#interrupted ?? (this.#closed ? 'TradeBot is stopping' : undefined);
    if (stopped !== undefined) return { check, ok: false, detail: `not run: ${stopped}` };
    const answer = await this.#check(check, run);
    return summaryOf(check, answer);
  }

  async #check(
    test: string,
    { flag, runId, partOf }: { flag: TestFlag; runId: string; partOf: string },
  ): Promise<Answer> {
    if (this.#now !== null) this.#now = { ...this.#now, check: test };
    const { name, by } = flag;
    const answer = await this.deps.pool.run({ task: 'test-run', test, flag: name, by, runId, partOf });
    if (!answer.ok) await this.deps.journal.cleanUpTestRun(runId, answer.error.message);
    return answer;
  }
}

function outcomeOf(answer: Extract<Answer, { ok: true }>): TestOutcome {
  return answer.value as TestOutcome;
}

function ended(ok: boolean): CommandOutcome {
  return {
    outcome: 'obeyed',
    reason: ok ? 'the run ended, all passed' : 'the run ended, not all passed; its results are in the journal',
  };
}

function summaryOf(check: string, answer: Answer): TestResult {
  if (!answer.ok) return { check, ok: false, detail: answer.error.message.slice(0, LONGEST_DETAIL) };
  const { ok, results } = outcomeOf(answer);
  const shown = ok ? results : results.filter((result) => !result.ok);
  const detail = shown.map((result) => (result.check === check ? result.detail : `${result.check}: ${result.detail}`));
  return { check, ok, detail: detail.join('; ').slice(0, LONGEST_DETAIL) };
}

function interrupted(reason: string): ReturnType<typeof plainErrorOf> {
  return plainErrorOf(
    configError({ code: 'TEST_INTERRUPTED', message: `ended: ${reason}`, remedy: 'Set the flag again.' }),
  );
}
