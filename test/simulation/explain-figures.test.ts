import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldOf } from '../../projections/kit/projection.js';
import { statusText } from '../../projections/status/render-status.js';
import { statusDefinition } from '../../projections/status/status.js';
import { MemoryLedger } from '../../src/adapters/ledger-memory/memory-ledger.js';
import { explain } from '../../src/app/explain/explain.js';
import type { Explanation, ExplainParts } from '../../src/app/explain/explanation.js';
import { STATUS_SOURCES, SUMMARY_SOURCES } from '../../src/app/explain/figure-sources.js';
import { partsAt } from '../../src/app/explain/past.js';
import { questionOf } from '../../src/app/explain/question.js';
import { riskUsed, type RiskStatus, type RiskUsed } from '../../src/app/web-queries/risk-used.js';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';
import { PerformanceFold } from '../../src/domain/performance/performance-fold.js';
import { TuningFold } from '../../src/domain/tuning/tuning-fold.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { parseUtcText, toUtcText } from '../../src/kernel/time.js';
import { outputSchema } from '../unit/support/output-schemas.js';
import { Tape } from '../unit/support/events.js';
import { ROOT } from '../unit/cli/support.js';
import { CODES, PARTS } from './support/day-harness.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { DAY, home, NEXT_DAY } from './support/days.js';
import { refusalOf } from '../support/refusal.js';

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly anyOf?: readonly Schema[];
};
const decimal = (text: string): DecimalText => text as DecimalText;

type Json = Readonly<Record<string, unknown>>;

/** Every field of a file by its path; a list has the path of its entries, `*` stands for any name. */
function fieldsOf(schema: Schema, at: readonly string[] = []): readonly string[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => fieldsOf(part, [...at, name])),
    ...(schema.items === undefined ? [] : fieldsOf(schema.items, at)),
    ...(schema.anyOf ?? []).flatMap((part) => fieldsOf(part, at)),
    ...(typeof schema.additionalProperties === 'object' ? fieldsOf(schema.additionalProperties, [...at, '*']) : []),
  ];
  return below.length === 0 ? [at.join('.')] : [...new Set(below)];
}

const isBelow = (field: string, name: string): boolean => field === name || field.startsWith(`${name}.`);

const FILES = [
  ['status', STATUS_SOURCES],
  ['daily-summary', SUMMARY_SOURCES],
] as const;

