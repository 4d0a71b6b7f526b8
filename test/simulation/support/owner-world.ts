import type { ClockReading } from '../../../src/domain/schedule/clock-jump.js';
import type { NewEvent, Position, RecordedEvent, StreamName } from '../../../src/events/event.js';
import { journalError, type TradeBotError } from '../../../src/kernel/errors.js';
import { naturalKeyId } from '../../../src/kernel/hash.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { epochMs, toUtcText } from '../../../src/kernel/time.js';
import type { AppendResult, ExpectedRevision, Journal } from '../../../src/ports/journal.js';

/** What a deterministic world leaves out, to prove that its checks would notice. */
export interface Mutation {
  /** The clocks of an owner stand still: confirmations never grow old. */
  readonly ageless?: boolean;
  /** The server takes every append, whatever revision it names. */
  readonly anyRevision?: boolean;
  /** A claimant compares its time of day with that of the last confirmation. */
  readonly leaseByWall?: boolean;
  /** The engine after a take-over by an admin acts at once. */
  readonly noHold?: boolean;
  /** Two copies of a process write the same bytes. */
  readonly sameNonce?: boolean;
}

interface Planned {
  readonly at: number;
  readonly act: () => void;
}

const START = epochMs(Date.UTC(2026, 0, 5, 14));
/** More turns than the longest chain of awaits without a wait. */
const TURNS = 16;

/** Virtual time, and everything that happens in it, one after the other. */
export class OwnerWorld {
  now = 0;
  readonly random: SeededRandom;
  readonly #planned: Planned[] = [];

  constructor(seed: number) {
    this.random = SeededRandom.of('owners', seed);
  }

  plan(inMs: number, act: () => void): void {
    const at = this.now + Math.max(0, inMs);
    const later = this.#planned.findIndex((one) => one.at > at);
    this.#planned.splice(later === -1 ? this.#planned.length : later, 0, { at, act });
  }

  async runUntil(end: number): Promise<void> {
    for (let due = this.#planned[0]; due !== undefined && due.at <= end; due = this.#planned[0]) {
      this.#planned.shift();
      this.now = Math.max(this.now, due.at);
      due.act();
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
    }
    this.now = Math.max(this.now, end);
  }
}

type FreezeKind = 'stopped' | 'asleep' | 'vm';

/** A process with the clocks of its machine: what comes for it while it stands still is taken when it runs again. */
export class ModelProcess {
  alive = true;
  cut = false;
  #frozen: FreezeKind | undefined;
  #waiting: (() => void)[] = [];
  #armed: (() => void) | undefined;
  #monotonicLost = 0;
  #bootLost = 0;
  #since = 0;
  #wallOffset: number;
  readonly #rate: number;

  constructor(
    readonly world: OwnerWorld,
    readonly id: string,
  ) {
    this.#wallOffset = world.random.integer(-600_000, 600_000);
    this.#rate = world.random.between(0.97, 1.03);
  }

