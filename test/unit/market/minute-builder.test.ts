import { describe, expect, test } from '@jest/globals';
import { MinuteBuilder } from '../../../src/domain/market/minute-builder.js';
import { Findings } from '../../../src/domain/market/quality.js';
import type { AuctionImbalance, Bar, MarketSlice, Price, QuoteBar, Trade } from '../../../src/domain/market/types.js';
import type { TickerSymbol } from '../../../src/events/names.js';
import { plusMs, type EpochMs } from '../../../src/kernel/time.js';
import { minute, OPEN, symbol } from './support.js';

const [SPY, AIG] = [symbol('SPY'), symbol('AIG')];
const NOBODY = symbol('XYZ');
const CLOSE = minute(60);

const flat = (close: number, volume = 100): Omit<Bar, 'symbol' | 'start'> => {
  const price = close as Price;
  return { open: price, high: price, low: price, close: price, volume };
};
const bar = (of: TickerSymbol, index: number, close = 1_000_000, volume = 100): Bar => ({
  symbol: of,
  start: minute(index),
  ...flat(close, volume),
});
const quote = (of: TickerSymbol, index: number, bid: number, ask: number): QuoteBar => {
  const side = (close: number) => ({ open: close, high: close, low: close, close }) as QuoteBar['bid'];
  return { symbol: of, start: minute(index), bid: side(bid), ask: side(ask), bidSize: 100, askSize: 100 };
};
const trade = (id: string, second: number, price: number, size = 10): Trade => ({
  id,
  symbol: SPY,
  at: plusMs(OPEN, second * 1_000),
  price: price as Price,
  size,
});

interface Rig {
  readonly builder: MinuteBuilder;
  readonly findings: Findings;
}

function rig(heardFrom: EpochMs = OPEN): Rig {
  const findings = new Findings();
  return {
    findings,
    builder: new MinuteBuilder({ symbols: [SPY, AIG], opensAt: OPEN, closesAt: CLOSE, heardFrom, findings }),
  };
}

const NOW = minute(1);
type Send = (builder: MinuteBuilder) => void;

