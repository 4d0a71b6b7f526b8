import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dailySummaryProjection } from '../../projections/daily-summary/daily-summary.js';
import { statusDefinition } from '../../projections/status/status.js';
import { MemoryLedger } from '../../src/adapters/ledger-memory/memory-ledger.js';
import { asOf } from '../../src/app/as-of/as-of.js';
import { bookFigures, ledgerAgrees } from '../../src/app/as-of/figures.js';
import { DEFAULT_ACCOUNTS, DEFAULT_COA, type Account } from '../../src/domain/accounting/coa.js';
import type { LedgerFigures } from '../../src/domain/accounting/figures.js';
import { DEFAULT_MAPPING, type MappingRule } from '../../src/domain/accounting/mapping.js';
import { rolesOf, type AccountRole } from '../../src/domain/accounting/roles.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import type { EventData, Position, RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { moneyText, subtractCents, type Cents } from '../../src/kernel/money.js';
import { parseDateText, type DateText } from '../../src/kernel/time.js';
import { DayTape } from '../unit/support/day-tape.js';
import { runs } from '../support/runs.js';
import { BOT } from '../unit/support/events.js';
import { BOOKS } from '../unit/support/report-home.js';

const PATHS = homePaths('home', BOT);
const DATES = ['2013-10-07', '2013-10-08'].map(parseDateText) as [DateText, DateText];
const SYMBOLS = ['AIG', 'BAC', 'IBM'] as const;
const KINDS = ['deposit', 'withdrawal', 'dividend', 'dividend_on_short', 'interest', 'fee'] as const;

const trades = fc.array(
  fc.record({
    long: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 300 }),
    /** Cents. */
    entry: fc.integer({ min: 1, max: 50_000 }),
    exit: fc.integer({ min: 1, max: 50_000 }),
  }),
  { maxLength: SYMBOLS.length },
);
const activities = fc.array(
  fc.record({ kind: fc.constantFrom(...KINDS), cents: fc.integer({ min: 1, max: 1_000_000 }) }),
  { maxLength: 5 },
);
const day = fc.record({ trades, activities });
type Day = typeof day extends fc.Arbitrary<infer T> ? T : never;
/** Which account of the pool of its role each side of each rule takes. */
const picks = fc.array(fc.nat(), {
  minLength: 2 * DEFAULT_MAPPING.rules.length,
  maxLength: 2 * DEFAULT_MAPPING.rules.length,
});

/** Accounts added to the default chart; cash accounts are only for cash. */
const MORE: readonly Account[] = (
  [
    ['asset', ['8101', '8102', '8103']],
    ['liability', ['8201', '8202']],
    ['equity', ['8301', '8302']],
    ['income', ['8401', '8402']],
    ['expense', ['8501', '8502']],
  ] as const
).flatMap(([type, codes]) =>
  codes.map((code) => ({ code, name: `Account ${code}`, type, parent: null, active: true })),
);
const CASH = ['8001', '8002', '8003'];
const CASH_ACCOUNTS = CASH.map((code): Account => ({ code, name: 'Cash', type: 'asset', parent: null, active: true }));
const CHART = [...DEFAULT_COA.accounts, ...MORE, ...CASH_ACCOUNTS];

/** Accounts of the type of the default one, so that net and equity mean the same in every chart. */
function poolOf(role: AccountRole): readonly string[] {
  const own = DEFAULT_ACCOUNTS[role];
  if (role === 'cash') return [own, ...CASH];
  const type = CHART.find(({ code }) => code === own)?.type;
  const shared = Object.entries(DEFAULT_ACCOUNTS).filter(([other]) => other !== 'cash');
  const codes = new Set([...shared.map(([, code]) => code), ...MORE.map(({ code }) => code)]);
  return CHART.filter((account) => account.type === type && codes.has(account.code)).map(({ code }) => code);
}

function mapped(drawn: readonly number[]): readonly MappingRule[] {
  return DEFAULT_MAPPING.rules.map((rule, index) => {
    const [debit, credit] = rolesOf(rule).map(({ role }, side) => {
      const pool = poolOf(role);
      return pool[(drawn[2 * index + side] ?? 0) % pool.length] ?? '';
    });
    return { ...rule, debit: debit ?? '', credit: credit ?? '' };
  });
}

const dollars = (cents: number): string => (cents / 100).toFixed(2);

function playDay(tape: DayTape, { trades: drawn, activities: moved }: Day): void {
  tape.open();
  for (const [index, { kind, cents }] of moved.entries()) {
    const activityId = `${tape.date}-${index}`;
    const data: EventData<'BrokerActivityImported'> = {
      activityId,
      activityType: kind,
      amount: dollars(cents) as DecimalText,
      symbol: kind.startsWith('dividend') ? parseSymbol('AIG') : null,
      adjustmentId: null,
      happenedAt: tape.at('13:40'),
      description: kind,
      rawSha256: sha256Hex(activityId),
    };
    tape.add('BrokerActivityImported', data, { at: tape.at('13:40') });
  }
  for (const [index, { long, quantity, entry, exit }] of drawn.entries()) {
    tape.trade({
      strategy: 'open',
      symbol: SYMBOLS[index] ?? 'AIG',
      side: long ? 'long' : 'short',
      quantity: String(quantity),
      entry: dollars(entry),
      exit: dollars(exit),
      from: '13:51',
      to: '14:12',
    });
  }
  tape.close({ trades: drawn.length, gross: '0.00', fees: '0.00', cash: '0.00' });
}

