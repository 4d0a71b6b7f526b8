import type { ControlCommand } from '../../domain/lifecycle/bot-state.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { CommandOutcome, EngineCommand } from '../live/commands.js';
import {
  flagAuthor,
  flagEventId,
  flagOrder,
  flagReason,
  shownName,
  type ControlFolder,
  type FlagOrder,
  type FlagFile,
  type FlagOutcome,
  type TestFlag,
} from './flag.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { SerialQueue } from '../journal/serial-queue.js';

export interface ControlFlagProcessorDeps {
  readonly folder: ControlFolder;
  /** Sends the command before it returns. */
  readonly obey: (command: Extract<EngineCommand, { kind: ControlCommand }>) => Promise<CommandOutcome>;
  readonly test: (flag: TestFlag) => Promise<CommandOutcome>;
  /** `isOld`: the flag lay there before the first scan. */
  readonly reset: (request: ResetRequest, actor: Actor, isOld: boolean) => Promise<CommandOutcome>;
  readonly journal: FlagJournal;
  /** The machine's clock, which file times are of. */
  readonly wall: Clock;
  /** Called for an error that is retried at a later scan. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/**
 * What the journal knows and records of flags; before a journal exists, nothing is known and flags are only reported.
 */
export interface FlagJournal {
  /** True for a flag that an earlier main executed but could not delete. */
  isConsumed(id: Uuid): boolean;
  consumed(flag: FlagFile, data: FlagOutcome): Promise<void>;
  reported(flag: FlagFile, reason: string): Promise<void>;
}

/** An invalid file is reported once; at most this many reports in one run of main. */
const MOST_REPORTS = 100;
/** A flag that could not be recorded or deleted is retried, but not at every scan. */
const LOOKS_BETWEEN_TRIES = 20;
/** A halt is obeyed at any age: it may have waited for a bot that was down. */
const LONGEST_AGE_MS = 86_400_000;

interface Known {
  /** The next step: seen empty once; executed, not yet recorded; or recorded, not yet deleted. */
  todo: 'settle' | 'wait' | 'write' | 'delete' | 'nothing';
  data: FlagOutcome | undefined;
  looks: number;
  /** It lay there at the first scan. */
  readonly isOld: boolean;
  /** Its content when it was reported as invalid. */
  garbage: string | undefined;
}

type Halt = Extract<ControlCommand, 'stop' | 'kill'>;

/**
 * Executes each flag exactly once (RUN-15): sends the command to the engine at once, then writes ControlFlagConsumed,
 * then deletes the file. An unreadable or meaningless file is reported once and left alone.
 */
export class ControlFlagProcessor {
  readonly #known = new Map<string, Known>();
  readonly #queue = new SerialQueue();
  #reports = 0;
  #scanned = false;
  /** Time of the newest halting flag executed in this run: it overrides an older start. */
  #haltedAt = 0;

  constructor(private readonly deps: ControlFlagProcessorDeps) {}

  /** Scans the whole folder once. Kills have been sent when it returns; everything else follows. Never throws. */
  look(): void {
    const found = this.deps.folder.look();
    for (const flag of found) this.#look(flag);
    this.#scanned = true;
    this.#forget(found);
  }

  /** The same for a few files that were found by name. */
  lookAt(found: readonly FlagFile[]): void {
    for (const flag of found) this.#look(flag);
  }

  /** Resolves when every flag found so far has been handled. */
  async settled(): Promise<void> {
    await this.#queue.settled();
  }

  /**
   * For the start of main: halting flags, which the engine must execute before anything trades. `look` handles them
   * later like all others.
   */
  found(): readonly {
    readonly command: Halt;
    readonly actor: Actor;
    readonly reason: string;
    readonly flag: Uuid;
  }[] {
    return this.deps.folder.look().flatMap((flag) => {
      const order = flagOrder(flag.name);
      const author = authorOf(flag);
      if (order === undefined || 'fault' in author) return [];
      if (order.command !== 'kill' && order.command !== 'stop') return [];
      const id = flagEventId(flag);
      if (this.deps.journal.isConsumed(id)) return [];
      return [{ command: order.command, actor: actorOf(author.by), reason: reasonOf(flag, author.by), flag: id }];
    });
  }