describe('the first minute, and the rules that applied to it', () => {
  const rows: readonly (readonly [string, Send, Partial<MarketSlice>, Readonly<Record<string, number>>])[] = [
    ['nothing came', () => undefined, { bars: [], quotes: [], halted: [], vix: undefined }, {}],
    [
      'symbols in any order',
      (to) => [bar(AIG, 0), bar(SPY, 0)].forEach((one) => to.bar(one, NOW)),
      { bars: [bar(SPY, 0), bar(AIG, 0)] },
      {},
    ],
    [
      'a bar three times',
      (to) => [bar(SPY, 0), bar(SPY, 0), bar(SPY, 0)].forEach((one) => to.bar(one, NOW)),
      { bars: [bar(SPY, 0)] },
      { BAR_REPEATED: 2 },
    ],
    [
      'a correction',
      (to) => [bar(SPY, 0, 900_000), bar(SPY, 0)].forEach((one) => to.bar(one, NOW)),
      { bars: [bar(SPY, 0)] },
      { BAR_CORRECTED: 1 },
    ],
    ['an unknown symbol', (to) => to.bar(bar(NOBODY, 0), NOW), { bars: [] }, { BAR_UNKNOWN_SYMBOL: 1 }],
    ['a bar before the open', (to) => to.bar(bar(SPY, -1), NOW), { bars: [] }, { BAR_OUTSIDE_SESSION: 1 }],
    ['a bar after the close', (to) => to.bar(bar(SPY, 60), NOW), { bars: [] }, { BAR_OUTSIDE_SESSION: 1 }],
    [
      'a bar of no time',
      (to) => to.bar({ ...bar(SPY, 0), start: NaN as EpochMs }, NOW),
      { bars: [] },
      { BAR_OUTSIDE_SESSION: 1 },
    ],
    ['a bar of a later hour', (to) => to.bar(bar(SPY, 4), NOW), { bars: [] }, { BAR_FUTURE: 1 }],
    [
      'a bar that starts within the minute',
      (to) => to.bar({ ...bar(SPY, 0), start: plusMs(OPEN, 7_000) }, NOW),
      { bars: [bar(SPY, 0)] },
      { BAR_OFF_MINUTE: 1 },
    ],
    [
      'a bar without a price',
      (to) => to.bar({ ...bar(SPY, 0), low: 0 as Price }, NOW),
      { bars: [] },
      { BAR_BAD_PRICE: 1 },
    ],
    [
      'high and low swapped',
      (to) => to.bar({ ...bar(SPY, 0), high: 900_000 as Price, low: 1_100_000 as Price }, NOW),
      { bars: [{ ...bar(SPY, 0), high: 1_100_000 as Price, low: 900_000 as Price }] },
      { BAR_HIGH_BELOW_LOW: 1 },
    ],
    [
      'crossed quotes',
      (to) => to.quote(quote(SPY, 0, 1_000_100, 1_000_000), NOW),
      { quotes: [quote(SPY, 0, 1_000_000, 1_000_100)] },
      { QUOTE_CROSSED: 1 },
    ],
    [
      'quotes twice, then others',
      (to) => {
        to.quote(quote(SPY, 0, 1, 2), NOW);
        to.quote(quote(SPY, 0, 1, 2), NOW);
        to.quote(quote(SPY, 0, 3, 4), NOW);
      },
      { quotes: [quote(SPY, 0, 3, 4)] },
      { QUOTE_CORRECTED: 1, QUOTE_REPEATED: 1 },
    ],
    [
      'trades without a bar, out of order and one twice',
      (to) =>
        [trade('c', 40, 103), trade('a', 1, 101), trade('b', 20, 99, 0.4), trade('a', 1, 101)].forEach((one) =>
          to.trade(one, NOW),
        ),
      {
        bars: [
          {
            symbol: SPY,
            start: OPEN,
            open: 101 as Price,
            high: 103 as Price,
            low: 99 as Price,
            close: 103 as Price,
            volume: 20,
          },
        ],
      },
      { BAR_FROM_TRADES: 1, TRADE_REPEATED: 1 },
    ],
    [
      'trades and a bar: the bar counts',
      (to) => {
        to.bar(bar(SPY, 0), NOW);
        to.trade(trade('a', 1, 101), NOW);
      },
      { bars: [bar(SPY, 0)] },
      {},
    ],
    ['a trade without size', (to) => to.trade(trade('a', 1, 101, 0), NOW), { bars: [] }, { TRADE_BAD_FIGURE: 1 }],
    ['a VIX figure', (to) => to.vix({ at: OPEN, value: 17.5 }, NOW), { vix: 17.5 }, {}],
    ['a VIX of before the open', (to) => to.vix({ at: minute(-600), value: 17.5 }, NOW), { vix: 17.5 }, {}],
    [
      'an impossible VIX',
      (to) => to.vix({ at: OPEN, value: Infinity }, NOW),
      { vix: undefined },
      { VIX_BAD_FIGURE: 1 },
    ],
    [
      'two VIX figures in the wrong order',
      (to) => [20, 10].forEach((second) => to.vix({ at: plusMs(OPEN, second * 1_000), value: second }, NOW)),
      { vix: 20 },
      {},
    ],
    [
      'a halt within the minute that is over again',
      (to) => {
        to.halt({ symbol: AIG, at: plusMs(OPEN, 20_000), state: 'resumed' }, NOW);
        to.halt({ symbol: AIG, at: plusMs(OPEN, 10_000), state: 'halted' }, NOW);
      },
      { halted: [AIG] },
      {},
    ],
    [
      'a halt of nobody',
      (to) => to.halt({ symbol: NOBODY, at: OPEN, state: 'halted' }, NOW),
      { halted: [] },
      { HALT_UNKNOWN_SYMBOL: 1 },
    ],
    [
      'a halt next hour',
      (to) => to.halt({ symbol: AIG, at: minute(9), state: 'halted' }, NOW),
      { halted: [] },
      { HALT_FUTURE: 1 },
    ],
  ];
  test.each(rows)('%s', (_, send, expected, counts) => {
    const { builder, findings } = rig();
    send(builder);
    expect(builder.close()).toMatchObject({ start: OPEN, end: minute(1), ...expected });
    expect(findings.toRecord()).toEqual(counts);
  });
});

