import { expect, test } from '@jest/globals';
import { EMPTY, Subject } from 'rxjs';
import { MarketMeter } from '../../../src/app/health/market-meter.js';
import { haltFigures, heldHaltsOf } from '../../../src/app/live/held-halts.js';
import type { HaltChange } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseUtcText } from '../../../src/kernel/time.js';
import type { MarketDataFeed } from '../../../src/ports/market-data.js';

const AT = parseUtcText('2013-10-07T13:51:00.000Z');
const HOURS = { opensAt: parseUtcText('2013-10-07T13:30:00.000Z'), closesAt: parseUtcText('2013-10-07T20:00:00.000Z') };

const holding = (...positions: readonly (readonly [string, string])[]): Parameters<typeof haltFigures>[0] =>
  ({
    positions: new Map(
      positions.map(([symbol, shares]) => [symbol, { symbol: parseSymbol(symbol), quantity: Decimal.parse(shares) }]),
    ),
  }) as unknown as Parameters<typeof haltFigures>[0];

test('a held symbol in which the feed reports a halt is named until it trades again', () => {
  const halts = new Subject<HaltChange>();
  const meter = new MarketMeter({ now: () => AT });
  const feed = meter.watch(
    { bars$: EMPTY, trades$: EMPTY, status$: EMPTY, halts$: halts } as unknown as MarketDataFeed,
    HOURS,
  );
  const listening = feed.halts$.subscribe();
  const change = (symbol: string, state: HaltChange['state'], at = AT): void =>
    halts.next({ symbol: parseSymbol(symbol), at, state });
  const named = (): unknown =>
    heldHaltsOf(haltFigures(holding(['AIG', '5'], ['BAC', '0'], ['CAT', '-2']), meter.halted));

  expect(named()).toEqual([]);
  for (const symbol of ['CAT', 'AIG', 'BAC', 'SPY']) change(symbol, 'halted');
  change('AIG', 'halted', parseUtcText('2013-10-07T13:55:00.000Z'));
  expect(named()).toEqual([
    { symbol: 'AIG', since: '2013-10-07T13:51:00.000Z' },
    { symbol: 'CAT', since: '2013-10-07T13:51:00.000Z' },
  ]);
  change('AIG', 'resumed');
  expect(named()).toEqual([{ symbol: 'CAT', since: '2013-10-07T13:51:00.000Z' }]);
  listening.unsubscribe();
});
