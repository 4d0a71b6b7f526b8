import { describe, expect, test } from '@jest/globals';
import { resolveMismatch, type MismatchRequest } from '../../src/app/manual-entries/mismatch-resolution.js';
import { mismatchViews, readComparison } from '../../src/app/manual-entries/open-mismatches.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { AccountView } from './support/account-view.js';
import { CODES, PARTS } from './support/day-harness.js';
import { BOTH_WAYS } from './support/days.js';
import { type LiveHarness, liveHome } from './support/live-harness.js';

const SETTINGS = { ...BOTH_WAYS, BOOKS_COMPARE_MINUTES: '5' };

/** A resolution by another process, as a worker of the running bot makes it. */
async function resolveBy(live: LiveHarness, request: Partial<MismatchRequest>): Promise<string | null> {
  const clock = { now: () => live.home.now() };
  const state = new EngineState(CODES);
  await foldJournal(live.journal, state);
  const identity = composeBotIdentity(PARTS);
  const appender = new EngineAppender({ journal: live.journal, clock, identity, actor: 'system:worker', state });
  const none = { price: null, against: null, entryId: null, until: null };
  const whole = {
    ...none,
    ...{ mismatchId: 'BM-1', take: 'broker' as const, reason: 'looked into it', requestId: 'request-1' },
    ...request,
  };
  const done = await resolveMismatch(
    { state, appender, journal: live.journal, clock, now: clock },
    whole,
    'user:accountant',
  );
  return done.entryId;
}

/** A session in which the broker shows more from 14:20 on, and a person resolves it at 14:40. */
async function sessionWith(
  change: (view: AccountView) => void,
  act: (live: LiveHarness) => Promise<unknown>,
): Promise<{ readonly live: LiveHarness; readonly state: EngineState }> {
  const view = new AccountView();
  const live = liveHome({ wrapBroker: view.wrap, startsAt: '14:20:00.000', settings: SETTINGS });
  const life = await live.start();
  life.pacer.plan(live.at('14:20:30.500'), () => {
    change(view);
    return Promise.resolve();
  });
  life.pacer.plan(live.at('14:40:00.500'), async () => {
    await act(live);
    life.session.followed();
  });
  await life.session.run();
  return { live, state: life.state };
}

async function outcome(live: LiveHarness): Promise<readonly string[]> {
  const found = (await live.eventsOf('BooksMismatchFound')).map(({ data }) => `${data.mismatchId} ${data.delta}`);
  const after = (await live.eventsOf('BooksCompared')).find(({ data }) => data.occasion === 'resolution');
  return [...found, after?.data.outcome ?? 'never compared'];
}

async function entriesMade(live: LiveHarness): Promise<number> {
  return (await live.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry').length;
}

describe('a person resolves a mismatch while the bot runs (ACC-62)', () => {
  test('shares that came without money: the books hold them, the cash stays, and the bot trades again', async () => {
    const { live, state } = await sessionWith(
      (view) => view.extraShares.set('AIG', '5'),
      (home) => resolveBy(home, {}),
    );
    expect(await outcome(live)).toEqual(['BM-1 5', 'equal']);
    expect(Object.keys(state.comparison.open)).toEqual([]);
    const [entry] = await live.eventsOf('AdjustmentBooked');
    expect(entry?.data).toMatchObject({
      shares: { symbol: 'AIG', side: 'buy', quantity: '5', price: '20.50' },
      cash: '102.50',
    });
    expect(entry?.meta.actor).toBe('user:accountant');
    expect(await entriesMade(live)).toBe(4);
    expect((await live.eventsOf('SessionClosed'))[0]?.data.reconciled).toBe(true);
  });

  test('shares that were paid: the entry takes the cash too, and what is left of it is a new difference', async () => {
    const { live } = await sessionWith(
      (view) => {
        view.extraShares.set('AIG', '5');
        view.extraCash = '-102.85';
      },
      (home) => resolveBy(home, { mismatchId: 'BM-2', against: 'cash' }),
    );
    expect(
      (await live.eventsOf('BooksMismatchFound')).map(({ data }) => [data.mismatchId, data.delta, data.replaces]),
    ).toEqual([
      ['BM-1', '-102.85', null],
      ['BM-2', '5', null],
      ['BM-3', '-0.35', 'BM-1'],
    ]);
  });

  test('cash and a short position are booked as the broker has them', async () => {
    const { live } = await sessionWith(
      (view) => {
        view.extraShares.set('AIG', '-3');
        view.extraCash = '12.34';
      },
      async (home) => {
        await resolveBy(home, {});
        await resolveBy(home, { mismatchId: 'BM-2', requestId: 'request-2', price: '21' });
      },
    );
    expect((await outcome(live)).at(-1)).toBe('equal');
    expect((await live.eventsOf('SessionClosed'))[0]?.data.reconciled).toBe(true);
  });

  test('an imported entry explains it only when the books have it; the same request twice is one resolution', async () => {
    const { live } = await sessionWith(
      (view) => view.extraShares.set('AIG', '5'),
      async (home) => {
        await expect(resolveBy(home, { take: 'entry', entryId: 'AE-99' })).rejects.toMatchObject({
          code: 'ENTRY_UNKNOWN',
        });
        await expect(resolveBy(home, { mismatchId: 'BM-9' })).rejects.toMatchObject({ code: 'MISMATCH_NOT_OPEN' });
        await expect(resolveBy(home, { reason: ' ' })).rejects.toMatchObject({ code: 'REASON_MISSING' });
        await expect(resolveBy(home, { price: '0' })).rejects.toMatchObject({ code: 'BAD_PRICE' });
        await expect(resolveBy(home, { against: '9999' })).rejects.toMatchObject({ code: 'BAD_ADJUSTMENT' });
        await expect(resolveBy(home, { take: 'books', until: '2026-03-01T00:00:00.000Z' })).rejects.toMatchObject({
          code: 'BAD_TIME',
        });
        expect(await resolveBy(home, {})).toBe(await resolveBy(home, {}));
      },
    );
    expect(await live.eventsOf('BooksMismatchResolved')).toHaveLength(1);
    expect(await live.eventsOf('AdjustmentBooked')).toHaveLength(1);
  });

  test('a name that the books cannot hold is left to the broker, and the list says so in words', async () => {
    const view = { text: '' };
    const { live } = await sessionWith(
      (account) => account.extraShares.set('AAPL240119C00100000', '2'),
      async (home) => {
        view.text = mismatchViews(await readComparison(home.journal))
          .map(({ text }) => text)
          .join();
        await expect(resolveBy(home, {})).rejects.toMatchObject({ code: 'MISMATCH_UNBOOKABLE' });
        await resolveBy(home, { take: 'books' });
      },
    );
    expect(view.text).toBe(
      'the broker holds AAPL240119C00100000, which the books cannot hold: books 0, broker 2, difference 2',
    );
    expect(await outcome(live)).toEqual(['BM-1 2', 'different']);
    expect(await entriesMade(live)).toBe(4);
  });

  test('a difference that is gone books nothing: it is only closed', async () => {
    let shown: AccountView | undefined;
    const { live } = await sessionWith(
      (view) => {
        view.extraShares.set('AIG', '5');
        shown = view;
      },
      () => Promise.resolve(shown?.extraShares.clear()),
    );
    await expect(resolveBy(live, {})).rejects.toMatchObject({ code: 'MISMATCH_IS_GONE' });
    await resolveBy(live, { take: 'books' });
    expect((await live.eventsOf('BooksMismatchResolved'))[0]?.data.expiresAt).toBeNull();
    expect(await live.eventsOf('AdjustmentBooked')).toEqual([]);
  });
});
