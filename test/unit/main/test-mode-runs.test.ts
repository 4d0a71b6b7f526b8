import { describe, expect, test } from '@jest/globals';
import { FLAG_TESTS, testFlag, type TestFlag } from '../../../src/app/flags/flag.js';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { Answer, PlainError, WorkerTask } from '../../../src/processes/ipc/messages.js';
import { TestModeRuns } from '../../../src/processes/main/test-mode-runs.js';

type TestTask = Extract<WorkerTask, { task: 'test-run' }>;

/** A pool whose tasks end when the test says so. */
class HeldPool {
  readonly begun: TestTask[] = [];
  #end: ((answer: Answer) => void) | undefined;

  run(task: WorkerTask): Promise<Answer> {
    this.begun.push(task as TestTask);
    return new Promise((resolve) => (this.#end = resolve));
  }

  cancel(error: PlainError): void {
    this.#answer({ ok: false, error });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the check that is under way, and lets the next one begin. */
  async end(ok = true, detail = 'as it should be'): Promise<void> {
    const { test: check = '', runId = '' } = this.begun.at(-1) ?? {};
    this.#answer({ ok: true, value: { runId, ok, results: [{ check, ok, detail }] } });
    await turn();
  }

  async fail(code: string): Promise<void> {
    const error: PlainError = { kind: 'NetworkError', code, message: `the worker: ${code}`, remedy: '', details: {} };
    this.#answer({ ok: false, error });
    await turn();
  }

  #answer(answer: Answer): void {
    const end = this.#end;
    this.#end = undefined;
    end?.(answer);
  }
}

const turn = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};

function world(state: BotState = 'idle') {
  const pool = new HeldPool();
  const written: string[] = [];
  const cleaned: string[] = [];
  const runs = new TestModeRuns({
    pool,
    state: () => state,
    clock: { now: () => epochMs(Date.UTC(2026, 10, 28)) },
    journal: {
      testRunStarted: async ({ test: name }) => void written.push(`started ${name}`),
      testRunEnded: async ({ test: name, ok, results }) => {
        written.push(`ended ${name} ${ok ? 'passed' : 'failed'}`);
        for (const { check, ok: passed, detail } of results) written.push(`  ${check} ${String(passed)} ${detail}`);
      },
      cleanUpTestRun: async (runId, detail) => void cleaned.push(`${runId}: ${detail}`),
    },
  });
  return { pool, runs, written, cleaned };
}

function flag(test: TestFlag['test'], madeAt = 0, isOld = false): TestFlag {
  return { test, name: testFlag(test as 'all'), by: null, madeAt: epochMs(madeAt), isOld };
}

describe('flags are queued, one run each', () => {
  test('runs follow each other in the order of arrival; a repeated flag has a run of its own', async () => {
    const { pool, runs } = world();
    const outcomes = [
      runs.run(flag('main_bot', 1)),
      runs.run(flag('env_bot', 9)),
      runs.run(flag('main_bot', 5)),
      runs.run(flag('ledger_schema', 3)),
    ];
    expect(runs.view().running).toMatchObject({ test: 'main_bot', check: 'main_bot', done: 0, total: 1 });
    expect(runs.view().waiting.map((one) => one.test)).toEqual(['ledger_schema', 'main_bot', 'env_bot']);
    while (runs.view().running !== null) await pool.end();
    expect(pool.begun.map((task) => task.test)).toEqual(['main_bot', 'ledger_schema', 'main_bot', 'env_bot']);
    expect(new Set(pool.begun.map(({ runId }) => runId)).size).toBe(4);
    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toEqual({ outcome: 'obeyed', reason: 'the run ended, all passed' });
    }
    expect(runs.view()).toEqual({ running: null, waiting: [] });
  });

  test('the queue is bounded, and a flag too many is refused with the reason', async () => {
    const { runs } = world();
    for (let made = 0; made < 21; made += 1) void runs.run(flag('main_bot', made));
    expect(await runs.run(flag('env_bot', 99))).toEqual({
      outcome: 'refused',
      reason: '20 runs wait already; try again later',
    });
  });

  test.each([
    ['before the set-up', 'registration' as const, flag('all'), 'the bot is not set up yet (registration)'],
    ['of before this start', 'idle' as const, flag('all', 0, true), 'it was set before this start of TradeBot'],
  ])('a flag %s is refused', async (_name, state, asked, reason) => {
    const { pool, runs } = world(state);
    expect(await runs.run(asked)).toEqual({ outcome: 'refused', reason });
    expect(pool.begun).toEqual([]);
  });

  test('the end of the program refuses what waits and releases what is held', async () => {
    const { pool, runs } = world();
    const [first, second] = [runs.run(flag('main_bot')), runs.run(flag('env_bot'))];
    const held = runs.idle();
    await runs.close(10);
    await held;
    expect(await second).toEqual({ outcome: 'refused', reason: 'TradeBot ended before its turn' });
    await pool.fail('STOPPING');
    expect((await first).reason).toContain('the worker: STOPPING');
    expect(await runs.run(flag('main_bot'))).toEqual({ outcome: 'refused', reason: 'TradeBot is stopping' });
  });
});

