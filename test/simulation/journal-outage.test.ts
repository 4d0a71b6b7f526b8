import { describe, expect, test } from '@jest/globals';
import { isFlat } from '../../src/domain/session/trading-permissions.js';
import { plusMs, MINUTE_MS } from '../../src/kernel/time.js';
import { AwayJournal, MemorySpool } from '../support/journal-away.js';
import { Cut } from './support/crash.js';
import { liveHome, type LiveHarness } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

/** Every so many appends here; all of them with `npm run soak`. */
const STEP = process.env['TRADEBOT_SOAK'] === '1' ? 1 : 67;
/** Appends of the day. */
const APPENDS = 190;

interface World {
  readonly live: LiveHarness;
  readonly away: AwayJournal;
  readonly spool: MemorySpool;
}

function world(): World {
  const away = new AwayJournal();
  const spool = new MemorySpool();
  const outage = { spool, time: away.time };
  return { live: liveHome({ outage, wrapJournal: (journal) => away.wrap(journal) }), away, spool };
}

/** No event is twice, and each outage has its end. */
async function expectAllOnce(live: LiveHarness): Promise<void> {
  const ids = (await live.events()).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const began = await live.eventsOf('JournalOutageBegan');
  expect((await live.eventsOf('JournalOutageEnded')).map(({ data }) => data.since)).toEqual(
    began.map(({ data }) => data.since),
  );
}

/** How positions were closed, and at which times and prices. */
async function closings(live: LiveHarness): Promise<readonly unknown[]> {
  return (await live.eventsOf('PositionClosed')).map(({ data, occurredAt }) => [data, occurredAt]);
}