  #look(flag: FlagFile): void {
    const key = `${flag.name} ${flag.identity}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#lookAgain(flag, known);
      return;
    }
    const made: Known = { todo: 'wait', data: undefined, looks: 0, isOld: !this.#scanned, garbage: undefined };
    this.#known.set(key, made);
    if (isEmpty(flag) && flagOrder(flag.name)?.command !== 'kill') made.todo = 'settle';
    else this.#judge(flag, made);
  }

  /**
   * A program that writes a file creates it empty first: only a file that is still empty at the next scan is an empty
   * flag. A kill does not wait for what may follow: who is named in one counts only with a proof, and those come whole.
   */
  #lookAgain(flag: FlagFile, known: Known): void {
    known.looks += 1;
    if (known.todo === 'settle' || (known.garbage !== undefined && known.garbage !== heldBy(flag))) {
      known.todo = 'wait';
      known.garbage = undefined;
      this.#judge(flag, known);
    } else if (known.looks % LOOKS_BETWEEN_TRIES === 0 && ['write', 'delete'].includes(known.todo)) {
      this.#inTurn(flag, () => this.#finish(flag, known));
    }
  }

  #judge(flag: FlagFile, made: Known): void {
    const order = flagOrder(flag.name);
    const author = order === undefined ? { fault: 'no such flag' } : authorOf(flag);
    if (order === undefined || 'fault' in author) {
      this.#report(flag, 'fault' in author ? author.fault : 'no such flag', made);
    } else if (this.deps.journal.isConsumed(flagEventId(flag))) {
      made.todo = 'delete';
      this.#inTurn(flag, () => this.#finish(flag, made));
    } else if (isHalt(order)) {
      const { command } = order;
      this.#haltedAt = Math.max(this.#haltedAt, flag.madeAt);
      // Open until an engine has journaled it, over any number of engines: later flags must not wait for that.
      const outcome = this.#command(flag, command, author.by);
      void this.#guard(flag, async () => this.#note(flag, made, command, author.by, await outcome));
    } else {
      this.#executeFresh(flag, made, order, author.by);
    }
  }

  /** What does more than to halt. */
  #executeFresh(flag: FlagFile, made: Known, order: Exclude<FlagOrder, { command: Halt }>, by: string | null): void {
    const aged = tooOld(flag, this.deps.wall.now());
    if (aged !== undefined) {
      this.#inTurn(flag, () => this.#note(flag, made, order.command, by, { outcome: 'refused', reason: aged }));
    } else if (order.command === 'test') {
      // Takes minutes: nothing waits for it.
      const { name, madeAt } = flag;
      const outcome = this.deps.test({ test: order.test, name, by, madeAt, isOld: made.isOld });
      void this.#guard(flag, async () => this.#note(flag, made, 'test', by, await outcome));
    } else if (order.command === 'reset') {
      const request = { what: order.what, reason: 'text' in flag.content ? flagReason(flag.content.text) : '' };
      this.#inTurn(flag, async () =>
        this.#note(flag, made, 'reset', by, await this.deps.reset(request, actorOf(by), made.isOld)),
      );
    } else {
      const { command } = order;
      // The engine's queue orders the commands; only their outcomes are written one after the other.
      const outcome = this.#command(flag, command, by);
      outcome.catch(() => undefined);
      this.#inTurn(flag, async () => this.#note(flag, made, command, by, await outcome));
    }
  }

  #command(flag: FlagFile, command: ControlCommand, by: string | null): Promise<CommandOutcome> {
    if (command === 'start' && flag.madeAt < this.#haltedAt) {
      return Promise.resolve({ outcome: 'refused', reason: 'a later stop or kill overrides it' });
    }
    const asked = { reason: reasonOf(flag, by), actor: actorOf(by) };
    if (command === 'start') return this.deps.obey({ kind: command, ...asked });
    return this.deps.obey({ kind: command, ...asked, flag: flagEventId(flag) });
  }

  async #note(
    flag: FlagFile,
    known: Known,
    command: FlagOutcome['command'],
    by: string | null,
    { outcome, reason }: CommandOutcome,
  ): Promise<void> {
    known.data = { flag: flag.name, command, by, outcome, reason, flagAt: toUtcText(flag.madeAt) };
    known.todo = 'write';
    // a person waits for the outcome of a halt: a journal that is away may take it much later
    if (command === 'kill' || command === 'stop') this.deps.folder.show(known.data);
    await this.#finish(flag, known);
  }

  async #finish(flag: FlagFile, known: Known): Promise<void> {
    if (known.todo === 'write' && known.data !== undefined) {
      await this.deps.journal.consumed(flag, known.data);
      known.todo = 'delete';
    }
    if (known.todo !== 'delete') return;
    this.deps.folder.remove(flag, known.data);
    known.todo = 'nothing';
  }

  #report(flag: FlagFile, reason: string, known: Known): void {
    known.todo = 'nothing';
    known.garbage = heldBy(flag);
    this.#reports += 1;
    if (this.#reports > MOST_REPORTS) return;
    this.#inTurn(flag, () => this.deps.journal.reported(flag, reason));
  }

  #inTurn(flag: FlagFile, work: () => Promise<void>): void {
    void this.#queue.run(() => this.#guard(flag, work));
  }

  async #guard(flag: FlagFile, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.deps.onTrouble(`the flag ${shownName(flag.name)} could not be processed`, error);
    }
  }

  /** Files that are gone are dropped, so the cache stays as small as the folder. */
  #forget(found: readonly FlagFile[]): void {
    if (this.#known.size <= found.length) return;
    const there = new Set(found.map((flag) => `${flag.name} ${flag.identity}`));
    for (const [key, { todo }] of this.#known)
      if (!there.has(key) && ['nothing', 'settle'].includes(todo)) this.#known.delete(key);
  }
}

function isHalt(order: FlagOrder): order is FlagOrder & { readonly command: Halt } {
  return order.command === 'kill' || order.command === 'stop';
}

function isEmpty({ content }: FlagFile): boolean {
  return 'text' in content && content.text === '';
}

function heldBy({ content }: FlagFile): string {
  return JSON.stringify(content);
}

/** The proven author, or what is wrong with the flag. A name that nobody proves is not passed on. */
function authorOf({ content, provenBy }: FlagFile): ReturnType<typeof flagAuthor> {
  const claim = 'fault' in content ? content : flagAuthor(content.text);
  return 'fault' in claim ? claim : { by: provenBy };
}

function actorOf(by: string | null): Actor {
  return by === null ? 'user:local' : `user:${by}`;
}

function reasonOf({ name }: FlagFile, by: string | null): string {
  return by === null ? `${name} was set by hand` : `${name} was set by user ${by}`;
}

/** Why a flag that does more than to halt is too old to be meant now; undefined when it is not. */
function tooOld({ madeAt }: FlagFile, nowMs: number): string | undefined {
  if (nowMs - madeAt <= LONGEST_AGE_MS) return undefined;
  return `it was set at ${toUtcText(madeAt)}, more than a day ago; set it again if it is still meant`;
}
