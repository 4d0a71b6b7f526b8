import { describe, expect, test } from '@jest/globals';
import { universeDue } from '../../../src/domain/universe/build-due.js';
import { configError, networkError } from '../../../src/kernel/errors.js';
import { MINUTE_MS, parseUtcText, plusMs } from '../../../src/kernel/time.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import type { Answer, WorkerTask } from '../../../src/processes/ipc/messages.js';
import { plainErrorOf } from '../../../src/processes/ipc/plain-error.js';
import { UniverseBuilds } from '../../../src/processes/main/universe-builds.js';

const CLOSE = parseUtcText('2026-01-06T21:00:00.000Z');

describe('when a universe is due', () => {
  test.each([
    ['before the delay is over', '2026-01-06T22:59:00.000Z', undefined],
    ['from the delay on', '2026-01-06T23:00:00.000Z', '2026-01-06'],
    ['in the morning, for a night in which nothing ran', '2026-01-07T14:29:00.000Z', '2026-01-06'],
    ['not while the exchange is open', '2026-01-07T14:30:00.000Z', undefined],
    ['on a Sunday, for the Friday before', '2026-01-11T12:00:00.000Z', '2026-01-09'],
    ['after a half day', '2025-11-28T20:00:00.000Z', '2025-11-28'],
    ['not outside the calendar', '1970-01-01T00:00:00.000Z', undefined],
  ])('%s (%s)', (_what, at, due) => {
    expect(universeDue(parseUtcText(at), 120)).toBe(due);
  });
});

class World {
  now = plusMs(CLOSE, 121 * MINUTE_MS);
  enabled = true;
  answers: Answer[] = [];
  readonly tasks: WorkerTask[] = [];
  busy = false;
  waits = 0;
  readonly builds = new UniverseBuilds({
    clock: { now: () => this.now },
    nightly: () => ({ enabled: this.enabled, afterCloseMin: 120 }),
    noteWaiting: () => (this.waits += 1),
    log: { info: () => undefined, error: () => undefined },
    pool: {
      run: (task) => {
        this.tasks.push(task);
        return Promise.resolve(this.answers.shift() ?? { ok: true, value: { state: 'published' } });
      },
      cancel: () => undefined,
      close: () => Promise.resolve(),
      get busy() {
        return world.busy;
      },
    },
  });

  async tick(minutes = 1): Promise<number> {
    this.now = plusMs(this.now, minutes * MINUTE_MS);
    this.builds.tick();
    await new Promise(setImmediate);
    return this.tasks.length;
  }
}

let world: World;

const failed = (error: Error): Answer => ({ ok: false, error: plainErrorOf(error) });
const away = (): Answer => failed(networkError('retry', { code: 'PROVIDER_UNAVAILABLE', message: 'x', remedy: 'y' }));
const refused = (): Answer => failed(configError({ code: 'PROVIDER_KEY_REFUSED', message: 'x', remedy: 'y' }));

describe('nightly builds', () => {
  test('one a night, and the next after the next close', async () => {
    world = new World();
    expect(await world.tick()).toBe(1);
    expect(await world.tick(30)).toBe(1);
    expect(world.tasks).toEqual([{ task: 'universe', night: true }]);
    expect(await world.tick(24 * 60)).toBe(2);
  });

  test('none without an enabled provider, nor while one runs', async () => {
    world = new World();
    world.enabled = false;
    expect(await world.tick()).toBe(0);
    expect(await world.tick()).toBe(0);
    expect(world.waits).toBe(1);
    world.enabled = true;
    world.builds.follow({ type: 'SecretChanged' } as RecordedEvent);
    world.busy = true;
    expect(await world.tick()).toBe(0);
    world.busy = false;
    expect(await world.tick()).toBe(1);
  });

  test('a provider that is away is tried again after half an hour, a bounded number of times', async () => {
    world = new World();
    world.answers = Array.from({ length: 50 }, away);
    expect(await world.tick()).toBe(1);
    expect(await world.tick(29)).toBe(1);
    expect(await world.tick(1)).toBe(2);
    for (let round = 0; round < 40; round += 1) await world.tick(20);
    expect(world.tasks).toHaveLength(12);
  });

  test('a refused key is tried again only when a secret or a setting changes', async () => {
    world = new World();
    world.answers = [refused()];
    expect(await world.tick()).toBe(1);
    expect(await world.tick(120)).toBe(1);
    world.builds.follow({ type: 'SecretChanged' } as RecordedEvent);
    expect(await world.tick()).toBe(2);
  });

  test('a clock that was far ahead puts no build off', async () => {
    world = new World();
    world.answers = [away()];
    await world.tick(3 * 24 * 60);
    world.now = plusMs(CLOSE, 121 * MINUTE_MS);
    expect(await world.tick()).toBe(2);
  });

  test('a build that somebody asks for begins at once; a second one and one without a provider are refused', async () => {
    world = new World();
    expect(world.builds.begin()).toEqual({ ok: true, value: { state: 'begun' } });
    expect(world.tasks).toEqual([{ task: 'universe', night: false }]);
    world.busy = true;
    expect(world.builds.begin()).toMatchObject({ ok: false, error: { code: 'UNIVERSE_BUILDING' } });
    world.busy = false;
    world.enabled = false;
    expect(world.builds.begin()).toMatchObject({ ok: false, error: { code: 'UNIVERSE_WITHOUT_PROVIDER' } });
    expect(world.tasks).toHaveLength(1);
    await world.builds.close();
  });
});
