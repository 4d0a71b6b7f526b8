import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { SteppedWorld } from '../../ports/stepped-world.js';
import type { MarketStream } from './market-stream.js';
import type { MinuteProcessor } from './minute-processor.js';

/** A minute [start, end) of the session; at `dueAt` its data is complete and the session acts on it. */
export interface SessionMinute {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly dueAt: EpochMs;
}

/** How time passes in a session: at once on a simulated day, with the clock for the bot. */
export interface SessionPace {
  /** False when nothing is ever waited for: most minutes of a simulated day then need no promise. */
  readonly waits: boolean;
  /** A minute begins; resolves to false when the session ends before its close. */
  begin(minute: SessionMinute): Promise<boolean> | undefined;
  /** Waits until `at`, while commands and news may come; resolves to false when the session ends before. */
  reach(at: EpochMs): Promise<boolean> | undefined;
  /** It is `at` now. */
  arrive(at: EpochMs, minute: SessionMinute): void;
  /** Takes the news of the broker that an event of the world has brought. */
  takeNews(): Promise<void>;
  /** The minute was seen: acts on it. Resolves to false when the session ends before its close. */
  judge(minute: SessionMinute): Promise<boolean> | undefined;
}

export interface SessionMinutesParts {
  readonly calendarDay: ExchangeSession;
  readonly settlesAfterMs: number;
  readonly world: SteppedWorld | undefined;
  readonly stream: MarketStream;
  readonly minutes: MinuteProcessor;
  readonly pace: SessionPace;
}

/**
 * The minutes of a session, for a simulated day and for the bot: the clock ends each of them, after the events of the
 * simulated world that are due before it. Without a world only the clock and the news move it.
 */
export class SessionMinutes {
  constructor(private readonly parts: SessionMinutesParts) {}

  /** False when the pace ended it before the close. */
  async play(): Promise<boolean> {
    const { calendarDay, settlesAfterMs, pace } = this.parts;
    for (let start = calendarDay.opensAt; start < calendarDay.closesAt; start = plusMs(start, MINUTE_MS)) {
      const end = plusMs(start, MINUTE_MS);
      const minute = { start, end, dueAt: plusMs(end, settlesAfterMs) };
      const begun = pace.begin(minute);
      if (begun !== undefined && !(await begun)) return false;
      this.parts.world?.openMinute(start);
      const ended = this.#toItsEnd(minute);
      if (ended !== undefined && !(await ended)) return false;
      this.#see(start);
      const judged = pace.judge(minute);
      if (judged !== undefined && !(await judged)) return false;
    }
    return true;
  }

  #toItsEnd(minute: SessionMinute): Promise<boolean> | undefined {
    const { world, pace } = this.parts;
    const { dueAt } = minute;
    if (pace.waits || eventBefore(world, dueAt) < dueAt) return this.#happenings(minute);
    pace.arrive(dueAt, minute);
    world?.advanceTo(dueAt);
    return undefined;
  }

  async #happenings(minute: SessionMinute): Promise<boolean> {
    const { world, pace } = this.parts;
    const { dueAt } = minute;
    for (;;) {
      const at = eventBefore(world, dueAt);
      const reached = pace.reach(at);
      if (reached !== undefined && !(await reached)) return false;
      // a request made meanwhile may have caused an earlier event
      if (eventBefore(world, at) < at) continue;
      pace.arrive(at, minute);
      world?.advanceTo(at);
      if (at === dueAt) return true;
      await pace.takeNews();
    }
  }

  #see(start: EpochMs): void {
    const { stream, minutes } = this.parts;
    minutes.see(stream.closeMinute(start), stream.status);
  }
}

/** The time of the next event of the world, or `at` if that is earlier. */
export function eventBefore(world: SteppedWorld | undefined, at: EpochMs): EpochMs {
  const happensAt = world?.nextAt();
  return happensAt !== undefined && happensAt < at ? happensAt : at;
}
