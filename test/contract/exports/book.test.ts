import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { type AccountingBook, applyToBook, bookCash, initialBook } from '../../../src/domain/accounting/book.js';
import { DEFAULT_COA } from '../../../src/domain/accounting/coa.js';
import { netPosition } from '../../../src/domain/accounting/lots.js';
import type { LedgerGroup } from '../../../src/domain/accounting/types.js';
import type { EventData } from '../../../src/events/event.js';
import { parseClientOrderId, parseStrategyName, parseSymbol, type TickerSymbol } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { Tape, ZEROS } from '../../unit/support/events.js';
import { statementOf } from '../../unit/support/groups.js';
import { readOfx, totalError } from '../../unit/support/ofx-reader.js';

/** The exports over what the posting rules really make, instead of over groups that a test made. */
interface Made {
  readonly book: AccountingBook;
  readonly groups: readonly LedgerGroup[];
  readonly input: StatementInput;
}

const OPENED = '2013-10-07T13:30:00.000Z' as UtcText;
const SPY = parseSymbol('SPY');

function booksOf(tape: Tape): Made {
  const codes = { entity: 'DEMO', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-B01' };
  let book = initialBook(codes);
  const groups: LedgerGroup[] = [];
  for (const event of tape.events) {
    const applied = applyToBook(book, event);
    book = applied.book;
    groups.push(...applied.groups);
  }
  return { book, groups, input: { ...statementOf(groups), accounts: DEFAULT_COA.accounts, cash: bookCash(book) } };
}

interface Fill {
  readonly effect: EventData<'OrderFilled'>['positionEffect'];
  readonly quantity: string;
  readonly price: string;
  readonly commission?: string;
}

function fillData(id: string, fill: Fill, symbol: TickerSymbol = SPY): EventData<'OrderFilled'> {
  return {
    clientOrderId: parseClientOrderId(`order-${id}`),
    brokerOrderId: `SIM-${id}`,
    executionId: `exec-${id}`,
    strategy: parseStrategyName('open'),
    positionId: 'P-1',
    symbol,
    side: fill.effect === 'open_long' || fill.effect === 'close_short' ? 'buy' : 'sell',
    positionEffect: fill.effect,
    quantity: fill.quantity as DecimalText,
    price: fill.price as DecimalText,
    commission: (fill.commission ?? '0.35') as DecimalText,
    fee: '0.00' as DecimalText,
    currency: 'USD',
    filledAt: OPENED,
    rawSha256: ZEROS,
  };
}

function opened(cash: string, positions: EventData<'OpeningBalancesRecorded'>['positions'] = []): Tape {
  const tape = new Tape();
  tape.add('OpeningBalancesRecorded', { asOf: OPENED, cash: cash as DecimalText, positions });
  return tape;
}

function activity(tape: Tape, activityType: EventData<'BrokerActivityImported'>['activityType'], amount: string): void {
  const symbol = activityType.startsWith('dividend') ? SPY : null;
  tape.add('BrokerActivityImported', {
    activityId: `SIM-${tape.events.length}`,
    activityType,
    amount: amount as DecimalText,
    symbol,
    adjustmentId: null,
    happenedAt: OPENED,
    description: activityType,
    rawSha256: ZEROS,
  });
}

/** Every sum of the statement against the book, and shares bought less shares sold against its lots. */
async function agrees({ book, input }: Made): Promise<void> {
  const totals = statementTotals(input);
  const read = await readOfx(renderOfx22(input));
  expect(read.transactions).toHaveLength(totals.transactions);
  expect(new Set(read.transactions.map(({ fitid }) => fitid)).size).toBe(totals.transactions);
  expect(read.transactions.reduce((sum, { cash }) => sum + cash, 0n)).toBe(bookCash(book));
  const shares = Decimal.sum(read.transactions.map(({ units }) => Decimal.parse(units ?? '0')));
  expect(shares.minus(netPosition(book.lots, SPY)).isZero()).toBe(true);
  expect(totals.trialBalance).toEqual(
    [...book.balances]
      .filter(([, balance]) => balance !== 0n)
      .map(([accountCode, balance]) => ({ accountCode, balance }))
      .sort((a, b) => (a.accountCode < b.accountCode ? -1 : 1)),
  );
  for (const render of [renderCsv, renderJson, renderHledger]) expect(render(input)).not.toBe('');
}

describe('the posting rules', () => {
  test('every side, charges, income and transfers', async () => {
    const basis = { cost: '1674.40' as DecimalText, basis: 'COST', acquiredAt: OPENED } as const;
    const tape = opened('50000.00', [{ symbol: SPY, quantity: '10' as DecimalText, ...basis }]);
    tape.add('OrderFilled', fillData('1', { effect: 'open_long', quantity: '5.25', price: '167.4425' }));
    tape.add('OrderFilled', fillData('2', { effect: 'close_long', quantity: '15.25', price: '168.01' }));
    tape.add('OrderFilled', fillData('3', { effect: 'open_short', quantity: '7', price: '168.00' }));
    tape.add('OrderFilled', fillData('4', { effect: 'close_short', quantity: '4', price: '167.00' }));
    for (const type of ['deposit', 'withdrawal', 'dividend', 'dividend_on_short', 'interest', 'fee'] as const) {
      activity(tape, type, '12.34');
    }
    activity(tape, 'interest', '-1.23');
    const made = booksOf(tape);
    await agrees(made);
    const read = await readOfx(renderOfx22(made.input));
    expect(read.transactions.map(({ tag, type }) => `${tag} ${type ?? ''}`.trim())).toEqual([
      'BUYSTOCK BUY',
      'BUYSTOCK BUYTOCOVER',
      'SELLSTOCK SELL',
      'SELLSTOCK SELLSHORT',
      'INCOME',
      'INVEXPENSE',
      'MARGININTEREST',
      'TRANSFER IN',
      'INVBANKTRAN CREDIT',
      'INVBANKTRAN DEP',
      'INVBANKTRAN DEBIT',
      'INVBANKTRAN INT',
      'INVBANKTRAN FEE',
    ]);
  });

  test('a bust reverses the trade and its dependants and books them again', async () => {
    const tape = opened('50000.00');
    tape.add('OrderFilled', fillData('1', { effect: 'open_long', quantity: '5', price: '167.44' }));
    tape.add('OrderFilled', fillData('2', { effect: 'close_long', quantity: '5', price: '168.01' }));
    const { clientOrderId, executionId } = fillData('1', { effect: 'open_long', quantity: '5', price: '167.44' });
    tape.add('OrderFillBusted', { clientOrderId, executionId, symbol: SPY, reason: 'clearly erroneous' });
    const made = booksOf(tape);
    await agrees(made);
    const { transactions } = await readOfx(renderOfx22(made.input));
    expect(transactions.filter(({ memo }) => memo?.startsWith('Reversal of ')).map(({ type }) => type)).toEqual([
      'BUY',
      'SELL',
    ]);
    expect(transactions.at(-2)).toMatchObject({ type: 'SELLSHORT', units: '-5' });
  });

  test('a correction that moves an execution across zero gives two transactions, each less than a cent off', async () => {
    // a part worth no cent at all has no group, so its shares would be in no export: prices and sizes keep above that
    const scaled = (scale: number, min: number, max: number): fc.Arbitrary<string> =>
      fc.integer({ min, max }).map((units) => Decimal.of(units, scale).text());
    const price = scaled(4, 10_000, 5_000_000);
    const run = fc.record({
      whole: scaled(6, 2_000_000, 90_000_000),
      prices: fc.tuple(price, price, price),
      part: fc.integer({ min: 1, max: 99 }),
    });
    let split = 0;
    await fc.assert(
      fc.asyncProperty(run, async ({ whole, prices, part }) => {
        const tape = opened('5000000.00');
        const first = fillData('1', { effect: 'open_long', quantity: whole, price: prices[0] });
        tape.add('OrderFilled', first);
        tape.add('OrderFilled', fillData('2', { effect: 'close_long', quantity: whole, price: prices[1] }));
        const less = Decimal.parse(whole).times(Decimal.of(part, 2)).rounded(6, 'up').text();
        const right = fillData('3', { effect: 'open_long', quantity: less, price: prices[2] });
        tape.add('OrderFillCorrected', { ...right, correctsExecutionId: first.executionId });
        const made = booksOf(tape);
        await agrees(made);
        const { transactions } = await readOfx(renderOfx22(made.input));
        const errors = transactions.filter(({ unitPrice }) => unitPrice !== null).map(totalError);
        expect(errors.every((error) => error.lt(Decimal.parse('0.01')))).toBe(true);
        split += errors.filter((error) => error.gt(Decimal.parse('0.005'))).length;
      }),
      { seed: 7, numRuns: 40 },
    );
    expect(split).toBeGreaterThan(0);
  });
});
