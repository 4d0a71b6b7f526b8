import { wallClockOf } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, isInCalendar, openSessionAt } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import { missedBetween } from '../../domain/schedule/appointments.js';
import { LARGEST_BELIEVED_MS, type JumpKind } from '../../domain/schedule/clock-jump.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { closesLeftovers } from '../../domain/session/trading-permissions.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { toUtcText, type Clock, type EpochMs } from '../../kernel/time.js';
import type { EventAppender } from '../journal/event-appender.js';

type Cause = EventData<'ClockFaultDetected'>['cause'];

/** The clock of the machine next to the time in use. */
export interface MachineClock {
  /** The time that the machine's clock shows, in the time of the world; undefined while it is the time in use. */
  wrongTime(): EpochMs | undefined;
}

/** A machine whose clock is always believed, as in simulated worlds. */
export const RIGHT_CLOCK: MachineClock = { wrongTime: () => undefined };

export interface ClockFaultsDeps {
  readonly appender: Pick<EventAppender, 'append'>;
  readonly clock: Clock;
  readonly machine: MachineClock;
  readonly state: EngineState;
}

/** A jump of the machine's clock, in the time of the world. */
export interface SeenJump {
  readonly kind: JumpKind;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/**
 * Reports a clock that cannot be right, once, and that it is right again (RUN-27). Between the two entries are held; a user may
 * accept the time that it shows.
 */
export class ClockFaults {
  /** What was reported and is not folded yet. */
  #reported: 'detected' | 'cleared' | undefined;

  constructor(private readonly deps: ClockFaultsDeps) {}

  /** Reports a jump, with everything that was due meanwhile (RUN-27). */
  async jumped({ kind, from, to }: SeenJump, settings: Settings | undefined): Promise<void> {
    const missed = settings === undefined ? [] : missedBetween(from, to, settings);
    const data = { kind, from: toUtcText(from), to: toUtcText(to), missed: [...missed] };
    await this.deps.appender.append(STREAMS.health, [{ type: 'ClockJumped', data, ...CAUSE }]);
    await this.check();
  }

  /** Compares the clocks; `lastEventAt` is the time of the journal at the start of the engine. */
  async check(lastEventAt?: EpochMs): Promise<void> {
    const { clock, machine, state } = this.deps;
    const fault = state.clockFault;
    if (this.#reported === (fault === undefined ? 'cleared' : 'detected')) this.#reported = undefined;
    if (this.#reported !== undefined) return;
    const used = clock.now();
    const cause = this.#causeAt(used, lastEventAt);
    if (cause !== undefined && fault === undefined) {
      this.#reported = 'detected';
      const shown = machine.wrongTime() ?? used;
      const data = { cause, shown: toUtcText(shown), used: toUtcText(used) };
      await this.#append({ type: 'ClockFaultDetected', data, ...CAUSE });
    }
    // nobody but a user knows whether a clock that is behind the journal is right
    if (cause === undefined && fault !== undefined && fault.cause !== 'journal') {
      this.#reported = 'cleared';
      const data = { by: 'clock', reason: `it shows ${toUtcText(used)} again` } as const;
      await this.#append({ type: 'ClockFaultCleared', data, ...CAUSE });
    }
  }

  /**
   * True when a stop or kill needs the time that the machine shows: the exchange is open then, and closed at the time in use. It is
   * accepted for that; entries stay blocked by the stop or kill itself.
   */
  async acceptToClose(): Promise<boolean> {
    const { clock, machine, state } = this.deps;
    const shown = machine.wrongTime();
    if (shown === undefined || state.clockFault === undefined || !closesLeftovers(state)) return false;
    if (openSessionAt(clock.now()) !== undefined || openSessionAt(shown) === undefined) return false;
    const data = { by: 'halt', reason: `the exchange is open at ${toUtcText(shown)}, and positions wait` } as const;
    await this.#append({ type: 'ClockFaultCleared', data, ...CAUSE });
    return true;
  }

  #causeAt(used: EpochMs, lastEventAt: EpochMs | undefined): Cause | undefined {
    if (this.deps.machine.wrongTime() !== undefined) return 'jump';
    if (!isInCalendar(wallClockOf(used, EXCHANGE_ZONE).date)) return 'calendar';
    return lastEventAt !== undefined && lastEventAt - used > LARGEST_BELIEVED_MS ? 'journal' : undefined;
  }

  async #append(draft: Draft): Promise<void> {
    await this.deps.appender.append(STREAMS.risk, [draft]);
  }
}

const CAUSE = { correlationId: 'clock', causationId: null } as const;
