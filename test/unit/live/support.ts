import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { VirtualPacer } from '../../support/virtual-pacer.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { STREAMS } from '../../../src/events/streams.js';
import type { EngineCommand } from '../../../src/app/live/commands.js';
import { EngineLoop } from '../../../src/app/live/engine-loop.js';
import type { BootChecks } from '../../../src/app/live/readiness.js';
import type { CommandOutcome } from '../../../src/app/live/commands.js';
import type { SessionInputs, SessionRunner } from '../../../src/app/live/session-runner.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import type { ExchangeSession } from '../../../src/domain/calendar/nyse.js';
import { DEFAULT_SETTINGS } from '../../../src/domain/config/settings.js';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import { parseSymbol } from '../../../src/events/names.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs, parseUtcText, plusMs, toUtcText, type EpochMs } from '../../../src/kernel/time.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { moneyText } from '../../../src/kernel/money.js';
import type { ReferenceData } from '../../../src/ports/reference-data.js';
import { CODES, PARTS } from '../../simulation/support/day-harness.js';
import { ANY_DAY } from '../../support/session-market.js';

const IDENTITY = composeBotIdentity(PARTS);
const ZERO = moneyText(Decimal.ZERO);

export const at = (text: string): EpochMs => parseUtcText(`${text}:00.000Z`);

/** A session without a market: it opens, waits for its close, closes; commands end it or are noted. */
class PlainSession implements SessionRunner {
  killed = false;
  private down = false;
  private left = false;

  constructor(
    private readonly world: LoopWorld,
    private readonly day: ExchangeSession,
    private readonly commands: SessionInputs['commands'],
  ) {}

  async run(): Promise<'closed' | 'shutdown' | 'left'> {
    const { world, day } = this;
    world.reported.push(`session ${day.date} from ${toUtcText(world.pacer.now()).slice(11, 16)}`);
    if (world.state.session?.opened.date !== day.date) await world.openSession(day);
    if (world.faultInSession !== undefined) throw world.faultInSession;
    for (;;) {
      this.obeyAll();
      if (this.left) return 'left';
      if (this.down || world.pacer.now() >= day.closesAt) break;
      await world.pacer.until(day.closesAt);
    }
    if (this.down) return 'shutdown';
    if (world.faultAtClose !== undefined) throw world.faultAtClose;
    await world.closeSession(day);
    return 'closed';
  }

  kill(): Promise<CommandOutcome> {
    this.killed = true;
    this.world.reported.push('kill in the session');
    return Promise.resolve({ outcome: 'obeyed', reason: 'emergency close' });
  }

  private obeyAll(): void {
    for (let next = this.commands.next(); next !== undefined; next = this.commands.next()) {
      this.world.reported.push(`${next.command.kind} in the session`);
      if (next.command.kind === 'shutdown') this.down = true;
      else next.answer({ outcome: 'obeyed', reason: 'in the session' });
    }
  }

  leave(): void {
    this.left = true;
    this.world.reported.push('session left');
  }

  followed(): void {
    this.world.reported.push('news in the session');
  }
}

/** An engine loop in a world of its own: virtual time, a journal in memory, sessions without a market. */
export class LoopWorld {
  readonly reported: string[] = [];
  readonly pacer: VirtualPacer;
  readonly state = new EngineState(CODES);
  readonly appender: EngineAppender;
  readonly loop: EngineLoop;
  faultInSession: Error | undefined;
  faultAtClose: Error | undefined;
  /** Why the data of a day cannot be used. */
  readonly marketFaults = new Map<string, string>();
  /** The calendar of the broker, when it has one. */
  readonly broker: { calendar?: NonNullable<ReferenceData['calendar']> } = {};
  /** What `beginSession` throws. */
  faultAtBegin: unknown;
  /** What the machine's clock shows when it is not believed. */
  wrongTime: EpochMs | undefined;
  checks: BootChecks = {
    settings: () => DEFAULT_SETTINGS,
    build: () => Promise.resolve([{ module: 'folders', ok: true, cause: '', remedy: '' }]),
    modules: () => Promise.resolve([{ module: 'risk', ok: true, cause: '', remedy: '' }]),
  };
  private readonly clock = new VirtualClock(epochMs(0));
  private readonly worldAppender: EventAppender;

