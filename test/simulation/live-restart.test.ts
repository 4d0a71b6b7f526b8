import { beforeAll, describe, expect, test } from '@jest/globals';
import { streamName } from '../../src/events/event.js';
import { epochMs, plusMs } from '../../src/kernel/time.js';
import { Cut, deathAt, dying } from './support/crash.js';
import { DAY, NEXT_DAY } from './support/days.js';
import { dieAt, type LiveHarness, liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const undisturbed = liveHome();
beforeAll(async () => {
  await (await undisturbed.start()).session.run();
});

describe('a process started in the middle of the day', () => {
  test('it trades the rest of the day and does not act on earlier minutes', async () => {
    const live = liveHome();
    const life = await live.start({ startsAt: '16:40:12.345' });
    expect(await life.session.run()).toBe('closed');
    const events = await live.events();
    expect(events.every(({ recordedAt }) => recordedAt >= '2026-01-06T16:40:12.345Z')).toBe(true);
    expect((await live.eventsOf('StrategyFailed')).map(({ data }) => [data.strategy, data.code])).toEqual([
      ['open', 'WINDOW_OVER'],
    ]);
    const closed = await live.eventsOf('PositionClosed');
    expect(closed.map(({ data }) => data.strategy)).not.toContain('open');
    expect(closed.map(({ data }) => data.symbol)).toEqual(expect.arrayContaining(['ZYNK', 'NOVQ']));
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a world with a speed of its own stands still while its session is begun', async () => {
    const live = liveHome();
    const life = await live.start({ startsAt: '16:40:12.345' });
    life.pacer.speed = 60;
    // hours pass in the world of a busy machine, past the window of mid
    life.pacer.set(live.at('20:10:00'));
    expect(await life.session.run()).toBe('closed');
    expect((await live.eventsOf('StrategyFailed')).map(({ data }) => data.strategy)).toEqual(['open']);
    expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.strategy)).toContain('mid');
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test.each(['14:56:00.100', '15:00:30.000', '15:29:59.999', '17:16:00.020', '17:55:00.500'])(
    'after a crash at %s it resumes from the journal alone',
    async (clock) => {
      const live = liveHome();
      await dieAt(live, await live.start(), clock);
      const later = new Date(live.at(clock.slice(0, 8)) + 7_777).toISOString().slice(11, 23);
      const life = await live.start({ startsAt: later });
      expect(await life.session.run()).toBe('closed');
      const state = await expectGoodBooks(live.home, { trades: 4 });
      expect(state.session?.reconciled?.ok).toBe(true);
    },
  );

  test.each([
    ['open analyzes', '14:40:30.000', '14:42:10.000'],
    ['open may enter', '14:53:30.000', '14:54:40.000'],
    ['open manages', '15:10:30.000', '15:11:10.000'],
    ['mid analyzes', '17:05:30.000', '17:07:10.000'],
    ['mid may enter', '17:20:30.000', '17:22:10.000'],
    ['close analyzes', '20:32:30.000', '20:33:10.000'],
    ['close may enter', '20:36:30.000', '20:37:10.000'],
  ])('when it dies while %s, the strategy goes its way as if it had not', async (_when, dies, back) => {
    const live = liveHome();
    await dieAt(live, await live.start(), dies);
    const life = await live.start({ startsAt: back });
    expect(await life.session.run()).toBe('closed');
    const ended = (await live.eventsOf('StrategyEnded')).map(({ data }) => [data.strategy, data.reason]);
    expect(ended).toEqual(['open', 'mid', 'close'].map((strategy) => [strategy, 'its window closed']));
    expect(await live.eventsOf('StrategyStarted')).toHaveLength(3);
    expect(await live.eventsOf('StrategyFailed')).toEqual([]);
    const decisions = async (each: LiveHarness) =>
      [...(await each.eventsOf('CandidatesRanked')), ...(await each.eventsOf('SignalTriggered'))].map(
        ({ data }) => data,
      );
    expect(await decisions(live)).toEqual(await decisions(undisturbed));
    const entries = async (each: LiveHarness) =>
      (await each.eventsOf('PositionOpened')).map(({ data }) => [data.symbol, data.side]);
    expect(await entries(live)).toEqual(await entries(undisturbed));
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('it fetches fills missed while it was down (F1) and manages the position', async () => {
    const live = liveHome();
    // the entry is at the broker, and its fill was not received
    const life = await live.start({ wrapJournal: (journal) => dying(journal, deathAt('OrderFilled', 1, 'before')) });
    await expect(life.session.run()).rejects.toBeInstanceOf(Cut);
    const next = await live.start({ startsAt: '14:53:20.000' });
    await next.session.run();
    const [filled] = await live.eventsOf('OrderFilled');
    expect(filled?.recordedAt).toBe('2026-01-06T14:53:20.000Z');
    expect(filled?.data.filledAt.slice(0, 19)).toBe('2026-01-06T14:51:00');
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('a kill found at start-up has priority over everything else', async () => {
    const live = liveHome();
    await dieAt(live, await live.start(), '15:00:30.000');
    const life = await live.start({ startsAt: '15:02:00.250' });
    void life.session.kill('found at boot', 'system:main');
    await life.session.run();
    const closed = await live.eventsOf('PositionClosed');
    expect(closed.map(({ data, occurredAt }) => [data.exitReason, occurredAt.slice(11, 19)])).toEqual([
      ['kill', '15:02:00'],
      ['kill', '15:02:00'],
    ]);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('it continues an emergency close or a stop', async () => {
    for (const [to, reason] of [
      ['emergency_closing_positions', 'kill'],
      ['graceful_closing_positions', 'manual'],
    ] as const) {
      const live = liveHome();
      await dieAt(live, await live.start(), '15:00:30.000');
      await live.appender({ now: () => live.home.now() }).changeBotState(to, 'by hand');
      const life = await live.start({ startsAt: '15:01:10.000' });
      await life.session.run();
      expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).toEqual([reason, reason]);
      expect((await live.states()).at(-1)).toBe('stopped');
      await expectGoodBooks(live.home, { trades: 2 });
    }
  });

  test('after the market close it fetches fills, reconciles and closes the day', async () => {
    const live = liveHome();
    await dieAt(live, await live.start(), '15:00:30.000');
    const life = await live.start({ startsAt: '23:10:00.000' });
    expect(await life.session.run()).toBe('closed');
    expect(await live.eventsOf('MarketDataLost')).toEqual([]);
    expect((await live.eventsOf('SessionClosed')).map(({ data }) => [data.outcome, data.openPositions])).toEqual([
      ['completed', ['QRVS', 'TLRX']],
    ]);
    await expectGoodBooks(live.home, { trades: 0, left: 'any' });
  });

  test('the next day first closes the positions left by the day before', async () => {
    const first = liveHome();
    await dieAt(first, await first.start(), '15:00:30.000');
    const late = await first.start({ startsAt: '23:10:00.000' });
    await late.session.run();
    const second = first.next(NEXT_DAY);
    const life = await second.start();
    await life.session.run();
    const closed = await second.eventsOf('PositionClosed');
    expect(closed.slice(0, 2).map(({ data }) => data.positionId)).toEqual([`${DAY}/open/QRVS`, `${DAY}/open/TLRX`]);
    await expectGoodBooks(second.home, { trades: 2 });
  });

  test('a closed day is not run again', async () => {
    const live = liveHome();
    await (await live.start()).session.run();
    const before = (await live.events()).length;
    const again = await live.start({ startsAt: '22:00:00.000' });
    expect(await again.session.run()).toBe('closed');
    expect(await live.events()).toHaveLength(before);
  });
});

describe('a machine that slept', () => {
  test('it does not act on old prices, and positions are closed when it wakes', async () => {
    const live = liveHome();
    const life = await live.start();
    life.pacer.plan(live.at('14:58:30.000'), () => life.pacer.set(live.at('16:58:20.000')));
    expect(await life.session.run()).toBe('closed');
    const between = (await live.events()).filter(
      ({ recordedAt }) => recordedAt > '2026-01-06T14:58:30' && recordedAt < '2026-01-06T16:53',
    );
    expect(between).toEqual([]);
    const closed = await live.eventsOf('PositionClosed');
    expect(closed.slice(0, 2).map(({ recordedAt }) => recordedAt.slice(11, 16))).toEqual(['16:54', '16:54']);
    await expectGoodBooks(live.home, { trades: 4 });
  });
});

describe('other writers of the journal', () => {
  test('their events are folded in journal order, and a lost race is decided again', async () => {
    const live = liveHome();
    const life = await live.start();
    const appender = live.appender(life.pacer);
    const errors = streamName('errors');
    const report = (code: string): Promise<unknown> =>
      appender.append(errors, [
        {
          type: 'ErrorRecorded',
          data: {
            errorType: 'LogicError',
            errorCode: code,
            message: 'reported by another process',
            strategy: null,
            broker: null,
            context: {},
            traceback: null,
          },
          correlationId: 'test',
          causationId: null,
        },
      ]);
    for (let at = live.at('14:31:00.500'); at < live.closesAt; at = plusMs(at, 600_000)) {
      life.pacer.plan(epochMs(at), () => report('OTHER_PROCESS'));
    }
    // a foreign state change right before the engine's own: its stream has moved on
    life.pacer.plan(live.at('14:49:59.500'), () => appender.changeBotState('updating', 'by another process'));
    await life.session.run();
    const states = await live.states();
    expect(states.slice(states.indexOf('updating'), states.indexOf('updating') + 3)).toEqual([
      'updating',
      'analyzing',
      'trading',
    ]);
    const all = await live.events();
    expect(life.state.lastPosition).toBe(all.at(-1)?.position);
    expect(life.state.eventCount).toBe(all.length);
    await expectGoodBooks(live.home, { trades: 4, errors: ['OTHER_PROCESS'] });
  });
});

describe('a projector that is down', () => {
  test("it is reported; the engine's own books are reconciled, and exports wait", async () => {
    let exported = 0;
    const live = liveHome({
      projections: { catchUp: () => Promise.resolve('behind') },
      exportSession: () => {
        exported += 1;
        return Promise.resolve();
      },
    });
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    expect(exported).toBe(0);
    const state = await expectGoodBooks(live.home, { trades: 4, errors: ['PROJECTOR_BEHIND'] });
    expect(state.session?.reconciled?.ok).toBe(true);
  });
});
