import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statusDefinition } from '../../../projections/status/status.js';
import { openLedger } from '../../../src/adapters/ledger-reader/open-ledger.js';
import type { Ledger } from '../../../projections/ledger/query.js';
import { asOf } from '../../../src/app/as-of/as-of.js';
import { bookFigures, ledgerAgrees } from '../../../src/app/as-of/figures.js';
import { explain } from '../../../src/app/explain/explain.js';
import { questionOf } from '../../../src/app/explain/question.js';
import { statementSource } from '../../../src/composition/statement-source.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { DEFAULT_COA } from '../../../src/domain/accounting/coa.js';
import { DEFAULT_MAPPING } from '../../../src/domain/accounting/mapping.js';
import type { Position } from '../../../src/events/event.js';
import { moneyText } from '../../../src/kernel/money.js';
import { parseDateText, type UtcText } from '../../../src/kernel/time.js';
import { DayTape, twoDays } from '../support/day-tape.js';
import { BOT } from '../support/events.js';
import { removeTemporaryHomes } from '../support/home.js';
import { BOOKS, ReportHome } from '../support/report-home.js';

/** Gains go where dividends go, charges and cash to accounts of their own. */
const MOVED: Readonly<Record<string, string>> = { '4060': '4050', '4070': '4050', '5010': '5070', '1030': '1040' };
const moved = (code: string): string => MOVED[code] ?? code;

function mappedDays(): DayTape {
  const tape = new DayTape();
  const at = tape.at('13:00');
  const cash = { code: '1040', name: 'Cash at the Broker', type: 'asset', parent: '1000', active: true } as const;
  const accounts = [...DEFAULT_COA.accounts, cash];
  tape.add('CoaChanged', { ...DEFAULT_COA, version: '1.1.0', accounts, reason: 'own accounts' }, { at });
  const rules = DEFAULT_MAPPING.rules.map((rule) => ({
    ...rule,
    debit: moved(rule.debit),
    credit: moved(rule.credit),
  }));
  tape.add('CoaMappingChanged', { version: 2, rules, reason: 'own accounts' }, { at });
  for (const { type, data, occurredAt } of twoDays().events) tape.add(type, data, { at: occurredAt });
  return tape;
}

const tape = mappedDays();
const home = new ReportHome('json', true);
const { paths } = home;
const last = (): Position => tape.events.at(-1)?.position ?? ('' as Position);
let ledger: Ledger;

beforeAll(async () => {
  await home.run(tape);
  ledger = openLedger(paths.output.ledgerDb);
});
afterAll(() => {
  ledger.close();
  removeTemporaryHomes();
});

const EXPECTED = { realized: '8.00', fees: '3.19', net: '4.81', cash: '100004.81' };

describe('figures do not depend on the accounts of the mapping', () => {
  test('status.json shows realized, fees, net and cash', () => {
    expect(home.json(paths.output.statusJson)).toMatchObject({
      cash: EXPECTED.cash,
      equity: EXPECTED.cash,
      cumulative: { gross_pnl: EXPECTED.realized, fees: EXPECTED.fees, PnL: EXPECTED.net },
      daily: { gross_pnl: '10.00', fees: '1.06', PnL: '8.94' },
    });
  });

  test('the daily summary agrees with the closed positions', () => {
    expect(home.json(paths.dailySummaryOf(parseDateText('2013-10-08')))).toMatchObject({
      gross_pnl: '10.00',
      fees: '1.06',
      PnL: '8.94',
      checks: { closed_positions_equal_books: true, engine_summary_equals_books: true },
    });
  });

  test('as-of shows the same, and the ledger file agrees', async () => {
    const snapshots = { newest: () => undefined, keep: () => undefined, forget: () => undefined };
    const parts = {
      journal: tape,
      status: statusDefinition(paths, { ...BOOKS, strategies: [] }),
      others: [],
      snapshots,
    };
    const { state } = await asOf(parts, { position: last() });
    const { realized, fees, net, cash } = bookFigures(state.book);
    expect([realized, fees, net, cash].map(moneyText)).toEqual(Object.values(EXPECTED));
    expect(ledgerAgrees(state.book, ledger, last())).toBe(true);
    expect(ledgerAgrees({ ...state.book, realized: fees }, ledger, last())).toBe(false);
  });

  test('the ledger shows P&L of today and in total, and cash', () => {
    const { today, total } = ledger.realized(parseDateText('2013-10-08'));
    expect([today.gains, today.fees, today.net].map(moneyText)).toEqual(['10.00', '1.06', '8.94']);
    expect([total.gains, total.fees, total.net].map(moneyText)).toEqual(['8.00', '3.19', '4.81']);
    expect([ledger.cashAccounts(), moneyText(ledger.cash())]).toEqual([['1040'], EXPECTED.cash]);
  });

  test('explain finds cash in its account', async () => {
    const { figure } = await explain({ journal: tape, ledger }, questionOf('cash'));
    expect(figure).toMatchObject({ name: '1040 Cash at the Broker', value: EXPECTED.cash, agrees: true });
  });

  test("an export's transactions add up to the cash", () => {
    const identityParts = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
    const source = statementSource({ paths, identity: BOT, identityParts, codes: BOOKS.codes });
    const range = { from: '2013-10-07T20:00:00.000Z' as UtcText, to: '2013-10-08T20:00:00.000Z' as UtcText };
    const after = tape.events.findLast(({ occurredAt }) => occurredAt < range.from)?.position ?? null;
    const { openingCash, tradeCash, closingCash } = statementTotals(
      source({ range, entries: { after, upTo: last() } }),
    );
    expect([openingCash, tradeCash, closingCash].map(moneyText)).toEqual(['99995.87', '8.94', EXPECTED.cash]);
  });
});
