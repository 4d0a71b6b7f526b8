import { describe, expect, test } from '@jest/globals';
import type { ModuleCheck } from '../../../src/app/checks/self-checks.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { brokerError, networkError } from '../../../src/kernel/errors.js';
import { plusMs } from '../../../src/kernel/time.js';
import { at, LoopWorld } from './support.js';

/** Transitions of RUN-11 to the first state of a test. */
const STARTED = ['provisioning', 'bootstrapping', 'registration', 'started'] as const;
const IDLE = [...STARTED, 'idle'] as const;

describe('a broker that is away', () => {
  const away = { module: 'broker.reachable', ok: false, cause: 'no answer', remedy: 'Look.', mayPass: true } as const;
  const noAnswer = networkError('retry', { code: 'API_TIMEOUT', message: 'no answer', remedy: 'Look.' });
  const refusedKey = brokerError('refuse', { code: 'KEY_REFUSED', message: 'no key', remedy: 'Enter it.' });
  const checkedKey = { module: 'broker.key', ok: false, cause: 'no key', remedy: 'Enter it.' };
  const modules = [away, { module: 'risk', ok: true, cause: '', remedy: '' }];

  /** Until `end` the checks of the broker fail. */
  function awayUntil(world: LoopWorld, end: string, results: readonly ModuleCheck[] = modules): { asked: number } {
    const sound = world.checks;
    const seen = { asked: 0 };
    world.checks = {
      ...sound,
      modules: (settings) => {
        seen.asked += 1;
        return world.pacer.now() < at(end) ? Promise.resolve(results) : sound.modules(settings);
      },
    };
    return seen;
  }

  const eventsOf = (world: LoopWorld, ...types: readonly RecordedEvent['type'][]) =>
    world.journal.readAll({ filter: { types: [...types] } });

  test('at a start the bot waits in its state, asks once a minute, journals one finding, and trades when it is back', async () => {
    const world = await new LoopWorld('2013-10-07T12:00').stand(...STARTED);
    const seen = awayUntil(world, '2013-10-07T14:02');
    expect(await world.runUntil('2013-10-07T21:00')).toEqual(['session 2013-10-07 from 14:02']);
    expect((await world.states()).slice(4)).toEqual(['10-07T14:02 idle', '10-07T21:00 shutdown_triggered']);
    expect(seen.asked).toBeGreaterThan(120);
    expect(seen.asked).toBeLessThan(130);
    const found = await eventsOf(world, 'SelfCheckCompleted', 'ErrorRecorded');
    expect(found.map(({ data }) => ('ok' in data ? data.ok : 'error'))).toEqual([false, 'error', true]);
    expect(found[0]?.data).toMatchObject({ checks: [{ module: 'broker.reachable', ok: false }, { module: 'risk' }] });
  });

  test('before a session the bot stays idle, and a kill or a stop does not wait for it', async () => {
    const world = await new LoopWorld('2013-10-07T13:00').stand(...IDLE);
    awayUntil(world, '2013-10-09T00:00');
    world.order('2013-10-07T15:00', 'stop');
    expect(await world.runUntil('2013-10-07T21:00')).toEqual(['stop obeyed: stopped']);
    expect((await world.states()).slice(5)).toEqual(['10-07T15:00 graceful_closing_positions', '10-07T15:00 stopped']);
  });

  test('checks that passed say nothing of a start by hand: they are run again', async () => {
    const world = await new LoopWorld('2013-10-07T13:00').stand(...IDLE);
    // they pass before the session, and not five minutes later
    world.order('2013-10-07T13:26', 'stop');
    world.pacer.plan(at('2013-10-07T13:27'), () => void awayUntil(world, '2013-10-09T00:00', [checkedKey]));
    world.order('2013-10-07T13:28', 'start');
    await world.runUntil('2013-10-07T13:35');
    expect((await world.states()).at(-1)).toBe('10-07T13:28 error');
  });

  test('nor of other settings or secrets', async () => {
    const world = await new LoopWorld('2013-10-07T13:23').stand(...STARTED);
    world.pacer.plan(at('2013-10-07T13:24'), () => void awayUntil(world, '2013-10-09T00:00', [checkedKey]));
    world.order('2013-10-07T13:24', 'reload');
    await world.runUntil('2013-10-07T13:35');
    expect((await world.states()).at(-1)).toBe('10-07T13:25 error');
  });

  test('with another fault at the same time, only a person starts the bot again', async () => {
    const world = await new LoopWorld('2013-10-07T13:00').stand(...IDLE);
    awayUntil(world, '2013-10-07T13:30', [away, { module: 'disk', ok: false, cause: 'full', remedy: 'Make room.' }]);
    expect(await world.runUntil('2013-10-07T21:00')).toEqual([]);
    expect((await world.states()).at(-1)).toBe('10-07T13:25 error');
  });

  test.each([
    ['no answer', noAnswer],
    ['a refused key, while a session is unfinished', refusedKey],
  ])('%s in a session: it is begun again until it succeeds, and its state stays', async (_, fault) => {
    const world = await new LoopWorld('2013-10-07T15:00').stand(...IDLE);
    world.faultInSession = fault;
    if (fault === refusedKey) {
      world.pacer.plan(
        plusMs(at('2013-10-07T15:00'), 1_000),
        () => void awayUntil(world, '2013-10-07T15:10', [checkedKey]),
      );
    }
    world.pacer.plan(at('2013-10-07T15:10'), () => (world.faultInSession = undefined));
    const sessions = await world.runUntil('2013-10-07T21:00');
    expect(sessions.length).toBeGreaterThan(5);
    expect(sessions.length).toBeLessThan(20);
    expect((await world.states()).slice(5)).toEqual(['10-07T21:00 shutdown_triggered']);
    const errors = await eventsOf(world, 'ErrorRecorded');
    expect(errors.map(({ data }) => 'errorCode' in data && data.errorCode)).toEqual([fault.code]);
    expect(await eventsOf(world, 'SessionClosed')).toHaveLength(1);
    const checks = await eventsOf(world, 'SelfCheckCompleted');
    expect(checks.map(({ data }) => 'ok' in data && data.ok)).toEqual(
      fault === refusedKey ? [true, false, true] : [true, true],
    );
  });

  test('after the close of an unfinished session too; the next day is traded', async () => {
    const world = await new LoopWorld('2013-10-07T15:00').stand(...IDLE);
    world.pacer.plan(at('2013-10-07T19:50'), () => {
      world.faultAtClose = noAnswer;
    });
    world.pacer.plan(at('2013-10-07T23:30'), () => (world.faultAtClose = undefined));
    const sessions = await world.runUntil('2013-10-08T21:00');
    expect(new Set(sessions.map((text) => text.slice(0, 18)))).toEqual(
      new Set(['session 2013-10-07', 'session 2013-10-08']),
    );
    expect(await eventsOf(world, 'SessionClosed')).toHaveLength(2);
    expect((await world.states()).filter((state) => state.endsWith('error'))).toEqual([]);
  });
});
