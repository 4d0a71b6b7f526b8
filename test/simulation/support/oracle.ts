import { expect } from '@jest/globals';
import { isNamedPlace } from '../../support/named-place.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { bookCash } from '../../../src/domain/accounting/book.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { centsToDecimal } from '../../../src/kernel/money.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { BrokerActivity } from '../../../src/ports/account-queries.js';
import { booksOf, CODES, type DayHarness } from './day-harness.js';

type FillActivity = Extract<BrokerActivity, { kind: 'fill' }>;

/** The broker's own records, queried over a new connection. */
export async function brokerFacts(harness: DayHarness): Promise<{
  readonly cash: Decimal;
  readonly positions: readonly string[];
  readonly fills: readonly FillActivity[];
}> {
  const broker = harness.broker(new VirtualClock(epochMs(0)));
  await broker.connect();
  const records = await broker.activities(null, 1_000);
  return {
    cash: (await broker.account()).cash,
    positions: (await broker.positions()).map(({ symbol, quantity }) => `${symbol} ${quantity.shortText()}`),
    fills: records.filter((record): record is FillActivity => record.kind === 'fill'),
  };
}

export interface Expectation {
  /** Minimum number of trades of the day. */
  readonly trades: number;
  /** Remaining positions, as `SYMBOL quantity`; default none; 'any' accepts whatever broker and books agree on. */
  readonly left?: readonly string[] | 'any';
  /** True when positions were closed outside a session: its results lack them. */
  readonly closedOutside?: true;
  /** Codes of the expected errors. */
  readonly errors?: readonly string[];
}

/**
 * Invariants after every day, whatever went wrong: no order twice at the broker, every broker execution once
 * in the journal, books balanced and equal to the broker's account, results that add up to the cash. Folds the journal
 * again, as a restart would.
 */
export async function expectGoodBooks(
  harness: DayHarness,
  { trades, left = [], errors = [], closedOutside }: Expectation,
): Promise<EngineState> {
  const state = new EngineState(CODES);
  await foldJournal(harness.journal, state);
  const books = booksOf(state);
  const facts = await brokerFacts(harness);
  expect(books.isBalanced()).toBe(true);
  expect(centsToDecimal(bookCash(state.book)).text()).toBe(facts.cash.rounded(2, 'halfEven').text());
  expect(heldInBooks(state)).toEqual(facts.positions);
  if (left !== 'any') expect(facts.positions).toEqual(left);
  await expectExecutionsOnce(harness, facts.fills);
  await expectOrdersOnce(harness);
  await expectSubmissions(harness);
  await expectNamedPlaces(harness);
  for (const { data } of await harness.eventsOf('ReconciliationCompleted')) expect(data).toMatchObject({ ok: true });
  const codes = (await harness.eventsOf('ErrorRecorded')).map(({ data }) => data.errorCode);
  expect(new Set(codes)).toEqual(new Set(errors));
  const closed = await harness.eventsOf('PositionClosed');
  expect(closed.length).toBeGreaterThanOrEqual(trades);
  if (facts.positions.length === 0 && closedOutside !== true) await expectResultsAddUp(harness, facts.cash);
  return state;
}

function heldInBooks(state: EngineState): readonly string[] {
  return [...booksOf(state).positions()]
    .filter(([, quantity]) => !quantity.isZero())
    .map(([symbol, quantity]) => `${symbol} ${quantity.shortText()}`)
    .sort();
}

/** Valid executions: reported, and neither busted nor replaced by a correction. */
export async function standingExecutions(harness: DayHarness): Promise<readonly string[]> {
  const standing: string[] = [];
  for (const event of await harness.events()) {
    const drop = (id: string): void => {
      standing.splice(standing.indexOf(id), 1);
    };
    if (event.type === 'OrderFilled' || event.type === 'ForeignFillBooked') standing.push(event.data.executionId);
    if (event.type === 'OrderFillBusted' || event.type === 'ForeignFillBusted') drop(event.data.executionId);
    if (event.type === 'OrderFillCorrected') {
      drop(event.data.correctsExecutionId);
      standing.push(event.data.executionId);
    }
  }
  return standing.sort();
}

async function expectExecutionsOnce(harness: DayHarness, fills: readonly FillActivity[]): Promise<void> {
  expect(await standingExecutions(harness)).toEqual(fills.map(({ update }) => update.executionId).sort());
}

async function expectOrdersOnce(harness: DayHarness): Promise<void> {
  const intended = (await harness.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
  expect(new Set(intended).size).toBe(intended.length);
  const last = harness.store.lastDay();
  const sent = (last === undefined ? [] : harness.store.requests(last.date)).flatMap((request) =>
    request.kind === 'submit' ? [request.order.clientOrderId] : [],
  );
  expect(new Set(sent).size).toBe(sent.length);
  expect(intended).toEqual(expect.arrayContaining(sent));
}

/** The journal has the sending of an order before anything that the broker did with it. */
async function expectSubmissions(harness: DayHarness): Promise<void> {
  const sent = new Set<string>();
  for (const { type, data } of await harness.events()) {
    if (type === 'OrderSubmitted' || type === 'OrderUnresolved') sent.add(data.clientOrderId);
    if (type === 'OrderAcknowledged' || type === 'OrderFilled') expect(sent).toContain(data.clientOrderId);
  }
}

/** Who looks for the events of a type, reads only the streams that are named for it. */
async function expectNamedPlaces(harness: DayHarness): Promise<void> {
  const misplaced = (await harness.events()).filter(({ type, stream }) => !isNamedPlace(type, stream));
  expect(misplaced.map(({ type, stream }) => `${type} in ${stream}`)).toEqual([]);
}

async function expectResultsAddUp(harness: DayHarness, cash: Decimal): Promise<void> {
  const closed = await harness.eventsOf('PositionClosed');
  const sessions = await harness.eventsOf('SessionClosed');
  const sum = (texts: readonly string[]): string => Decimal.sum(texts.map((text) => Decimal.parse(text))).shortText(2);
  const opening = (await harness.eventsOf('OpeningBalancesRecorded'))[0]?.data.cash ?? '0';
  const charged = (await harness.eventsOf('BrokerActivityImported')).filter(({ data }) => data.activityType === 'fee');
  const charges = charged.map(({ data }) => `-${data.amount}`);
  expect(sum([opening, ...closed.map(({ data }) => data.netPnl), ...charges])).toBe(cash.shortText(2));
  expect(sum(closed.map(({ data }) => data.grossPnl))).toBe(sum(sessions.map(({ data }) => data.realizedPnl)));
  expect(sum(closed.map(({ data }) => data.fees))).toBe(sum(sessions.map(({ data }) => data.fees)));
}
