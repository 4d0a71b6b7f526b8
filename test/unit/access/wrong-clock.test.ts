import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MemoryAddressThrottle } from '../../../src/adapters/users/address-throttle.js';
import { beginAttempt, LONGEST_DELAY_MS } from '../../../src/domain/access/attempt-delay.js';
import { secret } from '../../../src/kernel/secret.js';
import { DAY_MS, epochMs, isOver, MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { AccessBench, admittedOf, request, sessionOf, START, withAdmin } from './support.js';

const YEARS = 14 * 365 * DAY_MS;
const AHEAD = epochMs(START + YEARS);

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await bench.close();
});

describe('a deadline', () => {
  const deadline = epochMs(START + 15 * MINUTE_MS);

  test.each([
    ['it lies within its duration', 0, false],
    ['its time has come', 15 * MINUTE_MS, true],
    ['the clock was set back by a minute after it was set', -MINUTE_MS, false],
    ['it lies further away than it lasts', -2 * MINUTE_MS, true],
    ['it was set by a clock of another decade', -YEARS, true],
  ])('%s', (_name, fromStart, over) => {
    expect(isOver(deadline, 15 * MINUTE_MS, epochMs(START + fromStart))).toBe(over);
  });

  test('a delay lasts as long as its rule says at most, and failures count as long', () => {
    const rule = { limit: 10, minutes: 15 };
    const attempts = { failures: 10, notBefore: plusMs(START, LONGEST_DELAY_MS), lastAt: START };
    expect(beginAttempt(attempts, rule, START)).toEqual({ may: 'wait', until: plusMs(START, LONGEST_DELAY_MS) });
    const earlier = beginAttempt(attempts, rule, epochMs(START - DAY_MS));
    expect(earlier).toMatchObject({ may: 'try', attempts: { failures: 1 } });
  });
});

describe('after a clock that was years ahead', () => {
  test('a delay of that time delays nobody', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    await withAdmin(access);
    bench.clock.setTo(AHEAD);
    await access.login(request('root.admin', { password: secret('not this one at all') }));
    expect(await access.login(request('root.admin'))).toMatchObject({ refusal: 'DELAYED' });
    bench.clock.setTo(START);
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
  });

  test('a device of that time is not known', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    await withAdmin(access);
    bench.clock.setTo(AHEAD);
    const { device } = admittedOf(await access.login(request('root.admin')));
    bench.clock.setTo(START);
    await access.login(request('root.admin', { password: secret('not this one at all') }));
    expect(await access.login(request('root.admin', { device }))).toMatchObject({ refusal: 'DELAYED' });
  });

  test('an address waits no longer than its window', async () => {
    const rule = { limit: 1, windowSeconds: 900 };
    const throttle = new MemoryAddressThrottle();
    const machine = Date.now();
    const shown = jest.spyOn(Date, 'now').mockReturnValue(machine + YEARS);
    await throttle.take('192.0.2.7', rule);
    expect((await throttle.take('192.0.2.7', rule)).waitSeconds).toBe(900);
    shown.mockReturnValue(machine);
    expect((await throttle.take('192.0.2.7', rule)).waitSeconds).toBe(0);
    expect((await throttle.take('192.0.2.7', rule)).waitSeconds).toBe(900);
  });

  test('a session of that time is over, in use, in the count and in the sweep', async () => {
    const access = bench.open();
    await withAdmin(access);
    bench.clock.setTo(AHEAD);
    const session = sessionOf(await access.login(request('root.admin')));
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
    bench.clock.setTo(plusMs(START, MINUTE_MS));
    expect(access.sessions.countOpen()).toBe(1);
    expect(await access.sessions.sweep()).toBe(1);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false, refusal: 'NO_SESSION' });
    const other = sessionOf(await access.login(request('root.admin')));
    expect(await access.sessions.authenticate(other.sessionId)).toMatchObject({ ok: true });
  });

  test('a session that was used at that time must log in again', async () => {
    const access = bench.open();
    await withAdmin(access);
    bench.clock.setTo(AHEAD);
    const session = sessionOf(await access.login(request('root.admin')));
    bench.clock.setTo(START);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ refusal: 'SESSION_EXPIRED' });
  });

  test('a token of that time is over', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    bench.clock.setTo(AHEAD);
    const { token } = await access.tokens.issue(by, { label: 'cron', role: 'viewer', days: 30 });
    bench.clock.setTo(START);
    expect(await access.tokens.authenticate(token, '192.0.2.7')).toMatchObject({ ok: false });
  });

  test('a code of the second factor that was used at that time does not refuse the codes of now', async () => {
    const { store } = bench.parts();
    const access = bench.open();
    const { by } = await withAdmin(access);
    const step = Math.floor(START / 30_000);
    expect(store.users.useCodeStep(by.userId, Math.floor(AHEAD / 30_000))).toBe(true);
    expect(store.users.useCodeStep(by.userId, step)).toBe(true);
    expect(store.users.useCodeStep(by.userId, step)).toBe(false);
    expect(store.users.useCodeStep(by.userId, step - 1)).toBe(false);
    store.close();
  });
});