  constructor(
    start: string,
    readonly journal = new MemoryJournal({ clock: { now: () => this.clock.now() } }),
  ) {
    this.pacer = new VirtualPacer(at(start));
    const { clock, pacer, state } = this;
    this.appender = new EngineAppender({ journal, clock, identity: IDENTITY, actor: 'system:engine', state });
    this.worldAppender = new EventAppender({ journal, clock: pacer, identity: IDENTITY, actor: 'system:engine' });
    this.loop = new EngineLoop({
      appender: this.appender,
      worldAppender: this.worldAppender,
      time: { clock, pacer, machine: { wrongTime: () => this.wrongTime } },
      checks: {
        settings: (open) => this.checks.settings(open),
        build: (settings) => this.checks.build(settings),
        modules: (settings) => this.checks.modules(settings),
      },
      beginSession: (day, { commands }) => {
        if (this.faultAtBegin !== undefined) throw this.faultAtBegin as Error;
        return new PlainSession(this, day, commands);
      },
      market: { ...ANY_DAY, fault: (date) => this.marketFaults.get(date), days: undefined },
      broker: this.broker,
    });
  }

  /** Records transitions to the last of `states`. */
  async stand(...states: readonly BotState[]): Promise<this> {
    this.clock.advanceTo(plusMs(this.pacer.now(), -60_000));
    let from = this.state.botState;
    for (const to of states) {
      const data = { from, to, reason: 'test' };
      const cause = { correlationId: 'lifecycle', causationId: null };
      await this.appender.appendIfUnchanged(STREAMS.lifecycle, [{ type: 'BotStateChanged', data, ...cause }]);
      from = to;
    }
    return this;
  }

  async tripKillSwitch(): Promise<void> {
    const data = { code: 'DAILY_LOSS_LIMIT', figures: {} };
    await this.appender.appendIfUnchanged(STREAMS.risk, [
      { type: 'KillSwitchTripped', data, correlationId: 'risk', causationId: null },
    ]);
  }

  /** Runs until `end`, then shuts down. */
  async runUntil(end: string): Promise<readonly string[]> {
    const deadline = plusMs(at(end), 20_000);
    this.pacer.plan(at(end), () => {
      void this.loop.command({ kind: 'shutdown', reason: 'the test is over', deadline });
    });
    await foldJournal(this.journal, this.state);
    await this.loop.run();
    return this.reported;
  }

  /** A command at a time of the world; its outcome goes to `reported`. */
  order(time: string, kind: 'kill' | 'stop' | 'start' | 'reload'): void {
    this.pacer.plan(at(time), () => {
      const by = { reason: 'asked by a test', actor: 'user:u1' } as const;
      const command: EngineCommand = kind === 'reload' ? { kind } : { kind, ...by };
      void this.loop
        .command(command)
        .then(({ outcome, reason }) => this.reported.push(`${kind} ${outcome}: ${reason}`));
    });
  }

  async states(): Promise<readonly string[]> {
    const events = await this.journal.readAll({ filter: { types: ['BotStateChanged'] } });
    return events.map((event) =>
      event.type === 'BotStateChanged' ? `${event.occurredAt.slice(5, 16)} ${event.data.to}` : '',
    );
  }

  async openSession(day: ExchangeSession): Promise<void> {
    const data = {
      date: day.date,
      opensAt: toUtcText(day.opensAt),
      closesAt: toUtcText(day.closesAt),
      halfDay: day.halfDay,
      broker: 'SIM',
      feed: {
        kind: 'synthetic' as const,
        description: 'none',
        seed: 1,
        symbols: [parseSymbol('SPY')],
        sha256: sha256Hex(''),
      },
      brokerSeed: 1,
      floatAtStart: ZERO,
      openingEquity: ZERO,
      sessionCap: ZERO,
      settingsSha256: sha256Hex(''),
      versionTag: 'test',
    };
    await this.appender.appendIfUnchanged(STREAMS.session(day.date), [
      { type: 'SessionOpened', data, correlationId: `session/${day.date}`, causationId: null },
    ]);
  }

  async closeSession({ date }: ExchangeSession): Promise<void> {
    this.clock.advanceTo(this.pacer.now());
    const data = {
      date,
      outcome: 'completed' as const,
      trades: 0,
      realizedPnl: ZERO,
      fees: ZERO,
      openPositions: [],
      reconciled: true,
    };
    await this.appender.appendIfUnchanged(STREAMS.session(date), [
      { type: 'SessionClosed', data, correlationId: `session/${date}`, causationId: null },
    ]);
  }
}
