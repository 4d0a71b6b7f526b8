import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ordered } from '../../../src/app/live/command-order.js';
import { CommandQueue } from '../../../src/app/live/command-queue.js';
import type { CommandOutcome, EngineCommand } from '../../../src/app/live/commands.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { epochMs } from '../../../src/kernel/time.js';

type Kind = EngineCommand['kind'];
const KINDS = [
  'kill',
  'stop',
  'start',
  'reload',
  'shutdown',
  'supervision',
  'handOver',
] as const satisfies readonly Kind[];

function command(kind: Kind): EngineCommand {
  if (kind === 'reload') return { kind };
  if (kind === 'shutdown') return { kind, reason: 'test', deadline: epochMs(0) };
  if (kind === 'handOver') return { kind, reason: 'test' };
  if (kind === 'supervision') return { kind, to: 'none', reason: 'test', policy: 'hold', graceSeconds: 5 };
  return { kind, reason: 'test', actor: 'user:u1' };
}

/** The waiting and the superseded commands after these requests in sequence. */
function orderOf(kinds: readonly Kind[]): readonly [string, string] {
  let waiting: readonly { readonly command: EngineCommand }[] = [];
  const gone: Kind[] = [];
  for (const kind of kinds) {
    const { order, overtaken } = ordered(waiting, { command: command(kind) });
    waiting = order;
    gone.push(...overtaken.map((one) => one.command.kind));
  }
  return [waiting.map((one) => one.command.kind).join(' '), gone.join(' ')];
}

interface World {
  readonly queue: CommandQueue;
  readonly outcomes: string[];
  readonly killed: string[];
  session: boolean;
  /** What the session says when the journal has a kill. */
  durable: Promise<CommandOutcome>;
  readonly put: (...kinds: readonly Kind[]) => void;
}

function newWorld(): World {
  const killed: string[] = [];
  const outcomes: string[] = [];
  const world: World = {
    ...{ killed, outcomes, session: false, durable: Promise.resolve(OBEYED) },
    queue: new CommandQueue({
      wake: () => undefined,
      killSession: ({ kind }) => (world.session ? (killed.push(kind), world.durable) : undefined),
    }),
    put: (...kinds: readonly Kind[]) => {
      for (const kind of kinds) {
        void world.queue.put(command(kind)).then(
          ({ outcome, reason }) => outcomes.push(`${kind} ${outcome}: ${reason}`),
          (error: unknown) =>
            outcomes.push(`${kind} open: ${error instanceof TradeBotError ? error.code : String(error)}`),
        );
      }
    },
  };
  return world;
}

const OBEYED: CommandOutcome = { outcome: 'obeyed', reason: 'done' };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function takeAll(queue: CommandQueue, answer?: CommandOutcome): readonly Kind[] {
  const kinds: Kind[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    kinds.push(next.command.kind);
    if (answer !== undefined) next.answer(answer);
  }
  return kinds;
}

describe('the order of commands', () => {
  test.each<readonly [string, readonly Kind[], string, string]>([
    ['others keep the order in which they were asked for', ['stop', 'reload', 'start'], 'stop reload start', ''],
    ['a kill goes before all others', ['stop', 'reload', 'kill'], 'kill stop reload', ''],
    ['a second kill goes after the first', ['kill', 'reload', 'kill'], 'kill kill reload', ''],
    ['a stop overtakes a start that waits', ['start', 'reload', 'stop'], 'reload stop', 'start'],
    ['a kill overtakes every start that waits', ['start', 'stop', 'start', 'kill'], 'kill stop', 'start start'],
    ['a start after a halt is obeyed after it', ['kill', 'stop', 'start'], 'kill stop start', ''],
    ['a shutdown overtakes nothing', ['start', 'shutdown'], 'start shutdown', ''],
  ])('%s', (_case, asked, waiting, overtaken) => {
    expect(orderOf(asked)).toEqual([waiting, overtaken]);
  });

  test('a start requested before the last halt is never executed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 20 }), (asked) => {
        const [waiting] = orderOf(asked);
        const lastHalt = Math.max(asked.lastIndexOf('kill'), asked.lastIndexOf('stop'));
        const starts = asked.slice(lastHalt + 1).filter((kind) => kind === 'start').length;
        expect(waiting.split(' ').filter((kind) => kind === 'start')).toHaveLength(starts);
      }),
    );
  });
});

describe('the queue of the engine', () => {
  test('the loop executes commands in order; each gets its answer', async () => {
    const { queue, outcomes, put } = newWorld();
    put('start', 'kill', 'reload');
    expect(takeAll(queue, OBEYED)).toEqual(['kill', 'reload']);
    await turn();
    expect(outcomes).toEqual([
      'start refused: a later stop or kill overrides it',
      'kill obeyed: done',
      'reload obeyed: done',
    ]);
  });

  test('a kill goes to the running session at once, also one that waits when the session begins', async () => {
    const world = newWorld();
    world.put('kill');
    world.session = true;
    world.queue.sessionBegins();
    world.put('kill');
    expect([world.killed, world.queue.isEmpty]).toEqual([['kill', 'kill'], true]);
    await turn();
    expect(world.outcomes).toEqual(['kill obeyed: done', 'kill obeyed: done']);
  });

  test('a command that a session took but did not answer waits for the loop, before later ones', async () => {
    const world = newWorld();
    world.session = true;
    world.put('shutdown');
    expect(takeAll(world.queue)).toEqual(['shutdown']);
    world.put('reload');
    world.queue.sessionEnds();
    expect(takeAll(world.queue, OBEYED)).toEqual(['shutdown', 'reload']);
    await turn();
    expect(world.outcomes).toEqual(['shutdown obeyed: done', 'reload obeyed: done']);
  });

  test('at most a hundred commands wait; a halt and a shutdown are always accepted', async () => {
    const world = newWorld();
    world.put(...Array.from({ length: 101 }, () => 'reload' as const), 'stop', 'shutdown', 'kill');
    await turn();
    expect(world.outcomes).toEqual(['reload refused: too many commands are waiting already']);
    expect(takeAll(world.queue, OBEYED)).toHaveLength(103);
  });

  test('an urgent command ends a wait', async () => {
    const { queue, put } = newWorld();
    let urged = false;
    void queue.urgent().then(() => (urged = true));
    put('reload', 'start');
    await turn();
    expect(urged).toBe(false);
    put('stop');
    await turn();
    expect(urged).toBe(true);
  });

  test('a kill that a session took is open until the journal has it, and waits again when the session ends', async () => {
    const world = newWorld();
    world.session = true;
    world.durable = new Promise(() => undefined);
    world.put('shutdown');
    takeAll(world.queue);
    world.put('kill');
    await turn();
    expect([world.killed, world.outcomes]).toEqual([['kill'], []]);
    world.session = false;
    world.queue.sessionEnds();
    expect(takeAll(world.queue, OBEYED)).toEqual(['kill', 'shutdown']);
    await turn();
    expect(world.outcomes).toEqual(['kill obeyed: done', 'shutdown obeyed: done']);
  });

  test('a queue that closes refuses what waits, but leaves a stop and a kill open for the next engine', async () => {
    const { queue, outcomes, put } = newWorld();
    put('stop', 'reload');
    queue.close();
    put('kill', 'start');
    await turn();
    expect(outcomes).toEqual([
      'stop open: ENGINE_ENDED',
      'reload refused: the engine is shutting down',
      'kill open: ENGINE_ENDED',
      'start refused: the engine is shutting down',
    ]);
  });
});
