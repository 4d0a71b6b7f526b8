import type { BookCodes } from '../../domain/accounting/book-codes.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import type { EventData } from '../../events/event.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock, DateText, EpochMs } from '../../kernel/time.js';
import type { Books } from '../../ports/books.js';
import type { Broker } from '../../ports/broker.js';
import type { Journal } from '../../ports/journal.js';
import type { MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { MarketRecorder } from '../../ports/market-recorder.js';
import type { SteppedWorld } from '../../ports/stepped-world.js';
import type { Strategy } from '../../strategies/strategy.js';
import type { EffectsGuard } from '../ownership/effects-guard.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** A clock that the day advances; it never goes back. */
export interface DrivenClock extends Clock {
  advanceTo(at: EpochMs): void;
}

/** The engine's own clock: between sessions it may be set back, when a user accepts an earlier time. */
export interface SettableClock extends DrivenClock {
  setTo(at: EpochMs): void;
}

/** The projections, as the day needs them. The process that closes them publishes their databases once for all days. */
export interface ProjectionsPort {
  /** `behind`: the ledger did not catch up in time, or stopped; the books on file are not reliable. */
  catchUp(): Promise<unknown>;
}

export const PROJECTIONS_BEHIND = 'behind';

/** The dependencies of a trading day. One value per role, so that a live day can replace them. */
export interface SessionDeps {
  readonly identity: BotIdentity;
  readonly codes: BookCodes;
  readonly versionTag: string;
  readonly settings: Settings;
  readonly strategies: readonly Strategy[];
  /** The own strategies of the home, as they are recorded; left out in a home without any. */
  readonly ownStrategies?: EventData<'OwnStrategiesFound'>;
  readonly journal: Journal;
  readonly appender: EngineAppender;
  readonly effects: EffectsGuard;
  readonly state: EngineState;
  readonly broker: Broker;
  readonly brokerSeed: number;
  readonly clock: DrivenClock;
  readonly calendarDay: ExchangeSession;
  readonly feed: MarketDataFeed;
  /** The day of the feed, open since before the session. */
  readonly market: MarketDay;
  /** The simulated world that the session moves; undefined with a real broker and a real feed. */
  readonly world: SteppedWorld | undefined;
  readonly projections: ProjectionsPort;
  readonly books: () => Books;
  readonly marketRecorder: MarketRecorder;
  /** Renders and journals the automatic exports of the session. */
  readonly exportSession: () => Promise<void>;
  /** Journals the seal of the journal at the end of a session, once (JRN-30). */
  readonly sealSession: (date: DateText) => Promise<void>;
  /** The capital that the set-up named: an account may have more cash than the bot may trade with. Undefined: all of it. */
  readonly plannedFloat?: Decimal | undefined;
  /** Called during the day: minutes played, minutes in all. */
  readonly onProgress: (done: number, total: number) => void;
}