describe('from minute to minute', () => {
  test('what comes for a closed minute is dropped and counted', () => {
    const { builder, findings } = rig();
    builder.close();
    builder.bar(bar(SPY, 0), NOW);
    builder.quote(quote(SPY, 0, 1, 2), NOW);
    builder.trade(trade('a', 59, 101), NOW);
    expect(builder.close()).toEqual({
      start: minute(1),
      end: minute(2),
      bars: [],
      quotes: [],
      halted: [],
      vix: undefined,
    });
    expect(findings.toRecord()).toEqual({ BAR_LATE: 1, QUOTE_LATE: 1, TRADE_LATE: 1 });
  });

  test('an early bar is kept for its own minute', () => {
    const { builder, findings } = rig();
    builder.bar(bar(SPY, 2), NOW);
    expect([builder.close(), builder.close(), builder.close()].map(({ bars }) => bars.length)).toEqual([0, 0, 1]);
    expect(findings.toRecord()).toEqual({ BAR_EARLY: 1 });
  });

  test('minutes that wait for a slow session are not from the future', () => {
    const { builder, findings } = rig();
    for (let index = 0; index < 30; index += 1) builder.bar(bar(SPY, index), minute(index + 1));
    for (let index = 0; index < 30; index += 1) expect(builder.close().bars).toEqual([bar(SPY, index)]);
    expect(findings.toRecord()).toEqual({});
  });

  test('halts and the VIX last until they change; late news of them counts from now on', () => {
    const { builder, findings } = rig();
    builder.halt({ symbol: AIG, at: OPEN, state: 'halted' }, NOW);
    builder.vix({ at: OPEN, value: 20 }, NOW);
    expect(builder.close()).toMatchObject({ halted: [AIG], vix: 20 });
    expect(builder.close()).toMatchObject({ halted: [AIG], vix: 20 });
    builder.halt({ symbol: AIG, at: minute(1), state: 'resumed' }, minute(3));
    builder.vix({ at: minute(1), value: 21 }, minute(3));
    expect(builder.close()).toMatchObject({ halted: [], vix: 21 });
    builder.vix({ at: OPEN, value: 30 }, minute(3));
    builder.halt({ symbol: AIG, at: OPEN, state: 'halted' }, minute(3));
    expect(builder.close()).toMatchObject({ halted: [], vix: 21 });
    expect(findings.toRecord()).toEqual({ HALT_LATE: 2, VIX_LATE: 2 });
  });

  test('of an auction the newest news of a minute counts, in whatever order it comes; nothing lasts into the next minute', () => {
    const { builder, findings } = rig();
    const news = (second: number, imbalance: number, of = SPY): AuctionImbalance => {
      return { symbol: of, at: plusMs(OPEN, second * 1_000), volume: 500, price: undefined, imbalance };
    };
    builder.imbalance(news(59, 3, AIG), NOW);
    builder.imbalance(news(30, 2), NOW);
    builder.imbalance(news(10, 1), NOW);
    builder.imbalance(news(60, -4), NOW);
    for (const odd of [{ volume: -1 }, { volume: 1.5 }, { imbalance: Number.NaN }, { price: 0 as Price }]) {
      builder.imbalance({ ...news(31, 9), ...odd }, NOW);
    }
    builder.imbalance(news(31, 9, NOBODY), NOW);
    expect(builder.close().imbalances).toEqual([news(30, 2), news(59, 3, AIG)]);
    builder.imbalance(news(59, 5), NOW);
    builder.imbalance(news(-1, 5), NOW);
    builder.imbalance(news(400, 5), NOW);
    expect(builder.close().imbalances).toEqual([news(60, -4)]);
    expect(builder.close()).not.toHaveProperty('imbalances');
    expect(findings.toRecord()).toEqual({
      IMBALANCE_BAD_FIGURE: 4,
      IMBALANCE_FUTURE: 1,
      IMBALANCE_LATE: 1,
      IMBALANCE_OUTSIDE_SESSION: 1,
      IMBALANCE_UNKNOWN_SYMBOL: 1,
    });
  });

  test('a halt that ends at the start of a minute does not hold in it', () => {
    const { builder } = rig();
    builder.halt({ symbol: SPY, at: OPEN, state: 'halted' }, NOW);
    builder.halt({ symbol: SPY, at: minute(1), state: 'resumed' }, NOW);
    expect([builder.close().halted, builder.close().halted]).toEqual([[SPY], []]);
  });

  test('no bar is made from the trades of a minute that was not heard from its start', () => {
    const { builder, findings } = rig(plusMs(OPEN, 30_000));
    builder.trade(trade('a', 40, 101), NOW);
    builder.trade(trade('b', 70, 102), minute(2));
    expect([builder.close(), builder.close()].map(({ bars }) => bars.length)).toEqual([0, 1]);
    expect(findings.toRecord()).toEqual({ BAR_FROM_TRADES: 1, TRADE_PART_OF_MINUTE: 1 });
  });

  test('the trades of a minute are bounded', () => {
    const { builder, findings } = rig();
    for (let count = 0; count < 20_005; count += 1) builder.trade(trade(`t${count}`, 1, 101, 1), NOW);
    expect(builder.close().bars[0]?.volume).toBe(20_000);
    expect(findings.toRecord()).toEqual({ BAR_FROM_TRADES: 1, TRADE_TOO_MANY: 5 });
  });

  test('a minute known from elsewhere sets halts and VIX, and drops what came for it', () => {
    const { builder, findings } = rig();
    builder.bar(bar(SPY, 0), NOW);
    builder.closeAs({ start: OPEN, end: minute(1), bars: [], quotes: [], halted: [SPY], vix: 15 });
    expect(builder.close()).toMatchObject({ start: minute(1), bars: [], halted: [SPY], vix: 15 });
    builder.closeAs({ start: minute(2), end: minute(3), bars: [], quotes: [], halted: [], vix: 16 });
    expect(builder.close()).toMatchObject({ halted: [], vix: 16 });
    expect(findings.toRecord()).toEqual({});
  });
});
