import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { CrashNoteFiles } from '../../../src/adapters/files/crash-note-files.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { classify } from '../../../src/app/errors/classify.js';
import { ErrorHandler } from '../../../src/app/errors/error-handler.js';
import { journalCrashes } from '../../../src/app/errors/journal-crashes.js';
import { idempotent, retrySafely, type RetryOptions } from '../../../src/app/errors/retry-safely.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { brokerError, configError, invariant, journalError, networkError } from '../../../src/kernel/errors.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { plusMs, toUtcText, type EpochMs } from '../../../src/kernel/time.js';
import type { Alert } from '../../../src/ports/alerts.js';
import type { CrashNote } from '../../../src/ports/crash-notes.js';
import { BOT, START } from '../../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const FACTS = { message: 'what', remedy: 'Do this.' };
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('classify (RUN-40)', () => {
  test.each([
    [networkError('retry', { code: 'TIMEOUT', ...FACTS }), 'NetworkError', 'TIMEOUT', 'warning'],
    [brokerError('refuse', { code: 'NO_FUNDS', ...FACTS }), 'BrokerError', 'NO_FUNDS', 'warning'],
    [configError({ code: 'BAD', ...FACTS }), 'ConfigError', 'BAD', 'warning'],
    [journalError('stop', { code: 'JOURNAL_STALLED', ...FACTS }), 'JournalError', 'JOURNAL_STALLED', 'critical'],
    [thrownBy(() => invariant(false, 'BROKEN', 'x')), 'LogicError', 'BROKEN', 'critical'],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'NetworkError', 'ECONNREFUSED', 'warning'],
    [Object.assign(new Error('full'), { code: 'ENOSPC' }), 'DataError', 'ENOSPC', 'critical'],
    [Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), 'DataError', 'SQLITE_FULL', 'critical'],
    [new TypeError('x is not a function'), 'LogicError', 'INTERNAL', 'critical'],
    [Object.assign(new Error('?'), { code: 'not a code!' }), 'LogicError', 'INTERNAL', 'critical'],
    ['a text', 'LogicError', 'INTERNAL', 'critical'],
    [undefined, 'LogicError', 'INTERNAL', 'critical'],
    [null, 'LogicError', 'INTERNAL', 'critical'],
  ] as const)('%p is a %s', (thrown, errorType, errorCode, severity) => {
    expect(classify(thrown)).toMatchObject({ errorType, errorCode, severity });
  });

  test('a defect keeps its stack; a fault that a person can fix has its remedy', () => {
    expect(classify(new TypeError('x')).traceback).toContain('errors.test.ts');
    expect(classify(configError({ code: 'BAD', ...FACTS }))).toMatchObject({
      message: 'what. Do this.',
      traceback: null,
    });
  });

  test('credentials are removed, and texts are bounded', () => {
    const fact = classify(new Error(`no route to https://me:s3cret@host/x?a password=hunter22 ${'x'.repeat(50_000)}`));
    expect(JSON.stringify(fact)).not.toMatch(/s3cret|hunter22/);
    expect(fact.message.length).toBeLessThan(1_100);
    expect(fact.traceback?.length).toBeLessThan(17_000);
  });
});

