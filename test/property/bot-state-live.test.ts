import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import type { EngineCommand } from '../../src/app/live/commands.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { isActive, mayChange, type BotState } from '../../src/domain/lifecycle/bot-state.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { plusMs, type EpochMs } from '../../src/kernel/time.js';
import { Cut } from '../simulation/support/crash.js';
import { BOTH_WAYS } from '../simulation/support/days.js';
import { LiveHarness, type Life } from '../simulation/support/live-harness.js';
import { expectGoodBooks } from '../simulation/support/oracle.js';

const FEED = new SyntheticFeed({ seed: 1 });
const BY_HAND = { reason: 'by hand', actor: 'user:admin' } as const;
/** The open strategy's whole life, and what is left of a day that ends early. */
const CLOSES_AT = '15:45:00';
const RUNS = 15;
const SPAN_MS = 75 * 60_000;

const KINDS = ['kill', 'stop', 'start', 'reload', 'shutdown', 'crash', 'main: error', 'test on', 'test off'] as const;
type Kind = (typeof KINDS)[number];
interface Deed {
  readonly kind: Kind;
  /** Milliseconds after the open. */
  readonly after: number;
}

const deeds = fc
  .array(fc.record({ kind: fc.constantFrom(...KINDS), after: fc.integer({ min: 0, max: SPAN_MS - 1 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list): readonly Deed[] => [...list].sort((a, b) => a.after - b.after));

/** The world of one engine process: main, a person, and crashes. */
class World {
  readonly live = new LiveHarness({ feed: FEED, settings: BOTH_WAYS, closesAt: CLOSES_AT });
  private readonly left: Deed[];

  constructor(list: readonly Deed[]) {
    this.left = [...list];
  }

  async run(): Promise<void> {
    let startsAt: EpochMs | undefined;
    for (let lives = 0; lives < 30; lives += 1) {
      const life = await this.live.start(startsAt === undefined ? {} : { startsAt: clockOf(startsAt) });
      for (const deed of this.left) {
        const at = plusMs(this.live.opensAt, deed.after);
        if (at >= life.pacer.now()) life.pacer.plan(at, () => this.act(life, deed));
      }
      const ended = await this.endOf(life);
      if (ended === 'closed') return;
      startsAt = plusMs(life.pacer.now(), 3_000);
      if (ended === 'shutdown') await this.goDownAndUp();
    }
    throw new Error('the day does not end');
  }

  private async endOf(life: Life): Promise<'closed' | 'shutdown' | 'left' | 'died'> {
    try {
      return await life.session.run();
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      return 'died';
    }
  }

  private async act(life: Life, deed: Deed): Promise<void> {
    this.left.splice(this.left.indexOf(deed), 1);
    const { session, pacer, commands } = life;
    switch (deed.kind) {
      case 'crash':
        throw new Cut();
      case 'kill':
        void session.kill(BY_HAND.reason, BY_HAND.actor);
        return;
      case 'main: error':
        await this.byMain(life, 'error');
        return;
      case 'test on':
      case 'test off':
        await this.testRun(life, deed.kind === 'test on');
        return;
      default:
        life.settings = parseSettings({ ...BOTH_WAYS, MAX_OPEN_POSITIONS: String(1 + (deed.after % 5)) });
        void commands.put(commandOf(deed.kind, plusMs(pacer.now(), deed.after % 20_000)));
    }
  }

  private async byMain(life: Life, to: BotState): Promise<void> {
    await this.live.appender(life.pacer).changeBotState(to, 'by main').catch(ignoreRefused);
    life.session.followed();
  }

  private async testRun(life: Life, on: boolean): Promise<void> {
    const common = { correlationId: 'test', causationId: null };
    await this.live
      .appender(life.pacer)
      .append('processes' as never, [
        on
          ? { type: 'TestRunStarted', data: { runId: 'T-1', test: 'all', by: null }, ...common }
          : { type: 'TestRunEnded', data: { runId: 'T-1', test: 'all', ok: true, results: [] }, ...common },
      ]);
    life.session.followed();
  }

  /** As main does: an active bot restarts automatically, a stopped one stays stopped. */
  private async goDownAndUp(): Promise<void> {
    const appender = this.live.appender({ now: () => this.live.home.now() });
    for (const to of ['shutdown_triggered', 'shutdown', 'started', 'idle'] as const) {
      await appender.changeBotState(to, 'the service goes down and comes back').catch(ignoreRefused);
    }
  }
}

function ignoreRefused(error: unknown): void {
  if (!(error instanceof TradeBotError) || error.code !== 'BOT_STATE_TRANSITION') throw error;
}

function clockOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(11, 23);
}

function commandOf(kind: Exclude<Kind, 'crash' | 'kill' | 'main: error' | 'test on' | 'test off'>, deadline: EpochMs) {
  const command: Exclude<EngineCommand, { kind: 'kill' }> =
    kind === 'reload' ? { kind } : kind === 'shutdown' ? { kind, reason: 'SIGTERM', deadline } : { kind, ...BY_HAND };
  return command;
}

/** What a command may be answered by the rules: a kill of a bot at rest that holds nothing is one of them. */
const REFUSALS: readonly string[] = ['BOT_STATE_TRANSITION', 'COMMAND_REFUSED'];

/** Invariants for any order of commands, flags, minutes and crashes. */
function expectOnePath(events: readonly RecordedEvent[]): void {
  let state: BotState = 'initialize';
  let testing = false;
  for (const event of events) {
    if (event.type === 'TestRunStarted') testing = true;
    if (event.type === 'TestRunEnded') testing = false;
    if (event.type === 'BotStateChanged') {
      expect(event.data.from).toBe(state);
      expect(mayChange(event.data.from, event.data.to)).toBe(true);
      if (state === 'stopped' && event.data.to === 'started') {
        expect(['by hand', 'the service goes down and comes back']).toContain(event.data.reason);
      }
      state = event.data.to;
    }
    if (event.type === 'OrderIntended' && event.data.purpose === 'entry') {
      expect(isActive(state)).toBe(true);
      expect(testing).toBe(false);
    }
  }
}

describe('the bot state under random commands, flags, minutes and crashes (RUN-11)', () => {
  test('every transition is in the table, nothing is entered at rest, and the books stay correct', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (list) => {
        const world = new World(list);
        await world.run();
        expectOnePath(await world.live.events());
        const codes = new Set((await world.live.eventsOf('ErrorRecorded')).map(({ data }) => data.errorCode));
        expect([...codes].filter((code) => !REFUSALS.includes(code))).toEqual([]);
        await expectGoodBooks(world.live.home, { trades: 0, left: 'any', errors: [...codes] });
      }),
      { numRuns: RUNS },
    );
  });
});
