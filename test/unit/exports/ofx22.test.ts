import { describe, expect, test } from '@jest/globals';
import { ofxDate, renderOfx22 } from '../../../projections/exports/ofx22.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { cents, negateCents } from '../../../src/kernel/money.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { fullDay, GroupBuilder, statementOf } from '../support/groups.js';
import { optionDay } from '../support/option-day.js';
import { readOfx, type ReadTransaction, totalError } from '../support/ofx-reader.js';

const SPY = { symbol: 'SPY', quantity: '10', price: '167.44', commission: '0.35', fee: '0.02' };
const HALF_A_CENT = Decimal.parse('0.005');

async function only(day: GroupBuilder): Promise<ReadTransaction> {
  const { transactions } = await readOfx(renderOfx22(statementOf(day.groups)));
  expect(transactions).toHaveLength(1);
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error('no transaction');
  return transaction;
}

describe('trades: OFX sign rules (account holder’s view)', () => {
  test.each([
    ['BUY', 'BUYSTOCK', '10', -167_477n, (day: GroupBuilder) => day.buy(SPY)],
    ['SELL', 'SELLSTOCK', '-10', 167_403n, (day: GroupBuilder) => day.sell(SPY)],
    ['SELLSHORT', 'SELLSTOCK', '-10', 167_403n, (day: GroupBuilder) => day.sellShort(SPY)],
    ['BUYTOCOVER', 'BUYSTOCK', '10', -167_477n, (day: GroupBuilder) => day.cover(SPY)],
  ])('%s', async (type, tag, units, cash, post) => {
    const day = new GroupBuilder();
    const group = post(day);
    expect(await only(day)).toEqual({
      tag,
      type,
      fitid: group.fitid,
      date: '20131007133100.000[0:GMT]',
      memo: `${type} SPY`,
      symbol: 'SPY',
      units,
      unitPrice: '167.44',
      commission: 35n,
      fees: 2n,
      cash,
    });
  });

  test('F16: commission is counted once, in COMMISSION and not as an account fee', async () => {
    const day = new GroupBuilder();
    day.opening('5000.00');
    day.buy(SPY);
    const { transactions } = await readOfx(renderOfx22(statementOf(day.groups)));
    expect(transactions.map(({ tag, type }) => `${tag} ${type}`)).toEqual(['BUYSTOCK BUY', 'INVBANKTRAN CREDIT']);
  });

  test('fractions keep every digit, and TOTAL is rounded once', async () => {
    const day = new GroupBuilder();
    day.buy({ symbol: 'SPY', quantity: '59.701492', price: '167.4425' });
    const read = await only(day);
    expect([read.units, read.unitPrice, read.cash]).toEqual(['59.701492', '167.4425', -999_657n]);
    expect(totalError(read).lte(HALF_A_CENT)).toBe(true);
  });

  test('a fill whose gross lies exactly between two cents is half a cent off, not more', async () => {
    const day = new GroupBuilder();
    day.buy({ symbol: 'BAC', quantity: '0.5', price: '0.01' });
    day.buy({ symbol: 'BAC', quantity: '1.5', price: '0.01' });
    const { transactions } = await readOfx(renderOfx22(statementOf(day.groups.slice(1))));
    expect(transactions[0]?.cash).toBe(-2n);
    expect(transactions.map((transaction) => totalError(transaction).shortText())).toEqual([HALF_A_CENT.text()]);
  });
});

test('an option is in contracts, at the premium for a share, with its terms (TRD-23)', () => {
  const text = renderOfx22(optionDay());
  const lines = text.split('\n').map((line) => line.replace(/<INVTRAN>.*<\/INVTRAN>/u, ''));
  const secid = '<SECID><UNIQUEID>SPY131025P167.5</UNIQUEID><UNIQUEIDTYPE>TICKER</UNIQUEIDTYPE></SECID>';
  const accounts = '<SUBACCTSEC>CASH</SUBACCTSEC><SUBACCTFUND>CASH</SUBACCTFUND>';
  expect(lines).toContain(
    `<BUYOPT><INVBUY>${secid}<UNITS>3</UNITS><UNITPRICE>3.20</UNITPRICE><COMMISSION>1.95</COMMISSION><FEES>0.00</FEES>` +
      `<TOTAL>-961.95</TOTAL>${accounts}</INVBUY><OPTBUYTYPE>BUYTOOPEN</OPTBUYTYPE><SHPERCTRCT>100</SHPERCTRCT></BUYOPT>`,
  );
  expect(lines).toContain(
    `<SELLOPT><INVSELL>${secid}<UNITS>-2</UNITS><UNITPRICE>3.10</UNITPRICE><COMMISSION>1.30</COMMISSION><FEES>0.00</FEES>` +
      `<TOTAL>618.70</TOTAL>${accounts}</INVSELL><OPTSELLTYPE>SELLTOCLOSE</OPTSELLTYPE><SHPERCTRCT>100</SHPERCTRCT></SELLOPT>`,
  );
  expect(text).toContain('<POSOPT><INVPOS>');
  expect(text).toContain('<UNITS>1</UNITS><UNITPRICE>3.05</UNITPRICE><MKTVAL>305.00</MKTVAL>');
  expect(text).toContain(
    '<OPTTYPE>PUT</OPTTYPE><STRIKEPRICE>167.50</STRIKEPRICE><DTEXPIRE>20131025170000.000[0:GMT]</DTEXPIRE><SHPERCTRCT>100</SHPERCTRCT></OPTINFO>',
  );
});

