import { describe, expect, test } from '@jest/globals';
import { PreparedSession } from '../../../src/app/live/prepared-session.js';
import type { SessionRunner } from '../../../src/app/live/session-runner.js';
import { networkError } from '../../../src/kernel/errors.js';

const LATE = networkError('retry', { code: 'API_TIMEOUT', message: 'no answer', remedy: 'Check the connection.' });

/** A session whose feed answers when the test says so. */
class World {
  readonly happened: string[] = [];
  loaded: () => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;
  late: () => void = () => undefined;
  readonly session: PreparedSession;

  constructor(cannotWait = false) {
    this.session = new PreparedSession({
      load: () =>
        new Promise((resolve, reject) => {
          this.loaded = resolve;
          this.fail = reject;
        }),
      limit: (late) => {
        this.late = late;
        return () => this.happened.push('limit cancelled');
      },
      cannotWait,
      make: (loaded) => this.#inner(loaded),
      late: () => LATE,
      end: () => this.happened.push('feed closed'),
    });
  }

  #inner(loaded: boolean): SessionRunner {
    this.happened.push(loaded ? 'made' : 'made without the feed');
    return {
      run: () => Promise.resolve('closed'),
      leave: () => this.happened.push('left'),
      followed: () => this.happened.push('followed'),
      kill: (reason) => {
        this.happened.push(`kill: ${reason}`);
        return Promise.resolve({ outcome: 'obeyed', reason });
      },
    };
  }
}

describe('a session that waits for its feed', () => {
  test('it begins when the feed has loaded the day, and closes the feed afterwards', async () => {
    const world = new World();
    const end = world.session.run();
    world.loaded();
    expect(await end).toBe('closed');
    expect(world.happened).toEqual(['limit cancelled', 'made', 'feed closed']);
  });

  test.each([
    ['it does not answer', (world: World) => world.late()],
    ['it refuses', (world: World) => world.fail(LATE)],
  ])('%s: a flat bot does not begin, and the cause is that of the feed', async (_what, happens) => {
    const world = new World();
    const end = world.session.run();
    happens(world);
    await expect(end).rejects.toBe(LATE);
    expect(world.happened).toEqual(['limit cancelled', 'feed closed']);
  });

  test('any other fault of the feed is a fault of this session', async () => {
    const world = new World();
    const end = world.session.run();
    world.fail(new Error('undefined is not a function'));
    await expect(end).rejects.toMatchObject({ code: 'SESSION_NOT_BEGUN', kind: 'DataError' });
  });

  test('open positions do not wait: it begins without what was not loaded', async () => {
    const world = new World(true);
    const end = world.session.run();
    world.late();
    expect(await end).toBe('closed');
    expect(world.happened).toContain('made without the feed');
  });

  test('a kill does not wait either, and the session has it', async () => {
    const world = new World();
    const end = world.session.run();
    const killed = world.session.kill('flag', 'system:main');
    expect(await killed).toMatchObject({ outcome: 'obeyed' });
    expect(await end).toBe('closed');
    expect(world.happened).toEqual(['limit cancelled', 'made without the feed', 'kill: flag', 'feed closed']);
    // a late refusal reaches nobody
    world.fail(new Error('late'));
  });

  test('it can be left while it waits', async () => {
    const world = new World();
    const end = world.session.run();
    world.session.leave();
    expect(await end).toBe('left');
    expect(world.happened).toEqual(['limit cancelled', 'feed closed']);
  });
});