  freeze(kind: FreezeKind): void {
    if (this.#frozen !== undefined) return;
    this.#frozen = kind;
    this.#since = this.world.now;
  }

  thaw(): void {
    const stood = this.world.now - this.#since;
    if (this.#frozen !== undefined && this.#frozen !== 'stopped') this.#monotonicLost += stood;
    if (this.#frozen === 'vm') this.#bootLost += stood;
    this.#frozen = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) this.world.plan(0, () => this.take(act));
  }

  kill(): void {
    this.alive = false;
    this.#waiting = [];
  }

  /** Stands still before it takes the answer to its next append. */
  arm(kind: FreezeKind, lastsMs: number, then: () => void = () => undefined): void {
    this.#armed = () => {
      this.freeze(kind);
      this.world.plan(lastsMs, () => this.thaw());
      then();
    };
  }

  /** The answer to an append has come. */
  appended(): void {
    const act = this.#armed;
    this.#armed = undefined;
    act?.();
  }

  /** Runs `act` in this process: never when it is dead, later when it stands still. */
  take(act: () => void): void {
    if (!this.alive) return;
    if (this.#frozen === undefined) act();
    else this.#waiting.push(act);
  }

  setWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  read(): ClockReading {
    const { now } = this.world;
    return {
      monotonic: (now - this.#monotonicLost) * this.#rate,
      sinceBoot: (now - this.#bootLost) * this.#rate,
      wall: START + now + this.#wallOffset,
    };
  }

  pause(ms: number): Promise<void> {
    return new Promise((done) => this.world.plan(ms, () => this.take(done)));
  }
}

/** The server of the journal: streams with expected revisions, and ids that are looked up where a wrong revision is named. */
export class ModelServer {
  up = true;
  readonly #streams = new Map<StreamName, RecordedEvent[]>();
  #count = 0;

  constructor(
    private readonly world: OwnerWorld,
    private readonly mutation: Mutation,
  ) {}

  eventsOf(stream: StreamName): readonly RecordedEvent[] {
    return this.#streams.get(stream) ?? [];
  }

  append(stream: StreamName, events: readonly NewEvent[], expected: ExpectedRevision): AppendResult {
    const known = this.#streams.get(stream) ?? [];
    const last = known.length - 1;
    const wanted = typeof expected === 'number' ? expected : -1;
    const again = known.slice(wanted + 1, wanted + 1 + events.length);
    if (last > wanted && again.length === events.length && again.every((one, at) => isSame(one, events[at]))) {
      return resultOf(again, true);
    }
    const isAny = this.mutation.anyRevision === true && stream === 'ownership';
    if (last !== wanted && !isAny) throw conflict(stream);
    const recorded = events.map((event, at) => this.#recorded(stream, this.#held(event), known.length + at));
    this.#streams.set(stream, [...known, ...recorded]);
    return resultOf(recorded, false);
  }

  /** With the mutation a take-over by an admin looks like one after an end: nobody waits. */
  #held(event: NewEvent): NewEvent {
    if (this.mutation.noHold !== true || event.type !== 'OwnershipTaken' || event.data.how !== 'admin') return event;
    return { ...event, data: { ...event.data, how: 'ended' } };
  }

  #recorded(stream: StreamName, event: NewEvent, revision: number): RecordedEvent {
    this.#count += 1;
    const position = String(this.#count).padStart(19, '0') as Position;
    return {
      ...event,
      stream,
      revision,
      position,
      recordedAt: toUtcText(epochMs(START + this.world.now)),
    } as RecordedEvent;
  }
}

function isSame(stored: RecordedEvent, event: NewEvent | undefined): boolean {
  return stored.id === event?.id && JSON.stringify(stored.data) === JSON.stringify(event.data);
}

function resultOf(events: readonly RecordedEvent[], alreadyThere: boolean): AppendResult {
  const last = events.at(-1);
  if (last === undefined) throw new Error('an append of nothing');
  return { events, alreadyThere, revision: last.revision, recorded: () => Promise.resolve(events) };
}

function conflict(stream: StreamName): TradeBotError {
  return journalError('refuse', { code: 'WRONG_EXPECTED_REVISION', message: `${stream} has moved on`, remedy: '' });
}

function unreachable(): TradeBotError {
  return journalError('retry', { code: 'JOURNAL_UNREACHABLE', message: 'no answer', remedy: '' });
}

/** Give up without an answer, as the adapter does. */
const GIVES_UP_MS = 6_000;

/** The journal as one process reaches it: calls and answers may be late, lost, or carried out after the process gave up. */
export class ModelLink implements Pick<Journal, 'append' | 'readStream' | 'readAll'> {
  constructor(
    private readonly process: ModelProcess,
    private readonly server: ModelServer,
  ) {}

  append: Journal['append'] = (stream, events, { expectedRevision }) =>
    this.#call(
      () => this.server.append(stream, events, expectedRevision),
      () => this.process.appended(),
    );

  readStream: Journal['readStream'] = (stream, { from = 0 } = {}) =>
    this.#call(() => this.server.eventsOf(stream).slice(from));

  readAll: Journal['readAll'] = () => Promise.reject(new Error('not of this model'));

  #call<T>(work: () => T, answered: () => void = () => undefined): Promise<T> {
    const { world, cut } = this.process;
    const { random } = world;
    return new Promise<T>((done, fail) => {
      let isOver = false;
      const answer = (act: () => void): void =>
        this.process.take(() => {
          if (!isOver) act();
          isOver = true;
        });
      const isLost = cut && random.chance(0.5);
      const isMute = cut || random.chance(0.02);
      const arrives = random.chance(0.03) ? random.integer(500, 20_000) : random.integer(1, 40);
      const back = random.chance(0.03) ? random.integer(500, 8_000) : random.integer(1, 40);
      const giveUp = (inMs: number): void => world.plan(inMs, () => answer(() => fail(unreachable())));
      if (isMute || arrives + back > GIVES_UP_MS) giveUp(GIVES_UP_MS);
      world.plan(arrives, () => {
        if (!isLost && !this.server.up) giveUp(Math.max(0, GIVES_UP_MS - arrives));
        if (isLost || !this.server.up) return;
        let outcome: () => void;
        try {
          const value = work();
          outcome = () => done(value);
        } catch (error) {
          outcome = () => fail(error instanceof Error ? error : unreachable());
        }
        if (isMute) return;
        world.plan(back, () => {
          answered();
          answer(outcome);
        });
      });
    });
  }
}

/** One effect at the broker. */
export interface Effect {
  readonly at: number;
  readonly order: string;
  readonly number: number;
  readonly process: string;
}

/** The broker: it notes what it was sent, and by whom. */
export class ModelBroker {
  readonly effects: Effect[] = [];

  knows(order: string): boolean {
    return this.effects.some((effect) => effect.order === order);
  }

  /** What must never happen, as sentences. */
  faults(): readonly string[] {
    const faults: string[] = [];
    const gone = new Set<string>();
    let before: Effect | undefined;
    for (const [index, effect] of this.effects.entries()) {
      if (this.effects.findIndex(({ order }) => order === effect.order) !== index) faults.push(`${effect.order} twice`);
      if (gone.has(effect.process)) faults.push(`${effect.process} acted after ${before?.process ?? ''} had`);
      if (before !== undefined && before.process !== effect.process) gone.add(before.process);
      if (before !== undefined && effect.number < before.number) faults.push(`ownership ${effect.number} acted late`);
      before = effect;
    }
    return faults;
  }
}

/** A nonce that no other process makes. */
export function modelNonce(world: OwnerWorld): ReturnType<typeof naturalKeyId> {
  return naturalKeyId('nonce', String(world.random.next()), String(world.random.next()));
}
