import { describe, expect, test } from '@jest/globals';
import { reportDay } from '../../src/app/day/day-report.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { DAY, home, NEXT_DAY, played } from './support/days.js';
import type { DayHarness } from './support/day-harness.js';
import { brokerFacts, expectGoodBooks } from './support/oracle.js';

/** Every order in two or three pieces. */
const PIECES = { partialFillProbability: 1 };

function sum(texts: Iterable<string>): string {
  return Decimal.sum([...texts].map((text) => Decimal.parse(text))).shortText(2);
}

/** Cash that the executions of a symbol brought in, before charges: an independent way to its result. */
async function cashOf(day: DayHarness, symbol: string): Promise<string> {
  const { fills } = await brokerFacts(day);
  return Decimal.sum(
    fills
      .filter(({ update }) => update.symbol === symbol)
      .map(({ update: { side, quantity, price } }) => {
        const amount = quantity.times(price).rounded(2, 'halfEven');
        return side === 'sell' ? amount : amount.negated();
      }),
  ).shortText(2);
}

describe('docs/FAILURES.md, figures', () => {
  test('F15 entries and exits with partial fills give the profit that the cash shows, position by position', async () => {
    const day = await played({ profile: PIECES });
    await expectGoodBooks(day, { trades: 4 });
    const fills = await day.eventsOf('OrderFilled');
    const closed = await day.eventsOf('PositionClosed');
    expect(fills.length).toBeGreaterThan(closed.length * 2);
    for (const { data } of closed) expect(data.grossPnl).toBe(Decimal.parse(await cashOf(day, data.symbol)).text());
  });

  test('F16 every report of a day with several fills per order has the same figures, and commissions once', async () => {
    const day = await played({ profile: PIECES });
    await expectGoodBooks(day, { trades: 4 });
    const report = reportDay(DAY, await day.events());
    const [closed] = await day.eventsOf('SessionClosed');
    const [summary] = await day.eventsOf('DailySummaryCompiled');
    const { fills } = await brokerFacts(day);
    const fees = sum(fills.map(({ update }) => update.commission.plus(update.fee).text()));
    expect(sum([report.fees])).toBe(fees);
    expect(closed?.data).toMatchObject({ trades: report.trades, realizedPnl: report.grossPnl, fees: report.fees });
    expect(summary?.data).toMatchObject({
      trades: report.trades,
      signals: report.signals,
      grossPnl: report.grossPnl,
      fees: report.fees,
      netPnl: report.netPnl,
    });
    expect(report.fills).toBe(fills.length);
  });

  test('F17 the port carries the quantity of each execution, so partial fills add up to the order and never exceed it', async () => {
    const day = await played({ profile: PIECES, settings: { DAILY_LOSS_LIMIT: '0.002' } });
    await expectGoodBooks(day, { trades: 4 });
    const fills = await day.eventsOf('OrderFilled');
    for (const { data } of await day.eventsOf('OrderIntended')) {
      const own = fills.filter((fill) => fill.data.clientOrderId === data.clientOrderId);
      if (Number(data.quantity) >= 3) expect(own.length).toBeGreaterThan(1);
      expect(sum(own.map((fill) => fill.data.quantity))).toBe(sum([data.quantity ?? '0']));
    }
    expect(await day.eventsOf('KillSwitchTripped')).toEqual([]);
  });

  test('F17 an over-filled entry is booked as the broker reports it, and all of it is closed', async () => {
    const over = { kind: 'overfill', quantity: Decimal.ONE, match: { nth: 1 } } as const;
    const day = await played({ faults: [over] });
    await expectGoodBooks(day, { trades: 4 });
    const [entry] = await day.eventsOf('OrderIntended');
    const exit = (await day.eventsOf('OrderIntended')).find(
      ({ data }) => data.purpose === 'exit' && data.positionId === entry?.data.positionId,
    );
    expect(exit?.data.quantity).toBe(
      Decimal.parse(entry?.data.quantity ?? '0')
        .plus(Decimal.ONE)
        .shortText(),
    );
  });

  test.each(['1', '5', '1000'])(
    'F17 %s shares beyond an exit are booked as the short position that they are, and closed at once',
    async (quantity) => {
      const match = { symbol: parseSymbol('TLRX'), purpose: 'exit' } as const;
      const day = await played({ faults: [{ kind: 'overfill', quantity: Decimal.parse(quantity), match }] });
      await expectGoodBooks(day, { trades: 4 });
      const intents = (await day.eventsOf('OrderIntended')).filter(({ data }) => data.symbol === 'TLRX');
      expect(intents.at(-1)?.data).toMatchObject({
        side: 'buy',
        positionEffect: 'close_short',
        purpose: 'exit',
        quantity,
      });
      const fills = (await day.eventsOf('OrderFilled')).filter(({ data }) => data.symbol === 'TLRX');
      const [over, cover] = fills.slice(-2);
      const waited = Date.parse(cover?.data.filledAt ?? '') - Date.parse(over?.data.filledAt ?? '');
      expect(waited).toBeLessThan(60_000);
      expect(await day.run(NEXT_DAY)).toMatchObject({ outcome: 'traded' });
    },
  );

  test('F17 shares beyond every exit of two days leave the account flat', async () => {
    const over = { kind: 'overfill', quantity: Decimal.parse('5'), match: { purpose: 'exit' }, times: 1 } as const;
    const day = home({ faults: [over] });
    await day.run(DAY);
    await day.run(NEXT_DAY);
    await expectGoodBooks(day, { trades: 8 });
  });

  test('F18 realized results stay correct from the second round trip in a symbol on', async () => {
    const day = home({ profile: PIECES });
    const days = [DAY, NEXT_DAY, ...['2026-01-08', '2026-01-09'].map((text) => text as typeof DAY)];
    for (const date of days) await day.run(date);
    await expectGoodBooks(day, { trades: 10 });
    const closed = await day.eventsOf('PositionClosed');
    const again = closed.map(({ data }) => data.symbol).filter((symbol, index, all) => all.indexOf(symbol) !== index);
    expect(again.length).toBeGreaterThan(2);
    for (const symbol of new Set(again)) {
      const gross = closed.filter(({ data }) => data.symbol === symbol).map(({ data }) => data.grossPnl);
      expect(sum(gross)).toBe(await cashOf(day, symbol));
    }
  });
});
