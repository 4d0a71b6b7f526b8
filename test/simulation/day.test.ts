import { describe, expect, test } from '@jest/globals';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { parseDateText } from '../../src/kernel/time.js';
import { DayHarness } from './support/day-harness.js';

describe('x', () => {
  test('runs', async () => {
    for (const seed of [1, 2, 3, 7]) {
      const harness = new DayHarness({
        feed: new SyntheticFeed({ seed }),
        settings: { SHORT_TYPE_OPEN: 'ShortSell', SHORT_TYPE_MID: 'ShortSell', SHORT_TYPE_CLOSE: 'ShortSell' },
      });
      for (const d of ['2026-01-05', '2026-01-06', '2026-01-07']) {
        const t = Date.now();
        await harness.run(parseDateText(d));
        console.log(d, seed, Date.now() - t);
      }
      const events = await harness.events();
      console.log(
        events
          .filter((e) => /Position(Closed|Mis)|Error|Recon|SessionClose|Blocked|Signal|Rej/.test(e.type))
          .map((e) => `${e.recordedAt} ${e.type} ${JSON.stringify(e.data).slice(0, 230)}`)
          .join('\n'),
      );
    }
    expect(1).toBe(1);
  });
});