describe('reversals are the opposite trade', () => {
  test.each([
    ['BUY', 'SELLSTOCK', 'SELL', '-10', 167_477n, (day: GroupBuilder) => day.buy(SPY)],
    ['SELL', 'BUYSTOCK', 'BUY', '10', -167_403n, (day: GroupBuilder) => day.sell(SPY)],
    ['SELLSHORT', 'BUYSTOCK', 'BUYTOCOVER', '10', -167_403n, (day: GroupBuilder) => day.sellShort(SPY)],
    ['BUYTOCOVER', 'SELLSTOCK', 'SELLSHORT', '-10', 167_477n, (day: GroupBuilder) => day.cover(SPY)],
  ])('of a %s', async (_of, tag, type, units, cash, post) => {
    for (const figures of ['mirrored', 'kept'] as const) {
      const day = new GroupBuilder();
      const wrong = post(day);
      const back = day.reverse(wrong, figures);
      const read = (await readOfx(renderOfx22(statementOf(day.groups)))).transactions.find(
        ({ fitid }) => fitid === back.fitid,
      );
      expect(read).toMatchObject({ tag, type, units, cash, commission: -35n, fees: -2n });
      expect(read?.memo).toBe(`Reversal of ${wrong.fitid}: bust of the fill`);
      expect(statementTotals(statementOf(day.groups))).toMatchObject({ tradeCash: 0n, commissions: 0n, fees: 0n });
    }
  });

  test('a sale of shares without cost has no share leg: its TRNTYPE decides, inverted by a reversal', async () => {
    const day = new GroupBuilder();
    const sale = day.sell({ ...SPY, lots: '0.00' });
    day.reverse(sale);
    expect(sale.legs.some(({ accountCode }) => accountCode === '1111')).toBe(false);
    const { transactions } = await readOfx(renderOfx22(statementOf(day.groups)));
    expect(transactions.map(({ type, units }) => [type, units])).toEqual([
      ['BUY', '10'],
      ['SELL', '-10'],
    ]);
  });

  test('a reversal of an earlier group names its FITID if given, else the group', async () => {
    const day = new GroupBuilder();
    const wrong = day.buy(SPY);
    const back = [day.reverse(wrong)];
    const memoWith = async (more: object): Promise<string | null | undefined> =>
      (await readOfx(renderOfx22(statementOf(back, more)))).transactions[0]?.memo;
    expect(await memoWith({})).toBe(`Reversal of group ${wrong.groupId}: bust of the fill`);
    expect(await memoWith({ reversedGroups: [{ groupId: wrong.groupId, fitid: wrong.fitid }] })).toBe(
      `Reversal of ${wrong.fitid}: bust of the fill`,
    );
  });

  test('a returned withdrawal is a credit', async () => {
    const day = new GroupBuilder();
    const wrong = day.cash('WITHDRAWAL', '-250.00', '1020');
    const back = day.reverse(wrong);
    const { transactions } = await readOfx(renderOfx22(statementOf(day.groups)));
    expect(transactions.map(({ fitid, type, cash }) => [fitid, type, cash])).toEqual([
      [wrong.fitid, 'DEBIT', -25_000n],
      [back.fitid, 'CREDIT', 25_000n],
    ]);
  });
});

