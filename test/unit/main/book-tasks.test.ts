import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import type { BookTask } from '../../../src/app/book-tasks/book-task.js';
import type { Actor } from '../../../src/events/event.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { Answer, PlainError, ProjectorWork, WorkerTask } from '../../../src/processes/ipc/messages.js';
import { BookTaskJournal } from '../../../src/processes/main/book-task-journal.js';
import { BookTasks } from '../../../src/processes/main/book-tasks.js';
import { BOT } from '../../contract/support/journal-events.js';
import { refusalOf } from '../../support/refusal.js';

const HOME = '/home/of/the/bot';
const ANNA: Actor = 'user:U-0000000a';
const BELA: Actor = 'user:U-0000000b';
const VERIFY: BookTask = { kind: 'verify' };
const DONE = { ok: true, summary: 'done', findings: [], file: null };

class Bench {
  time = Date.parse('2026-11-20T15:00:00Z');
  readonly clock = { now: () => epochMs((this.time += 10)) };
  readonly journal = new MemoryJournal({ clock: this.clock });
  readonly asked: (WorkerTask | ProjectorWork)[] = [];
  readonly answers: ((answer: Answer) => void)[] = [];
  readonly damage: string[] = [];
  readonly faults: string[] = [];
  refusal: PlainError | undefined;
  bookTasks = new BookTaskJournal({ journal: this.journal, clock: this.clock, identity: BOT });

  tasks(): BookTasks {
    const ask = (work: WorkerTask | ProjectorWork): Promise<Answer> => {
      this.asked.push(work);
      return new Promise((resolve) => this.answers.push(resolve));
    };
    return new BookTasks({
      journal: () => this.bookTasks,
      home: HOME,
      run: ask,
      project: ask,
      progress: () => '40 %',
      refusal: () => this.refusal,
      onDamage: (error) => this.damage.push(error.code),
      now: () => new Date(this.time).toISOString(),
      onFault: (what, { code }) => this.faults.push(`${what}: ${code}`),
    });
  }

  async answer(answer: Answer): Promise<void> {
    while (this.answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    this.answers.shift()?.(answer);
  }

  async journaled(): Promise<readonly string[]> {
    return (await this.journal.readAll()).map(({ type, data, meta }) => {
      const { kind, outcome } = data as { kind: string; outcome?: string };
      return [type, kind, outcome ?? meta.actor].join(' ');
    });
  }
}

const refusedWith = (code: string): Answer => ({
  ok: false,
  error: { kind: 'DataError', code, message: 'it went wrong', remedy: 'Look.', details: {} },
});

describe('the tasks of the books', () => {
  test('a task is journaled with who asked before it runs, and its end with the outcome', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    const { state, ended } = await tasks.begin(VERIFY, ANNA);
    expect(state).toMatchObject({ kind: 'verify', actor: ANNA, state: 'waiting', ended: null });
    expect(await bench.journaled()).toEqual([`BookTaskStarted verify ${ANNA}`]);
    const findings = [`${HOME}/output/a.ofx differs`];
    await bench.answer({ ok: true, value: { ok: false, summary: 'one differs', findings, file: null } });
    expect((await ended).state.state).toBe('differs');
    expect(await bench.journaled()).toEqual([`BookTaskStarted verify ${ANNA}`, 'BookTaskEnded verify differs']);
    const [listed] = await tasks.list();
    expect(listed).toMatchObject({ state: 'differs', ended: { findings: ['output/a.ofx differs'] } });
  });

  test('a worker does what needs no file of the projector, the projector does the rest, one after the other', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    const begun = [
      await tasks.begin({ kind: 'seal' }, ANNA),
      await tasks.begin({ kind: 'rebuild', name: 'ledger' }, ANNA),
      await tasks.begin({ kind: 'backup' }, BELA),
    ];
    expect(bench.asked).toEqual([{ task: 'books', work: { kind: 'seal' }, actor: ANNA }]);
    await bench.answer({ ok: true, value: DONE });
    await begun[0]?.ended;
    await bench.answer({ ok: true, value: DONE });
    expect(bench.asked[1]).toEqual({ kind: 'rebuild', name: 'ledger', actor: ANNA });
    await begun[1]?.ended;
    await bench.answer({ ok: true, value: DONE });
    expect((await begun[2]?.ended)?.state.state).toBe('done');
  });

