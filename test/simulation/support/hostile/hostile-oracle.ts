import { isDeepStrictEqual } from 'node:util';
import { VirtualClock } from '../../../../src/adapters/clock/virtual-clock.js';
import { foldJournal } from '../../../../src/app/journal/fold-journal.js';
import { bookCash } from '../../../../src/domain/accounting/book.js';
import { isDone } from '../../../../src/domain/orders/order.js';
import { EngineState } from '../../../../src/domain/session/engine-state.js';
import type { RecordedEvent } from '../../../../src/events/event.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import { centsToDecimal } from '../../../../src/kernel/money.js';
import { epochMs } from '../../../../src/kernel/time.js';
import type { BrokerActivity } from '../../../../src/ports/account-queries.js';
import { booksOf, CODES } from '../day-harness.js';
import type { Played } from './play-scenario.js';
import { isTouchedByHand } from './scenario.js';

type Fill = Extract<BrokerActivity, { kind: 'fill' }>;

interface Account {
  readonly cash: Decimal;
  readonly positions: ReadonlyMap<string, Decimal>;
  readonly ours: readonly Fill[];
  readonly foreign: readonly Fill[];
}

/** What is wrong after a scenario; empty when every promise was kept. */
export async function faultsAfter(played: Played): Promise<readonly string[]> {
  const { broken, state, live } = played;
  const faults = [...broken];
  const events = await live.events();
  const account = await accountOf(played);
  faults.push(...ordersOnce(events), ...fillsOnce(events, account), ...ordersEnd(state), ...timesRun(events));
  faults.push(...booksAgree(state, account), ...leftOpen(played), ...(await rebuilt(played)));
  const verified = await live.journal.verify();
  if (!verified.ok) faults.push(`the journal does not verify: ${verified.message}`);
  return faults;
}

async function accountOf({ live, scenario, line }: Played): Promise<Account> {
  const broker = live.home.broker(new VirtualClock(epochMs(0)));
  await broker.connect();
  const records = await broker.activities(null, 1_000);
  const fills = records.filter((record): record is Fill => record.kind === 'fill');
  const isOurs = ({ update }: Fill): boolean => !/^(outside|manual)-/.test(update.clientOrderId);
  const positions = new Map<string, Decimal>(scenario.symbols.map((symbol) => [symbol, Decimal.ZERO]));
  for (const { symbol, quantity } of await broker.positions()) positions.set(symbol, quantity);
  return {
    cash: (await broker.account()).cash,
    positions,
    ours: fills.filter(isOurs).map((fill) => ({ ...fill, update: line.named(fill.update) })),
    foreign: fills.filter((fill) => !isOurs(fill)),
  };
}

/** Each order is intended once, before the broker hears of it; none is an entry of a halted bot. */
function ordersOnce(events: readonly RecordedEvent[]): readonly string[] {
  const faults: string[] = [];
  const intended = new Set<string>();
  const entries = new Set<string>();
  let halted = false;
  for (const { type, data } of events) {
    if (type === 'BotStateChanged') halted = ['stopped', 'emergency_closing_positions', 'error'].includes(data.to);
    if (type === 'OrderIntended') {
      if (intended.has(data.clientOrderId)) faults.push(`${data.clientOrderId} was intended twice`);
      intended.add(data.clientOrderId);
      if (data.purpose !== 'entry') continue;
      if (entries.has(data.positionId)) faults.push(`${data.positionId} was entered twice`);
      if (halted) faults.push(`${data.clientOrderId} is an entry of a halted bot`);
      entries.add(data.positionId);
    }
  }
  return faults;
}

