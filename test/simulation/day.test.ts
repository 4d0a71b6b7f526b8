import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { LeanFeed } from '../../src/adapters/feed-replay/lean-feed.js';
import { parseSymbol } from '../../src/events/names.js';
import { parseDateText } from '../../src/kernel/time.js';
import { DayHarness } from './support/day-harness.js';

const LEAN = '../shared/data/lean';
const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM'].map(parseSymbol);

describe('x', () => {
  test('runs', async () => {
    for (const d of ['2013-10-04', '2013-10-07', '2013-10-08', '2013-10-09']) {
    const harness = new DayHarness({ feed: new LeanFeed({ root: LEAN, symbols: SYMBOLS, vix: { value: 17 } }) });
    await harness.run(parseDateText(d));
    const events = await harness.events();
    console.log(events.filter(e=>/Order|Position|Stop|Error|Recon|Close|Blocked|Signal/.test(e.type)).map((e) => `${e.recordedAt} ${e.type} ${JSON.stringify(e.data).slice(0, 330)}`).join('\n'));
    }
    expect(existsSync(LEAN)).toBe(true);
  });
});