  test('progress is shown for what the projector does', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    const { ended } = await tasks.begin({ kind: 'check', name: 'all' }, ANNA);
    while (bench.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await tasks.list())[0]).toMatchObject({ state: 'running', progress: '40 %' });
    await bench.answer({ ok: true, value: DONE });
    await ended;
    expect((await tasks.list())[0]).toMatchObject({ state: 'done', progress: null });
  });

  test.each(['WORKER_DIED', 'STOPPING', 'PROJECTOR_ENDED', 'REBUILD_CUT_OFF'])(
    'a task whose process ended with %s was cut off and may be asked for again',
    async (code) => {
      const bench = new Bench();
      const { ended } = await bench.tasks().begin(VERIFY, ANNA);
      await bench.answer(refusedWith(code));
      expect((await ended).state).toMatchObject({
        state: 'cut_off',
        ended: { summary: expect.stringContaining('ask for it') },
      });
    },
  );

  test('a task that was refused says why and what to do', async () => {
    const bench = new Bench();
    const { ended } = await bench.tasks().begin(VERIFY, ANNA);
    await bench.answer(refusedWith('LEDGER_STOPPED'));
    const summary = 'it went wrong. Look.';
    expect((await ended).state).toMatchObject({ state: 'failed', ended: { code: 'LEDGER_STOPPED', summary } });
  });

  test('a main that died leaves tasks that the next one ends, once, and shows', async () => {
    const bench = new Bench();
    await bench.tasks().begin(VERIFY, ANNA);
    await bench.tasks().begin({ kind: 'seal' }, ANNA);
    const next = bench.tasks();
    await next.settle();
    expect((await next.list()).map(({ kind, state }) => [kind, state])).toEqual([
      ['seal', 'cut_off'],
      ['verify', 'cut_off'],
    ]);
    await bench.tasks().settle();
    expect((await bench.journaled()).filter((line) => line.startsWith('BookTaskEnded'))).toHaveLength(2);
  });

  test('ten may be unfinished, five of one user', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    for (let n = 0; n < 5; n += 1) await tasks.begin(VERIFY, ANNA);
    expect((await refusalOf(tasks.begin(VERIFY, ANNA))).code).toBe('BOOK_TASKS_BUSY');
    for (let n = 0; n < 5; n += 1) await tasks.begin(VERIFY, BELA);
    expect((await refusalOf(tasks.begin(VERIFY, 'user:U-0000000c'))).code).toBe('BOOK_TASKS_BUSY');
    expect(await bench.journaled()).toHaveLength(10);
    await bench.answer({ ok: true, value: DONE });
    while ((await tasks.list()).every(({ ended }) => ended === null)) await new Promise((go) => setImmediate(go));
    await tasks.begin(VERIFY, 'user:U-0000000c');
  });

  test('a task that the journal does not take is not begun', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    bench.journal.append = () => Promise.reject(new Error('disk full'));
    await expect(tasks.begin(VERIFY, ANNA)).rejects.toThrow('disk full');
    expect([bench.asked, await tasks.list()]).toEqual([[], []]);
  });

  test('an end that the journal does not take is shown all the same', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    const { ended } = await tasks.begin(VERIFY, ANNA);
    bench.journal.append = () => Promise.reject(new Error('disk full'));
    await bench.answer({ ok: true, value: DONE });
    expect((await ended).state.state).toBe('done');
    expect(bench.faults).toHaveLength(1);
  });

  test('with a journal that is not trusted only a verification is begun', async () => {
    const bench = new Bench();
    const tasks = bench.tasks();
    bench.refusal = { kind: 'DataError', code: 'JOURNAL_NOT_TRUSTED', message: 'lost', remedy: 'Stop.', details: {} };
    expect((await refusalOf(tasks.begin({ kind: 'seal' }, ANNA))).code).toBe('JOURNAL_NOT_TRUSTED');
    await tasks.begin(VERIFY, ANNA);
  });

  test('a verification that finds the journal damaged stops the trading', async () => {
    const bench = new Bench();
    const { ended } = await bench.tasks().begin(VERIFY, ANNA);
    const value = { ok: false, summary: 'DAMAGED at position 4', findings: [], file: null, journalDamaged: true };
    await bench.answer({ ok: true, value });
    expect((await ended).state.state).toBe('differs');
    expect(bench.damage).toEqual(['JOURNAL_CORRUPT']);
  });
});
