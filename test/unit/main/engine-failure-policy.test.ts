import { describe, expect, test } from '@jest/globals';
import { TradeBotError } from '../../../src/kernel/errors.js';
import type { CommandOutcome, EngineCommand } from '../../../src/app/live/commands.js';
import type { Carried, ChildDeath } from '../../../src/processes/main/child-supervisor.js';
import type { EngineProcess } from '../../../src/processes/main/engine-command-channel.js';
import { EngineFailurePolicy } from '../../../src/processes/main/engine-failure-policy.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An engine that a test drives, with what main knows of it. */
class World {
  state: EngineProcess['state'] = 'running';
  open: readonly string[] = [];
  starts = 0;
  readonly carried: string[] = [];
  readonly commanded: string[] = [];
  /** What the next engine says to a command that it was started with. */
  carriedAnswer = new Promise<CommandOutcome>(() => undefined);
  /** What the engine says to a command. */
  answer = Promise.resolve<CommandOutcome>({ outcome: 'obeyed', reason: 'closing' });
  readonly channel = {
    haltWaits: false,
    engineDied: () => undefined,
    carry: ({ kind, reason, actor }: Carried): Promise<CommandOutcome> => {
      this.carried.push(`${actor} ${kind}: ${reason}`);
      return this.carriedAnswer;
    },
    command: (command: EngineCommand): Promise<CommandOutcome> => {
      this.commanded.push('reason' in command ? `${command.kind}: ${command.reason}` : command.kind);
      return this.answer;
    },
  };
  readonly failures: string[] = [];
  /** What saving a lost journal does. */
  saveLost = (): Promise<void> => Promise.resolve();
  /** The order on disk. */
  kept: string | undefined;
  readonly policy = new EngineFailurePolicy({
    engine: () => ({
      state: this.state,
      start: () => {
        this.starts += 1;
        this.state = 'starting';
      },
      resetFailures: () => undefined,
    }),
    channel: this.channel,
    fail: (cause) => Promise.resolve(void this.failures.push(cause)),
    openPositions: () => this.open,
    saveLost: () => this.saveLost(),
    order: {
      read: () => this.kept,
      write: (cause) => void (this.kept = cause),
      remove: () => void (this.kept = undefined),
    },
  });

  async die(how: Partial<ChildDeath> = { givenUp: true }): Promise<void> {
    this.state = how.givenUp === false ? 'waiting to restart' : 'given up';
    await this.policy.died({ deaths: 5, fatal: undefined, outage: false, givenUp: true, ...how } as ChildDeath);
    await turn();
  }

  /** Seconds until the next start; undefined when there is none within ten minutes. */
  secondsToStart(): number | undefined {
    const before = this.starts;
    for (let seconds = 1; seconds <= 600; seconds += 1) {
      this.policy.tick();
      if (this.starts > before) return seconds;
    }
    return undefined;
  }
}

const FATAL = {
  kind: 'ConfigError',
  code: 'NO_KEY',
  message: 'the key is gone',
  remedy: 'Restore it.',
  details: {},
} as const;

describe('an engine that was given up (RUN-42)', () => {
  test('it is started once more to close everything, then again and again until an engine has done so', async () => {
    const world = new World();
    world.open = ['AIG long'];
    await world.die();
    expect([world.starts, world.carried]).toEqual([1, ['system:main kill: the engine died 5 times within minutes']]);
    await world.die();
    expect(world.failures).toEqual([
      'the engine died 5 times within minutes; it died again while closing. Open as far as is known: AIG long.',
    ]);
    const waits: (number | undefined)[] = [];
    for (let n = 0; n < 5; n += 1) {
      waits.push(world.secondsToStart());
      await world.die();
    }
    expect(waits).toEqual([10, 20, 40, 60, 60]);
    expect([world.carried.length, world.failures.length]).toEqual([6, 1]);
    world.open = [];
    await world.policy.changed('stopped');
    expect(world.failures.at(-1)).toBe('the engine died 5 times within minutes; everything was closed');
    expect(world.secondsToStart()).toBe(undefined);
  });

  test('one that cannot continue is started again only while a position is open or a halt waits', async () => {
    const world = new World();
    await world.die({ givenUp: true, fatal: FATAL });
    expect([world.failures, world.secondsToStart()]).toEqual([['the key is gone (NO_KEY). Restore it.'], undefined]);
    world.open = ['AIG long'];
    expect(world.secondsToStart()).toBe(1);
    expect(world.carried).toEqual(['system:main kill: the engine was given up with open positions']);
    await world.die({ givenUp: true, fatal: FATAL });
    world.open = [];
    world.channel.haltWaits = true;
    expect([world.secondsToStart(), world.carried.length]).toEqual([20, 1]);
  });

  test('positions are unmanaged while it is given up, and only then', async () => {
    const world = new World();
    world.open = ['AIG long', 'KO short'];
    expect(world.policy.unmanaged).toEqual([]);
    await world.die({ givenUp: false });
    expect(world.policy.unmanaged).toEqual([]);
    await world.die({ givenUp: true, fatal: FATAL });
    expect(world.policy.unmanaged).toEqual(['AIG long', 'KO short']);
  });

  test('a start by a person begins the count and the pauses again', async () => {
    const world = new World();
    await world.die();
    await world.die();
    expect(world.secondsToStart()).toBe(10);
    world.policy.resetFailures();
    world.state = 'given up';
    expect(world.secondsToStart()).toBe(undefined);
  });
});

