import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { RunningTimer } from '../../../src/adapters/clock/running-timer.js';

/** What the machine's clock shows more than the timers of the process: it stood still for so long. */
let stillMs = 0;
let called = 0;
const stopwatch = { elapsedMs: () => performance.now() + stillMs };
const run = (ms: number): void => {
  jest.advanceTimersByTime(ms);
};
const timer = (ms: number): RunningTimer => new RunningTimer(ms, () => (called += 1), stopwatch);

beforeEach(() => {
  jest.useFakeTimers();
  [stillMs, called] = [0, 0];
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a limit that counts only the time in which its process ran', () => {
  test.each([1, 300, 700, 10_000, 3_600_000])('it ends after %i ms of it, once', (ms) => {
    timer(ms);
    run(ms - 1);
    expect(called).toBe(0);
    run(2);
    expect(called).toBe(1);
    run(2 * ms);
    expect(called).toBe(1);
  });

  test('a standstill of an hour counts nothing, and time remains to read what came meanwhile', () => {
    timer(700);
    run(690);
    stillMs += 3_600_000;
    run(650);
    expect(called).toBe(0);
    run(200);
    expect(called).toBe(1);
  });

  test('after a standstill a long limit does not begin again', () => {
    timer(60_000);
    run(58_500);
    stillMs += 5_000;
    run(4_000);
    expect(called).toBe(0);
    run(2_500);
    expect(called).toBe(1);
  });

  test('a machine that stands still again and again puts it off for a bounded time only', () => {
    timer(700);
    for (let pause = 0; pause < 25; pause += 1) {
      stillMs += 5_000;
      run(90);
    }
    expect(called).toBe(1);
  });

  test('what arrived while the process was busy is read before it ends', async () => {
    jest.useRealTimers();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sender = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [receiver] = (await once(server, 'connection')) as [Socket];
    const waiting = new RunningTimer(1, () => (called += 1));
    const read = once(receiver, 'data').then(() => waiting.cancel());
    sender.write('taken');
    for (const until = performance.now() + 200; performance.now() < until;);
    await read;
    sender.destroy();
    server.close();
    await once(server, 'close');
    expect(called).toBe(0);
  });

  test('one that is begun again or cancelled does not end', () => {
    const waiting = timer(1_000);
    run(900);
    waiting.restart();
    run(900);
    expect(called).toBe(0);
    waiting.cancel();
    run(5_000);
    expect(called).toBe(0);
  });
});
