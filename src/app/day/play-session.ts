import { MINUTE_MS, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { BrokerStatus, BrokerUpdate } from '../../ports/broker.js';
import { Engine } from '../engine/engine.js';
import type { EngineContext } from '../engine/action.js';
import { ENGINE_RULES } from '../engine/rules.js';
import { STREAMS } from '../engine/streams.js';
import type { SessionDeps } from './session-deps.js';

type News = { readonly update: BrokerUpdate } | { readonly status: BrokerStatus };

/** Projections follow at least this often, so that status and logs are fresh and a batch stays small. */
const EVENTS_BETWEEN_CATCH_UPS = 500;

/**
 * Plays the minutes of a day through venue, market and engine under the virtual clock. When the journal already holds a
 * part of this day (the process died in it), the minutes before its last event are only seen, not acted on: venue and
 * market come to stand where they stood, then the engine goes on from the journal.
 */
export class SessionPlayer {
  private readonly news: News[] = [];
  private readonly engine: Engine;
  private readonly actFrom: EpochMs | undefined;
  private followedTo: number;
  private crashTold = false;

  constructor(
    private readonly deps: SessionDeps,
    private readonly context: EngineContext,
    resumedAt: EpochMs | undefined,
  ) {
    this.actFrom = resumedAt;
    this.followedTo = deps.state.eventCount;
    this.engine = new Engine({
      broker: deps.broker,
      clock: deps.clock,
      recorder: deps.recorder,
      context,
      rules: ENGINE_RULES,
    });
  }

  async play(): Promise<void> {
    const { deps } = this;
    const { opensAt, closesAt } = deps.calendarDay;
    const total = Math.round((closesAt - opensAt) / MINUTE_MS);
    const subscriptions = [
      deps.broker.orderUpdates$.subscribe((update) => this.news.push({ update })),
      deps.broker.status$.subscribe((status) => this.news.push({ status })),
    ];
    try {
      let minute = 0;
      for (const slice of deps.market.slices(opensAt, closesAt)) {
        deps.venue.openMinute(slice);
        // most minutes have nothing to wait for, and a wait costs more than the minute
        if (this.happensBefore(slice.end)) await this.happenings(slice.end);
        deps.clock.advanceTo(slice.end);
        this.context.market.apply(slice);
        if (this.acts(slice.end)) {
          if (this.crashUntold) await this.tellCrash();
          const due = this.engine.next(true);
          if (due !== undefined) await this.engine.settle(true, due);
        }
        minute += 1;
        deps.onProgress(minute, total);
        if (this.isBehind()) await this.followUp();
      }
      deps.venue.closeSession();
      await this.takeNews(true);
      // whatever was not heard of, fills, corrections, ends, is asked for before the books are compared (F1, F3)
      await this.engine.askAfterOrders();
      await this.settle(false);
      await this.settle(true);
    } finally {
      for (const subscription of subscriptions) subscription.unsubscribe();
    }
  }

  private acts(at: EpochMs): boolean {
    return this.actFrom === undefined || at >= this.actFrom;
  }

  private get crashUntold(): boolean {
    return this.actFrom !== undefined && !this.crashTold;
  }

  /** A predecessor that died is told where the journal goes on, so that times never run backwards in it. */
  private async tellCrash(): Promise<void> {
    const { recorder, state } = this.deps;
    if (this.crashTold || this.actFrom === undefined) return;
    this.crashTold = true;
    await recorder.add(STREAMS.lifecycle, [
      {
        type: 'ProcessCrashed',
        data: { process: 'engine', lastEventAt: toUtcText(this.actFrom), action: 'goes on from the journal' },
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
      if (this.acts(at)) await this.tellCrash();
      await this.takeNews(this.acts(at));
    }
  }

  private async takeNews(acts: boolean): Promise<void> {
    for (let news = this.news.shift(); news !== undefined; news = this.news.shift()) {
      if (!acts) continue;
      if ('update' in news) await this.engine.onUpdate(news.update);
      else await this.engine.onStatus(news.status);
      await this.settle(false);
    }
  }

  private async settle(atMinute: boolean): Promise<void> {
    const first = this.engine.next(atMinute);
    if (first !== undefined) await this.engine.settle(atMinute, first);
  }

  private isBehind(): boolean {
    return this.deps.state.eventCount - this.followedTo >= EVENTS_BETWEEN_CATCH_UPS;
  }

  private async followUp(): Promise<void> {
    this.followedTo = this.deps.state.eventCount;
    await this.deps.projections.catchUp();
  }
}
