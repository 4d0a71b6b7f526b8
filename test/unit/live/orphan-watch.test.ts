import { beforeEach, describe, expect, test } from '@jest/globals';
import { OrphanWatch, type OrphanRules } from '../../../src/processes/engine/orphan-watch.js';

const world = {
  now: 0,
  heardAt: 0 as number | undefined,
  rules: { policy: 'hold', graceSeconds: 60 } as OrphanRules,
  successor: false,
  inSession: true,
  flat: false,
  flagWaits: false,
};
let commands: string[];
let watch: OrphanWatch;

beforeEach(() => {
  Object.assign(world, { now: 1_000_000, heardAt: 1_000_000, successor: false, inSession: true, flat: false });
  Object.assign(world, { flagWaits: false, rules: { policy: 'hold', graceSeconds: 60 } });
  commands = [];
  watch = new OrphanWatch({
    stopwatch: { elapsedMs: () => world.now },
    speed: 1,
    rules: () => world.rules,
    mainSilentMs: () => (world.heardAt === undefined ? undefined : world.now - world.heardAt),
    successor: () => world.successor,
    inSession: () => world.inSession,
    flat: () => world.flat,
    flagWaits: () => world.flagWaits,
    command: (command) =>
      commands.push(command.kind === 'handOver' ? `handOver: ${command.reason}` : `${command.to}: ${command.reason}`),
  });
});

/** Looks four times a second; main gives signs of life when it `lives`. */
function pass(seconds: number, lives = false): void {
  for (let quarter = 0; quarter < seconds * 4; quarter += 1) {
    world.now += 250;
    if (lives && quarter % 4 === 3) world.heardAt = world.now;
    watch.look();
  }
}

describe('main has ended', () => {
  test('the engine keeps what it has, for as long as the session is open', () => {
    watch.mainEnded();
    pass(7_200);
    expect(commands).toEqual(['none: main has ended']);
    expect(watch.ended).toBe(undefined);
    world.inSession = false;
    pass(1);
    expect(commands.slice(1)).toEqual(['handOver: no session is open']);
    pass(10);
    expect(commands).toHaveLength(2);
  });

  test.each([
    ['another main takes over', (): void => void (world.successor = true)],
    ['nothing is open', (): void => void (world.flat = true)],
    ['a signal asked it to end', (): void => watch.release()],
  ])('it hands over when %s', (reason, happens) => {
    watch.mainEnded();
    pass(5);
    expect(watch.ended).toBe(undefined);
    happens();
    pass(1);
    expect([watch.ended, commands.at(-1)]).toEqual([reason, `handOver: ${reason}`]);
  });

  test('a flat engine waits for a flag to be consumed, and ten seconds at most', () => {
    Object.assign(world, { flat: true, flagWaits: true });
    watch.mainEnded();
    pass(9);
    expect(watch.ended).toBe(undefined);
    pass(2);
    expect(watch.ended).toBe('nothing is open');
  });

  test('with the policy close it closes once after the grace, and ends when flat', () => {
    world.rules = { policy: 'close', graceSeconds: 60 };
    watch.mainEnded();
    pass(59);
    expect(commands).toEqual(['none: main has ended']);
    pass(600);
    expect(commands.slice(1)).toEqual(['grace_over: no main came within 60 s; ORPHAN_POLICY is close']);
    world.flat = true;
    pass(1);
    expect(commands.at(-1)).toBe('handOver: nothing is open');
  });

  test('a policy that is changed to close while it waits counts from the loss', () => {
    watch.mainEnded();
    pass(100);
    world.rules = { policy: 'close', graceSeconds: 90 };
    pass(1);
    expect(commands.at(-1)).toMatch(/^grace_over/);
  });
});

describe('main is silent', () => {
  test('entries wait after ten seconds, and resume with its next sign of life', () => {
    pass(30, true);
    expect(commands).toEqual([]);
    pass(12);
    expect(commands).toEqual(['none: main is silent']);
    world.flat = true;
    pass(60);
    expect(commands).toHaveLength(1);
    pass(2, true);
    expect(commands.slice(1)).toEqual(['main: main is back']);
  });

  test('a main that never gave a sign of life is not judged', () => {
    world.heardAt = undefined;
    pass(600);
    expect(commands).toEqual([]);
  });

  test('an engine that stood still itself waits for the signs that it has not read', () => {
    pass(5, true);
    world.now += 3_600_000;
    watch.look();
    pass(9);
    expect(commands).toEqual([]);
    pass(2);
    expect(commands).toEqual(['none: main is silent']);
  });

  test('a silent main that ends is a loss of its own only once', () => {
    pass(1, true);
    pass(15);
    watch.mainEnded();
    pass(5);
    expect(commands).toEqual(['none: main is silent']);
    expect(watch.gone).toBe(true);
  });
});
