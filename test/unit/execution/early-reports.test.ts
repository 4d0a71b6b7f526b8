import { describe, expect, test } from '@jest/globals';
import { EarlyReports } from '../../../src/app/execution/early-reports.js';
import { isNewsOfExecution, maybeOwn } from '../../../src/app/execution/own-activities.js';
import { reduceOrder } from '../../../src/domain/orders/order.js';
import { parseUtcText, plusMs, type UtcText } from '../../../src/kernel/time.js';
import { needsList } from '../../../src/app/execution/report-doubt.js';
import { COMMANDS, ID, orderAfter, report } from '../orders/support.js';

const broker = { clientOrderId: ID, brokerOrderId: 'BO-1', at: 1, side: 'buy', symbol: 'SPY' } as const;
const update = (part: object): Parameters<EarlyReports['keep']>[1] => ({ ...broker, ...part }) as never;
const bust = update(COMMANDS.bustOfE1);
const correction = update(COMMANDS.correctionOfE1);

const filled = orderAfter('handedOver', 'fillOf4');
const LATER = '2026-01-06T15:00:00.001Z' as UtcText;
const BUSTED = { clientOrderId: ID, executionId: 'E1', symbol: COMMANDS.fillOf4.symbol, reason: 'erroneous' };

describe('reports that alone may be others than they seem', () => {
  const fillAt = (at: string): ReturnType<typeof update> =>
    update({ ...COMMANDS.fillOf4, filledAt: parseUtcText(at), at: parseUtcText(at) });
  const bustAt = (at: string): ReturnType<typeof update> => update({ ...COMMANDS.bustOfE1, at: parseUtcText(at) });
  const ended = reduceOrder(filled, { type: 'OrderFillBusted', data: BUSTED }, null, LATER);
  const [atFill, after] = ['2026-01-06T15:00:00.000Z', '2026-01-06T15:00:00.002Z'];

  test.each([
    ['a repetition of a fill', filled, fillAt(atFill), false],
    ['a booking at another time while the first one stands', filled, fillAt(after), true],
    ['a booking after the bust', ended, fillAt(after), false],
    ['a bust after its fill', filled, bustAt(after), false],
    ['a bust at the time of its fill', filled, bustAt(atFill), true],
    ['a repetition of a bust', ended, bustAt(LATER), false],
    ['a bust from before the last one', ended, bustAt(atFill), false],
    ['a bust after the last one, and no booking between them', ended, bustAt(after), true],
    ['a correction at the time of its fill', filled, update({ ...correction, at: parseUtcText(atFill) }), true],
    ['a bust of an execution that is not known', orderAfter('handedOver'), bustAt(after), false],
  ] as const)('%s', (_what, order, one, isDoubtful) => {
    expect(needsList(order, one)).toBe(isDoubtful);
  });
});

describe('reports that come before the fill that they change', () => {
  test('wait for it, and are given once', () => {
    const early = new EarlyReports();
    const before = orderAfter('handedOver', 'acknowledged');
    for (const each of [bust, bust, correction]) early.keep(before, each);
    expect(early.take(before)).toEqual([]);
    expect(early.take(filled)).toEqual([bust, correction]);
    expect(early.take(filled)).toEqual([]);
  });

  test('one that changes a known fill does not wait, nor does a fill', () => {
    const early = new EarlyReports();
    for (const each of [bust, correction, update(COMMANDS.fillOf4)]) early.keep(filled, each);
    expect(early.take(filled)).toEqual([]);
  });

  test('one from after the end of the last booking waits for the next one', () => {
    const early = new EarlyReports();
    const ended = reduceOrder(filled, { type: 'OrderFillBusted', data: BUSTED }, null, LATER);
    early.keep(ended, { ...bust, at: parseUtcText(LATER) });
    const next = { ...bust, at: plusMs(parseUtcText(LATER), 5) };
    early.keep(ended, next);
    expect(early.take(ended)).toEqual([]);
    expect(early.take(filled)).toEqual([next]);
  });

  test('beyond two hundred the oldest are left to the comparison of the books', () => {
    const early = new EarlyReports();
    for (let count = 0; count < 300; count += 1) early.keep(orderAfter('handedOver'), { ...bust });
    expect(early.take(orderAfter('handedOver', 'fillOf4'))).toHaveLength(200);
  });
});

describe('an execution among the activities of the account', () => {
  test('is new when the order never had it', () => {
    expect(isNewsOfExecution(filled, update(COMMANDS.fillOf4))).toBe(false);
    expect(isNewsOfExecution(filled, update(COMMANDS.otherFillOf6))).toBe(true);
    expect(isNewsOfExecution(orderAfter('handedOver', 'fillOf4', 'bustOfE1'), update(COMMANDS.fillOf4))).toBe(false);
  });

  test('is one of the order only when that has room for it (P2)', () => {
    expect(maybeOwn(filled, update(COMMANDS.otherFillOf6))).toBe(true);
    expect(maybeOwn(filled, update({ kind: 'filled', ...report('E3', 7) }))).toBe(false);
    expect(maybeOwn(filled, update({ ...COMMANDS.correctionOfE1, correctsExecutionId: 'E9' }))).toBe(false);
  });
});
