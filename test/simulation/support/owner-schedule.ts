import { HeldOwnership } from '../../../src/app/ownership/held-ownership.js';
import { takeByAdmin, takeOwnership } from '../../../src/app/ownership/take-ownership.js';
import type { OwnershipDeps } from '../../../src/app/ownership/ownership-deps.js';
import { OwnershipStream, type KnownOwnership } from '../../../src/app/ownership/ownership-stream.js';
import { LEASE_MS, LOOK_MS } from '../../../src/domain/ownership/limits.js';
import { ownedElsewhere } from '../../../src/domain/ownership/owner-errors.js';
import type { Owner } from '../../../src/domain/ownership/ownership.js';
import type { NewEvent } from '../../../src/events/event.js';
import { STREAMS } from '../../../src/events/streams.js';
import type { ClientOrderId } from '../../../src/events/names.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { naturalKeyId, sha256Hex } from '../../../src/kernel/hash.js';
import type { BotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import {
  ModelBroker,
  ModelLink,
  modelNonce,
  ModelProcess,
  ModelServer,
  OwnerWorld,
  type Mutation,
} from './owner-world.js';

const CHAOS_MS = 50_000;
const CALM_MS = 60_000;
const IDENTITY = 'ACME_US_SIM_B01' as BotIdentity;

/** A home and what runs in it; at most one process at a time, as its lock has it. */
interface Home {
  readonly name: string;
  /** Another fingerprint for each home; a cloned machine has that of its original. */
  readonly fingerprint: string;
  process: ModelProcess | undefined;
  /** Processes that ended on this machine. */
  readonly ended: Set<string>;
}

/** How a schedule ended. */
export interface Outcome {
  readonly faults: readonly string[];
  readonly effects: number;
  readonly owners: number;
  /** Effects after the troubles had ended. */
  readonly late: number;
}

/** Owners of one bot with the real rules of ownership, over a model of server and broker: one run for each seed. */
export class OwnerSchedule {
  readonly #world: OwnerWorld;
  readonly #server: ModelServer;
  readonly #broker = new ModelBroker();
  readonly #homes: Home[];
  #starts = 0;
  #calm = false;

  constructor(
    seed: number,
    private readonly mutation: Mutation = {},
  ) {
    this.#world = new OwnerWorld(seed);
    this.#server = new ModelServer(this.#world, mutation);
    this.#homes = ['a', 'b', 'c'].slice(0, this.#world.random.integer(2, 4)).map((name) => homeOf(name, name));
  }

  async run(): Promise<Outcome> {
    const { random } = this.#world;
    for (const home of this.#homes) this.#world.plan(random.integer(0, 5_000), () => this.#start(home));
    for (let at = 2_000; at < CHAOS_MS; at += random.integer(500, 8_000)) this.#world.plan(at, () => this.#trouble());
    await this.#world.runUntil(CHAOS_MS);
    this.#calm = true;
    this.#server.up = true;
    for (const { process } of this.#homes) {
      if (process !== undefined) process.cut = false;
      process?.thaw();
    }
    // a person starts what has ended
    for (const home of this.#homes) this.#world.plan(this.#world.random.integer(500, 5_000), () => this.#start(home));
    await this.#world.runUntil(CHAOS_MS + CALM_MS);
    const { effects } = this.#broker;
    return {
      faults: this.#broker.faults(),
      effects: effects.length,
      owners: new Set(effects.map(({ process }) => process)).size,
      late: effects.filter(({ at }) => at > CHAOS_MS).length,
    };
  }

  #trouble(): void {
    const { random } = this.#world;
    const home = this.#homes[random.integer(0, this.#homes.length)];
    const process = home?.process;
    if (this.#calm || home === undefined) return;
    if (process === undefined) {
      this.#start(home);
      return;
    }
    const lastsMs = random.chance(0.5) ? random.integer(50, 6_000) : random.integer(6_000, 40_000);
    const kind = (['stopped', 'asleep', 'vm'] as const)[random.integer(0, 3)] ?? 'stopped';
    switch (random.integer(0, 9)) {
      case 0:
        process.freeze(kind);
        this.#world.plan(lastsMs, () => process.thaw());
        return;
      case 1:
        process.arm(kind, lastsMs);
        return;
      case 2:
        process.arm(kind, random.integer(500, 2_900), () => this.#adminElsewhere(home));
        return;
      case 3:
        process.cut = true;
        this.#world.plan(lastsMs, () => (process.cut = false));
        return;
      case 4:
        this.#server.up = false;
        this.#world.plan(lastsMs / 2, () => (this.#server.up = true));
        return;
      case 5:
        this.#end(home, process);
        this.#world.plan(random.integer(100, 4_000), () => this.#start(home));
        return;
      case 6:
        this.#admin(home, process);
        return;
      case 7:
        this.#clone(home, process);
        return;
      default:
        process.setWall(random.integer(-60_000, 60_000));
    }
  }

  #end(home: Home, process: ModelProcess): void {
    process.kill();
    home.ended.add(process.id);
    if (home.process === process) home.process = undefined;
  }

  #adminElsewhere(home: Home): void {
    const other = this.#homes.find((one) => one !== home);
    if (other !== undefined) this.#admin(other, other.process);
  }

  /** A person takes the ownership for a home whose process does not own it; the next start of that home is its engine. */
  #admin(home: Home, process: ModelProcess | undefined): void {
    if (process !== undefined) this.#end(home, process);
    const command = this.#process(home);
    home.process = command;
    const over = (): void => {
      if (!command.alive) return;
      this.#end(home, command);
      this.#start(home);
    };
    takeByAdmin(this.#deps(home, command), 'the other machine is away').then(over, over);
  }

  /** A machine with all its memory is copied while the process rests: both continue as the same owner. */
  #clone(home: Home, process: ModelProcess): void {
    const copy = this.#process({ ...home, name: `${home.name}-copy` });
    const known = new OwnershipStream(this.#deps(home, process));
    const events = this.#server.eventsOf(STREAMS.ownership);
    process.freeze('vm');
    this.#world.plan(this.#world.random.integer(600, 3_000), () => {
      process.thaw();
      const copied = this.#lives.get(process.id);
      if (copied === undefined || !process.alive || events.length === 0) return;
      const twin = homeOf(`${home.name}-copy`, home.fingerprint);
      twin.process = copy;
      const deps = { ...this.#deps(home, process), journal: new ModelLink(copy, this.#server) };
      const machine = this.#machine(home, copy, copied);
      void known.look().then(
        () => {
          const held = new HeldOwnership({ ...deps, machine }, known.known);
          if (known.ownership.owner?.instance === copied.instance) this.#trade(twin, copy, held);
        },
        () => undefined,
      );
    });
  }

  readonly #lives = new Map<string, Owner>();

  #process({ name }: Pick<Home, 'name'>): ModelProcess {
    this.#starts += 1;
    return new ModelProcess(this.#world, `${name}${this.#starts}`);
  }

  #start(home: Home): void {
    if (home.process !== undefined) return;
    const process = this.#process(home);
    home.process = process;
    void this.#live(home, process).catch((error: unknown) => {
      if (!(error instanceof TradeBotError)) throw error;
      this.#end(home, process);
      if (error.callerMust !== 'stop')
        this.#world.plan(this.#world.random.integer(2_000, 9_000), () => this.#start(home));
    });
  }

  async #live(home: Home, process: ModelProcess): Promise<void> {
    const deps = this.#deps(home, process);
    const { leaseByWall } = this.mutation;
    const taken = await (leaseByWall === true ? takeByClocks(deps) : takeOwnership(deps));
    this.#lives.set(process.id, deps.machine.self);
    this.#trade(
      home,
      process,
      new HeldOwnership({ ...deps, machine: this.#machine(home, process, deps.machine.self) }, taken),
    );
  }

  #trade(home: Home, process: ModelProcess, held: HeldOwnership): void {
    const stop = (error: unknown): void => {
      if (!(error instanceof TradeBotError)) throw error;
      this.#end(home, process);
      // an engine that lost its bot does not start again by itself; one that lost its journal does
      const isOver = error.code === 'OWNERSHIP_LOST' && !this.#calm;
      if (!isOver) this.#world.plan(this.#world.random.integer(200, 4_000), () => this.#start(home));
    };
    void this.#look(process, held).catch(stop);
    void this.#orders(process, held).catch(stop);
  }

  async #look(process: ModelProcess, held: HeldOwnership): Promise<void> {
    while (process.alive) {
      await process.pause(LOOK_MS);
      await held.look().catch(ignoreOutage);
    }
  }

  /** As the engine does it: the intent first, then a confirmation, then the effect in the turn of the last check. */
  async #orders(process: ModelProcess, held: HeldOwnership): Promise<void> {
    const journal = new ModelLink(process, this.#server);
    const done = new Set<string>();
    for (let count = 0; process.alive;) {
      try {
        const id = `B01-${count}` as ClientOrderId;
        const intents = await journal.readStream(STREAMS.order(id));
        if (intents.length === 0) await process.pause(this.#world.random.integer(50, 3_000));
        if (intents.length === 0)
          await journal.append(STREAMS.order(id), [intent(id, process.id)], { expectedRevision: 'noStream' });
        // the broker is asked about an order that another process intended, and about no own one
        const isOwn = intents.length === 0;
        if (!done.has(id) && (isOwn || !this.#broker.knows(id))) await this.#send(process, held, id);
        done.add(id);
        count += 1;
      } catch (error) {
        ignoreOutage(error);
        await process.pause(1_000);
      }
    }
  }

  async #send(process: ModelProcess, held: HeldOwnership, order: string): Promise<void> {
    await held.confirmOwnership('opens');
    held.refuseStale('opens');
    const { number } = held.ownership;
    this.#broker.effects.push({ at: this.#world.now, order, number, process: process.id });
  }

  #deps(home: Home, process: ModelProcess): OwnershipDeps {
    const self: Owner = {
      ...{ machine: home.name, home: '/bot', fingerprint: sha256Hex(home.fingerprint), process: process.id },
      instance: naturalKeyId('instance', process.id),
    };
    return {
      journal: new ModelLink(process, this.#server),
      clock: { now: () => epochMs(process.read().wall) },
      identity: IDENTITY,
      actor: 'system:engine',
      machine: { ...this.#machine(home, process, self), read: () => process.read() },
    };
  }

  #machine(home: Home, process: ModelProcess, self: Owner): OwnershipDeps['machine'] {
    const { ageless, sameNonce } = this.mutation;
    const stopped = process.read();
    return {
      self,
      hasEnded: (owner) => home.ended.has(owner.process),
      read: () => (ageless === true ? stopped : process.read()),
      nonce: () => (sameNonce === true ? naturalKeyId('nonce', self.instance) : modelNonce(this.#world)),
      pause: (ms) => process.pause(ms),
    };
  }
}

/** What no claimant may do: it trusts the clocks of two machines. */
async function takeByClocks(deps: OwnershipDeps): Promise<KnownOwnership> {
  const stream = new OwnershipStream(deps);
  await stream.look();
  const { revision } = stream.known;
  const last = revision === undefined ? [] : await deps.journal.readStream(STREAMS.ownership, { from: revision });
  const silentMs = deps.clock.now() - Date.parse(last[0]?.occurredAt ?? '');
  if (silentMs < LEASE_MS) throw ownedElsewhere(stream.ownership);
  const META = { correlationId: 'ownership', causationId: null };
  await stream.decide(({ number }) => [
    {
      type: 'OwnershipTaken',
      data: { number: number + 1, owner: deps.machine.self, how: 'lease', reason: null },
      ...META,
    },
  ]);
  return stream.known;
}

function homeOf(name: string, fingerprint: string): Home {
  return { name, fingerprint, process: undefined, ended: new Set() };
}

function intent(id: string, process: string): NewEvent {
  return {
    id: naturalKeyId('intent', id, process),
    type: 'OrderIntended',
    data: { clientOrderId: id },
  } as unknown as NewEvent;
}

/** Trouble with the journal passes; so does a race, and a confirmation that became too old. */
function ignoreOutage(error: unknown): void {
  if (error instanceof TradeBotError && error.callerMust !== 'stop') return;
  throw error;
}
