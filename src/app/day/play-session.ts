import { MINUTE_MS, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { BrokerStatus, BrokerUpdate } from '../../ports/broker.js';
import { Engine } from '../engine/engine.js';
import type { EngineContext } from '../engine/action.js';
import { ENGINE_RULES } from '../engine/rules.js';
import { STREAMS } from '../engine/streams.js';
import type { SessionDeps } from './session-deps.js';

type News = { readonly update: BrokerUpdate } | { readonly status: BrokerStatus };

/** Projections follow at least this often, so that status and logs are fresh and a batch stays small. */
const EVENTS_BETWEEN_CATCH_UPS = 100;

/**
 * Plays the minutes of a day through venue, market and engine under the virtual clock. When the journal already holds a
 * part of this day (the process died in it), the minutes before its last event are only seen, not acted on: venue and
 * market come to stand where they stood, then the engine goes on from the journal.
 */
export class SessionPlayer {
  private readonly news: News[] = [];
  private readonly engine: Engine;
  private readonly actFrom: EpochMs | undefined;
  private followedTo = 0;
  private crashTold = false;

  constructor(
    private readonly deps: SessionDeps,
    private readonly context: EngineContext,
    resumedAt: EpochMs | undefined,
  ) {
    this.actFrom = resumedAt;
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
        await this.happenings(slice.end);
        deps.clock.advanceTo(slice.end);
        this.context.market.apply(slice);
        if (this.acts(slice.end)) await this.actAtMinute();
        minute += 1;
        deps.onProgress(minute, total);
        await this.followUp();
      }
      deps.venue.closeSession();
      await this.takeNews(true);
      // nothing lives on at the broker now, so what still does here was not heard of: the books wait for it (F1, F3)
      await this.engine.askAfterLiveOrders();
      await this.settle(false);
      await this.settle(true);
    } finally {
      for (const subscription of subscriptions) subscription.unsubscribe();
    }
  }

  private acts(at: EpochMs): boolean {
    return this.actFrom === undefined || at >= this.actFrom;
  }

  private async actAtMinute(): Promise<void> {
    await this.tellCrash();
    await this.settle(true);
  }

  /** A predecessor that died is told where the journal goes on, so that times never run backwards in it. */
  private async tellCrash(): Promise<void> {
    const { recorder, state } = this.deps;
    if (this.crashTold || this.actFrom === undefined) return;
    this.crashTold = true;
    await recorder.record(STREAMS.lifecycle, [
      {
        type: 'ProcessCrashed',
        data: { process: 'engine', lastEventAt: toUtcText(this.actFrom), action: 'goes on from the journal' },
        correlationId: `session/${this.context.date}`,
        causationId: state.session?.openedEventId ?? null,
      },
    ]);
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
    if (this.engine.hasWork(atMinute)) await this.engine.settle(atMinute);
  }

  private async followUp(): Promise<void> {
    const { state, projections } = this.deps;
    if (state.eventCount - this.followedTo < EVENTS_BETWEEN_CATCH_UPS) return;
    this.followedTo = state.eventCount;
    await projections.catchUp();
  }
}
