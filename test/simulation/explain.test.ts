import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryLedger } from '../../src/adapters/ledger-memory/memory-ledger.js';
import { explain } from '../../src/app/explain/explain.js';
import type { Explanation } from '../../src/app/explain/explanation.js';
import { questionOf } from '../../src/app/explain/question.js';
import type { EventType, RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { Tape } from '../unit/support/events.js';
import { CODES } from './support/day-harness.js';
import { DAY, home, NEXT_DAY } from './support/days.js';

const SIGNAL = '2026-01-06/open/TLRX';
let events: readonly RecordedEvent[] = [];
const ledgers: MemoryLedger[] = [];

beforeAll(async () => {
  const harness = home();
  await harness.run(DAY);
  await harness.run(NEXT_DAY);
  events = await harness.events();
});
afterAll(() => {
  for (const ledger of ledgers) ledger.close();
});

/** Journal and books after the given number of events; the books may lag behind. */
function standing(count = events.length, posted = count): { readonly journal: Tape; readonly ledger: MemoryLedger } {
  const journal = new Tape();
  journal.events.push(...events.slice(0, count));
  const ledger = new MemoryLedger(CODES);
  ledgers.push(ledger);
  ledger.take(events.slice(0, posted));
  return { journal, ledger };
}

let whole: ReturnType<typeof standing> | undefined;
function ask(text: string, at = (whole ??= standing())): Promise<Explanation> {
  return explain({ journal: at.journal, ledger: at.ledger.open() }, questionOf(text));
}

function first<T extends EventType>(
  type: T,
  wants: (event: RecordedEvent<T>) => boolean = () => true,
): RecordedEvent<T> {
  const found = events.find((event): event is RecordedEvent<T> & RecordedEvent => {
    const same = event.type === type;
    return same && wants(event as unknown as RecordedEvent<T>);
  });
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
}

const types = (explanation: Explanation): readonly string[] => explanation.events.map(({ type }) => type);
const sum = (texts: readonly string[]): string => Decimal.sum(texts.map((text) => Decimal.parse(text))).shortText(2);
const openFill = (): RecordedEvent<'OrderFilled'> => first('OrderFilled', ({ meta }) => meta.correlationId === SIGNAL);

describe('explain: from the market signal to the posting (JRN-32)', () => {
  const names: readonly (readonly [string, () => string])[] = [
    ['a signal id, which is the position id too', () => SIGNAL],
    ['a client order id', () => openFill().data.clientOrderId],
    ['an execution id', () => openFill().data.executionId],
    ["the broker's order id", () => openFill().data.brokerOrderId],
    ['an event id', () => openFill().id],
    ['a FITID', () => fitid()],
    ['a leg', () => `${fitid()}:2`],
  ];
  const fitid = (): string => standing().ledger.open().groupsNamed([openFill().id])[0]?.fitid ?? '';

  test.each(names)('%s leads to the whole story', async (_, name) => {
    const answer = await ask(name());
    const story = types(answer).filter(
      (type) => !['TrailingStopMoved', 'OrderSubmitted', 'OrderAcknowledged'].includes(type),
    );
    expect(story).toEqual([
      'SessionOpened',
      'StrategyStarted',
      'CandidatesRanked',
      'SignalTriggered',
      'OrderIntended',
      'OrderFilled',
      'PositionOpened',
      'OrderIntended',
      'OrderFilled',
      'PositionClosed',
    ]);
    expect(answer.groups.map(({ trntype }) => trntype)).toEqual(['BUY', 'SELL']);
    expect(answer.summaries.map(({ type }) => type)).toEqual(['DailySummaryCompiled']);
    expect(answer.events.some(({ asked }) => asked)).toBe(true);
  });

  test('every step names its cause, and the cause exists', async () => {
    const { events: steps } = await ask(SIGNAL);
    const [root, ...rest] = steps;
    expect(root?.cause).toBeNull();
    for (const { cause, position } of rest) {
      expect(cause?.position).not.toBeNull();
      expect((cause?.position ?? '') < position).toBe(true);
    }
    expect(steps.find(({ type }) => type === 'CandidatesRanked')?.words).toContain('TLRX: rank 4');
  });

  test('postings balance and follow from events of the story', async () => {
    const { events: steps, groups } = await ask(SIGNAL);
    const ids = new Set(steps.map(({ eventId }) => eventId));
    for (const { legs, eventId } of groups) {
      expect(sum(legs.map(({ debit }) => debit))).toBe(sum(legs.map(({ credit }) => credit)));
      expect(ids.has(eventId)).toBe(true);
    }
  });

  test('a refusal has its reason', async () => {
    const rejected = first('CandidateRejected');
    const { events: steps } = await ask(rejected.id);
    expect(types({ events: steps } as Explanation)).toEqual([
      'SessionOpened',
      'StrategyStarted',
      'CandidatesRanked',
      'CandidateRejected',
    ]);
    expect(steps.at(-1)).toMatchObject({ asked: true, words: expect.stringContaining(rejected.data.code) });
  });
});

describe('explain: totals are the sum of their parts', () => {
  test('pnl:DATE equals the daily summary, trade by trade, with every story', async () => {
    const { figure, events: steps, groups } = await ask(`pnl:${DAY}`);
    const summary = first('DailySummaryCompiled');
    expect(figure).toMatchObject({ value: summary.data.netPnl, agrees: true });
    expect(figure?.contributions).toHaveLength(summary.data.trades);
    expect(sum(figure?.contributions.map(({ amount }) => amount) ?? [])).toBe(summary.data.netPnl);
    expect(steps.filter(({ asked }) => asked)).toHaveLength(summary.data.trades);
    const onResult = groups.flatMap(({ legs }) => legs).filter(({ account }) => ['4060', '5010'].includes(account));
    const net = Decimal.parse(sum(onResult.map(({ credit }) => credit))).minus(
      Decimal.parse(sum(onResult.map(({ debit }) => debit))),
    );
    expect(net.shortText(2)).toBe(summary.data.netPnl);
  });

  test.each(['cash', 'account:5010', 'account:4060'])(
    '%s equals the ledger, on the side that the account grows on',
    async (text) => {
      const at = standing();
      const { figure } = await ask(text, at);
      const question = questionOf(text);
      const balance =
        at.ledger
          .open()
          .balances()
          .get(question.about === 'account' ? question.code : '1030') ?? 0n;
      expect(figure?.value).toBe(Decimal.parse(figure?.contributions.at(-1)?.total ?? '0').text());
      expect(
        Decimal.parse(figure?.value ?? '0')
          .times(Decimal.of(100))
          .shortText(),
      ).toBe(String(text === 'account:4060' ? -balance : balance));
      expect(figure?.agrees).toBe(true);
    },
  );

  test('position:SYMBOL is the open position and why it exists, or the last one when flat', async () => {
    const fill = openFill();
    const held = standing(events.findIndex(({ id }) => id === fill.id) + 1);
    const open = await ask('position:TLRX', held);
    expect(open.figure).toMatchObject({ value: fill.data.quantity, agrees: true });
    expect(types(open)).toContain('SignalTriggered');
    expect(types(open).at(-1)).toBe('OrderFilled');
    const flat = await ask('position:TLRX');
    expect(flat.figure).toMatchObject({ value: '0', agrees: true });
    expect(flat.figure?.contributions.map(({ description }) => description.split(' ')[0])).toEqual(['BUY', 'SELL']);
  });

  test('a short position is negative', async () => {
    const fill = first('OrderFilled', ({ data }) => data.positionEffect === 'open_short');
    const held = standing(events.findIndex(({ id }) => id === fill.id) + 1);
    const { figure } = await ask(`position:${fill.data.symbol}`, held);
    expect(figure).toMatchObject({ value: `-${fill.data.quantity}`, agrees: true });
  });
});

describe('explain refuses', () => {
  test.each([
    ...['nonsense', 'account:9999', 'pnl:2026-02-02', 'position:NOPE', '', 'pnl:no-such-strategy', 'pnl:symbol/NOPE'],
    ...['pnl:setting/open', 'pnl:setting/open/', 'pnl:setting/open/../x', 'average:setting/open/TARGET_OPEN/nine'],
    ...['drawdown:1970-01-01', 'pnl:until/1970-01-01', `pnl:${DAY}/no-such-strategy`],
  ])('%j: one line that lists the valid questions', async (text) => {
    await expect(ask(text)).rejects.toMatchObject({
      code: 'NOTHING_TO_EXPLAIN',
      remedy: expect.stringContaining('pnl:2026-01-05'),
    });
  });

  test('a question about an event that the ledger has not reached', async () => {
    const behind = standing(events.length, 50);
    await expect(ask(SIGNAL, behind)).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
  });
});
