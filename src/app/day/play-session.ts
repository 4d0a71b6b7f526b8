import { MINUTE_MS, toUtcText, type EpochMs } from '../../kernel/time.js';
import { Engine } from '../execution/engine.js';
import type { TradingContext } from '../../trading/context.js';
import { TRADING_RULES } from '../../trading/rules.js';
import { STREAMS } from '../../events/streams.js';
import type { SessionDeps } from './session-deps.js';
import { MinuteProcessor } from './minute-processor.js';

/** Projections catch up at least this often, so that status and logs are fresh and a batch stays small. */
const EVENTS_BETWEEN_CATCH_UPS = 500;

/**
 * Plays the minutes of a day through venue, market and engine under the virtual clock. When the journal already has a
 * part of this day (the process crashed), the minutes before its last event are replayed without trading: venue and
 * market return to their state, then the engine continues from the journal.
 */
export class SessionPlayer {
  private readonly minutes: MinuteProcessor;
  private readonly actFrom: EpochMs | undefined;
  private followedTo: number;
  private isCrashRecorded = false;

  constructor(
    private readonly deps: SessionDeps,
    private readonly context: TradingContext,
    resumedAt: EpochMs | undefined,
  ) {
    this.actFrom = resumedAt;
    this.followedTo = deps.state.eventCount;
    const { broker, venue, clock, appender, journal } = deps;
    const engine = new Engine({ broker, clock, appender, journal, context, rules: TRADING_RULES });
    this.minutes = new MinuteProcessor({ broker, venue, context, engine });
  }

  async play(): Promise<void> {
    const { deps } = this;
    const { opensAt, closesAt } = deps.calendarDay;
    const total = Math.round((closesAt - opensAt) / MINUTE_MS);
    this.minutes.listen();
    try {
      let minute = 0;
      for (const slice of deps.market.slices(opensAt, closesAt)) {
        deps.venue.openMinute(slice);
        // Most minutes have nothing to wait for, and a wait costs more than the minute.
        if (this.happensBefore(slice.end)) await this.happenings(slice.end);
        deps.clock.advanceTo(slice.end);
        this.minutes.see(slice);
        if (this.acts(slice.end)) {
          if (this.hasUnrecordedCrash) await this.recordCrash();
          const settled = this.minutes.settle(true);
          if (settled !== undefined) await settled;
        }
        minute += 1;
        deps.onProgress(minute, total);
        if (this.isBehind()) await this.followUp();
      }
      await this.minutes.finish();
    } finally {
      this.minutes.stopListening();
    }
  }

  private acts(at: EpochMs): boolean {
    return this.actFrom === undefined || at >= this.actFrom;
  }

  private get hasUnrecordedCrash(): boolean {
    return this.actFrom !== undefined && !this.isCrashRecorded;
  }

  /** A crash is recorded at the time where the journal continues, so that its times never run backwards. */
  private async recordCrash(): Promise<void> {
    const { appender, state } = this.deps;
    if (this.isCrashRecorded || this.actFrom === undefined) return;
    this.isCrashRecorded = true;
    await appender.append(STREAMS.lifecycle, [
      {
        type: 'ProcessCrashed',
        data: { process: 'engine', lastEventAt: toUtcText(this.actFrom), action: 'continues from the journal' },
        correlationId: `session/${this.context.date}`,
        causationId: state.session?.openedEventId ?? null,
      },
    ]);
  }

  private happensBefore(end: EpochMs): boolean {
    const at = this.deps.venue.nextAt();
    return at !== undefined && at < end;
  }

  private async happenings(before: EpochMs): Promise<void> {
    const { venue, clock } = this.deps;
    for (;;) {
      const at = venue.nextAt();
      if (at === undefined || at >= before) return;
      clock.advanceTo(at);
      venue.advanceTo(at);
      if (this.acts(at)) await this.recordCrash();
      await this.minutes.takeNews(this.acts(at));
    }
  }

  private isBehind(): boolean {
    return this.deps.state.eventCount - this.followedTo >= EVENTS_BETWEEN_CATCH_UPS;
  }

  private async followUp(): Promise<void> {
    this.followedTo = this.deps.state.eventCount;
    await this.deps.projections.catchUp();
  }
}
