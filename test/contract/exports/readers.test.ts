import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { renderBeancount } from '../../../projections/exports/beancount.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { DEFAULT_COA } from '../../../src/domain/accounting/coa.js';
import { cents, centsFromText } from '../../../src/kernel/money.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { python, testNeeding, tool } from '../../support/needs.js';
import { ofxSchemas } from '../../support/shared-data.js';
import { dayAfter, fullDay, GroupBuilder, statementOf } from '../../unit/support/groups.js';
import { optionDay } from '../../unit/support/option-day.js';

const ENVIRONMENT = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', PYTHONWARNINGS: 'ignore' };

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[]): Outcome {
  const done = spawnSync(command, args, { env: ENVIRONMENT, encoding: 'utf8', timeout: 60_000 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const xmllint = tool('xmllint');
const ofxdump = tool('ofxdump');
const hledger = tool('hledger');
const ofxparse = python('ofxparse');
const beancount = python('beancount');

function strangeTexts(): StatementInput {
  const day = new GroupBuilder();
  day.opening('1000.00', [{ symbol: 'BRK.B', quantity: '0.333333', cost: '100.01' }]);
  day.buy({ symbol: 'SPY', quantity: '1', price: '100.00', description: 'a & <b> "c" ; d | e\u0007\né \u{1f600}' });
  day.reverse(day.groups[2] ?? day.buy({ symbol: 'SPY', quantity: '1', price: '1.00' }), 'kept');
  return statementOf(day.groups);
}

function withOpening(): StatementInput {
  const day = new GroupBuilder();
  day.sellShort({ symbol: 'AIG', quantity: '7', price: '48.5525', commission: '1.00' });
  const openingBalances = [
    { accountCode: '1030', balance: cents(123_456n) },
    { accountCode: '1111', balance: cents(1_000_000_000_000n) },
    { accountCode: '3030', balance: cents(-1_000_000_123_456n) },
    { accountCode: '2110', balance: cents(0n) },
  ];
  return statementOf(day.groups, { openingBalances });
}

const STATEMENTS: Readonly<Record<string, () => StatementInput>> = {
  'a day with one of everything': fullDay,
  'a day with an option': optionDay,
  'an empty range': () => statementOf([]),
  'texts that need escaping': strangeTexts,
  'a range with balances before it': withOpening,
  'the day after, with shares without a cent': dayAfter,
  'the whole default chart': () => ({ ...fullDay(), accounts: DEFAULT_COA.accounts }),
};

const PYTHON_READER = `
import json, sys, ofxparse
statement = ofxparse.OfxParser.parse(open(sys.argv[1], 'rb')).account.statement
cash = lambda t: str(getattr(t, 'total', None) if hasattr(t, 'total') else t.amount)
print(json.dumps({
  'transactions': [[t.id, cash(t)] for t in statement.transactions],
  'positions': [[p.security, str(p.units), str(p.market_value)] for p in statement.positions],
  'cash': str(statement.available_cash), 'discarded': len(statement.discarded_entries)}))
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradebot-exports-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As ofx201.dtd knows no namespace but the XSD has one, the sign-on is checked alone, under the schema's namespace. */
function signOnAgainstXsd(ofx: string): Outcome {
  const namespace = 'http://ofx.net/types/2003/04';
  const schema =
    `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ofx="${namespace}" targetNamespace="${namespace}">` +
    `<xsd:include schemaLocation="${join(ofxSchemas.path, 'OFX_Signon_Messages.xsd')}"/>` +
    `<xsd:element name="SONRS" type="ofx:SignonResponse"/></xsd:schema>`;
  const inner = /<SONRS>(.*)<\/SONRS>/u.exec(ofx)?.[1] ?? '';
  const part = file('signon.xml', `<o:SONRS xmlns:o="${namespace}">${inner}</o:SONRS>`);
  return run('xmllint', ['--noout', '--schema', file('signon.xsd', schema), part]);
}

describe.each(Object.entries(STATEMENTS))('%s is accepted by external programs', (_name, make) => {
  testNeeding(xmllint, ofxSchemas)('xmllint with the OFX 2.0.1 DTD: valid', () => {
    const path = file('statement.ofx', renderOfx22(make()));
    const done = run('xmllint', ['--noout', '--dtdvalid', join(ofxSchemas.path, 'ofx201.dtd'), path]);
    expect(done).toEqual({ code: 0, out: '', err: '' });
  });

  testNeeding(xmllint, ofxSchemas)('xmllint with the OFX 2.2 XSD: the sign-on is valid', () => {
    expect(signOnAgainstXsd(renderOfx22(make())).code).toBe(0);
  });

  testNeeding(ofxdump)('ofxdump (libofx): every transaction, without an error', () => {
    const input = make();
    const done = run('ofxdump', [file('statement.ofx', renderOfx22(input))]);
    expect([done.code, done.err.match(/LibOFX ERROR.*/gu)]).toEqual([0, null]);
    expect(done.out.match(/ofx_proc_transaction\(\)/gu) ?? []).toHaveLength(statementTotals(input).transactions);
    const cash = [...done.out.matchAll(/Total money amount: (\S+)/gu)].map(([, text]) => centsFromText(text ?? ''));
    const { openingCash, closingCash } = statementTotals(input);
    expect(openingCash + cash.reduce<bigint>((sum, amount) => sum + amount, 0n)).toBe(closingCash);
  });

  testNeeding(ofxparse)('python ofxparse: every transaction and position to the cent', () => {
    const input = make();
    const script = file('read.py', PYTHON_READER);
    const done = run(ofxparse.command, [script, file('statement.ofx', renderOfx22(input))]);
    expect(done.code).toBe(0);
    const read = JSON.parse(done.out) as {
      readonly transactions: readonly (readonly [string, string])[];
      readonly positions: readonly unknown[];
      readonly cash: string;
      readonly discarded: number;
    };
    const { openingCash, closingCash, transactions } = statementTotals(input);
    expect([read.transactions.length, read.positions.length, read.discarded]).toEqual([
      transactions,
      input.positions.length,
      0,
    ]);
    const moved = read.transactions.reduce<bigint>((sum, [, cash]) => sum + centsFromText(cash), 0n);
    expect(openingCash + moved).toBe(closingCash);
    expect(centsFromText(read.cash)).toBe(closingCash);
  });

  testNeeding(hledger)('hledger: accepts it, and its balances equal the trial balance', () => {
    const input = make();
    const path = file('books.journal', renderHledger(input));
    expect(run('hledger', ['-f', path, 'check', '--strict'])).toEqual({ code: 0, out: '', err: '' });
    const done = run('hledger', ['-f', path, 'balance', '--flat', '--no-total', '--output-format=csv']);
    const balances = [...done.out.matchAll(/"[^"]*:(\d+) [^":]*","USD (\S+)"/gu)].map(([, accountCode, balance]) => ({
      accountCode,
      balance: centsFromText(balance ?? ''),
    }));
    expect(balances.sort((a, b) => ((a.accountCode ?? '') < (b.accountCode ?? '') ? -1 : 1))).toEqual(
      withoutEarlierResults(input),
    );
  });
});

/** The trial balance, with the income and expenses of the range alone: those before it are not carried. */
function withoutEarlierResults(input: StatementInput): readonly { accountCode: string; balance: bigint }[] {
  const carried = (code: string): boolean => /^[123]/u.test(code);
  const before = new Map(input.openingBalances.map(({ accountCode, balance }) => [accountCode, balance]));
  return statementTotals(input)
    .trialBalance.map(({ accountCode, balance }) => ({
      accountCode,
      balance: balance - (carried(accountCode) ? 0n : (before.get(accountCode) ?? 0n)),
    }))
    .filter(({ balance }) => balance !== 0n);
}

function hledgerBalances(path: string, ...query: readonly string[]): ReadonlyMap<string, bigint> {
  const done = run('hledger', ['-f', path, 'balance', '--flat', '--no-total', '--output-format=csv', ...query]);
  const rows = [...done.out.matchAll(/"[^"]*:(\d+) [^":]*","USD (\S+)"/gu)];
  return new Map(rows.map(([, code, balance]) => [code ?? '', centsFromText(balance ?? '')]));
}

testNeeding(hledger)(
  'hledger: two statements in one journal have each entry once, and the balances of the ledger',
  () => {
    const [first, second] = [fullDay(), dayAfter()];
    file('first.journal', renderHledger(first));
    const alone = file('second.journal', renderHledger(second));
    const both = file('both.journal', 'include first.journal\ninclude second.journal\n');
    expect(run('hledger', ['-f', both, 'check', '--strict'])).toEqual({ code: 0, out: '', err: '' });
    const trial = new Map<string, bigint>(
      statementTotals(second).trialBalance.map(({ accountCode, balance }) => [accountCode, balance]),
    );
    expect(hledgerBalances(both)).toEqual(trial);
    // the month by itself: nothing of the balances before it is a change of it
    const moved = hledgerBalances(alone, '-b', '2013-10-08');
    expect([moved.get('1030'), moved.get('4050'), moved.get('5010')]).toEqual([7_200n, -2_500n, 100n]);
    expect(hledgerBalances(both, '-b', '2013-10-08')).toEqual(moved);
    expect(hledgerBalances(both, '-e', '2013-10-08')).toEqual(
      new Map(statementTotals(first).trialBalance.map(({ accountCode, balance }) => [accountCode, balance])),
    );
  },
);

const BEANCOUNT_READER = `
import sys
from beancount import loader
entries, errors, options = loader.load_file(sys.argv[1])
print('\\n'.join(str(error) for error in errors), end='')
`;

testNeeding(beancount)('beancount: reads two statements one by one and in one journal without an error', () => {
  const texts = [renderBeancount(fullDay()), renderBeancount(dayAfter())];
  const script = file('beans.py', BEANCOUNT_READER);
  for (const [index, text] of [...texts, texts.join('\n')].entries()) {
    const done = run(beancount.command, [script, file(`beans-${index}.beancount`, text)]);
    expect([index, done.code, done.out]).toEqual([index, 0, '']);
  }
});

testNeeding(hledger)('hledger: with a statement missing between, the balances are those of the last one', () => {
  const third = statementOf([], {
    range: { from: dayAfter().range.to, to: '2013-10-09T20:00:00.000Z' as UtcText },
    openingBalances: statementTotals(dayAfter()).trialBalance,
  });
  file('first.journal', renderHledger(fullDay()));
  file('third.journal', renderHledger(third));
  const gap = file('gap.journal', 'include first.journal\ninclude third.journal\n');
  const end = new Map<string, bigint>(
    statementTotals(third).trialBalance.map((each) => [each.accountCode, each.balance]),
  );
  const read = hledgerBalances(gap);
  for (const code of ['1030', '1111', '2110']) expect(read.get(code)).toBe(end.get(code));
});

testNeeding(hledger)('hledger: refuses the file when one amount is changed in both legs', () => {
  const text = renderHledger(fullDay()).replaceAll('9996.42', '9996.43');
  const done = run('hledger', ['-f', file('changed.journal', text), 'check']);
  expect([done.code, /balance assertion/iu.test(done.err)]).toEqual([1, true]);
});

testNeeding(xmllint, ofxSchemas)('xmllint with the OFX 2.0.1 DTD: would refuse fees before the commission', () => {
  const text = renderOfx22(fullDay()).replaceAll(/(<COMMISSION>[^/]*<\/COMMISSION>)(<FEES>[^/]*<\/FEES>)/gu, '$2$1');
  const path = file('order.ofx', text);
  expect(run('xmllint', ['--noout', '--dtdvalid', join(ofxSchemas.path, 'ofx201.dtd'), path]).code).not.toBe(0);
});
