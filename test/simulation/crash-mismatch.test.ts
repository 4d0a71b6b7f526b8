import { describe, expect, test } from '@jest/globals';
import { AccountView } from './support/account-view.js';
import { deathAt, runThroughDeaths } from './support/crash.js';
import { DAY, home } from './support/days.js';

describe('a crash around the detection of a mismatch (ACC-62)', () => {
  test.each([
    ['BooksMismatchFound', 'before'],
    ['BooksMismatchFound', 'after'],
    ['BooksCompared', 'before'],
    ['ReconciliationCompleted', 'before'],
    ['ReconciliationCompleted', 'after'],
  ] as const)(
    'a death at %s, %s it is written: one open difference, no entry, the day is closed',
    async (type, when) => {
      const view = new AccountView();
      const day = home({ wrapBroker: view.wrap });
      view.extraShares.set('AIG', '5');
      // the books are opened with what the broker shows: the shares come after it
      view.hiddenLooks = 1;
      expect(await runThroughDeaths(day, DAY, [deathAt(type, 1, when)])).toBe(1);
      expect((await day.eventsOf('BooksMismatchFound')).map(({ data }) => data.mismatchId)).toEqual(['BM-1']);
      expect(await day.eventsOf('OrderIntended')).toEqual([]);
      expect(await day.eventsOf('SessionClosed')).toHaveLength(1);
    },
  );
});
