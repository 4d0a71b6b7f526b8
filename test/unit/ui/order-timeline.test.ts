import { describe, expect, test } from '@jest/globals';
import { shortSpan, timelineOf, type LifeEvent, type LifeFacts } from '../../../src/ui/pages/orders/timeline.js';

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 5, 15) + ms).toISOString();

let made = 0;
const event = (type: string, ms: number, data: object = {}, heardMs = ms): LifeEvent => {
  made += 1;
  const position = String(made).padStart(16, '0');
  return {
    ...{ id: `e${made}`, type, position, occurredAt: at(ms), recordedAt: at(heardMs), frame: null },
    data: data as LifeEvent['data'],
  };
};

const steps = (events: readonly LifeEvent[], facts: Partial<LifeFacts> = {}) =>
  timelineOf({ events, posted: new Set(), postedUpTo: null, purpose: 'entry', isOpen: false, ...facts });

const titles = (events: readonly LifeEvent[], facts: Partial<LifeFacts> = {}): readonly string[] =>
  steps(events, facts).map(({ title, tone, notes }) => (tone === 'gap' ? `(${notes.join(' ')})` : title));

const GATE = '(The journal keeps the values of the gate only when it blocks an order.)';

describe('the timeline of an order', () => {
  test('a whole life: signal, gate, intent, send, acknowledgement, fill, position, with the time between', () => {
    const life = steps([
      event('SignalTriggered', 0, { rule: 'VWAP_REVERSION', price: '17.37', figures: { rangeHigh: '16.98' } }),
      event('OrderIntended', 0, { side: 'buy', quantity: '47.25' }),
      event('OrderSubmitted', 20, { attempt: 1 }),
      event('OrderAcknowledged', 500, { brokerOrderId: 'B1' }),
      event('OrderFilled', 4_700, { quantity: '47.25', price: '17.40', commission: '0.35', brokerOrderId: 'B1' }),
      event('PositionOpened', 4_700),
      event('PositionClosed', 4_900, { quantity: '1047.25', grossPnl: '-1004.89', fees: '0.72' }),
    ]);
    expect(life.map(({ title, wait }) => [title, wait])).toEqual([
      ['Signal', null],
      ['Passed the gate', null],
      ['Order decided', '0 ms'],
      ['Sent to the broker', '20 ms'],
      ['Acknowledged by the broker', '480 ms'],
      ['Filled', '4.2 s'],
      ['Position opened', '0 ms'],
      ['Position closed', '200 ms'],
    ]);
    expect(life[0]?.figures).toEqual([
      ['Price', '17.37'],
      ['Rule', 'price moved back to the VWAP'],
      ['Range high', '16.98'],
    ]);
    expect(life[5]?.figures).toEqual([
      ['Quantity', '47.25'],
      ['Price', '17.40'],
      ['Commission', '$0.35'],
    ]);
    expect(life[7]?.figures).toEqual([
      ['Quantity', '1,047.25'],
      ['Gross P&L', '\u2212$1,004.89'],
      ['Fees', '$0.72'],
    ]);
  });

  test('what the record lacks is named: signal, acknowledgement, answer, a report that came late', () => {
    expect(
      titles([
        event('OrderIntended', 0),
        event('OrderSubmitted', 0, { attempt: 2 }),
        event('OrderUnresolved', 100, { message: 'no answer' }),
        event('OrderResolved', 4_300, { outcome: 'found' }),
        event('OrderFilled', 5_000),
      ]),
    ).toEqual([
      '(The journal has no signal for this entry.)',
      GATE,
      'Order decided',
      'Sent to the broker, attempt 2',
      'No answer: status unknown',
      '(No answer for 4.2 s. The bot asked the broker for the status.)',
      'Status known again',
      '(The broker sent no acknowledgement. Its first report was the next step.)',
      'Filled',
    ]);
    const [, , late] = steps([event('OrderIntended', 0), event('OrderFilled', 0, {}, 2_500)], { purpose: 'exit' });
    expect(late?.title).toBe('Gap in the record');
    expect(steps([event('OrderAcknowledged', 0), event('OrderFilled', 0, {}, 2_500)])[1]?.notes).toEqual([
      'This report reached the bot 2.5 s after it happened.',
    ]);
  });

  test('an exit needs no signal, and an open order says that it waits', () => {
    expect(titles([event('OrderIntended', 0), event('OrderSubmitted', 0)], { purpose: 'exit', isOpen: true })).toEqual([
      GATE,
      'Order decided',
      'Sent to the broker',
      '(No further event yet. The bot waits for the broker.)',
    ]);
  });

  test('a fill without an entry: not yet posted, or nothing to post; nothing is said when the ledger is not known', () => {
    const fill = event('OrderFilled', 0);
    const notes = (facts: Partial<LifeFacts>): readonly string[] =>
      steps([event('OrderAcknowledged', 0), fill], facts)[1]?.notes ?? [];
    expect(notes({ postedUpTo: '0000000000000000' })).toEqual(['Not in the ledger yet. It follows within seconds.']);
    expect(notes({ postedUpTo: fill.position })).toEqual(['No ledger entry: it moved less than half a cent.']);
    expect(notes({ postedUpTo: fill.position, posted: new Set([fill.id]) })).toEqual([]);
    expect(notes({})).toEqual([]);
  });

  test('spans', () => {
    expect([-4, 999, 1_000, 59_940, 60_000].map(shortSpan)).toEqual(['0 ms', '999 ms', '1.0 s', '59.9 s', '1 min']);
  });
});
