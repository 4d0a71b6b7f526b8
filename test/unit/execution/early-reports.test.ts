import { describe, expect, test } from '@jest/globals';
import { EarlyReports } from '../../../src/app/execution/early-reports.js';
import { isNewsOfExecution, maybeOwn } from '../../../src/app/execution/own-activities.js';
import { COMMANDS, ID, orderAfter, report } from '../orders/support.js';

const broker = { clientOrderId: ID, brokerOrderId: 'BO-1', at: 1, side: 'buy' } as const;
const update = (part: object): Parameters<EarlyReports['keep']>[1] => ({ ...broker, ...part }) as never;
const bust = update(COMMANDS.bustOfE1);
const correction = update(COMMANDS.correctionOfE1);

describe('reports that come before the fill that they change', () => {
  test('wait for it, and are given once', () => {
    const early = new EarlyReports();
    const before = orderAfter('handedOver', 'acknowledged');
    early.keep(before, bust);
    early.keep(before, correction);
    expect(early.take(before)).toEqual([]);
    const filled = orderAfter('handedOver', 'fillOf4');
    expect(early.take(filled)).toEqual([bust, correction]);
    expect(early.take(filled)).toEqual([]);
  });

  test('one that changes a known fill does not wait, nor does a fill', () => {
    const early = new EarlyReports();
    const filled = orderAfter('handedOver', 'fillOf4');
    for (const each of [bust, correction, update(COMMANDS.fillOf4)]) early.keep(filled, each);
    expect(early.take(filled)).toEqual([]);
  });

  test('beyond two hundred the oldest are left to the comparison of the books', () => {
    const early = new EarlyReports();
    for (let count = 0; count < 300; count += 1) early.keep(orderAfter('handedOver'), bust);
    expect(early.take(orderAfter('handedOver', 'fillOf4'))).toHaveLength(200);
  });
});

describe('an execution among the activities of the account', () => {
  const filled = orderAfter('handedOver', 'fillOf4');

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