describe('cash without a trade', () => {
  test.each([
    ['OPENING', '100.00', '3030', undefined, 'INVBANKTRAN', 'CREDIT'],
    ['DEPOSIT', '100.00', '1010', undefined, 'INVBANKTRAN', 'DEP'],
    ['WITHDRAWAL', '-100.00', '1020', undefined, 'INVBANKTRAN', 'DEBIT'],
    ['FLOATIN', '100.00', '1010', undefined, 'INVBANKTRAN', 'XFER'],
    ['FLOATOUT', '-100.00', '1020', undefined, 'INVBANKTRAN', 'XFER'],
    ['FEE', '-100.00', '5010', undefined, 'INVBANKTRAN', 'FEE'],
    ['FEE', '-100.00', '5010', 'SPY', 'INVEXPENSE', null],
    ['INTEREST', '100.00', '4055', undefined, 'INVBANKTRAN', 'INT'],
    ['INTEREST', '-100.00', '5010', undefined, 'MARGININTEREST', null],
    ['DIVIDEND', '100.00', '4050', 'SPY', 'INCOME', null],
    ['DIVIDEND', '-100.00', '5010', 'SPY', 'INVEXPENSE', null],
    ['DIVIDEND', '100.00', '4050', undefined, 'INVBANKTRAN', 'DIV'],
  ] as const)('%s of %s against %s (security: %s) is %s %s', async (trntype, amount, account, symbol, tag, type) => {
    const day = new GroupBuilder();
    day.cash(trntype, amount, account, symbol === undefined ? {} : { symbol });
    const read = await only(day);
    expect([read.tag, read.type, read.symbol]).toEqual([tag, type, symbol ?? null]);
    expect(read.cash).toBe(amount.startsWith('-') ? -10_000n : 10_000n);
  });

  test('an acknowledged transfer is on the statement only after the cash arrived: each event once', async () => {
    const day = new GroupBuilder();
    const legs = [
      { account: '1010', amount: cents(500_000n) },
      { account: '3010', amount: cents(-500_000n) },
    ];
    day.add({ trntype: 'FLOATIN', legs });
    const arrived = day.cash('DEPOSIT', '5000.00', '1010');
    expect((await only(day)).fitid).toBe(arrived.fitid);
  });

  test('an opening position is a transfer in at its average cost', async () => {
    const day = new GroupBuilder();
    day.opening('100.00', [{ symbol: 'IBM', quantity: '3', cost: '500.00' }]);
    const text = renderOfx22(statementOf(day.groups));
    const { transactions, securities } = await readOfx(text);
    expect(transactions.map(({ tag, type, symbol, units }) => [tag, type, symbol, units])).toEqual([
      ['TRANSFER', 'IN', 'IBM', '3'],
      ['INVBANKTRAN', 'CREDIT', null, null],
    ]);
    expect(text).toContain('<AVGCOSTBASIS>166.666667</AVGCOSTBASIS>');
    expect(securities).toEqual({ IBM: 'IBM' });
  });

  test('one opening group with cash and shares gives a fixed FITID to each', async () => {
    const day = new GroupBuilder();
    const shares = { account: '1111', amount: cents(900n), quantity: '3' as DecimalText };
    const legs = [{ account: '1030', amount: cents(100n) }, shares, { account: '3030', amount: cents(-1000n) }];
    const group = day.add({ trntype: 'OPENING', symbol: 'IBM', legs });
    const { transactions } = await readOfx(renderOfx22(statementOf(day.groups)));
    expect(transactions.map(({ tag, cash }) => [tag, cash])).toEqual([
      ['TRANSFER', 0n],
      ['INVBANKTRAN', 100n],
    ]);
    expect(transactions[1]?.fitid).toBe(group.fitid);
    expect(new Set(transactions.map(({ fitid }) => fitid)).size).toBe(2);
  });
});

