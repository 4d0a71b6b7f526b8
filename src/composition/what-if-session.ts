import { gunzipSync } from 'node:zlib';
import { SimBroker } from '../adapters/broker-sim/sim-broker.js';
import { renamingBroker } from '../adapters/broker-sim/renaming-broker.js';
import { MemorySimStore } from '../adapters/broker-sim/store.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../adapters/journal-memory/memory-journal.js';
import { MemoryLedger } from '../adapters/ledger-memory/memory-ledger.js';
import { readRecording } from '../adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../adapters/market-recorder/recorded-feed.js';
import { runTradingDay } from '../app/day/trading-day.js';
import { EngineAppender } from '../app/journal/engine-appender.js';
import { exportSession } from '../app/exports/export-books.js';
import { compareSessions, type Comparison } from '../app/what-if/compare.js';
import { bookCash } from '../domain/accounting/book.js';
import { allLots } from '../domain/accounting/lots.js';
import { sessionOf } from '../domain/calendar/nyse.js';
import { parseSettings, settingsSha256, type Settings } from '../domain/config/settings.js';
import { EngineState } from '../domain/session/engine-state.js';
import type { EventData, EventType, NewEvent, Position, RecordedEvent } from '../events/event.js';
import { parseClientOrderId, type ClientOrderId } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { configError, dataError, invariant } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import { centsToDecimal } from '../kernel/money.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { epochMs, parseUtcText, type DateText } from '../kernel/time.js';
import type { Books } from '../ports/books.js';
import type { BrokerPosition } from '../ports/account-queries.js';
import type { Journal } from '../ports/journal.js';
import { strategiesToRun } from '../strategies/registry.js';
import { bookCodesOf } from '../domain/accounting/book-codes.js';
import { simProfileOf } from './sim-profile.js';
import { statementSource } from './statement-source.js';

export interface WhatIfOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  /** Only read. */
  readonly journal: Pick<Journal, 'readAll'>;
  readonly date: DateText;
  /** Settings that are to be other than they were, as `.env_bot` would have them. */
  readonly changes: Readonly<Record<string, string>>;
  readonly onProgress: (done: number, total: number) => void;
}

export interface WhatIf {
  readonly comparison: Comparison;
  /** Of the session as it would have been. */
  readonly events: readonly RecordedEvent[];
  readonly changed: readonly { readonly key: string; readonly from: string | null; readonly to: string }[];
}

/**
 * Plays a closed session again on the market data that it recorded (JRN-33): same engine, strategies, risk gate and
 * simulated broker, with journal, ledger and broker's store in memory. Account, float and everything else stand as the
 * journal had them before the session's first event. Reads the home, writes nothing anywhere.
 */
export async function whatIf(options: WhatIfOptions): Promise<WhatIf> {
  const stage = new Stage(options);
  try {
    const session = await stage.load();
    const settings = settingsOf(session, options.changes);
    await stage.play(session, settings);
    const events = stage.played();
    return {
      comparison: compareSessions(options.date, session.events, events),
      events,
      changed: Object.entries(options.changes).map(([key, to]) => ({ key, from: session.settings[key] ?? null, to })),
    };
  } finally {
    stage.close();
  }
}

/** A session as the journal has it. */
interface PastSession {
  readonly events: readonly RecordedEvent[];
  readonly opened: EventData<'SessionOpened'>;
  readonly settings: Readonly<Record<string, string>>;
  readonly recording: EventData<'MarketDataRecorded'>;
}

const PAGE = 1_000;

/** The replay's own world: nothing in it is of the home. */
class Stage {
  private readonly clock = new VirtualClock(epochMs(0));
  private readonly state: EngineState;
  private readonly ledger: MemoryLedger;
  private readonly journal: MemoryJournal;
  /** Recording time while the past is taken over; afterwards the clock's. */
  private recordedAt: number | undefined;
  private readonly own: RecordedEvent[] = [];
  /** What the ledger has had. */
  private last: Position | undefined;

  constructor(private readonly options: WhatIfOptions) {
    const codes = bookCodesOf(options.identityParts);
    this.state = new EngineState(codes);
    this.ledger = new MemoryLedger(codes);
    this.journal = new MemoryJournal({ clock: { now: () => epochMs(this.recordedAt ?? this.clock.now()) } });
  }

