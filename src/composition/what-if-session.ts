import { gunzipSync } from 'node:zlib';
import { OrderNames, renamingBroker } from '../adapters/broker-sim/renaming-broker.js';
import { MemorySimStore } from '../adapters/broker-sim/store.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../adapters/journal-memory/memory-journal.js';
import { MemoryLedger } from '../adapters/ledger-memory/memory-ledger.js';
import { readRecording } from '../adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../adapters/market-recorder/recorded-feed.js';
import { loadOwnStrategies } from '../adapters/own-strategies/load-own-strategies.js';
import { LockStepWorld } from '../adapters/sim-world/lock-step-world.js';
import { runTradingDay } from '../app/day/trading-day.js';
import { LOCKED_HOME } from '../app/ownership/effects-guard.js';
import { EngineAppender } from '../app/journal/engine-appender.js';
import { compareSessions, type Comparison } from '../app/what-if/compare.js';
import { changedCode, type ChangedCode } from '../app/what-if/changed-code.js';
import { pastSession, settingsWith, type PastSession } from '../app/what-if/past-session.js';
import { recordedOrderIds } from '../app/what-if/recorded-order-ids.js';
import { recordedOutages } from '../app/what-if/recorded-outages.js';
import { replayedHours } from '../app/what-if/replayed-hours.js';
import { startingAccount } from '../app/what-if/starting-account.js';
import type { Settings } from '../domain/config/settings.js';
import { EngineState } from '../domain/session/engine-state.js';
import type { EventData, NewEvent, Position, RecordedEvent } from '../events/event.js';
import { dataError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import { centsToDecimal } from '../kernel/money.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { epochMs, parseUtcText, type DateText } from '../kernel/time.js';
import type { Books } from '../ports/books.js';
import type { Journal } from '../ports/journal.js';
import type { MarketRecorder, MarketRecording } from '../ports/market-recorder.js';
import { ownStrategiesFound, type OwnStrategies } from '../strategies/own/own-strategies.js';
import { strategiesToRun } from '../strategies/registry.js';
import { bookCodesOf } from '../domain/accounting/book-codes.js';
import { sessionDeps } from './session-deps.js';
import { simulatedBroker } from './simulated-broker.js';
import { statementSource } from './statement-source.js';
import { playLiveSession, type LiveReplayParts } from './what-if-live.js';

export interface WhatIfOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  /** Read-only. */
  readonly journal: Pick<Journal, 'readAll'>;
  readonly date: DateText;
  /** Settings that differ from the recorded session, as written in `.env_bot`. */
  readonly changes: Readonly<Record<string, string>>;
  readonly onProgress: (done: number, total: number) => void;
}

export interface WhatIf {
  readonly comparison: Comparison;
  /** Events of the replayed session. */
  readonly events: readonly RecordedEvent[];
  readonly changed: readonly { readonly key: string; readonly from: string | null; readonly to: string }[];
  /** Own strategies whose module is not the one that traded. */
  readonly code: readonly ChangedCode[];
}

/**
 * Replays a closed session on the market data that it recorded (JRN-33): same engine, strategies, risk gate and simulated
 * broker, with journal, ledger and the broker's store in memory. Account, float and all other state are as of the
 * session's first event. Reads the home, writes nothing.
 */
export async function whatIf(options: WhatIfOptions): Promise<WhatIf> {
  const world = new ReplayWorld(options);
  try {
    const session = await world.load();
    const settings = settingsWith(session, options.changes);
    const own = await loadOwnStrategies(options.paths);
    await world.play(session, settings, own);
    const events = world.played();
    return {
      comparison: compareSessions(options.date, session.events, events),
      events,
      code: changedCode(session.events, ownStrategiesFound(own)),
      changed: Object.entries(options.changes).map(([key, to]) => ({ key, from: session.settings[key] ?? null, to })),
    };
  } finally {
    world.close();
  }
}

const PAGE = 1_000;

/** The replay's own world, separate from the home. */
class ReplayWorld {
  readonly #clock = new VirtualClock(epochMs(0));
  readonly #state: EngineState;
  readonly #ledger: MemoryLedger;
  readonly #journal: MemoryJournal;
  /** Recording time while past events are copied; afterwards the clock's. */
  #recordedAt: number | undefined;
  readonly #own: RecordedEvent[] = [];
  /** Position of the last event that the ledger has processed. */
  #last: Position | undefined;

  constructor(private readonly options: WhatIfOptions) {
    const codes = bookCodesOf(options.identityParts);
    this.#state = new EngineState(codes);
    this.#ledger = new MemoryLedger(codes);
    this.#journal = new MemoryJournal({ clock: { now: () => epochMs(this.#recordedAt ?? this.#clock.now()) } });
  }

