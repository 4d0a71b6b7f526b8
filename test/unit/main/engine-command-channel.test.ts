import { describe, expect, test } from '@jest/globals';
import type { CommandOutcome, EngineCommand } from '../../../src/app/live/commands.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { EngineCommandChannel, type EngineProcess } from '../../../src/processes/main/engine-command-channel.js';
import type { NumberedCommand, ToChild } from '../../../src/processes/ipc/messages.js';

const OBEYED: CommandOutcome = { outcome: 'obeyed', reason: 'emergency close' };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function command(kind: 'kill' | 'stop' | 'start'): EngineCommand {
  return { kind, reason: 'test', actor: 'user:u1' };
}

/** An engine process that a test drives, and the channel to it. */
class World {
  readonly sent: ToChild[] = [];
  readonly outcomes: string[] = [];
  begun: readonly NumberedCommand[] = [];
  state: EngineProcess['state'] = 'running';
  readonly channel: EngineCommandChannel = new EngineCommandChannel(() => this.process());

  ask(kind: 'kill' | 'stop' | 'start'): void {
    this.channel.command(command(kind)).then(
      ({ outcome, reason }) => this.outcomes.push(`${kind} ${outcome}: ${reason}`),
      (error: unknown) =>
        this.outcomes.push(`${kind} open: ${error instanceof TradeBotError ? error.code : String(error)}`),
    );
  }

  die(state: EngineProcess['state'] = 'waiting to restart'): void {
    this.state = state;
    this.channel.engineDied();
  }

  start(): void {
    if (this.state === 'running' || this.state === 'starting') return;
    this.state = 'starting';
    this.begun = this.channel.begin();
  }

  kinds(): readonly string[] {
    return this.begun.map((one) => one.command.kind);
  }

  private process(): EngineProcess {
    return {
      state: this.state,
      send: (message) => void this.sent.push(message),
      start: () => this.start(),
      kill: () => this.die(),
      resetFailures: () => undefined,
    };
  }
}

describe('commands to the engine over its deaths (RUN-16)', () => {
  test('a kill that an engine took and did not write down is begun with by its successor, and by the next', async () => {
    const world = new World();
    world.ask('kill');
    const [first] = world.sent;
    world.channel.receive({ kind: 'taken', id: first?.kind === 'command' ? first.id : 0 });
    world.die();
    await turn();
    expect([world.outcomes, world.state, world.kinds()]).toEqual([[], 'starting', ['kill']]);
    // the journal is locked: the successor dies of it too, and its successor waits for the back-off
    world.die();
    expect(world.state).toBe('waiting to restart');
    world.start();
    await turn();
    expect([world.outcomes, world.kinds()]).toEqual([[], ['kill']]);
    world.channel.receive({ kind: 'outcome', id: world.begun[0]?.id ?? 0, outcome: OBEYED });
    await turn();
    expect(world.outcomes).toEqual(['kill obeyed: emergency close']);
    world.die();
    world.start();
    expect(world.kinds()).toEqual([]);
  });

  test('a kill while no engine lives is open until one has written it down; a second one shares its outcome', async () => {
    const world = new World();
    world.die('given up');
    world.ask('kill');
    world.ask('kill');
    await turn();
    expect([world.outcomes, world.kinds()]).toEqual([[], ['kill']]);
    world.channel.receive({ kind: 'outcome', id: world.begun[0]?.id ?? 0, outcome: OBEYED });
    await turn();
    expect(world.outcomes).toEqual(['kill obeyed: emergency close', 'kill obeyed: emergency close']);
  });

  test.each(['kill', 'stop'] as const)(
    'a %s to an engine that was given up starts it, and waits for the next',
    (kind) => {
      const world = new World();
      world.die('given up');
      expect(world.channel.haltWaits).toBe(false);
      world.ask(kind);
      expect([world.state, world.kinds(), world.channel.haltWaits]).toEqual(['starting', [kind], false]);
      world.die('given up');
      expect([world.state, world.outcomes, world.channel.haltWaits]).toEqual(['given up', [], true]);
    },
  );

  test('a start that was asked for before a stop or kill is not carried past it', async () => {
    const world = new World();
    world.ask('start');
    world.ask('stop');
    world.ask('kill');
    world.die();
    await turn();
    expect([world.kinds(), world.outcomes]).toEqual([
      ['kill', 'stop'],
      ['start refused: a stop or kill was asked for after it'],
    ]);
  });

  test('main stops: a halt without an outcome stays open, and its flag stays', async () => {
    const world = new World();
    world.ask('kill');
    world.channel.close();
    await turn();
    expect(world.outcomes).toEqual(['kill open: STOPPING']);
  });
});