describe('the journal is away in a session (RUN-42)', () => {
  const undisturbed = (async () => {
    const live = liveHome({});
    await (await live.start()).session.run();
    return closings(live);
  })();

  test('while positions are due: they are closed at the same times and prices, and the journal gets it all', async () => {
    const { live, away, spool } = world();
    const { session, pacer, state } = await live.start();
    pacer.plan(live.at('15:25:00'), () => away.goAway('refuses'));
    let kept: readonly string[] = [];
    pacer.plan(live.at('15:50:00'), () => {
      kept = spool.batches.flatMap(({ events }) => events.map(({ type }) => type));
      expect(state.journalOutage).toMatchObject({ limitSeconds: 120, action: 'close' });
      expect(isFlat(state)).toBe(true);
      away.comeBack();
    });
    expect(await session.run()).toBe('closed');
    expect(kept).toEqual(
      expect.arrayContaining(['JournalOutageBegan', 'OrderIntended', 'OrderFilled', 'PositionClosed']),
    );
    expect(spool.batches).toEqual([]);
    expect(await closings(live)).toEqual(await undisturbed);
    await expectAllOnce(live);
    const [ended] = await live.eventsOf('JournalOutageEnded');
    expect(ended?.data).toEqual({ since: ended?.data.since, until: ended?.data.until, facts: kept.length, orders: 2 });
    expect(kept.length).toBeGreaterThan(10);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('while a strategy would enter: nothing is entered until it is back', async () => {
    const { live, away } = world();
    const { session, pacer } = await live.start();
    pacer.plan(live.at('14:50:00'), () => away.goAway('silent'));
    pacer.plan(live.at('15:20:00'), () => away.comeBack());
    expect(await session.run()).toBe('closed');
    const entries = (await live.eventsOf('OrderSubmitted')).map(({ occurredAt }) => occurredAt.slice(11, 16));
    expect(entries.filter((at) => at >= '14:50' && at < '15:20')).toEqual([]);
    await expectAllOnce(live);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test.each(['refuses', 'silent'] as const)(
    'it %s between two intents of a kill that were sent together: each is in the journal once, and both positions are closed',
    async (how) => {
      const { live, away, spool } = world();
      const { session, pacer } = await live.start();
      const intents = (): number => spool.batches.filter(({ events }) => events[0]?.type === 'OrderIntended').length;
      let kept: number | undefined;
      pacer.plan(live.at('15:00:30'), () => {
        let appends = 0;
        // the state of the bot, the first intent, the second
        away.onAppend = () => (appends += 1) === 3 && away.goAway(how);
        void session.kill('the test kills', 'user:local');
      });
      pacer.plan(live.at('15:03:00'), () => {
        kept = intents();
        away.comeBack();
      });
      expect(await session.run()).toBe('closed');
      expect(kept).toBe(1);
      expect((await closings(live)).map((each) => JSON.stringify(each).includes('"kill"'))).toEqual([true, true]);
      const exits = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.exitReason === 'kill');
      expect(exits).toHaveLength(2);
      await expectAllOnce(live);
      await expectGoodBooks(live.home, { trades: 2 });
    },
  );

  test('a kill meanwhile closes everything, and the journal gets it afterwards', async () => {
    const { live, away } = world();
    const { session, pacer, state } = await live.start();
    pacer.plan(live.at('15:00:00'), () => away.goAway('silent'));
    pacer.plan(live.at('15:05:30'), () => void session.kill('the test kills', 'user:local'));
    pacer.plan(live.at('15:08:00'), () => expect(state.botState).toBe('stopped'));
    pacer.plan(live.at('15:20:00'), () => away.comeBack());
    expect(await session.run()).toBe('closed');
    await expectAllOnce(live);
    expect((await live.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test.each([
    ['at once', '15:25:00', '15:25:00'],
    ['while its streams were cut', '15:20:00', '15:25:00'],
  ])('its events are lost for good, noticed %s: exits and a kill still close positions', async (_, cut, scavenged) => {
    const { live, away, spool } = world();
    const { session, pacer, state } = await live.start();
    if (cut !== scavenged) pacer.plan(live.at(cut), () => away.goAway('refuses'));
    pacer.plan(live.at(scavenged), () => away.goAway('lost'));
    pacer.plan(live.at('15:27:00'), () => expect(isFlat(state)).toBe(false));
    pacer.plan(live.at('15:35:00'), () => void session.kill('the test kills', 'user:local'));
    pacer.plan(live.at('15:38:00'), () => {
      expect([isFlat(state), state.botState]).toEqual([true, 'stopped']);
      throw new Cut();
    });
    await expect(session.run()).rejects.toBeInstanceOf(Cut);
    const kept = spool.batches.flatMap(({ events }) => events);
    expect(kept.filter(({ type }) => type === 'PositionClosed').length).toBeGreaterThan(0);
    expect(kept.find(({ type }) => type === 'JournalOutageBegan')).toMatchObject({
      data: { cause: expect.stringMatching(/reached|are gone/) as unknown },
    });
  });

  test.each([
    ['refuses', 'before the write', 1],
    ['silent', 'before the write', 12],
    ['refuses', 'after the write', 23],
    ['silent', 'after the write', 34],
    ['refuses', 'after the answer', 45],
    ['silent', 'after the answer', 56],
  ] as const)('at any append (%s, %s): everything is there once', async (how, when, from) => {
    for (let nth = 1 + (from % STEP); nth < APPENDS; nth += STEP) {
      const { live, away, spool } = world();
      const { session, pacer } = await live.start();
      const go = (count: number): void => {
        if (count !== nth) return;
        away.goAway(how, when === 'after the write');
        pacer.plan(plusMs(pacer.now(), (1 + (count % 7)) * MINUTE_MS), () => away.comeBack());
        // no time of the world passes after the close of the session
        if (pacer.now() >= live.closesAt) setTimeout(() => away.comeBack(), 50);
      };
      if (when === 'after the answer') away.onAppended = go;
      else away.onAppend = go;
      expect([nth, await session.run()]).toEqual([nth, 'closed']);
      expect(spool.batches).toEqual([]);
      await expectAllOnce(live);
      await expectGoodBooks(live.home, { trades: 2 });
    }
  });

  test.each([
    ['while exits are filled', '15:30:00.310', '15:31:00.000'],
    ['while the journal gets what was kept', '15:52:00.000', '15:53:00.000'],
  ])('the engine is killed %s: nothing is lost or twice', async (_, death, startsAt) => {
    const { live, away, spool } = world();
    const { session, pacer } = await live.start();
    pacer.plan(live.at('15:25:00'), () => away.goAway('refuses'));
    pacer.plan(live.at('15:50:00'), () => {
      let brought = 0;
      away.onAppend = () => {
        brought += 1;
        if (brought === 4) away.goAway('silent', true);
      };
      away.comeBack();
    });
    pacer.plan(live.at(death), () => {
      throw new Cut();
    });
    await expect(session.run()).rejects.toBeInstanceOf(Cut);
    expect(spool.batches.length).toBeGreaterThan(3);
    away.onAppend = () => undefined;
    away.comeBack();
    const next = await live.start({ startsAt });
    expect(await next.session.run()).toBe('closed');
    await expectAllOnce(live);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('the disk of the home is full too: the engine ends with an outage, and its successor continues', async () => {
    const { live, away, spool } = world();
    const { session, pacer } = await live.start();
    pacer.plan(live.at('15:25:00'), () => {
      spool.most = 3;
      away.goAway('refuses');
    });
    await expect(session.run()).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    away.comeBack();
    const next = await live.start({ startsAt: '15:40:00.000' });
    expect(await next.session.run()).toBe('closed');
    await expectAllOnce(live);
    await expectGoodBooks(live.home, { trades: 4 });
  });
});
