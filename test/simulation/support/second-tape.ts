import { positionText } from '../../../src/adapters/journal-common/position.js';
import type { EventData, EventType, RecordedEvent } from '../../../src/events/event.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { Tape } from '../../unit/support/events.js';
import { DAY, home, NEXT_DAY } from './days.js';

/** The events of traded days, and what was put between them. */
export interface TradedTape {
  readonly tape: Tape;
  readonly busts: number;
  readonly corrections: number;
}

type Fill = RecordedEvent<'OrderFilled'>;

const days = new Map<number, Promise<readonly RecordedEvent[]>>();

/** Two days of all strategies both ways, with orders in fractions and pieces, one bust and one correction by the broker. */
async function traded(seed: number): Promise<readonly RecordedEvent[]> {
  const bust = { kind: 'bust', afterMs: 60_000, match: { nth: 2, date: DAY } } as const;
  const priceChange = Decimal.parse('0.01');
  const correct = { kind: 'correct', afterMs: 90_000, match: { nth: 3, date: NEXT_DAY }, priceChange } as const;
  const harness = home({ seed, profile: { partialFillProbability: 0.5 }, faults: [bust, correct] });
  await harness.run(DAY);
  await harness.run(NEXT_DAY);
  return harness.events();
}

/** The days of a seed with random movements between their events; disturbance 0 has none. */
export async function tradedTape(seed: number, disturbance: number): Promise<TradedTape> {
  const known = days.get(seed) ?? traded(seed);
  days.set(seed, known);
  const mixer = new Mixer(SeededRandom.of('second tape', seed, disturbance), disturbance > 0);
  for (const event of await known) mixer.add(event);
  mixer.end();
  return { tape: mixer.tape, busts: mixer.busts, corrections: mixer.corrections };
}

class Mixer {
  readonly tape = new Tape();
  busts = 0;
  corrections = 0;
  #fills: Fill[] = [];
  #n = 0;

  constructor(
    readonly random: SeededRandom,
    readonly disturbs: boolean,
  ) {}

  add(event: RecordedEvent): void {
    const { length } = this.tape.events;
    this.tape.events.push({ ...event, position: positionText(length + 1) });
    if (event.type === 'OrderFilled') this.#fills.push(event);
    if (event.type === 'OrderFillBusted') this.#gone(event.data.executionId);
    if (event.type === 'OrderFillCorrected') this.#gone(event.data.correctsExecutionId);
    if (this.disturbs && this.random.chance(0.04)) this.#disturb(event.recordedAt);
  }

  /** A few more after the last close: they are on no session's statement but the last. */
  end(): void {
    const last = this.tape.events.at(-1);
    if (!this.disturbs || last === undefined) return;
    for (let n = 0; n < 20; n += 1) this.#disturb(last.recordedAt);
  }

  #gone(executionId: string): void {
    this.#fills = this.#fills.filter(({ data }) => data.executionId !== executionId);
  }

  #put<T extends EventType>(type: T, data: EventData<T>, at: UtcText): void {
    this.tape.add(type, data, { at });
  }

  #disturb(at: UtcText): void {
    this.#n += 1;
    const fill = this.#fills[this.random.integer(0, Math.max(this.#fills.length - 1, 0))];
    const kind = this.random.integer(0, 9);
    if (kind === 0 && fill !== undefined) this.#bust(fill, at);
    else if (kind === 1 && fill !== undefined) this.#correct(fill, at);
    else if (kind === 2) this.#adjust(at, 'DUST', Decimal.of(this.random.integer(1, 900), 6), '1.25');
    else if (kind === 3 || kind > 6)
      this.#adjust(at, 'HELD', Decimal.of(this.random.integer(1, 90_000), 3), this.#price());
    else if (kind === 4)
      this.#adjust(at, fill?.data.symbol ?? 'HELD', Decimal.of(this.random.integer(1, 9), 0), '33.33');
    else if (kind === 5) this.#float(at);
    else this.#activity(at);
  }

  #bust({ data }: Fill, at: UtcText): void {
    const { clientOrderId, executionId, symbol } = data;
    this.#put('OrderFillBusted', { clientOrderId, executionId, symbol, reason: 'busted by the exchange' }, at);
    this.#gone(executionId);
    this.busts += 1;
  }

  #correct({ data }: Fill, at: UtcText): void {
    const price = Decimal.parse(data.price).plus(Decimal.of(this.random.integer(-50, 50), 2));
    const quantity = Decimal.parse(data.quantity).times(Decimal.of(this.random.integer(1, 30), 1));
    const right = { ...data, price: price.shortText(2), quantity: quantity.shortText() };
    const executionId = this.random.chance(0.5) ? data.executionId : `${data.executionId}-c${this.#n}`;
    this.#put('OrderFillCorrected', { ...right, executionId, correctsExecutionId: data.executionId }, at);
    const place = this.#fills.findIndex((fill) => fill.data.executionId === data.executionId);
    const was = this.#fills[place];
    if (was !== undefined) this.#fills[place] = { ...was, data: { ...right, executionId } };
    this.corrections += 1;
  }

  /** Shares that no strategy traded, held for years or for a moment. */
  #adjust(at: UtcText, symbol: string, quantity: Decimal, price: string): void {
    const years = this.random.chance(0.3) ? 2 : 0;
    const bookedFor = `${Number(at.slice(0, 4)) - years}${at.slice(4)}` as UtcText;
    const shares = {
      symbol: parseSymbol(symbol),
      side: this.random.chance(0.6) ? ('buy' as const) : ('sell' as const),
      quantity: quantity.shortText(),
      price: price as DecimalText,
    };
    const adjustmentId = parseClientOrderId(`ADJ-${this.#n}`);
    const none = { settles: null, cash: '0.00' as DecimalText, account: null };
    this.#put('AdjustmentBooked', { ...none, adjustmentId, bookedFor, shares, reason: 'test' }, at);
  }

  #price(): string {
    return Decimal.of(this.random.integer(100_000, 300_000), 4).shortText(2);
  }

  #float(at: UtcText): void {
    const direction = this.random.chance(0.5) ? ('inject' as const) : ('return' as const);
    const amount = Decimal.of(this.random.integer(1, 500_000), 2).text();
    const adjustmentId = `FA-${this.#n}`;
    this.#put(
      'FloatAdjusted',
      { adjustmentId, amount, direction, source: 'acknowledged-transfer', reason: 'test' },
      at,
    );
    this.#put(
      'BrokerActivityImported',
      this.#activityOf(direction === 'inject' ? 'deposit' : 'withdrawal', amount, at),
      at,
    );
  }

  #activity(at: UtcText): void {
    const types = ['dividend', 'dividend_on_short', 'interest', 'fee'] as const;
    const type = types[this.random.integer(0, types.length - 1)] ?? 'fee';
    this.#put(
      'BrokerActivityImported',
      this.#activityOf(type, Decimal.of(this.random.integer(1, 9_999), 2).text(), at),
      at,
    );
  }

  /** It happened up to two days before it is imported. */
  #activityOf(
    activityType: EventData<'BrokerActivityImported'>['activityType'],
    amount: DecimalText,
    at: UtcText,
  ): EventData<'BrokerActivityImported'> {
    const happenedAt = new Date(Date.parse(at) - this.random.integer(0, 2) * 86_400_000).toISOString() as UtcText;
    const activityId = `A-${this.#n}`;
    return {
      ...{ activityId, activityType, amount, happenedAt, adjustmentId: null, description: activityType },
      symbol: activityType.startsWith('dividend') ? parseSymbol('HELD') : null,
      rawSha256: sha256Hex(activityId),
    };
  }
}