describe('retrySafely (RUN-40)', () => {
  function attempts(failures: readonly unknown[]): {
    run: () => Promise<string>;
    options: RetryOptions;
    waits: number[];
    calls: () => number;
  } {
    const clock = new VirtualClock(START);
    const waits: number[] = [];
    let calls = 0;
    return {
      waits,
      calls: () => calls,
      run: async () => {
        await Promise.resolve();
        const failure = failures[calls];
        calls += 1;
        if (failure !== undefined) throw failure as Error;
        return 'done';
      },
      options: {
        limit: 3,
        seed: 'test',
        now: () => clock.now(),
        until: (at: EpochMs) => {
          waits.push(at - clock.now());
          clock.advanceTo(at);
          return Promise.resolve();
        },
      },
    };
  }
  const down = networkError('retry', { code: 'TIMEOUT', ...FACTS });
  const unknown = networkError('reconcile', { code: 'NO_ANSWER', ...FACTS });

  test('it retries after growing waits', async () => {
    const { run, options, waits } = attempts([down, unknown, Object.assign(new Error('x'), { code: 'ECONNRESET' })]);
    const operation = idempotent('account', run);
    await expect(retrySafely(operation, options)).resolves.toBe('done');
    expect(waits).toHaveLength(3);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(125 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(250 * 2 ** index);
    }
  });

  test('it gives up after the limit with the last error', async () => {
    const { run, options, calls } = attempts(Array.from({ length: 9 }, () => down));
    await expect(retrySafely(idempotent('account', run), options)).rejects.toBe(down);
    expect(calls()).toBe(4);
  });

  test.each([
    ['a refusal', brokerError('refuse', { code: 'NO', ...FACTS })],
    ['a broken invariant', thrownBy(() => invariant(false, 'X', 'x'))],
    ['a defect', new TypeError('x')],
  ])('%s is thrown immediately', async (_name, error) => {
    const { run, options, calls } = attempts([error, error]);
    await expect(retrySafely(idempotent('account', run), options)).rejects.toBe(error);
    expect(calls()).toBe(1);
  });

  test('the same seed gives the same waits, and no wait exceeds the maximum', async () => {
    const failures = Array.from({ length: 10 }, () => down);
    const one = attempts(failures);
    const two = attempts(failures);
    await retrySafely(idempotent('a', one.run), { ...one.options, limit: 10 });
    await retrySafely(idempotent('a', two.run), { ...two.options, limit: 10 });
    expect(one.waits).toEqual(two.waits);
    expect(Math.max(...one.waits)).toBeLessThanOrEqual(30_000);
  });

  test('an order cannot be retried', () => {
    const submit = { name: 'submit', run: () => Promise.resolve() };
    // @ts-expect-error: what is not declared idempotent does not compile
    const retry = (): unknown => retrySafely(submit, attempts([]).options);
    expect(retry).toBeDefined();
  });
});

describe('the error handler', () => {
  function house(): {
    clock: VirtualClock;
    alerts: Alert[];
    lost: string[];
    handler: ErrorHandler;
    reported: () => Promise<readonly RecordedEvent<'ErrorRecorded'>[]>;
    break: () => void;
  } {
    const clock = new VirtualClock(START);
    const journal = new MemoryJournal({ clock });
    const appender = new EventAppender({ journal, clock, identity: BOT, actor: 'system:engine' });
    const alerts: Alert[] = [];
    const lost: string[] = [];
    let broken = false;
    const handler = new ErrorHandler({
      appender: {
        append: (...asked) => (broken ? Promise.reject(new Error('no journal')) : appender.append(...asked)),
      },
      clock,
      alerts: { raise: (alert) => alerts.push(alert) },
      lastResort: (fact, traceback) => lost.push(`${fact.errorCode} ${traceback.split('\n')[0] ?? ''}`),
    });
    return {
      ...{ clock, alerts, lost, handler },
      break: () => (broken = true),
      reported: async () => (await journal.readAll()) as unknown as readonly RecordedEvent<'ErrorRecorded'>[],
    };
  }

  test('it records strategy, broker and context without secrets', async () => {
    const { handler, reported, alerts } = house();
    await handler.handle(networkError('retry', { code: 'TIMEOUT', ...FACTS }), {
      broker: 'SIM',
      context: { url: 'https://a:b@host/', tries: 3, note: 'x'.repeat(500) },
    });
    const [event] = await reported();
    expect(event?.data).toMatchObject({
      errorType: 'NetworkError',
      errorCode: 'TIMEOUT',
      broker: 'SIM',
      strategy: null,
      context: { url: 'https://***@host/', tries: '3' },
      traceback: null,
    });
    expect(event?.data.context['note']?.length).toBeLessThan(220);
    expect(alerts).toEqual([]);
  });

  test('a call failing in a loop is reported once a minute with its count', async () => {
    const { handler, reported, clock } = house();
    for (let n = 0; n < 100; n += 1) await handler.handle(new TypeError('x'));
    expect(await reported()).toHaveLength(1);
    clock.advanceTo(plusMs(START, 60_000));
    await handler.handle(new TypeError('x'));
    expect((await reported()).map(({ data }) => data.context['repeats'])).toEqual([undefined, '99']);
  });

  test('uncaught errors keep their stack, and critical errors raise an alert', async () => {
    const { handler, reported, alerts } = house();
    await handler.handle(configError({ code: 'BAD', ...FACTS }), { uncaught: true });
    await handler.handle(journalError('stop', { code: 'JOURNAL_CORRUPT', ...FACTS }));
    expect((await reported()).map(({ data }) => data.traceback !== null)).toEqual([true, false]);
    expect(alerts).toMatchObject([{ severity: 'critical', code: 'JOURNAL_CORRUPT' }]);
  });

  test('without a journal the error goes to the last resort, and nothing is thrown', async () => {
    const { handler, lost, break: breakIt } = house();
    breakIt();
    await expect(handler.handle(new TypeError('x'))).resolves.toMatchObject({ errorCode: 'INTERNAL' });
    expect(lost).toEqual(['INTERNAL TypeError: x']);
  });

  test('memory is bounded', async () => {
    const { handler, reported } = house();
    for (let n = 0; n < 300; n += 1) await handler.handle(new TypeError(`x${n}`));
    expect(await reported()).toHaveLength(300);
    await handler.handle(new TypeError('x299'));
    expect(await reported()).toHaveLength(300);
  });
});

