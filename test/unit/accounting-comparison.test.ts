import { describe, expect, test } from '@jest/globals';
import { brokerCents, differencesOf } from '../../src/domain/accounting/books-comparison.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { cents } from '../../src/kernel/money.js';

function books(cash: number, positions: Readonly<Record<string, string>>) {
  const held = Object.entries(positions).map(
    ([symbol, shares]) => [parseSymbol(symbol), Decimal.parse(shares)] as const,
  );
  return { cash: cents(BigInt(cash)), positions: new Map(held) };
}

function broker(cash: string, positions: readonly (readonly [string, string])[]) {
  return {
    cash: Decimal.parse(cash),
    positions: positions.map(([symbol, shares]) => ({
      symbol,
      quantity: Decimal.parse(shares),
      averagePrice: Decimal.parse('10.25'),
    })),
  };
}

function shown(ours: ReturnType<typeof books>, theirs: ReturnType<typeof broker>): readonly string[] {
  return differencesOf(ours, theirs).map(
    ({ key, kind, books: left, broker: right, delta, brokerPrice }) =>
      `${key} ${kind}: ${left.shortText()} ${right.shortText()} ${delta.shortText()} ${brokerPrice?.shortText() ?? '-'}`,
  );
}

describe('the comparison of books and broker (ACC-62)', () => {
  test('equal sides have no difference, however the broker writes and splits its rows', () => {
    expect(
      shown(
        books(10_000, { 'BRK.B': '3' }),
        broker('100.00', [
          ['BRK-B', '1'],
          ['BRK/B', '2'],
        ]),
      ),
    ).toEqual([]);
    expect(shown(books(10_000, {}), broker('100', [['AIG', '0']]))).toEqual([]);
  });

  test.each([
    ['a manual trade', {}, [['AIG', '5']], 'position/AIG unknown_position: 0 5 5 10.25'],
    ['a short that the bot does not know', {}, [['AIG', '-5']], 'position/AIG unknown_position: 0 -5 -5 10.25'],
    ['a position that is gone', { AIG: '5' }, [], 'position/AIG missing_position: 5 0 -5 -'],
    ['a position on the other side', { AIG: '5' }, [['AIG', '-2']], 'position/AIG opposite_side: 5 -2 -7 10.25'],
    ['another number of shares', { AIG: '5' }, [['AIG', '10']], 'position/AIG quantity: 5 10 5 10.25'],
    ['a rest of fractions', { AIG: '5' }, [['AIG', '5.0001']], 'position/AIG dust: 5 5.0001 0.0001 10.25'],
    ['an option', {}, [['AAPL240119C00100000', '1']], 'name/AAPL240119C00100000 unbookable_symbol: 0 1 1 10.25'],
    ['a name that is no text for people', {}, [['\u0000\n', '1']], 'name/?? unbookable_symbol: 0 1 1 10.25'],
    ['an empty name', {}, [['', '1']], 'name/(no name) unbookable_symbol: 0 1 1 10.25'],
  ] as const)('names %s', (_what, ours, theirs, difference) => {
    expect(shown(books(10_000, ours), broker('100', theirs))).toEqual([difference]);
  });

  test('cash comes first, then the symbols, then the names that the books cannot hold', () => {
    const theirs = broker('99.99', [
      ['X/Y/Z', '1'],
      ['B', '1'],
      ['A', '1'],
    ]);
    expect(differencesOf(books(10_000, {}), theirs).map(({ key }) => key)).toEqual([
      'cash',
      'position/A',
      'position/B',
      'name/X/Y/Z',
    ]);
  });

  test('rows of one name that cancel each other out are no difference', () => {
    expect(
      shown(
        books(0, {}),
        broker('0', [
          ['X/Y/Z', '1'],
          ['X/Y/Z', '-1'],
        ]),
      ),
    ).toEqual([]);
  });

  test.each([
    ['100.005', 10_000n],
    ['99.995', 10_000n],
    ['100.0099', 10_000n],
    ['99.9901', 10_000n],
    ['100.01', 10_001n],
    ['99.99', 9_999n],
    ['100.0151', 10_002n],
    ['-100.005', -10_001n],
  ])('cash of %s with parts of a cent is read as %s cents', (cash, expected) => {
    const ours = cash.startsWith('-') ? cents(-10_001n) : cents(10_000n);
    expect(brokerCents(Decimal.parse(cash), ours)).toBe(expected);
  });
});