/** Two sessions; with mappings, one before each. */
function play(days: readonly [Day, Day], mappings?: readonly [readonly number[], readonly number[]]): DayTape {
  const tape = new DayTape();
  const map = (version: number, rules: readonly MappingRule[]): void =>
    void tape.add('CoaMappingChanged', { version, rules, reason: 'random' }, { at: tape.at('13:00') });
  if (mappings !== undefined) {
    tape.add('CoaChanged', { ...DEFAULT_COA, version: '2.0.0', accounts: CHART, reason: 'random' });
    map(2, mapped(mappings[0]));
  }
  tape.firstDay();
  playDay(tape, days[0]);
  if (mappings !== undefined) map(3, mapped(mappings[1]));
  const next = new DayTape(DATES[1]);
  playDay(next, days[1]);
  for (const { type, data, occurredAt } of next.events) tape.add(type, data, { at: occurredAt });
  return tape;
}

function summariesOf(events: readonly RecordedEvent[]): readonly Record<string, unknown>[] {
  const run = dailySummaryProjection(PATHS, BOOKS).start(null);
  for (const event of events) run.apply(event);
  const files = new Map(run.outputFiles().map(({ path, text }) => [path, String(text)]));
  return DATES.map((date) => JSON.parse(files.get(PATHS.dailySummaryOf(date)) ?? '') as Record<string, unknown>);
}

interface Seen {
  readonly figures: LedgerFigures;
  readonly money: unknown;
  readonly summaries: unknown;
}

const NO_SNAPSHOTS = { newest: () => undefined, keep: () => undefined, forget: () => undefined };

/** The figures of all outputs, after checking that they agree. */
async function facesOf(tape: DayTape): Promise<Seen> {
  const position = tape.events.at(-1)?.position ?? ('' as Position);
  const parts = {
    journal: tape,
    status: statusDefinition(PATHS, { ...BOOKS, strategies: [] }),
    others: [],
    snapshots: NO_SNAPSHOTS,
  };
  const { state, statusText } = await asOf(parts, { position });
  const memory = new MemoryLedger(BOOKS.codes);
  memory.take(tape.events);
  const ledger = memory.open();
  const { trialBalance, positions, ...figures } = bookFigures(state.book);
  expect(ledger.figures()).toEqual(figures);
  expect(ledger.trialBalance().debit).toBe(trialBalance.debit);
  expect(positions).toEqual([]);
  expect(ledgerAgrees(state.book, ledger, position)).toBe(true);
  const { today, total } = ledger.realized(DATES[1]);
  expect([total.gains, total.fees]).toEqual([figures.realized, figures.fees]);
  const { cash, equity, assets, liabilities, cumulative, daily } = JSON.parse(statusText) as Record<string, unknown>;
  expect([cash, equity, assets, liabilities, cumulative]).toEqual([
    ...[figures.cash, figures.equity, figures.assets, figures.liabilities].map(moneyText),
    expect.objectContaining({
      ...{ gross_pnl: moneyText(figures.realized), fees: moneyText(figures.fees) },
      ...{ PnL: moneyText(figures.net), net_income: moneyText(figures.net) },
    }),
  ]);
  const summaries = summariesOf(tape.events).map(({ gross_pnl: gross, fees, PnL, closing_equity: closing }) => ({
    gross,
    fees,
    PnL,
    closing,
  }));
  const net = (amounts: { readonly gains: Cents; readonly fees: Cents }): Cents =>
    subtractCents(amounts.gains, amounts.fees);
  expect(summaries[1]).toEqual({
    gross: moneyText(today.gains),
    fees: moneyText(today.fees),
    PnL: moneyText(net(today)),
    closing: equity,
  });
  expect(daily).toMatchObject({ gross_pnl: moneyText(today.gains), fees: moneyText(today.fees) });
  memory.close();
  return { figures, money: [cash, equity, cumulative, daily], summaries };
}

describe('any mapping of roles to accounts', () => {
  test('F14 status, summary, as-of and ledger agree, and equal those of the default chart', async () => {
    await fc.assert(
      fc.asyncProperty(day, day, picks, picks, async (first, second, before, between) => {
        const plain = await facesOf(play([first, second]));
        const other = await facesOf(play([first, second], [before, between]));
        const { cash, realized, fees, net, equity } = other.figures;
        expect({ cash, realized, fees, net, equity }).toEqual({
          cash: plain.figures.cash,
          realized: plain.figures.realized,
          fees: plain.figures.fees,
          net: plain.figures.net,
          equity: plain.figures.equity,
        });
        expect([other.money, other.summaries]).toEqual([plain.money, plain.summaries]);
      }),
      { numRuns: runs(25, 600) },
    );
  });
});