  /** Takes over all that was before the session, and finds the session itself. */
  async load(): Promise<PastSession> {
    const { date, journal } = this.options;
    const events: RecordedEvent[] = [];
    const known = new Set<DateText>();
    let after: Position | undefined;
    for (;;) {
      const page = await journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      const before: RecordedEvent[] = [];
      for (const event of page) {
        if (event.meta.sessionDate !== null) known.add(event.meta.sessionDate);
        if (event.meta.sessionDate === date) events.push(event);
        else if (events.length === 0) before.push(event);
      }
      await this.takeOver(before);
      after = page.at(-1)?.position;
      if (page.length < PAGE) break;
    }
    this.recordedAt = undefined;
    return this.sessionOf(events, known);
  }

  private async takeOver(events: readonly RecordedEvent[]): Promise<void> {
    for (const event of events) {
      this.recordedAt = parseUtcText(event.recordedAt);
      const { id, type, schemaVersion, occurredAt, data, meta } = event;
      const again = { id, type, schemaVersion, occurredAt, data, meta } as NewEvent;
      const taken = await this.journal.append(event.stream, [again], { expectedRevision: 'any' });
      this.last = taken.lastPosition;
      for (const own of taken.events) this.state.apply(own);
    }
    this.ledger.take(events);
  }

  private sessionOf(events: readonly RecordedEvent[], known: ReadonlySet<DateText>): PastSession {
    const { date } = this.options;
    if (events.length === 0) throw unknownSession(date, [...known].sort());
    const opened = dataOf(events, 'SessionOpened');
    const recording = dataOf(events, 'MarketDataRecorded');
    if (opened === undefined || recording === undefined || dataOf(events, 'SessionClosed') === undefined) {
      throw configError({
        code: 'SESSION_UNFINISHED',
        message: `the session of ${date} was not finished, so there is nothing to hold a replay against`,
        remedy: 'Run that day to its end first.',
      });
    }
    const settings = { ...this.state.settings };
    for (const event of events) {
      if (event.type !== 'ConfigChanged') continue;
      for (const { key, to, secret } of event.data.changes) if (!secret) settings[key] = to ?? '';
    }
    return { events, opened, settings, recording };
  }

  async play(session: PastSession, settings: Settings): Promise<void> {
    const { options, clock, state, journal, ledger } = this;
    const { paths, identity, identityParts, date } = options;
    const { recording, opened } = session;
    const codes = bookCodesOf(identityParts);
    const calendarDay = sessionOf(date);
    invariant(calendarDay !== undefined, 'SESSION_ON_NO_DAY', `the journal has a session on ${date}`);
    requireSameRecording(paths.marketRecording(date), recording);
    const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
    const projections = { catchUp: () => this.follow() };
    const venue = this.broker(session, settings);
    const broker = renamingBroker(venue, sameLuck(session.events, state));
    const statement = statementSource({ paths, identity, identityParts, codes, openLedger: () => ledger.open() });
    await runTradingDay({
      identity,
      codes,
      versionTag: opened.versionTag,
      settings,
      strategies: strategiesToRun(settings),
      journal,
      appender,
      state,
      broker,
      venue,
      brokerSeed: opened.brokerSeed,
      clock,
      calendarDay,
      market: new RecordedFeed((day) => paths.marketRecording(day)).openSession(date),
      projections,
      books: () => booksOver(ledger),
      marketRecorder: { record: () => recording },
      exportSession: () => exportSession({ appender, projector: projections, statement }, date),
      sealSession: () => Promise.resolve(),
      onProgress: options.onProgress,
    });
    await this.follow();
  }

  /** Events of the replay. */
  played(): readonly RecordedEvent[] {
    return this.own;
  }

  close(): void {
    this.ledger.close();
  }

  private async follow(): Promise<void> {
    for (;;) {
      const after = this.last === undefined ? {} : { after: this.last };
      const events = await this.journal.readAll({ ...after, limit: PAGE });
      this.ledger.take(events);
      this.own.push(...events);
      this.last = events.at(-1)?.position ?? this.last;
      if (events.length < PAGE) return;
    }
  }

