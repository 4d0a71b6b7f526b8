import { describe, expect, test } from '@jest/globals';
import { inDependencyOrder } from '../../../projections/kit/dependency-order.js';
import type { After, Projection } from '../../../projections/kit/projection.js';
import { sampleLogOnly } from '../support/sample-projection.js';

const named = (name: string, after: After = []): Projection => ({ ...sampleLogOnly('/home/of/bot', name), after });
const stepsOf = (...projections: readonly Projection[]): readonly (readonly string[])[] =>
  inDependencyOrder(projections).map((step) => step.map(({ name }) => name));

describe('the order of projections', () => {
  test('independent projections keep the order of the list', () => {
    expect(stepsOf(named('b'), named('a'), named('c'))).toEqual([['b', 'a', 'c']]);
  });

  test('a projection runs in a step after all that it names', () => {
    const all = [named('exports', ['ledger']), named('mail', ['exports', 'logs']), named('ledger'), named('logs')];
    expect(stepsOf(...all)).toEqual([['ledger', 'logs'], ['exports'], ['mail']]);
  });

  test('a projection after all others runs last', () => {
    expect(stepsOf(named('status', 'all'), named('exports', ['ledger']), named('ledger'))).toEqual([
      ['ledger'],
      ['exports'],
      ['status'],
    ]);
  });

  test('no projections have no steps', () => {
    expect(stepsOf()).toEqual([]);
  });

  const refused: readonly (readonly [string, readonly Projection[], string])[] = [
    ['a name that no projection has', [named('exports', ['ledgr']), named('ledger')], 'PROJECTION_AFTER_UNKNOWN'],
    ['a projection that waits for itself', [named('a', ['a'])], 'PROJECTION_AFTER_CIRCLE'],
    ['a circle of three', [named('a', ['c']), named('b', ['a']), named('c', ['b'])], 'PROJECTION_AFTER_CIRCLE'],
    ['one that waits for the last', [named('a', ['status']), named('status', 'all')], 'PROJECTION_AFTER_CIRCLE'],
  ];
  test.each(refused)('it refuses %s', (_name, projections, code) => {
    expect(() => inDependencyOrder(projections)).toThrow(expect.objectContaining({ code }));
  });
});
