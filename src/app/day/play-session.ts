import { MINUTE_MS, toUtcText, type EpochMs } from '../../kernel/time.js';
import { Engine } from '../execution/engine.js';
import type { TradingContext } from '../../trading/context.js';
import { TRADING_RULES } from '../../trading/rules.js';
import { STREAMS } from '../../events/streams.js';
import type { SessionDeps } from './session-deps.js';
import { MarketStream } from './market-stream.js';
import { MinuteProcessor } from './minute-processor.js';
import { SessionMinutes, type SessionPace } from './session-minutes.js';

/** Projections catch up at least this often, so that status and logs are fresh and a batch stays small. */
const EVENTS_BETWEEN_CATCH_UPS = 500;

/**
 * Plays the minutes of a simulated day under the virtual clock. When the journal already has a part of this day (the
 * process crashed), the minutes before its last event are replayed without trading: world and market return to their
 * state, then the engine continues from the journal.
 */
export async function playDay(
  deps: SessionDeps,
  context: TradingContext,
  resumedAt: EpochMs | undefined,
): Promise<MarketStream> {
  const { broker, world, clock, appender, journal, effects, calendarDay, feed } = deps;
  const engine = new Engine({ broker, clock, appender, journal, effects, context, rules: TRADING_RULES });
  const minutes = new MinuteProcessor({ broker, world, context, engine });
  const stream = new MarketStream({ ...deps, recording: deps.marketRecorder.begin(deps.market, calendarDay) });
  const pace = new VirtualPace(deps, minutes, resumedAt);
  minutes.listen();
  stream.listen();
  try {
    const { settlesAfterMs } = feed;
    await new SessionMinutes({ calendarDay, settlesAfterMs, world, stream, minutes, pace }).play();
    await minutes.finish();
  } finally {
    stream.stopListening();
    minutes.stopListening();
  }
  return stream;
}

/** The pace of a simulated day: the clock jumps from event to event, and the broker answers at once. */
class VirtualPace implements SessionPace {
  readonly waits = false;
  private followedTo: number;
  private isCrashRecorded = false;
  private minutesPlayed = 0;
  private readonly total: number;

  constructor(
    private readonly deps: SessionDeps,
    private readonly minutes: MinuteProcessor,
    /** The engine acts from here on. */
    private readonly actFrom: EpochMs | undefined,
  ) {
    const { opensAt, closesAt } = deps.calendarDay;
    this.total = Math.round((closesAt - opensAt) / MINUTE_MS);
    this.followedTo = deps.state.eventCount;
  }

  begin(): undefined {
    return undefined;
  }

  reach(): undefined {
    return undefined;
  }

  arrive(at: EpochMs): void {
    this.deps.clock.advanceTo(at);
  }

  async takeNews(): Promise<void> {
    const acts = this.acts();
    if (acts) await this.recordCrash();
    await this.minutes.takeNews(acts);
  }

  judge(): Promise<boolean> | undefined {
    const settled = this.settle();
    if (settled === undefined && !this.isBehind()) {
      this.countMinute();
      return undefined;
    }
    return this.afterSettling(settled);
  }

  private settle(): Promise<void> | undefined {
    if (!this.acts()) return undefined;
    if (this.hasUnrecordedCrash) return this.recordCrash().then(() => this.minutes.settle(true));
    return this.minutes.settle(true);
  }

  private async afterSettling(settled: Promise<void> | undefined): Promise<true> {
    await settled;
    this.countMinute();
    if (this.isBehind()) await this.followUp();
    return true;
  }

  private countMinute(): void {
    this.minutesPlayed += 1;
    this.deps.onProgress(this.minutesPlayed, this.total);
  }

  private acts(): boolean {
    return this.actFrom === undefined || this.deps.clock.now() >= this.actFrom;
  }

  private get hasUnrecordedCrash(): boolean {
    return this.actFrom !== undefined && !this.isCrashRecorded;
  }

  /** A crash is recorded at the time where the journal continues, so that its times never run backwards. */
  private async recordCrash(): Promise<void> {
    const { appender, state, calendarDay } = this.deps;
    if (this.isCrashRecorded || this.actFrom === undefined) return;
    this.isCrashRecorded = true;
    await appender.append(STREAMS.lifecycle, [
      {
        type: 'ProcessCrashed',
        data: { process: 'engine', lastEventAt: toUtcText(this.actFrom), action: 'continues from the journal' },
        correlationId: `session/${calendarDay.date}`,
        causationId: state.session?.openedEventId ?? null,
      },
    ]);
  }

  private isBehind(): boolean {
    return this.deps.state.eventCount - this.followedTo >= EVENTS_BETWEEN_CATCH_UPS;
  }

  private async followUp(): Promise<void> {
    this.followedTo = this.deps.state.eventCount;
    await this.deps.projections.catchUp();
  }
}