describe('the statement around the transactions', () => {
  test('a whole day agrees with the ledger: every figure, transaction by transaction', async () => {
    const input = fullDay();
    const totals = statementTotals(input);
    const read = await readOfx(renderOfx22(input));
    expect(read.transactions).toHaveLength(totals.transactions);
    const sum = read.transactions.reduce((cash, transaction) => cash + transaction.cash, 0n);
    expect(totals.openingCash + sum).toBe(totals.closingCash);
    expect(read.cash).toBe(totals.closingCash);
    expect(totals.trialBalance.find(({ accountCode }) => accountCode === '1030')?.balance).toBe(read.cash);
    expect(totals.trialBalance.reduce((all, { balance }) => all + balance, 0n)).toBe(0n);
    for (const group of input.groups.filter(({ netAmount }) => netAmount !== 0n)) {
      expect(read.transactions.filter(({ fitid }) => fitid === group.fitid).map(({ cash }) => cash)).toEqual([
        group.netAmount,
      ]);
    }
    expect([read.account, read.broker, read.shortBalance]).toEqual(['SIM-B01', 'sim.invalid', 193_960n]);
  });

  test('positions carry the sign of their side', async () => {
    const read = await readOfx(renderOfx22(fullDay()));
    expect(read.positions).toEqual([
      { symbol: 'AIG', type: 'SHORT', units: '-40', value: -193_960n },
      { symbol: 'IBM', type: 'LONG', units: '30', value: 545_700n },
      { symbol: 'SPY', type: 'LONG', units: '39.201492', value: 656_351n },
    ]);
    expect(Object.keys(read.securities)).toEqual(['AIG', 'BAC', 'IBM', 'SPY']);
    expect(read.securities['SPY']).toBe('SPDR S&P 500 <ETF>');
  });

  test('every INVBANKTRAN is after all other transactions', () => {
    const tags = [...renderOfx22(fullDay()).matchAll(/^<(BUYSTOCK|SELLSTOCK|INCOME|INVBANKTRAN|TRANSFER)>/gmu)].map(
      ([, tag]) => tag,
    );
    expect(tags.slice(tags.indexOf('INVBANKTRAN')).every((tag) => tag === 'INVBANKTRAN')).toBe(true);
    expect(tags).toHaveLength(13);
  });

  test('an empty range gives a valid statement', async () => {
    const read = await readOfx(renderOfx22(statementOf([])));
    expect([read.transactions, read.positions, read.cash]).toEqual([[], [], 0n]);
  });

  test('F21: a re-export and an overlapping range give the same transaction the same FITID and the same bytes', () => {
    const input = fullDay();
    const whole = renderOfx22(input);
    expect(renderOfx22(fullDay())).toBe(whole);
    const tail = input.groups.slice(8);
    const openingCash = cents(input.cash - tail.reduce((sum, { netAmount }) => sum + netAmount, 0n));
    const openingBalances = [
      { accountCode: '1030', balance: openingCash },
      { accountCode: '3030', balance: negateCents(openingCash) },
    ];
    const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.includes('<FITID>'));
    const later = lines(renderOfx22({ ...input, groups: tail, openingBalances }));
    expect(later.length).toBeGreaterThan(5);
    expect(later.filter((line) => !lines(whole).includes(line))).toEqual([]);
  });

  test('the statement id follows from bot, account, range and state of the books', async () => {
    const idOf = async (more: object): Promise<string> => (await readOfx(renderOfx22(statementOf([], more)))).trnuid;
    expect(await idOf({})).toBe(await idOf({}));
    expect(await idOf({ asOf: '2013-10-08T20:00:05.250Z' })).not.toBe(await idOf({}));
    expect(await idOf({ accountId: 'OTHER' })).not.toBe(await idOf({}));
    const day = fullDay();
    expect(
      (await readOfx(renderOfx22({ ...day, groups: day.groups.slice(0, -1), cash: cents(day.cash + 25_000n) }))).trnuid,
    ).not.toBe((await readOfx(renderOfx22(day))).trnuid);
    expect((await idOf({})).length).toBe(36);
  });

  test('the statement is dated at its close, in full GMT form', async () => {
    expect(ofxDate('2026-01-05T14:30:00.123Z' as UtcText)).toBe('20260105143000.123[0:GMT]');
    const read = await readOfx(renderOfx22(fullDay()));
    expect([read.server, read.asOf]).toEqual(['20131007200000.000[0:GMT]', '20131007200000.000[0:GMT]']);
  });

  test('foreign text cannot break the file: markup, line ends, control characters, length', async () => {
    const day = new GroupBuilder();
    day.buy({ ...SPY, description: `a<b>&amp;\r\n</MEMO>\u0000\u202e ${'x'.repeat(300)}` });
    const securities = [{ symbol: parseSymbol('SPY'), name: '\u0007' }];
    const text = renderOfx22(statementOf(day.groups, { securities }));
    expect(text).toContain('<MEMO>a&lt;b&gt;&amp;amp; &lt;/MEMO&gt; xxx');
    const { transactions, securities: names } = await readOfx(text);
    expect(transactions[0]?.memo).toHaveLength(255);
    expect(names).toEqual({ SPY: 'SPY' });
  });

  test('an id too long for OFX is refused, not cut', () => {
    expect(() => renderOfx22(statementOf([], { accountId: 'A'.repeat(23) }))).toThrow(/ACCTID/u);
    expect(() => renderOfx22(statementOf([], { brokerId: 'two\nlines' }))).toThrow(/ORG|BROKERID/u);
  });
});
