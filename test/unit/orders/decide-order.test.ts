import { describe, expect, test } from '@jest/globals';
import { decideOrder } from '../../../src/domain/orders/decide-order.js';
import { ORDER_TRANSITIONS, type OrderStage } from '../../../src/domain/orders/order.js';
import { applied, COMMANDS, ID, INTENT, orderAfter, type CommandName } from './support.js';

/** An order in each stage, with the commands that lead there. `working` and terminal orders have execution E1 of four shares. */
const GIVEN: Readonly<Record<OrderStage, readonly CommandName[]>> = {
  intended: [],
  submitted: ['handedOver'],
  working: ['handedOver', 'acknowledged', 'fillOf4'],
  unresolved: ['noAnswer'],
  filled: ['handedOver', 'acknowledged', 'fillOf4', 'otherFillOf6'],
  cancelled: ['handedOver', 'acknowledged', 'fillOf4', 'cancelledWith4'],
  rejected: ['handedOver', 'rejected'],
  expired: ['handedOver', 'acknowledged', 'fillOf4', 'expiredWith4'],
};

/** The event and the stage that it leads to; `-` means no event. */
type Row = Readonly<Record<CommandName, string>>;
const THEN: Readonly<Record<OrderStage, Row>> = {
  intended: {
    handedOver: 'OrderSubmitted > submitted',
    noAnswer: 'OrderUnresolved > unresolved',
    brokerKnows: 'OrderSubmitted > submitted',
    brokerDoesNotKnow: '-',
    requestCancel: '-',
    acknowledged: 'OrderSubmitted OrderAcknowledged > working',
    rejected: 'OrderRejected > rejected',
    fillOf4: 'OrderSubmitted OrderFilled > working',
    otherFillOf6: 'OrderSubmitted OrderFilled > working',
    correctionOfE1: '-',
    bustOfE1: '-',
    cancelledWith0: 'OrderSubmitted OrderCancelled > cancelled',
    cancelledWith4: 'OrderSubmitted OrderUnresolved > unresolved',
    expiredWith0: 'OrderSubmitted OrderExpired > expired',
    expiredWith4: 'OrderSubmitted OrderUnresolved > unresolved',
  },
  submitted: {
    handedOver: '-',
    noAnswer: 'OrderUnresolved > unresolved',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: 'OrderCancelRequested > submitted',
    acknowledged: 'OrderAcknowledged > working',
    rejected: 'OrderRejected > rejected',
    fillOf4: 'OrderFilled > working',
    otherFillOf6: 'OrderFilled > working',
    correctionOfE1: '-',
    bustOfE1: '-',
    cancelledWith0: 'OrderCancelled > cancelled',
    cancelledWith4: 'OrderUnresolved > unresolved',
    expiredWith0: 'OrderExpired > expired',
    expiredWith4: 'OrderUnresolved > unresolved',
  },
  working: {
    handedOver: '-',
    noAnswer: 'OrderUnresolved > unresolved',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: 'OrderCancelRequested > working',
    acknowledged: '-',
    rejected: 'OrderRejected > rejected',
    fillOf4: '-',
    otherFillOf6: 'OrderFilled > filled',
    correctionOfE1: 'OrderFillCorrected > working',
    bustOfE1: 'OrderFillBusted > working',
    cancelledWith0: 'OrderCancelled > cancelled',
    cancelledWith4: 'OrderCancelled > cancelled',
    expiredWith0: 'OrderExpired > expired',
    expiredWith4: 'OrderExpired > expired',
  },
  unresolved: {
    handedOver: '-',
    noAnswer: '-',
    brokerKnows: 'OrderResolved > submitted',
    brokerDoesNotKnow: 'OrderResolved > intended',
    requestCancel: 'OrderCancelRequested > unresolved',
    acknowledged: 'OrderAcknowledged > working',
    rejected: 'OrderRejected > rejected',
    fillOf4: 'OrderFilled > working',
    otherFillOf6: 'OrderFilled > working',
    correctionOfE1: '-',
    bustOfE1: '-',
    cancelledWith0: 'OrderCancelled > cancelled',
    cancelledWith4: '-',
    expiredWith0: 'OrderExpired > expired',
    expiredWith4: '-',
  },
  filled: {
    handedOver: '-',
    noAnswer: '-',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: '-',
    acknowledged: '-',
    rejected: '-',
    fillOf4: '-',
    otherFillOf6: '-',
    correctionOfE1: 'OrderFillCorrected > filled',
    bustOfE1: 'OrderFillBusted > filled',
    cancelledWith0: '-',
    cancelledWith4: '-',
    expiredWith0: '-',
    expiredWith4: '-',
  },
  cancelled: {
    handedOver: '-',
    noAnswer: '-',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: '-',
    acknowledged: '-',
    rejected: '-',
    fillOf4: '-',
    otherFillOf6: 'OrderFilled > cancelled',
    correctionOfE1: 'OrderFillCorrected > cancelled',
    bustOfE1: 'OrderFillBusted > cancelled',
    cancelledWith0: '-',
    cancelledWith4: '-',
    expiredWith0: '-',
    expiredWith4: '-',
  },
  rejected: {
    handedOver: '-',
    noAnswer: '-',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: '-',
    acknowledged: '-',
    rejected: '-',
    fillOf4: 'OrderFilled > rejected',
    otherFillOf6: 'OrderFilled > rejected',
    correctionOfE1: '-',
    bustOfE1: '-',
    cancelledWith0: '-',
    cancelledWith4: '-',
    expiredWith0: '-',
    expiredWith4: '-',
  },
  expired: {
    handedOver: '-',
    noAnswer: '-',
    brokerKnows: '-',
    brokerDoesNotKnow: '-',
    requestCancel: '-',
    acknowledged: '-',
    rejected: '-',
    fillOf4: '-',
    otherFillOf6: 'OrderFilled > expired',
    correctionOfE1: 'OrderFillCorrected > expired',
    bustOfE1: 'OrderFillBusted > expired',
    cancelledWith0: '-',
    cancelledWith4: '-',
    expiredWith0: '-',
    expiredWith4: '-',
  },
};