describe('an engine that has no journal closes everything with the broker alone', () => {
  const alone = { outcome: 'obeyed', reason: 'closed with the broker alone', withoutJournal: true } as const;

  test.each(['before a main orders it', 'by an order of main'])(
    '%s: the bot is in error, and none is started again',
    async (when) => {
      const world = new World();
      world.open = ['AIG long'];
      world.carriedAnswer = Promise.resolve(alone);
      world.answer = world.carriedAnswer;
      await world.die({ fatal: FATAL });
      if (when === 'by an order of main') await world.policy.haltFor('the journal is lost');
      else expect(world.secondsToStart()).toBe(10);
      await turn();
      world.state = 'given up';
      expect([world.failures.at(-1), world.kept]).toEqual([alone.reason, undefined]);
      expect([world.policy.unmanaged, world.secondsToStart()]).toEqual([[], undefined]);
      world.channel.haltWaits = true;
      expect(world.secondsToStart()).toBeGreaterThan(0);
    },
  );

  test('what stays open is tried again, and a start by a person counts from the beginning', async () => {
    const world = new World();
    world.open = ['AIG long'];
    world.answer = Promise.resolve(alone);
    await world.die({ fatal: FATAL });
    await world.policy.haltFor('the journal is lost');
    world.policy.resetFailures();
    world.answer = new Promise(() => undefined);
    await world.die({ fatal: FATAL });
    void world.policy.haltFor('the journal is lost');
    expect(world.policy.unmanaged).toEqual(['AIG long']);
    expect(world.secondsToStart()).toBeGreaterThan(0);
  });
});

describe('the order to close everything is kept for the next main', () => {
  test('it is on disk before the engine is asked, and gone when everything is closed and the error is recorded', async () => {
    const world = new World();
    const seen: (string | undefined)[] = [];
    world.channel.carry = () => {
      seen.push(world.kept);
      return world.carriedAnswer;
    };
    await world.die();
    expect(seen).toEqual(['the engine died 5 times within minutes']);
    await world.policy.changed('emergency_closing_positions');
    expect(world.kept).toBe('the engine died 5 times within minutes');
    await world.policy.changed('stopped');
    expect([world.failures.length, world.kept]).toEqual([1, undefined]);
  });

  test('another main that finds it closes everything, and ends in error with its cause', async () => {
    const world = new World();
    world.kept = 'the journal is lost';
    world.policy.resume();
    await turn();
    expect(world.commanded).toEqual(['kill: the journal is lost']);
    await world.policy.changed('stopped');
    expect([world.failures, world.kept]).toEqual([['the journal is lost; everything was closed'], undefined]);
  });

  test('without one nothing is asked of the engine', async () => {
    const world = new World();
    world.policy.resume();
    await turn();
    expect(world.commanded).toEqual([]);
  });

  test('a start by a person ends it', async () => {
    const world = new World();
    await world.policy.haltFor('the journal is damaged');
    expect(world.kept).toBe('the journal is damaged');
    world.policy.resetFailures();
    expect(world.kept).toBeUndefined();
  });
});

describe('a halt for another reason than the engine', () => {
  test('everything is closed at once, and the bot then ends in error with the newest cause', async () => {
    const world = new World();
    await world.policy.haltFor('the journal is lost');
    await world.policy.haltFor('the journal is lost; it is saved');
    expect(world.commanded).toEqual(['kill: the journal is lost']);
    expect(world.failures).toEqual([]);
    await world.policy.changed('stopped');
    expect(world.failures).toEqual(['the journal is lost; it is saved; everything was closed']);
  });

  test('a bot at rest that holds nothing ends in error without a change of its state', async () => {
    const world = new World();
    world.answer = Promise.resolve({ outcome: 'refused', reason: 'the bot is already in stopped and holds nothing' });
    await world.policy.haltFor('the journal is damaged');
    expect(world.failures).toEqual(['the journal is damaged; everything was closed']);
  });

  test('a bot that closed everything by itself names the copy of its lost journal', async () => {
    const world = new World();
    world.answer = Promise.resolve({ outcome: 'refused', reason: 'the bot is already in stopped and holds nothing' });
    world.saveLost = async () => {
      await turn();
      await world.policy.haltFor('the journal is lost; it is saved');
    };
    await world.policy.haltFor('the journal is lost');
    expect(world.failures).toEqual(['the journal is lost; it is saved; everything was closed']);
  });

  test('main that stops meanwhile ends it without an error of its own', async () => {
    const world = new World();
    world.answer = Promise.reject(
      new TradeBotError('NetworkError', 'retry', { code: 'STOPPING', message: 'stopping', remedy: 'none' }),
    );
    await world.policy.haltFor('the journal is damaged');
    expect(world.failures).toEqual([]);
  });
});
