import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { parseDateText } from '../../src/kernel/time.js';
import type { Journal } from '../../src/ports/journal.js';
import { story } from './support/crash.js';
import { DayHarness } from './support/day-harness.js';

const DATE = parseDateText('2026-01-06');
const SETTINGS = { SHORT_TYPE_OPEN: 'ShortSell', SHORT_TYPE_MID: 'ShortSell', SHORT_TYPE_CLOSE: 'ShortSell' };

/** Every eleventh append here; all of them with `npm run soak`. */
const STEP = process.env['TRADEBOT_SOAK'] === '1' ? 1 : 11;

class Cut extends Error {}

/** Dies at the nth append: before the write, or right after it and before the acknowledgement. */
function dyingAt(nth: number, when: 'before' | 'after'): (journal: Journal) => Journal {
  let count = 0;
  return (journal) =>
    new Proxy(journal, {
      get(target, key): unknown {
        if (key !== 'append') {
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return async (...call: Parameters<Journal['append']>) => {
          count += 1;
          if (count === nth && when === 'before') throw new Cut();
          const result = await target.append(...call);
          if (count === nth) throw new Cut();
          return result;
        };
      },
    });
}

function harness(wrapJournal?: (journal: Journal) => Journal): DayHarness {
  const feed = marketOf(1);
  return new DayHarness({ feed, settings: SETTINGS, ...(wrapJournal === undefined ? {} : { wrapJournal }) });
}

describe('a day that crashes and resumes', () => {
  test('a crash before or after any append ends in the same journal as the undisturbed day', async () => {
    const undisturbed = harness();
    await undisturbed.run(DATE);
    const wanted = story(await undisturbed.events());
    const appends = wanted.length;
    expect(wanted.filter((line) => line.includes('"PositionClosed"')).length).toBeGreaterThan(2);
    for (const when of ['before', 'after'] as const) {
      for (let nth = when === 'before' ? 1 : 2; nth < appends; nth += STEP) {
        const dying = harness(dyingAt(nth, when));
        let died = false;
        try {
          await dying.run(DATE);
        } catch (error) {
          if (!(error instanceof Cut)) throw error;
          died = true;
        }
        if (!died) break;
        await dying.run(DATE);
        expect({ nth, when, story: story(await dying.events()) }).toEqual({ nth, when, story: wanted });
      }
    }
  });
});