const stages = Object.keys(GIVEN) as OrderStage[];
const commands = Object.keys(COMMANDS) as CommandName[];
const rows = stages.flatMap((stage) => commands.map((command) => ({ stage, command, then: THEN[stage][command] })));

describe('the decider of orders (TRD-51)', () => {
  test.each(stages)('an order is brought to %s', (stage) => {
    expect(orderAfter(...GIVEN[stage]).stage).toBe(stage);
  });

  test.each(rows)('given $stage, when $command, then $then', ({ stage, command, then }) => {
    const order = orderAfter(...GIVEN[stage]);
    const events = decideOrder(order, COMMANDS[command]);
    const after = applied(order, events);
    expect(events.length === 0 ? '-' : `${events.map(({ type }) => type).join(' ')} > ${after.stage}`).toBe(then);
    expect(decideOrder(after, COMMANDS[command])).toEqual([]);
    for (const { type } of events) expect(ORDER_TRANSITIONS[stage][type]).toBeDefined();
  });
});

describe('an order that the broker has was submitted', () => {
  test('the refusal of an order that the broker had taken in follows its submission', () => {
    const refusal = { ...COMMANDS.rejected, brokerOrderId: 'BO-1' };
    const types = decideOrder(orderAfter(), refusal).map(({ type }) => type);
    expect(types).toEqual(['OrderSubmitted', 'OrderRejected']);
    expect(decideOrder(orderAfter('handedOver'), refusal).map(({ type }) => type)).toEqual(['OrderRejected']);
  });

  test('the attempt of an unnoticed submission counts the earlier ones', () => {
    const again = orderAfter('noAnswer', 'brokerDoesNotKnow');
    expect(decideOrder(again, COMMANDS.acknowledged)[0]?.data).toEqual({ clientOrderId: ID, attempt: 2 });
  });
});