  /** Copies all events before the session, and finds the session itself. */
  async load(): Promise<PastSession> {
    const { date, journal } = this.options;
    const since: RecordedEvent[] = [];
    let isOver = false;
    const known = new Set<DateText>();
    let after: Position | undefined;
    for (;;) {
      const page = await journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      const before: RecordedEvent[] = [];
      for (const event of page) {
        if (event.meta.sessionDate !== null) known.add(event.meta.sessionDate);
        if (since.length === 0 && event.meta.sessionDate !== date) before.push(event);
        else if (!isOver) since.push(event);
        isOver ||= event.type === 'SessionClosed' && event.data.date === date;
      }
      await this.#takeOver(before);
      after = page.at(-1)?.position;
      if (page.length < PAGE) break;
    }
    this.#recordedAt = undefined;
    return pastSession({ date, since, known, settingsBefore: this.#state.settings });
  }

  async #takeOver(events: readonly RecordedEvent[]): Promise<void> {
    for (const event of events) {
      this.#recordedAt = parseUtcText(event.recordedAt);
      const own = await this.#copy(event);
      this.#last = own.at(-1)?.position ?? this.#last;
      for (const taken of own) this.#state.apply(taken);
    }
    this.#ledger.take(events);
  }

  async #copy({
    stream,
    id,
    type,
    schemaVersion,
    occurredAt,
    data,
    meta,
  }: RecordedEvent): Promise<readonly RecordedEvent[]> {
    const again = { id, type, schemaVersion, occurredAt, data, meta } as NewEvent;
    return (await this.#journal.append(stream, [again], { expectedRevision: 'any' })).recorded();
  }

  async play(session: PastSession, settings: Settings, own: OwnStrategies): Promise<void> {
    const { options } = this;
    requireSameRecording(options.paths.marketRecording(options.date), session.recording);
    const engine = this.#engine(session, settings, own);
    if (session.isLive) {
      await playLiveSession({
        session,
        changes: options.changes,
        depsOf: engine,
        copy: async (event) => {
          await this.#copy(event);
        },
        onProgress: options.onProgress,
      });
    } else {
      await runTradingDay({ ...engine(settings, this.#clock), settings, onProgress: options.onProgress });
    }
    await this.#follow();
  }

  /** Makes engine processes of the replay: each has a venue of its own over the one account. */
  #engine(session: PastSession, settings: Settings, own: OwnStrategies): LiveReplayParts['depsOf'] {
    const [clock, state, journal, ledger] = [this.#clock, this.#state, this.#journal, this.#ledger];
    const { paths, identity, identityParts, date, changes } = this.options;
    const { recording, opened } = session;
    const codes = bookCodesOf(identityParts);
    const calendarDay = replayedHours(session, settings, changes);
    const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
    const core = {
      identity,
      codes,
      versionTag: opened.versionTag,
      clock,
      journal,
      appender,
      effects: LOCKED_HOME,
      state,
    };
    const outages = recordedOutages(session.events, opened.closesAt);
    const account = {
      ...startingAccount(session, state),
      store: new MemorySimStore(),
      seed: opened.brokerSeed,
      faults: outages.map(({ from, to }) => ({ kind: 'disconnect', from, to }) as const),
    };
    const names = new OrderNames(recordedOrderIds(session.events, state));
    const feed = new RecordedFeed((day) => paths.marketRecording(day));
    return (inForce, venueClock) => {
      const venue = simulatedBroker(codes, inForce, { ...account, clock: venueClock });
      const market = feed.openSession(date);
      return sessionDeps(core, {
        strategies: strategiesToRun(inForce, own),
        ownStrategies: ownStrategiesFound(own),
        broker: renamingBroker(venue, names),
        brokerSeed: opened.brokerSeed,
        calendarDay,
        feed,
        market,
        world: new LockStepWorld({ venue, clock: venueClock, feed, market, day: calendarDay }),
        projections: { catchUp: () => this.#follow() },
        statement: statementSource({ paths, identity, identityParts, codes, openLedger: () => ledger.open() }),
        books: () => booksOver(ledger),
        marketRecorder: recordedAlready(recording),
        sealSession: () => Promise.resolve(),
      });
    };
  }

  /** Events of the replayed session. */
  played(): readonly RecordedEvent[] {
    return this.#own.filter(({ meta }) => meta.sessionDate === this.options.date);
  }

  close(): void {
    this.#ledger.close();
  }

  async #follow(): Promise<void> {
    for (;;) {
      const after = this.#last === undefined ? {} : { after: this.#last };
      const events = await this.#journal.readAll({ ...after, limit: PAGE });
      this.#ledger.take(events);
      this.#own.push(...events);
      this.#last = events.at(-1)?.position ?? this.#last;
      if (events.length < PAGE) return;
    }
  }
}

/** The replay has the recording of the session and makes none. */
function recordedAlready(recording: MarketRecording): MarketRecorder {
  const nothing = { minutes: [], findings: {} };
  const ignore = (): void => undefined;
  return { begin: () => ({ earlier: nothing, fault: undefined, add: ignore, done: ignore, finish: () => recording }) };
}

function booksOver(ledger: MemoryLedger): Books {
  const open = ledger.open();
  return {
    cash: () => centsToDecimal(open.cash()),
    positions: () => open.positions(),
    isBalanced: () => open.trialBalance().balanced,
    close: () => undefined,
  };
}

function requireSameRecording(path: string, { sha256 }: EventData<'MarketDataRecorded'>): void {
  const actual = sha256Hex(textOf(path));
  if (actual === sha256) return;
  throw dataError({
    code: 'RECORDING_ALTERED',
    message: `${path} is not the recording of the session: its digest is ${actual.slice(0, 12)}..., the journal has ${sha256.slice(0, 12)}...`,
    remedy: 'Restore the file from a backup.',
  });
}

function textOf(path: string): string {
  const packed = readRecording(path);
  try {
    return gunzipSync(packed).toString('utf8');
  } catch {
    return '';
  }
}