describe('every field that the product shows has an explanation (P4)', () => {
  test.each(FILES)('%s', (file, sources) => {
    const fields = fieldsOf(outputSchema(file) as unknown as Schema);
    expect(fields.length).toBeGreaterThan(30);
    expect(fields.filter((field) => !Object.keys(sources).some((name) => isBelow(field, name)))).toEqual([]);
    expect(Object.keys(sources).filter((name) => !fields.some((field) => isBelow(field, name)))).toEqual([]);
  });

  test('a page asks about no field of the status without one', () => {
    const folder = join(ROOT, 'src/ui/pages/main');
    const text = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const shown = [...text.matchAll(/\bstatus\.(?!data\b|error\b|refetch\b|js\b)([a-z_]+(?:\.[a-zA-Z_]+)?)/g)].map(
      ([, path = '']) => path,
    );
    const asked = [...text.matchAll(/\bof\('([\w.]+)', </g)].map(([, path = '']) => path);
    expect(shown).toEqual(expect.arrayContaining(['equity', 'daily.PnL', 'float']));
    expect(asked).toEqual(expect.arrayContaining(['equity', 'daily.trading_pnl', 'float']));
    const names = Object.keys(STATUS_SOURCES);
    const isKnown = (path: string): boolean =>
      names.some((name) => isBelow(path, name) || isBelow(name, path.split('.')[0] ?? ''));
    expect(shown.filter((path) => !isKnown(path))).toEqual([]);
    expect(asked.filter((path) => !names.some((name) => isBelow(path, name)))).toEqual([]);
  });

  test('each question that the tables name is one', () => {
    const asked = FILES.flatMap(([, sources]) =>
      Object.values(sources).flatMap((source) => ('ask' in source ? [source.ask] : [])),
    );
    for (const text of asked) expect(questionOf(filled(text)).about).not.toBe('id');
  });
});

const filled = (ask: string, symbol = 'TLRX'): string =>
  ask.replace(/\bD\b/, DAY).replace(/\bS$/, symbol).replace(/\bX$/, 'open').replace(/\bK$/, 'MAX_TRADES');

describe('explain gives the figures of the status, at any time of a day', () => {
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

  function partsAfter(count: number): ExplainParts {
    const journal = new Tape();
    journal.events.push(...events.slice(0, count));
    const ledger = new MemoryLedger(CODES);
    ledgers.push(ledger);
    ledger.take(events.slice(0, count));
    return { journal, ledger: ledger.open() };
  }

  const DEFINITION = statusDefinition(homePaths('/home/of/test', composeBotIdentity(PARTS)), {
    codes: CODES,
    lotMethod: 'FIFO',
    strategies: STRATEGY_NAMES,
  });

  /** The status after each of these numbers of events. */
  function statusAfter(counts: readonly number[]): ReadonlyMap<number, Json> {
    const fold = foldOf(DEFINITION);
    const found = new Map<number, Json>();
    let state = DEFINITION.initial();
    events.forEach((event, index) => {
      state = fold(state, event);
      if (counts.includes(index + 1)) found.set(index + 1, JSON.parse(statusText(state, [], STRATEGY_NAMES)) as Json);
    });
    return found;
  }

  /** Events after which positions are open and valued, some in between, and the end of the first session. */
  function moments(): readonly number[] {
    const after = (wanted: (event: RecordedEvent) => boolean): number => events.findIndex(wanted) + 1;
    const marked = events.flatMap((event, index) =>
      event.type === 'PositionsMarked' && event.data.holdings.length > 0 ? [index + 1] : [],
    );
    const closed = after((event) => event.type === 'SessionClosed');
    const picked = [
      ...marked.filter((_, index) => index % 4 === 0),
      after(({ type }) => type === 'PositionClosed'),
      closed,
    ];
    expect(marked.length).toBeGreaterThan(4);
    return picked.filter((count) => count <= closed);
  }

  const at = (status: Json, path: string): unknown =>
    path.split('.').reduce<unknown>((part, name) => (part as Json | null)?.[name], status);

  function expectSum({ figure }: Explanation): void {
    if (figure === null) throw new Error('no figure');
    expect(figure.agrees).not.toBe(false);
    const total = Decimal.sum(figure.contributions.map(({ amount }) => Decimal.parse(amount)));
    expect(total.equals(Decimal.parse(figure.value))).toBe(true);
    expect(figure.formula).not.toBe('');
  }

  /** Fields whose question gives the field itself, in the form of the file. */
  const SAME = [
    ...['float', 'equity', 'cash', 'assets', 'liabilities', 'NAV', 'market_value', 'unrealized', 'daily_gain_loss'],
    ...['daily.gross_pnl', 'daily.fees', 'daily.PnL', 'cumulative.gross_pnl', 'cumulative.fees', 'cumulative.PnL'],
    ...['equity_bridge.value', 'equity_bridge.realized', 'equity_bridge.opening_value', 'equity_bridge.other_income'],
    ...['equity_bridge.unrealized', 'equity_bridge.transfers'],
  ];

  test('to the cent, as the sum of its parts', async () => {
    const counts = moments();
    let unrealized = 0;
    let stopped = 0;
    for (const [count, status] of statusAfter(counts)) {
      const parts = partsAfter(count);
      const ask = (text: string): Promise<Explanation> => explain(parts, questionOf(text));
      for (const field of SAME) {
        const source = STATUS_SOURCES[field];
        if (source === undefined || !('ask' in source)) throw new Error(`${field} has no question`);
        const answer = await ask(filled(source.ask));
        expect([count, field, answer.figure?.value]).toEqual([count, field, at(status, field)]);
        expectSum(answer);
      }
      for (const one of status['open_positions'] as readonly Json[]) {
        const of = String(one['ticker']);
        const [size, cost] = [await ask(`position:${of}`), await ask(`cost:${of}`)];
        const shares = Decimal.parse(size.figure?.value ?? '').abs();
        expect([of, shares.shortText()]).toEqual([of, one['size']]);
        expect(
          Decimal.parse(cost.figure?.value ?? '')
            .abs()
            .text(),
        ).toBe(one['amount']);
        expectSum(cost);
        expect((await ask(`entry:${of}`)).figure?.value).toBe(one['average_price']);
        if (one['stop'] !== null) expect((await ask(`stop:${of}`)).figure?.value).toBe(one['stop']);
        if (one['last_price'] !== null) expect((await ask(`price:${of}`)).figure?.value).toBe(one['last_price']);
        if (one['unrealized'] === null) continue;
        unrealized += 1;
        expect((await ask(`unrealized:${of}`)).figure?.value).toBe(one['unrealized']);
      }
      stopped += await expectRisk(riskUsed(status as unknown as RiskStatus), ask);
      const [debits, credits] = [await ask('debits'), await ask('credits')];
      expectSum(debits);
      expect(debits.figure?.value).toBe(credits.figure?.value);
      const rates = status['win_rates'] as { readonly today: unknown; readonly all: unknown };
      const rate = async (text: string): Promise<unknown> => {
        const { figure } = await ask(text);
        return figure?.contributions.length === 0 ? null : figure?.value;
      };
      expect([await rate(`winrate:${DAY}`), await rate('winrate')]).toEqual([rates.today, rates.all]);
    }
    expect(unrealized).toBeGreaterThan(2);
    expect(stopped).toBeGreaterThan(2);
  });

  type Ask = (text: string) => Promise<Explanation>;

  /** Capital at work, and of positions with a stop the way to it and the loss there; returns how many have one. */
  async function expectRisk({ limits, stops, lossAtStops }: RiskUsed, ask: Ask): Promise<number> {
    const [atWork, atStops] = [await ask('atwork'), await ask('atstops')];
    for (const one of [atWork, atStops]) expectSum(one);
    expect(atWork.figure?.value).toBe(limits.find(({ code }) => code === 'SESSION_CAP')?.used);
    expect(atStops.figure?.value).toBe(lossAtStops ?? '0.00');
    for (const { symbol, share } of stops) expect((await ask(`tostop:${symbol}`)).figure?.value).toBe(share);
    return stops.length;
  }

  /** What a page shows of closed positions, and the question of each part. */
  function* shownOfTrades(): Generator<readonly [question: string, value: string | null]> {
    const performance = new PerformanceFold();
    const tuning = new TuningFold();
    for (const event of events) {
      performance.take(event);
      tuning.take(event);
    }
    const { all, sessions, strategies, symbols, hours, reasons } = performance.view();
    for (const { date, net, total, drawdown } of sessions) {
      yield [`pnl:${date}`, net];
      yield [`pnl:until/${date}`, total];
      yield [`drawdown:${date}`, drawdown];
    }
    const by = { '': strategies, 'symbol/': symbols, 'hour/': hours, 'reason/': reasons };
    const scopes = Object.entries(by).flatMap(([kind, rows]) =>
      rows.map((row) => [`:${kind}${row.key}`, row] as const),
    );
    for (const [scope, of] of [['', all!] as const, ...scopes]) {
      yield [`pnl${scope}`, of.net];
      yield [`gross${scope}`, of.gross];
      yield [`charges${scope}`, of.fees];
      yield [`average${scope}`, of.average];
      yield [`winrate${scope}`, of.winRate];
      yield [`count${scope}`, String(of.trades)];
    }
    for (const { strategy, parameter, value, ...row } of tuning.rows()) {
      const scope = `setting/${strategy}/${parameter}/${value}`;
      yield [`pnl:${scope}`, row.netPnl];
      yield [`average:${scope}`, row.averagePnl];
      yield [`winrate:${scope}`, row.winRate];
      yield [`minutes:${scope}`, row.averageMinutes];
    }
  }

  test('every sum, average and share of closed positions that a page shows', async () => {
    const parts = partsAfter(events.length);
    const asked = [...shownOfTrades()];
    expect(new Set(asked.map(([, value]) => value)).size).toBeGreaterThan(12);
    for (const [question, value] of asked) {
      const { figure } = await explain(parts, questionOf(question));
      const isNone = figure?.value.startsWith('none') === true;
      expect([question, isNone ? null : figure?.value]).toEqual([question, value]);
    }
  });

  test('an injection after the close changes the float of the status at once', async () => {
    const tape = new Tape();
    tape.events.push(...events);
    tape.add('FloatAdjusted', {
      adjustmentId: 'FA-99',
      amount: decimal('10.25'),
      direction: 'inject',
      source: 'acknowledged-transfer',
      reason: 'a transfer',
    });
    const fold = foldOf(DEFINITION);
    const state = tape.events.reduce((before, event) => fold(before, event), DEFINITION.initial());
    const status = JSON.parse(statusText(state, [], STRATEGY_NAMES)) as Json;
    const { figure } = await explain({ ...partsAfter(0), journal: tape }, questionOf('float'));
    expect([figure?.value, status['float']]).toEqual(['100010.25', '100010.25']);
  });

  test('as of a past moment, by position and by time, it is what it was then', async () => {
    const whole = partsAfter(events.length);
    for (const count of moments()) {
      const { position, recordedAt } = events[count - 1] ?? ({} as RecordedEvent);
      const then = await partsAt(whole, { position });
      for (const text of ['equity', 'cash', 'fees', 'realized', 'unrealized', `gain:${DAY}`, 'winrate']) {
        const was = await explain(partsAfter(count), questionOf(text));
        expect(await explain(then, questionOf(text))).toEqual(was);
      }
      const byTime = await partsAt(whole, { time: recordedAt });
      const later = events.findIndex((event) => event.recordedAt > recordedAt);
      const was = await explain(partsAfter(later < 0 ? events.length : later), questionOf('equity'));
      expect(await explain(byTime, questionOf('equity'))).toEqual(was);
      const story = await explain(then, questionOf(events[count - 1]?.id ?? ''));
      expect(story.events.every((event) => event.position <= position)).toBe(true);
    }
    const before = partsAt(whole, { time: '2020-01-01T00:00:00.000Z' as RecordedEvent['recordedAt'] });
    expect(await refusalOf(before)).toMatchObject({ code: 'BEFORE_JOURNAL' });
  });

  test('an event is found by its position, and a figure without its session says what to ask', async () => {
    const parts = partsAfter(events.length);
    const number = String(Number(events[40]?.position));
    for (const text of [number, `event:${number}`]) {
      const { events: steps } = await explain(parts, questionOf(text));
      expect(steps.filter(({ asked }) => asked).map(({ eventId }) => eventId)).toEqual([events[40]?.id]);
    }
    for (const text of NO_QUESTIONS) {
      expect(await refusalOf(Promise.resolve().then(() => questionOf(text)))).toMatchObject({ code: 'BAD_QUESTION' });
    }
  });
});

const NO_QUESTIONS = [
  ...['pnl:hour/25', 'opening', 'gain', 'drawdown', 'cash:1030', 'debits:1030', 'event:', 'event:x', 'pnl:reason/'],
  ...['pnl:reason/zzz', 'opening:2026-01-05/float/x'],
];

test('shares that came without a cent are part of the position that they make', async () => {
  const journal = new Tape();
  const free = { symbol: parseSymbol('FREE'), quantity: decimal('10'), cost: decimal('0.00') };
  const acquiredAt = toUtcText(parseUtcText('2012-01-03T15:00:00.000Z'));
  journal.add('OpeningBalancesRecorded', {
    asOf: toUtcText(parseUtcText('2013-10-10T13:30:00.000Z')),
    cash: decimal('100000.00'),
    positions: [{ ...free, basis: 'COST', acquiredAt }],
  });
  const ledger = new MemoryLedger(CODES);
  ledger.take(journal.events);
  const { figure } = await explain({ journal, ledger: ledger.open() }, questionOf('position:FREE'));
  ledger.close();
  expect(figure).toMatchObject({ value: '10', agrees: true, contributions: [{ amount: '10' }] });
});