describe('test_mode.flag runs all checks in sequence', () => {
  test('each check in a worker of its own, the whole session last, and a summary', async () => {
    const { pool, runs, written } = world();
    const outcome = runs.run(flag('all'));
    await turn();
    const available = FLAG_TESTS.filter((name) => name !== 'coa_web_endpoints');
    for (const name of available) {
      expect(pool.begun.at(-1)?.test).toBe(name);
      expect(runs.view().running).toMatchObject({ test: 'all', check: name, total: FLAG_TESTS.length });
      await pool.end(name !== 'env_bot', name === 'env_bot' ? 'alerts: not readable' : 'as it should be');
    }
    expect(pool.begun.map((task) => task.test)).toEqual(available);
    expect(available.at(-1)).toBe('integration');
    expect(new Set(pool.begun.map(({ partOf }) => partOf)).size).toBe(1);
    for (const { runId, partOf } of pool.begun) expect(runId.startsWith(`${partOf}-`)).toBe(true);
    expect(await outcome).toMatchObject({ outcome: 'obeyed', reason: expect.stringContaining('not all passed') });
    expect(written.slice(0, 2)).toEqual(['started all', 'ended all failed']);
    expect(written).toContain('  env_bot false alerts: not readable');
    expect(written.filter((line) => line.startsWith('  '))).toHaveLength(FLAG_TESTS.length);
    expect(written.join()).toContain('coa_web_endpoints true left out, not available in this version');
  });

  test('a check whose worker is ended is reported, and the next ones run', async () => {
    const { pool, runs, written, cleaned } = world();
    const outcome = runs.run(flag('all'));
    await turn();
    await pool.fail('WORKER_LATE');
    for (let ended = 2; ended < FLAG_TESTS.length; ended += 1) await pool.end();
    await outcome;
    expect(cleaned).toEqual([expect.stringMatching(/-1: the worker: WORKER_LATE$/)]);
    expect(written).toContain(`  ${FLAG_TESTS[0]} false the worker: WORKER_LATE`);
    expect(pool.begun).toHaveLength(FLAG_TESTS.length - 1);
  });
});

describe('commands while a run is under way', () => {
  test('others wait for the end of the run, and go before the next run', async () => {
    const { pool, runs } = world();
    void runs.run(flag('main_bot'));
    void runs.run(flag('env_bot'));
    const seen: string[] = [];
    void runs.idle().then(() => seen.push(`released after ${pool.begun.length}`));
    await turn();
    expect(seen).toEqual([]);
    await pool.end();
    expect(seen).toEqual(['released after 1']);
    await turn();
    expect(pool.begun).toHaveLength(2);
    await pool.end();
    await runs.idle();
  });

  test('a halt ends the run and refuses those that wait', async () => {
    const { pool, runs, written, cleaned } = world();
    const outcomes = [runs.run(flag('all')), runs.run(flag('env_bot'))];
    await turn();
    runs.interrupt('a kill was asked for');
    expect(await Promise.all(outcomes)).toEqual([
      { outcome: 'obeyed', reason: 'a kill was asked for' },
      { outcome: 'refused', reason: 'a kill was asked for' },
    ]);
    expect(pool.begun).toHaveLength(1);
    expect(cleaned).toEqual([expect.stringContaining('ended: a kill was asked for')]);
    expect(written).toContain('ended all failed');
    expect(written).toContain('  integration false not run: a kill was asked for');
    void runs.run(flag('main_bot'));
    expect(pool.begun).toHaveLength(2);
  });
});
