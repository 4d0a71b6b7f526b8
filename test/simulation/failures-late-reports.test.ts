import { describe, expect, test } from '@jest/globals';
import { merge, of } from 'rxjs';
import type { RecordedEvent } from '../../src/events/event.js';
import { bookCash } from '../../src/domain/accounting/book.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { centsToDecimal } from '../../src/kernel/money.js';
import { parseUtcText, type DateText } from '../../src/kernel/time.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import type { BrokerUpdate } from '../../src/ports/order-entry.js';
import { CODES, type DayHarness } from './support/day-harness.js';
import { DAY, home, NEXT_DAY } from './support/days.js';
import { brokerFacts } from './support/oracle.js';

const THIRD_DAY = '2026-01-08' as DateText;
type Fill = RecordedEvent<'OrderFilled'>;

/** A broker that changes its mind about an execution of an earlier session: its account shows that, and it reports it. */
function secondThoughts(fill: Fill, update: BrokerUpdate): (broker: Broker) => Broker {
  const { symbol, side, quantity, price, commission, fee } = fill.data;
  const sign = side === 'buy' ? Decimal.ONE : Decimal.ONE.negated();
  const shares = Decimal.parse(quantity).times(sign).negated();
  const cash = Decimal.parse(quantity)
    .times(Decimal.parse(price))
    .rounded(2, 'halfEven')
    .times(sign)
    .plus(Decimal.parse(commission))
    .plus(Decimal.parse(fee));
  let closed = false;
  return (broker) =>
    wrapBroker(broker, (_name, call) => call(), {
      orderUpdates$: merge(broker.orderUpdates$, of(update)),
      // the account below does not know of the bust: what closes the shares there opens the other side
      submit: (order) => {
        const isClosing = !closed && order.symbol === symbol && order.positionEffect.startsWith('close');
        closed ||= isClosing;
        if (!isClosing) return broker.submit(order);
        return broker.submit({ ...order, positionEffect: order.side === 'buy' ? 'open_long' : 'open_short' });
      },
      account: async () => {
        const account = await broker.account();
        return { ...account, cash: account.cash.plus(cash), equity: account.equity.plus(cash) };
      },
      positions: async () => {
        const held = await broker.positions();
        const here = held.find((position) => position.symbol === symbol);
        const rest = held.filter((position) => position !== here);
        const changed = (here?.quantity ?? Decimal.ZERO).plus(shares);
        if (changed.isZero()) return rest;
        return [...rest, { symbol, averagePrice: Decimal.parse(price), quantity: changed }];
      },
    });
}

function bustOf(fill: Fill, at: string): BrokerUpdate {
  const { clientOrderId, brokerOrderId, executionId } = fill.data;
  const facts = { clientOrderId, brokerOrderId, executionId, at: parseUtcText(at) };
  return { ...facts, kind: 'busted', reason: 'clearly erroneous', rawSha256: sha256Hex('bust') };
}

async function filled(day: DayHarness, purpose: 'entry' | 'exit'): Promise<Fill> {
  const [intent] = (await day.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === purpose);
  const fill = (await day.eventsOf('OrderFilled')).find(
    ({ data }) => data.clientOrderId === intent?.data.clientOrderId,
  );
  if (fill === undefined) throw new Error('the day has no such fill');
  return fill;
}

async function folded(day: DayHarness): Promise<EngineState> {
  const state = new EngineState(CODES);
  await foldJournal(day.journal, state);
  return state;
}

describe('reports of the broker on orders of earlier sessions', () => {
  test.each([
    ['exit', NEXT_DAY, [NEXT_DAY]],
    ['entry', NEXT_DAY, [NEXT_DAY]],
    ['exit', THIRD_DAY, [NEXT_DAY, THIRD_DAY]],
    ['entry', THIRD_DAY, [NEXT_DAY, THIRD_DAY]],
  ] as const)('a bust of an %s on %s is booked on its day, and its shares are closed', async (purpose, on, days) => {
    // the account shows the bust before it is reported, with the first event of the venue: an entry has to be made
    const day = home({ settings: { FRACTIONAL: 'false', BOOKS_MISMATCH_HOLDS_ENTRIES: 'false' } });
    await day.run(DAY);
    const fill = await filled(day, purpose);
    for (const date of days) {
      if (date === on)
        day.options = { ...day.options, wrapBroker: secondThoughts(fill, bustOf(fill, `${on}T14:35:00.000Z`)) };
      expect(await day.run(date)).toMatchObject({ outcome: 'traded' });
    }
    const [bust] = await day.eventsOf('OrderFillBusted');
    expect(bust).toMatchObject({ occurredAt: `${on}T14:35:00.000Z`, meta: { sessionDate: on } });
    const state = await folded(day);
    expect(state.positions.get(fill.data.positionId)?.quantity.text() ?? '0').toMatch(/^0(\.0+)?$/);
    expect((await day.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual(
      [DAY, ...days].map(() => true),
    );
    const closing = (await day.eventsOf('OrderIntended')).filter(
      ({ data }) => data.positionId === fill.data.positionId,
    );
    expect(closing.at(-1)?.data).toMatchObject({
      purpose: 'exit',
      positionEffect:
        purpose === 'exit'
          ? fill.data.positionEffect
          : fill.data.positionEffect
              .replace('open', 'close')
              .replace(/long|short/, (side) => (side === 'long' ? 'short' : 'long')),
      quantity: fill.data.quantity,
    });
    expect(await day.eventsOf('ErrorRecorded')).toEqual([]);
    const closed = await day.eventsOf('PositionClosed');
    const sessions = await day.eventsOf('SessionClosed');
    const sum = (texts: readonly string[]): string => Decimal.sum(texts.map((text) => Decimal.parse(text))).text();
    expect(sum(closed.map(({ data }) => data.grossPnl))).toBe(sum(sessions.map(({ data }) => data.realizedPnl)));
    expect(centsToDecimal(bookCash(state.book)).text()).not.toBe((await brokerFacts(day)).cash.text());
    const again = await folded(day);
    expect(again.eventCount).toBe(state.eventCount);
  });

  test('a repeated report on an old order changes nothing and reads nothing back', async () => {
    const day = home({ settings: { FRACTIONAL: 'false' } });
    await day.run(DAY);
    const fill = await filled(day, 'exit');
    await day.run(NEXT_DAY);
    const { filledAt, side, symbol, quantity, price, commission, fee, executionId, rawSha256 } = fill.data;
    const repeated: BrokerUpdate = {
      ...{ kind: 'filled', clientOrderId: fill.data.clientOrderId, brokerOrderId: fill.data.brokerOrderId },
      ...{ executionId, symbol, side, rawSha256, at: parseUtcText(fill.occurredAt), filledAt: parseUtcText(filledAt) },
      quantity: Decimal.parse(quantity),
      price: Decimal.parse(price),
      commission: Decimal.parse(commission),
      fee: Decimal.parse(fee),
    };
    day.options = {
      ...day.options,
      wrapBroker: (broker) =>
        wrapBroker(broker, (_name, call) => call(), { orderUpdates$: merge(broker.orderUpdates$, of(repeated)) }),
    };
    await day.run(THIRD_DAY);
    expect(await day.eventsOf('OrderReloaded')).toEqual([]);
    expect(await day.eventsOf('ErrorRecorded')).toEqual([]);
  });
});
