import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Clock, DateText, EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import { isActive } from '../../domain/lifecycle/bot-state.js';
import { STREAMS } from '../../events/streams.js';
import type { EventData } from '../../events/event.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import { DEFAULT_SETTINGS, type Settings } from '../../domain/config/settings.js';
import { botSession, nextSession, tradingHoursOf, type TradingHours } from '../../domain/schedule/trading-hours.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { LeaveOut } from './next-task.js';

/** The market data of a running bot, as the engine loop sees it. */
export interface SessionMarket {
  readonly facts: EventData<'MarketFeedSelected'>;
  /** The account that the bot trades in; undefined when it is not known. */
  readonly account?: EventData<'BrokerSelected'> | undefined;
  /** Days that it has, in order; undefined when it has every day. */
  readonly days: readonly DateText[] | undefined;
  /** Why the data of that day cannot be traded, with the remedy; undefined when it can. */
  fault(date: DateText): string | undefined;
}

/** The clock of the engine, and the pacer that it follows. */
interface LoopTime {
  readonly clock: Clock;
  readonly pacer: Pacer;
}

/** The time by which the next task is chosen: a world with a speed of its own has no other time than that of the engine. */
export function scheduleTime({ clock, pacer }: LoopTime): EpochMs {
  return pacer.speed === 1 ? pacer.now() : clock.now();
}

/** The first session with data that ends later than `now`, after the day `after`; undefined when there is none in sight. */
export function nextSessionWithData(
  days: readonly DateText[] | undefined,
  hours: TradingHours,
  { now, after }: { readonly now: EpochMs; readonly after?: DateText },
): ExchangeSession | undefined {
  if (days === undefined) return nextSession(now, hours, after);
  for (const date of days) {
    const session = after === undefined || date > after ? botSession(date, hours) : undefined;
    if (session !== undefined && session.closesAt > now) return session;
  }
  return undefined;
}

function isOther(known: object | undefined, now: object): boolean {
  return known === undefined || canonicalJson(known) !== canonicalJson(now);
}

/** The market data of the loop: what is recorded of it, and the days without any. */
export class MarketSchedule {
  constructor(
    private readonly appender: EngineAppender,
    private readonly market: SessionMarket,
  ) {}

  /** Records market data and account when they are others than before. */
  async record(): Promise<void> {
    const { facts, account } = this.market;
    const { marketFeed, brokerAccount } = this.appender.state;
    const cause = { correlationId: 'lifecycle', causationId: null } as const;
    if (isOther(marketFeed, facts))
      await this.appender.append(STREAMS.lifecycle, [{ type: 'MarketFeedSelected', data: facts, ...cause }]);
    if (account !== undefined && isOther(brokerAccount, account))
      await this.appender.append(STREAMS.lifecycle, [{ type: 'BrokerSelected', data: account, ...cause }]);
  }

  /** See `SessionMarket`. */
  fault(date: DateText): string | undefined {
    return this.market.fault(date);
  }

  /** Records that the session of a day is not traded, and which one is next; false like every step without a wait. */
  async leaveOut({ day: { date }, reason }: LeaveOut, settings: Settings, now: EpochMs): Promise<false> {
    const next = nextSessionWithData(this.market.days, tradingHoursOf(settings), { now, after: date });
    const data = { date, reason, nextSession: next?.date ?? null };
    await this.appender.append(STREAMS.lifecycle, [
      { type: 'SessionLeftOut', data, correlationId: `session/${date}`, causationId: null },
    ]);
    return false;
  }

  /** The time of the engine: in a world with a speed of its own a busy engine does not pass the open of its next session. */
  reached({ clock, pacer }: LoopTime, settings: Settings | undefined): EpochMs {
    const now = pacer.now();
    if (pacer.speed === 1 || !isActive(this.appender.state.botState)) return now;
    const open = this.#nextOpen(settings, clock.now());
    return open !== undefined && open < now ? open : now;
  }

  /** The open of the next session, traded or left out, at `now` or later; undefined while one is open or none is in sight. */
  #nextOpen(settings: Settings | undefined, now: EpochMs): EpochMs | undefined {
    const session = nextSession(now, tradingHoursOf(settings ?? DEFAULT_SETTINGS), this.#done);
    return session !== undefined && session.opensAt >= now ? session.opensAt : undefined;
  }

  /** The last session that was traded or left out. */
  get #done(): DateText | undefined {
    const { closedSessions, leftOut } = this.appender.state;
    return [...closedSessions.keys(), ...(leftOut === undefined ? [] : [leftOut])].sort().at(-1);
  }

  /** For the list of processes: the market data, and the next day that can be traded. */
  figures(settings: Settings | undefined, { pacer }: LoopTime): Readonly<Record<string, string>> {
    const done = this.#done;
    const from = { now: pacer.now(), ...(done === undefined ? {} : { after: done }) };
    const next = nextSessionWithData(this.market.days, tradingHoursOf(settings ?? DEFAULT_SETTINGS), from);
    return { market: this.market.facts.description, next_session: next?.date ?? 'none with data' };
  }
}