describe('data of the events', () => {
  const whole: readonly (readonly [CommandName, readonly CommandName[], object])[] = [
    ['handedOver', [], { clientOrderId: ID, attempt: 1 }],
    ['handedOver', ['noAnswer', 'brokerDoesNotKnow'], { clientOrderId: ID, attempt: 2 }],
    ['noAnswer', [], { clientOrderId: ID, symbol: 'SPY', strategy: 'open', code: 'TIMEOUT', message: 'no answer' }],
    [
      'brokerKnows',
      ['noAnswer'],
      { clientOrderId: ID, symbol: 'SPY', strategy: 'open', outcome: 'found', message: 'working at the broker' },
    ],
    [
      'brokerDoesNotKnow',
      ['noAnswer'],
      {
        clientOrderId: ID,
        symbol: 'SPY',
        strategy: 'open',
        outcome: 'not_found',
        message: 'the broker has no such order',
      },
    ],
    ['requestCancel', ['handedOver'], { clientOrderId: ID, reason: 'enough', exitReason: null }],
    ['acknowledged', ['handedOver'], { clientOrderId: ID, brokerOrderId: 'BO-1' }],
    ['rejected', ['handedOver'], { clientOrderId: ID, code: 'NO', message: 'refused' }],
    ['cancelledWith4', ['handedOver', 'fillOf4'], { clientOrderId: ID, filledQuantity: '4', reason: 'on request' }],
    ['expiredWith4', ['handedOver', 'fillOf4'], { clientOrderId: ID, filledQuantity: '4' }],
    ['bustOfE1', ['fillOf4'], { clientOrderId: ID, executionId: 'E1', symbol: 'SPY', reason: 'erroneous' }],
    [
      'cancelledWith4',
      ['handedOver'],
      {
        clientOrderId: ID,
        symbol: 'SPY',
        strategy: 'open',
        code: 'FILLS_MISSING',
        message: '4 filled at the broker, 0 known',
      },
    ],
  ];

  test.each(whole)('%s after %j', (command, given, data) => {
    expect(decideOrder(orderAfter(...given), COMMANDS[command]).map((event) => event.data)).toEqual([data]);
  });

  test.each([
    ['403: insufficient qty', 'INSUFFICIENT_QTY', '403: insufficient qty: refused'],
    ['\u0000\u2603', 'REJECTED', '\u0000\u2603: refused'],
    ['NO_1', 'NO_1', 'refused'],
  ])('a rejection with the code %j ends the order', (code, ours, message) => {
    const events = decideOrder(orderAfter('handedOver'), { kind: 'rejected', code, message: 'refused' });
    expect(events).toEqual([{ type: 'OrderRejected', data: { clientOrderId: ID, code: ours, message } }]);
  });

  test('a fill carries the data of its order and of the broker: its own quantity, money to the cent', () => {
    const [fill] = decideOrder(orderAfter('handedOver'), COMMANDS.fillOf4);
    expect(fill).toMatchObject({
      type: 'OrderFilled',
      data: {
        clientOrderId: ID,
        brokerOrderId: 'BO-1',
        executionId: 'E1',
        strategy: 'open',
        positionId: INTENT.positionId,
        side: 'buy',
        positionEffect: 'open_long',
        quantity: '4',
        price: '100.00',
        commission: '0.35',
        fee: '0.00',
        currency: 'USD',
        filledAt: '2026-01-06T15:00:00.000Z',
      },
    });
  });
});

describe('the state of an order', () => {
  test('an over-fill ends it and counts in full', () => {
    const order = orderAfter('handedOver', 'otherFillOf6', 'fillOf4');
    expect([order.stage, order.filled.shortText()]).toEqual(['filled', '10']);
    const over = applied(order, decideOrder(order, { ...COMMANDS.fillOf4, executionId: 'E3' }));
    expect([over.stage, over.filled.shortText()]).toEqual(['filled', '14']);
  });

  test('found after doubt, it returns to its earlier state', () => {
    expect(orderAfter('handedOver', 'acknowledged', 'noAnswer', 'brokerKnows').stage).toBe('working');
    expect(orderAfter('handedOver', 'fillOf4', 'noAnswer', 'brokerKnows').stage).toBe('working');
    expect(orderAfter('handedOver', 'noAnswer', 'brokerKnows').stage).toBe('submitted');
  });

  test('an order acknowledged or filled is never sent again because a query does not find it', () => {
    for (const sign of ['acknowledged', 'fillOf4'] as const) {
      const order = orderAfter('handedOver', sign, 'noAnswer', 'brokerDoesNotKnow');
      expect(order.stage).toBe('unresolved');
    }
  });

  test('a correction replaces its execution, a bust removes it, and neither returns', () => {
    const corrected = orderAfter('handedOver', 'fillOf4', 'correctionOfE1', 'fillOf4');
    expect([...corrected.executions.keys()]).toEqual(['E1-c1']);
    const busted = orderAfter('handedOver', 'fillOf4', 'bustOfE1', 'fillOf4', 'bustOfE1');
    expect([busted.executions.size, busted.filled.shortText()]).toEqual([0, '0']);
  });

  test('an impossible event is a broken invariant', () => {
    const event = { type: 'OrderExpired', data: { clientOrderId: ID, filledQuantity: '0' } } as const;
    const filled = orderAfter('handedOver', 'fillOf4', 'otherFillOf6');
    expect(() => applied(filled, [event as never])).toThrow(expect.objectContaining({ code: 'ORDER_TRANSITION' }));
    expect(() => applied(filled, [{ type: 'OrderIntended', data: INTENT }])).toThrow(
      expect.objectContaining({ code: 'ORDER_INTENDED_TWICE' }),
    );
  });
});
