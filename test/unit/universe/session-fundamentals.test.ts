import { afterEach, describe, expect, test } from '@jest/globals';
import { writeFileAtomic } from '../../../src/adapters/files/atomic-write.js';
import { referenceLine } from '../../../src/adapters/market-recorder/recording-lines.js';
import { FORMAT_LINE, parseRecording } from '../../../src/adapters/market-recorder/recording-format.js';
import { cachedFundamentals, withFundamentals } from '../../../src/composition/session-fundamentals.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { parseSymbol } from '../../../src/events/names.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { parseDateText } from '../../../src/kernel/time.js';
import type { MarketDay } from '../../../src/ports/market-data.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterEach(removeTemporaryHomes);

const DATE = parseDateText('2026-01-09');
const [AAA, BBB] = [parseSymbol('AAA'), parseSymbol('BBB')];
const UNKNOWN = { previousClose: undefined, previousVolume: undefined, marketCap: undefined };
const DAY: MarketDay = {
  date: DATE,
  references: [
    { symbol: AAA, ...UNKNOWN },
    { symbol: BBB, ...UNKNOWN, marketCap: 7 },
  ],
  description: { kind: 'synthetic', description: 'x', seed: null, symbols: [AAA, BBB], sha256: sha256Hex('x') },
  findings: () => ({}),
};

const figures = {
  pe: { value: '20.5' },
  debt_equity: { value: '-2' },
  market_cap: { value: '5000500000' },
  volume: { value: '900000' },
};
const CACHE = JSON.stringify({
  format: 1,
  symbols: [
    { symbol: 'AAA', figures },
    { symbol: 'BBB', figures },
  ],
});

function homeWith(cachedFor: string | undefined, text = CACHE) {
  const paths = homePaths(temporaryHome(), parseBotIdentity('DEMO_US_SIM_B01'));
  if (cachedFor !== undefined) writeFileAtomic(paths.universe.fundamentals(cachedFor), text);
  return withFundamentals(DAY, cachedFundamentals(paths));
}

describe('figures of companies in a session (TRD-34)', () => {
  test('complete what the feed does not have, and replace nothing that it has', () => {
    const [first, second] = homeWith('2026-01-09').references;
    expect(first).toMatchObject({ marketCap: 5_000_500_000, previousVolume: 900_000 });
    expect(first?.fundamentals?.debtEquity?.text()).toBe('-2');
    expect(second?.marketCap).toBe(7);
  });

  test.each([
    ['of some days ago serve', '2026-01-02', CACHE, true],
    ['of too long ago do not', '2026-01-01', CACHE, false],
    ['of a later session do not', '2026-01-12', CACHE, false],
    ['of a damaged file are none', '2026-01-09', '{', false],
  ])('figures %s', (_what, date, text, serves) => {
    expect(homeWith(date, text).references[0]?.fundamentals !== undefined).toBe(serves);
  });

  test('a home without a cache changes nothing of the day', () => {
    expect(homeWith(undefined)).toBe(DAY);
  });

  test('the recording of the session has them to the last digit, and one without them is as before', () => {
    const completed = homeWith('2026-01-09').references;
    const text = [FORMAT_LINE, `session,${DATE}`, ...completed.map(referenceLine), 'end,0,0', ''].join('\n');
    expect(parseRecording(text).references).toEqual(completed);
    expect(referenceLine({ symbol: AAA, ...UNKNOWN })).toBe('reference,AAA,,,');
  });
});