  /** An account with the cash and the shares that the books had when the session began. */
  private broker({ events, opened }: PastSession, settings: Settings): SimBroker {
    const { state, clock, options } = this;
    const opening = dataOf(events, 'OpeningBalancesRecorded');
    const cash = state.openingRecorded ? centsToDecimal(bookCash(state.book)) : Decimal.parse(opening?.cash ?? '0');
    return new SimBroker({
      accountId: bookCodesOf(options.identityParts).account,
      clock,
      seed: opened.brokerSeed,
      openingCash: cash,
      openingPositions: state.openingRecorded ? heldIn(state) : (opening?.positions ?? []).map(asHeld),
      profile: simProfileOf(settings),
      store: new MemorySimStore(),
    });
  }
}

function dataOf<T extends EventType>(events: readonly RecordedEvent[], type: T): EventData<T> | undefined {
  const found: { readonly data: unknown } | undefined = events.findLast((event) => event.type === type);
  return found?.data as EventData<T> | undefined;
}

const AT_BROKER = { scale: 10, round: 'halfEven' } as const;

function heldIn(state: EngineState): readonly BrokerPosition[] {
  const sums = new Map<BrokerPosition['symbol'], { quantity: Decimal; dollars: Decimal }>();
  for (const { symbol, side, quantity, price } of allLots(state.book.lots)) {
    const sum = sums.get(symbol) ?? { quantity: Decimal.ZERO, dollars: Decimal.ZERO };
    const signed = side === 'long' ? quantity : quantity.negated();
    sum.quantity = sum.quantity.plus(signed);
    sum.dollars = sum.dollars.plus(signed.times(price));
    sums.set(symbol, sum);
  }
  return [...sums]
    .filter(([, { quantity }]) => !quantity.isZero())
    .map(([symbol, { quantity, dollars }]) => ({
      symbol,
      quantity,
      averagePrice: dollars.divide(quantity, AT_BROKER),
    }));
}

function asHeld({ symbol, quantity, cost }: EventData<'OpeningBalancesRecorded'>['positions'][number]): BrokerPosition {
  const shares = Decimal.parse(quantity);
  return { symbol, quantity: shares, averagePrice: Decimal.parse(cost).divide(shares, AT_BROKER) };
}

/**
 * Names for the simulated broker: an order goes by the name of the recorded one with its part in the same position, so
 * that it is filled with the same chance although fewer or more orders came before it; one without a counterpart by a
 * name that was never used.
 */
function sameLuck(events: readonly RecordedEvent[], state: EngineState): (ours: ClientOrderId) => ClientOrderId {
  const recorded = new Map<string, ClientOrderId[]>();
  for (const event of events) {
    if (event.type !== 'OrderIntended') continue;
    const { positionId, purpose, clientOrderId } = event.data;
    const part = `${positionId} ${purpose}`;
    recorded.set(part, [...(recorded.get(part) ?? []), clientOrderId]);
  }
  return (ours) => {
    const intent = state.orders.get(ours)?.intent;
    const counterpart = recorded.get(`${intent?.positionId ?? ''} ${intent?.purpose ?? ''}`)?.shift();
    return counterpart ?? parseClientOrderId(`${ours}-whatif`);
  };
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

/** As they were, with the changes over them; what was is checked against its digest. */
function settingsOf({ settings, opened }: PastSession, changes: Readonly<Record<string, string>>): Settings {
  const past = parseSettings(settings);
  invariant(
    settingsSha256(past) === opened.settingsSha256,
    'SETTINGS_NOT_AS_THEN',
    `the settings of ${opened.date} in the journal do not have the digest that the session was opened with`,
  );
  return parseSettings({ ...settings, ...changes });
}

function requireSameRecording(path: string, { sha256 }: EventData<'MarketDataRecorded'>): void {
  const actual = sha256Hex(textOf(path));
  if (actual === sha256) return;
  throw dataError({
    code: 'RECORDING_ALTERED',
    message: `${path} is not what the session recorded: its digest is ${actual.slice(0, 12)}..., the journal has ${sha256.slice(0, 12)}...`,
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

function unknownSession(date: DateText, known: readonly DateText[]): Error {
  const near =
    known.length === 0
      ? 'it has none'
      : `it has ${known.slice(-5).join(', ')}${known.length > 5 ? ' and earlier ones' : ''}`;
  return configError({
    code: 'SESSION_UNKNOWN',
    message: `the journal has no session of ${date}; ${near}`,
    remedy: 'Name a day on which this bot traded, such as --session 2026-01-05.',
  });
}
