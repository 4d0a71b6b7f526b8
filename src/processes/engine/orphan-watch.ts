import type { EngineCommand } from '../../app/live/commands.js';
import type { Stopwatch } from '../../ports/stopwatch.js';

/** A main that lives sends a sign of life each second; a busy machine delays it by a few. */
const SILENT_AFTER_MS = 10_000;
/** A longer time between two looks means that this process stood still and has not read main's signs yet. */
const FROZEN_AFTER_MS = 2_000;
/** A flat engine waits so long for a flag to be consumed before it ends. */
const FLAG_WAIT_MS = 10_000;

/** ORPHAN_POLICY and ORPHAN_GRACE. */
export interface OrphanRules {
  readonly policy: 'hold' | 'close';
  readonly graceSeconds: number;
}

/** What the watch asks of the engine and its surroundings. */
export interface OrphanWatchParts {
  readonly stopwatch: Stopwatch;
  /** How much faster the world's time passes than the machine's. */
  readonly speed: number;
  readonly rules: () => OrphanRules;
  /** Milliseconds since main's last sign of life; undefined before the first. */
  readonly mainSilentMs: () => number | undefined;
  /** Another main holds the home. */
  readonly successor: () => boolean;
  readonly inSession: () => boolean;
  /** No position and no open order. */
  readonly flat: () => boolean;
  /** A kill or stop flag lies in the folder. */
  readonly flagWaits: () => boolean;
  readonly command: (command: Extract<EngineCommand, { kind: 'supervision' | 'handOver' }>) => void;
}

/**
 * An engine whose main has ended or is silent (RUN-2): it keeps its positions with their stops and exits and opens none.
 * Without main it ends when another main holds the home, nothing is open, or no session is open. Measured by a clock that
 * only goes forwards, so that a clock that is set sells nothing.
 */
export class OrphanWatch {
  #gone = false;
  #released = false;
  #lostAt: number | undefined;
  #flatSince: number | undefined;
  #graceOver = false;
  #ended: string | undefined;
  #lookedAt: number;
  #heardAt: number;

  constructor(private readonly parts: OrphanWatchParts) {
    this.#lookedAt = this.#heardAt = parts.stopwatch.elapsedMs();
  }

  /** Why the engine ends; undefined while it continues. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Whether main has ended, in contrast to a silent one. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Main has ended. */
  mainEnded(): void {
    this.#gone = true;
    this.look();
  }

  /** The process was asked to end by a signal. */
  release(): void {
    this.#released = true;
    this.look();
  }

  /** A few times a second. */
  look(): void {
    if (this.#ended !== undefined) return;
    const now = this.parts.stopwatch.elapsedMs();
    this.#listen(now);
    const silent = now - this.#heardAt > SILENT_AFTER_MS;
    if (!this.#gone && !silent) {
      if (this.#lostAt !== undefined) this.#regain();
      return;
    }
    if (this.#lostAt === undefined) this.#lose(now);
    if (this.#gone) this.#ended = this.#endReason(now);
    if (this.#ended !== undefined) this.parts.command({ kind: 'handOver', reason: this.#ended });
    else this.#checkGrace(now);
  }

  #listen(now: number): void {
    const silentMs = this.parts.mainSilentMs();
    if (silentMs === undefined || now - this.#lookedAt > FROZEN_AFTER_MS) this.#heardAt = now;
    else this.#heardAt = Math.max(this.#heardAt, now - silentMs);
    this.#lookedAt = now;
  }

  #lose(now: number): void {
    this.#lostAt = now;
    this.#graceOver = false;
    this.#change('none', this.#gone ? 'main has ended' : 'main is silent');
  }

  #regain(): void {
    this.#lostAt = undefined;
    this.#change('main', 'main is back');
  }

  #checkGrace(now: number): void {
    const { policy, graceSeconds } = this.parts.rules();
    const waitedMs = (now - (this.#lostAt ?? now)) * this.parts.speed;
    if (this.#graceOver || policy !== 'close' || waitedMs < graceSeconds * 1_000) return;
    this.#graceOver = true;
    this.#change('grace_over', `no main came within ${graceSeconds} s; ORPHAN_POLICY is close`);
  }

  #endReason(now: number): string | undefined {
    if (this.parts.successor()) return 'another main takes over';
    if (this.#released) return 'a signal asked it to end';
    if (!this.parts.flat()) {
      this.#flatSince = undefined;
      return this.parts.inSession() ? undefined : 'no session is open';
    }
    this.#flatSince ??= now;
    if (this.parts.flagWaits() && now - this.#flatSince < FLAG_WAIT_MS) return undefined;
    return 'nothing is open';
  }

  #change(to: 'main' | 'none' | 'grace_over', reason: string): void {
    this.parts.command({ kind: 'supervision', to, reason, ...this.parts.rules() });
  }
}