/** Valid executions of the journal are those of the broker, each once. */
function fillsOnce(events: readonly RecordedEvent[], { ours }: Account): readonly string[] {
  const standing: string[] = [];
  const nameOf = (clientOrderId: string, id: string): string => `${clientOrderId.slice(-10)}/${id}`;
  const drop = (name: string): void => {
    const at = standing.indexOf(name);
    if (at >= 0) standing.splice(at, 1);
  };
  for (const { type, data } of events) {
    if (type === 'OrderFilled') standing.push(nameOf(data.clientOrderId, data.executionId));
    if (type === 'OrderFillBusted') drop(nameOf(data.clientOrderId, data.executionId));
    if (type === 'OrderFillCorrected') {
      drop(nameOf(data.clientOrderId, data.correctsExecutionId));
      standing.push(nameOf(data.clientOrderId, data.executionId));
    }
  }
  const known = standing.sort().join(' ');
  const real = ours
    .map(({ update }) => nameOf(update.clientOrderId, update.executionId))
    .sort()
    .join(' ');
  return known === real ? [] : [`fills differ: the journal has ${known}, the broker ${real}`];
}

function ordersEnd(state: EngineState): readonly string[] {
  return [...state.orders.values()]
    .filter((order) => !isDone(order))
    .map(({ intent, stage }) => `${intent.clientOrderId} is still ${stage} after a session without faults`);
}

/** Shares that a minute of the market trades: a tenth of its smallest minute is more than any position of a scenario. */
const ENOUGH_VOLUME = 2_000_000;

/** Whatever was held is closed by the end of a session without faults, where enough is traded and nobody else holds shares. */
function leftOpen({ scenario, state }: Played): readonly string[] {
  if (scenario.volume < ENOUGH_VOLUME || isTouchedByHand(scenario)) return [];
  return [...state.positions.values()]
    .filter(({ quantity }) => !quantity.isZero())
    .map(({ symbol, quantity }) => `${quantity.shortText()} ${symbol} are left open in ${state.botState}`);
}

function timesRun(events: readonly RecordedEvent[]): readonly string[] {
  const faults: string[] = [];
  for (let at = 1; at < events.length; at += 1) {
    const [before, event] = [events[at - 1], events[at]];
    if (before !== undefined && event !== undefined && event.recordedAt < before.recordedAt) {
      faults.push(`${event.type} was recorded at ${event.recordedAt}, after one of ${before.recordedAt}`);
    }
  }
  return faults;
}

/** The books equal the broker's own account, or that account without what others traded in it. */
function booksAgree(state: EngineState, { cash, positions, foreign }: Account): readonly string[] {
  const faults: string[] = [];
  const books = booksOf(state);
  if (!books.isBalanced()) faults.push('the books do not balance');
  const held = books.positions();
  const asIs = (symbol: string): Decimal => positions.get(symbol) ?? Decimal.ZERO;
  const without = (symbol: string): Decimal =>
    foreign
      .filter(({ update }) => update.symbol === symbol)
      .reduce((sum, { update }) => sum.minus(signed(update)), asIs(symbol));
  for (const symbol of positions.keys()) {
    const ours = [...held].find(([name]) => name === symbol)?.[1] ?? Decimal.ZERO;
    if (ours.equals(asIs(symbol)) || ours.equals(without(symbol))) continue;
    faults.push(`the books hold ${ours.shortText()} ${symbol}, the broker ${asIs(symbol).shortText()}`);
  }
  const bookedCash = centsToDecimal(bookCash(state.book));
  const withoutForeign = foreign.reduce((sum, { update }) => sum.minus(cashOf(update)), cash);
  const agrees = [cash, withoutForeign].some((theirs) => theirs.rounded(2, 'halfEven').equals(bookedCash));
  if (!agrees) faults.push(`the books have ${bookedCash.text()} in cash, the broker ${cash.text()}`);
  return faults;
}

function signed({ side, quantity }: Fill['update']): Decimal {
  return side === 'buy' ? quantity : quantity.negated();
}

function cashOf(update: Fill['update']): Decimal {
  const value = update.price.times(update.quantity).rounded(2, 'halfEven');
  return (update.side === 'buy' ? value.negated() : value).minus(update.commission).minus(update.fee);
}

/** A process that starts now sees what the last one saw. */
async function rebuilt({ live, state }: Played): Promise<readonly string[]> {
  const again = new EngineState(CODES);
  await foldJournal(live.journal, again);
  const before = new Map(Object.entries(again));
  return Object.entries(state)
    .filter(([key, value]) => !isDeepStrictEqual(value, before.get(key)))
    .map(([key]) => `${key} differs after a rebuild`);
}
