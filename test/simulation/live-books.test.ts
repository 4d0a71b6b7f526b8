import { describe, expect, test } from '@jest/globals';
import type { EventData } from '../../src/events/event.js';
import { STREAMS } from '../../src/events/streams.js';
import { networkError } from '../../src/kernel/errors.js';
import { toUtcText } from '../../src/kernel/time.js';
import { AccountView } from './support/account-view.js';
import { BOTH_WAYS, NEXT_DAY } from './support/days.js';
import { dieAt, type Life, type LiveHarness, type LiveOptions, liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const BY_HAND = ['by hand', 'user:admin'] as const;

function homeWith(view: AccountView, options: Partial<LiveOptions> = {}): LiveHarness {
  return liveHome({ wrapBroker: view.wrap, ...options });
}

async function entries(live: LiveHarness): Promise<readonly string[]> {
  const orders = await live.eventsOf('OrderIntended');
  return orders.filter(({ data }) => data.purpose === 'entry').map(({ occurredAt }) => occurredAt.slice(11, 16));
}

async function found(live: LiveHarness): Promise<readonly string[]> {
  return (await live.eventsOf('BooksMismatchFound')).map(({ data, occurredAt }) => {
    const { mismatchId, kind, symbol, books, broker, delta, replaces } = data;
    const what = `${mismatchId} ${kind} ${symbol ?? ''} ${books}/${broker}/${delta}`;
    return `${occurredAt.slice(11, 16)} ${what}${replaces === null ? '' : ` for ${replaces}`}`;
  });
}

async function compared(live: LiveHarness): Promise<readonly string[]> {
  return (await live.eventsOf('BooksCompared')).map(
    ({ data, occurredAt }) => `${occurredAt.slice(11, 16)} ${data.occasion} ${data.outcome}`,
  );
}

type Resolved = EventData<'BooksMismatchResolved'>;

async function resolve(life: Life, data: Pick<Resolved, 'mismatchId' | 'how'> & Partial<Resolved>): Promise<void> {
  const whole = { reason: 'seen', entryId: null, expiresAt: null, ...data };
  await life.appender.append(
    STREAMS.accounting,
    [{ type: 'BooksMismatchResolved', data: whole, correlationId: data.mismatchId, causationId: null }],
    'user:accountant',
  );
}

describe('books against broker in a session (ACC-62)', () => {
  test('an undisturbed session compares at the start, by the schedule and at the close, and finds nothing', async () => {
    const live = liveHome({ settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '60' } });
    await (await live.start()).session.run();
    expect(await compared(live)).toEqual([
      '14:29 start equal',
      '15:30 schedule equal',
      '16:30 schedule equal',
      '17:30 schedule equal',
      '18:30 schedule equal',
      '19:30 schedule equal',
      '20:30 schedule equal',
      '21:00 session-end equal',
    ]);
    expect(await found(live)).toEqual([]);
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('a position that the bot does not know holds entries from before the first one until a person resolves it', async () => {
    const view = new AccountView();
    const live = homeWith(view);
    const life = await live.start();
    life.pacer.plan(live.at('14:29:59.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    life.pacer.plan(live.at('15:10:00.500'), async () => {
      view.extraShares.clear();
      await resolve(life, { mismatchId: 'BM-1', how: 'books', expiresAt: toUtcText(live.at('15:15:00.000')) });
    });
    await life.session.run();
    expect(await found(live)).toEqual(['14:46 BM-1 unknown_position AIG 0/5/5']);
    const made = await entries(live);
    expect(made.filter((at) => at > '14:46' && at < '15:10')).toEqual([]);
    expect(made.length).toBeGreaterThan(0);
    expect((await compared(live)).slice(0, 4)).toEqual([
      '14:29 start equal',
      '14:46 schedule different',
      '15:00 schedule different',
      '15:11 resolution equal',
    ]);
    await expectGoodBooks(live.home, { trades: 1 });
  });

  test('no entry is made while the difference stands, exits and the close are as ever', async () => {
    const view = new AccountView();
    view.extraCash = '-12.34';
    const live = homeWith(view, { startsAt: '14:20:00.000' });
    // the first process opens the books with the true cash
    view.extraCash = '0';
    const life = await live.start();
    life.pacer.plan(live.at('14:21:00.500'), () => {
      view.extraCash = '-12.34';
      return Promise.resolve();
    });
    await life.session.run();
    expect(await found(live)).toEqual(['14:37 BM-1 cash  100000.00/99987.66/-12.34']);
    expect(await entries(live)).toEqual([]);
    const closed = (await live.eventsOf('SessionClosed'))[0]?.data;
    expect(closed).toMatchObject({ trades: 0, reconciled: false });
    const rejected = (await live.eventsOf('CandidateRejected')).filter(({ data }) => data.code === 'BOOKS_DIFFER');
    expect(rejected[0]?.data.figures).toMatchObject({ mismatches: 'BM-1' });
  });

  test('with BOOKS_MISMATCH_HOLDS_ENTRIES=false the difference is open and the bot trades', async () => {
    const view = new AccountView();
    const settings = { ...BOTH_WAYS, BOOKS_MISMATCH_HOLDS_ENTRIES: 'false' };
    const live = homeWith(view, { settings, startsAt: '14:20:00.000' });
    const life = await live.start();
    life.pacer.plan(live.at('14:21:00.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '-3')).then(() => undefined),
    );
    await life.session.run();
    expect(await found(live)).toEqual(['14:37 BM-1 unknown_position AIG 0/-3/-3']);
    expect((await entries(live)).length).toBe(4);
  });

  test('positions are closed by their rules while a difference is open, and a kill is as fast as ever', async () => {
    const view = new AccountView();
    const live = homeWith(view, { settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '1' } });
    const life = await live.start();
    life.pacer.plan(live.at('14:52:00.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    life.pacer.plan(live.at('15:05:00.500'), () => void life.session.kill(...BY_HAND));
    await life.session.run();
    expect((await found(live))[0]).toContain('BM-1 unknown_position AIG');
    const exits = (await live.eventsOf('PositionClosed')).map(({ data, occurredAt }) => [
      data.exitReason,
      occurredAt.slice(11, 16),
    ]);
    expect(exits.length).toBeGreaterThan(0);
    expect(new Set(exits.map(([reason]) => reason))).toEqual(new Set(['kill']));
    expect(exits.every(([, at]) => at === '15:05')).toBe(true);
    expect((await live.states()).at(-1)).toBe('stopped');
  });
});

describe('answers that are no answers (ACC-62)', () => {
  test('an account that is never shown delays no trade: not equal, not different, but unknown', async () => {
    const view = new AccountView();
    const live = homeWith(view);
    const life = await live.start();
    const quiet = liveHome();
    await (await quiet.start()).session.run();
    life.pacer.plan(live.at('14:31:00.500'), () => {
      view.before = () => new Promise<void>(() => undefined);
      return Promise.resolve();
    });
    life.pacer.plan(live.at('20:50:00.500'), () => {
      view.before = () => Promise.resolve();
      return Promise.resolve();
    });
    await life.session.run();
    const results = await compared(live);
    expect(results.slice(0, 3)).toEqual(['14:29 start equal', '14:46 schedule unknown', '20:51 schedule equal']);
    expect((await live.eventsOf('BooksCompared'))[1]?.data.reason).toBe('the broker did not answer within 30 s');
    expect(await found(live)).toEqual([]);
    expect(await entries(live)).toEqual(await entries(quiet));
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('an error is reported once with its reason, and the answer after it is the next comparison', async () => {
    const view = new AccountView();
    const live = homeWith(view);
    const life = await live.start();
    life.pacer.plan(live.at('14:40:00.500'), () => {
      view.before = () =>
        Promise.reject(networkError('retry', { code: 'BROKER_BUSY', message: 'too many requests', remedy: 'Wait.' }));
      return Promise.resolve();
    });
    life.pacer.plan(live.at('15:20:00.500'), () => {
      view.before = () => Promise.resolve();
      return Promise.resolve();
    });
    await life.session.run();
    expect((await compared(live)).slice(0, 3)).toEqual([
      '14:29 start equal',
      '14:45 schedule unknown',
      '15:21 schedule equal',
    ]);
    expect((await live.eventsOf('BooksCompared'))[1]?.data.reason).toBe('too many requests. Wait.');
  });

  test('figures that are minutes old after the executions are no difference', async () => {
    const view = new AccountView();
    const live = homeWith(view, { settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '1' } });
    const life = await live.start();
    // the entries are at 14:51 and 14:56: both are missing in what the broker shows
    life.pacer.plan(live.at('14:50:30.500'), () => {
      view.frozen = true;
      return Promise.resolve();
    });
    life.pacer.plan(live.at('14:55:30.500'), () => {
      view.frozen = false;
      return Promise.resolve();
    });
    await life.session.run();
    expect(await found(live)).toEqual([]);
    expect((await entries(live)).length).toBe(4);
  });

  test('figures that stay old are a difference, at the latest six minutes after the schedule', async () => {
    const view = new AccountView();
    const live = homeWith(view, { settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '1' } });
    const life = await live.start();
    life.pacer.plan(live.at('14:50:30.500'), () => {
      view.frozen = true;
      return Promise.resolve();
    });
    await life.session.run();
    expect((await found(live))[0]).toMatch(/^14:5[78] BM-1 /);
  });
});

describe('a difference over restarts, changes and days (ACC-62)', () => {
  test('a restart keeps it open, the next process holds entries at once, and it is not found twice', async () => {
    const view = new AccountView();
    const live = homeWith(view, { startsAt: '14:20:00.000' });
    const first = await live.start();
    first.pacer.plan(live.at('14:20:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    await dieAt(live, first, '14:45:00.500');
    await (await live.start({ startsAt: '14:46:00.000' })).session.run();
    expect(await found(live)).toHaveLength(1);
    expect(await entries(live)).toEqual([]);
    expect((await live.eventsOf('SessionClosed'))[0]?.data.reconciled).toBe(false);
  });

  test('an amount that changes is a new difference that replaces the old one', async () => {
    const view = new AccountView();
    const live = homeWith(view, { startsAt: '14:20:00.000', settings: { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '5' } });
    const life = await live.start();
    life.pacer.plan(live.at('14:20:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    life.pacer.plan(live.at('14:40:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '7')).then(() => undefined),
    );
    await life.session.run();
    expect(await found(live)).toEqual([
      '14:31 BM-1 unknown_position AIG 0/5/5',
      '14:46 BM-2 unknown_position AIG 0/7/7 for BM-1',
    ]);
    expect(Object.values(life.state.comparison.open).map(({ data }) => data.mismatchId)).toEqual(['BM-2']);
  });

  test('one that is gone stays until a person resolves it', async () => {
    const view = new AccountView();
    const live = homeWith(view, { startsAt: '14:20:00.000' });
    const life = await live.start();
    life.pacer.plan(live.at('14:20:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    life.pacer.plan(live.at('15:00:30.500'), () => {
      view.extraShares.clear();
      return Promise.resolve();
    });
    await life.session.run();
    expect(await entries(live)).toEqual([]);
    expect((await compared(live)).at(-1)).toBe('21:00 session-end equal');
    expect(Object.keys(life.state.comparison.open)).toEqual(['position/AIG']);
  });

  test('one that was left to the broker comes back when the broker has not followed in time', async () => {
    const view = new AccountView();
    const live = homeWith(view, { startsAt: '14:20:00.000' });
    const life = await live.start();
    life.pacer.plan(live.at('14:20:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    life.pacer.plan(live.at('14:40:00.500'), () =>
      resolve(life, { mismatchId: 'BM-1', how: 'books', expiresAt: toUtcText(live.at('16:00:00.000')) }),
    );
    await life.session.run();
    expect((await found(live)).map((line) => line.slice(6, 10))).toEqual(['BM-1', 'BM-2']);
    const back = (await found(live))[1] ?? '';
    expect(back >= '16:00' && back < '16:22').toBe(true);
    const made = await entries(live);
    expect(made.length).toBeGreaterThan(0);
    expect(made.every((at) => at > '14:40' && at < back)).toBe(true);
  });

  test('a difference of the close is open on the next day before the first entry', async () => {
    const view = new AccountView();
    const live = homeWith(view);
    const life = await live.start();
    life.pacer.plan(live.at('20:59:30.500'), () =>
      Promise.resolve(view.extraShares.set('AIG', '5')).then(() => undefined),
    );
    await life.session.run();
    expect(await found(live)).toEqual(['21:00 BM-1 unknown_position AIG 0/5/5']);
    const tomorrow = live.next(NEXT_DAY);
    await (await tomorrow.start()).session.run();
    expect((await entries(tomorrow)).length).toBe((await entries(live)).length);
    expect((await tomorrow.eventsOf('OrderIntended')).every(({ meta }) => meta.sessionDate !== NEXT_DAY)).toBe(true);
  });
});
