import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import type { ChildInit } from '../../src/processes/ipc/messages.js';
import { ChildSupervisor, type ChildDeath } from '../../src/processes/main/child-supervisor.js';
import { eventually } from '../support/eventually.js';

const IDLE = fileURLToPath(new URL('../support/idle-child.mjs', import.meta.url));

let supervisor: ChildSupervisor | undefined;
const root = mkdtempSync(join(tmpdir(), 'tradebot-program-'));

afterEach(() => supervisor?.stop(0));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A projector that does nothing, not even listen to signals. */
function supervise(deaths: ChildDeath[], attempts: number[] = [], ticks = (): number => 0): ChildSupervisor {
  supervisor = new ChildSupervisor({
    name: 'projector',
    program: { file: IDLE, execArgv: [] },
    init: (attempt) => {
      attempts.push(attempt);
      return { home: '/', root } as ChildInit;
    },
    clock: new SystemClock(),
    ticks,
    tryAgainMs: null,
    events: { onMessage: () => undefined, onReady: () => undefined, onDeath: (death) => deaths.push(death) },
  });
  supervisor.start();
  return supervisor;
}

describe('a child that a signal to all processes ends before it can pass over signals', () => {
  test.each([
    ['before main stops it', true],
    ['while main stops it', false],
  ])('%s: it runs once more, so that its work is complete', async (_when, waits) => {
    const deaths: ChildDeath[] = [];
    const attempts: number[] = [];
    const child = supervise(deaths, attempts);
    process.kill(child.pid ?? 0, 'SIGTERM');
    if (waits) await eventually('it has ended', () => deaths.length === 1);
    await child.finish(0);
    expect(attempts).toEqual([0, 1]);
    expect([child.pid, child.state]).toEqual([null, 'stopped']);
  });

  test('one that ended otherwise does not', async () => {
    const deaths: ChildDeath[] = [];
    const attempts: number[] = [];
    const child = supervise(deaths, attempts);
    child.kill();
    await eventually('it has ended', () => deaths.length === 1);
    await child.finish(0);
    expect(attempts).toEqual([0]);
  });
});

describe('a child that gives no sign of life', () => {
  test('main ends it after a minute, but not after a minute in which main itself stood still', async () => {
    const deaths: ChildDeath[] = [];
    let ticks = 0;
    const supervisor = supervise(deaths, [], () => ticks);
    const { pid } = supervisor;
    // What main was started with, credentials among it, is not for its children.
    const environment = (): string =>
      readFileSync(`/proc/${pid ?? 0}/environ`, 'utf8').replace(/NODE_CHANNEL_\w+=\w+\0/g, '');
    await eventually(
      'only the folder of compiled code is in its environment',
      () => environment() === `NODE_COMPILE_CACHE=${root}/dist/.compile-cache\0`,
    );
    const watchFor = (seconds: number): void => {
      for (let second = 0; second < seconds; second += 1) {
        ticks += 1_000;
        supervisor.watch();
      }
    };
    watchFor(10);
    ticks += 300_000;
    watchFor(59);
    expect([supervisor.pid, supervisor.silent, deaths.length]).toEqual([pid, true, 0]);
    ticks += 300_000;
    supervisor.watch();
    // a machine that stands still again and again
    for (let pause = 0; pause < 20; pause += 1) {
      ticks += 9_000;
      supervisor.watch();
    }
    expect([supervisor.pid, supervisor.silent, deaths.length]).toEqual([pid, true, 0]);
    watchFor(25);
    await eventually('it was ended', () => deaths.length === 1);
    expect(deaths[0]?.end.signal).toBe('SIGKILL');
  });
});