describe('crash notes (RUN-41)', () => {
  const note = (n: number): CrashNote => ({
    at: toUtcText(plusMs(START, n)),
    process: 'engine',
    errorType: 'LogicError',
    errorCode: 'INTERNAL',
    message: `death ${n}`,
    traceback: 'Error\n  at x',
  });

  test('they are journaled once each at the next start, also when that start dies midway', async () => {
    const { storage } = basePaths(temporaryHome());
    const clock = new VirtualClock(plusMs(START, 60_000));
    const journal = new MemoryJournal({ clock });
    const appender = new EventAppender({ journal, clock, identity: BOT, actor: 'system:main' });
    const left = new CrashNoteFiles(storage, 'engine');
    left.leave(note(1));
    left.leave(note(2));
    new CrashNoteFiles(storage, 'web').leave({ ...note(0), process: 'web' });
    const notes = new CrashNoteFiles(storage, 'main');
    const stubborn = { find: () => notes.find(), drop: () => undefined, leave: () => undefined };
    expect(await journalCrashes(appender, stubborn)).toBe(3);
    expect(await journalCrashes(appender, notes)).toBe(3);
    expect(await journalCrashes(appender, notes)).toBe(0);
    const reported = (await journal.readAll()) as unknown as readonly RecordedEvent<'ErrorRecorded'>[];
    expect(reported.map(({ data }) => data.message)).toEqual(['death 0', 'death 1', 'death 2']);
    expect(reported[1]).toMatchObject({ occurredAt: note(1).at, data: { traceback: 'Error\n  at x' } });
  });

  test('the last twenty are kept; invalid files, a folder in place of the file and a missing folder are harmless', () => {
    const home = temporaryHome();
    const { storage } = basePaths(home);
    const notes = new CrashNoteFiles(storage, 'engine');
    for (let n = 0; n < 25; n += 1) notes.leave(note(n));
    expect(notes.find().map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, n) => `death ${n + 5}`));
    writeFileSync(storage.crashNotes('engine'), '{"not": "notes"');
    mkdirSync(storage.crashNotes('web'));
    expect(notes.find()).toEqual([]);
    new CrashNoteFiles(storage, 'web').leave(note(1));
    notes.drop();
    notes.leave(note(1));
    expect(notes.find()).toHaveLength(1);
    writeFileSync(storage.crashNotes('engine'), '[{"at": 5}, null, "x"]');
    expect(notes.find()).toEqual([]);
  });
});
