import { SeededRandom } from '../../../../src/kernel/random.js';
import type { CallTrick, HostileFault, LineCall, OrderTrick, ReportTrick, Scenario } from './scenario.js';

const ORDER_TRICKS: readonly OrderTrick[] = [
  'drop ack',
  'fill before ack',
  'slow ack',
  'drop fill',
  'repeat fill',
  'fill after cancel',
  'overfill',
  'bust',
  'rebook',
  'correct',
  'reject',
  'timeout accepted',
  'timeout lost',
];
const REPORT_TRICKS: readonly ReportTrick[] = [
  'drop',
  'repeat',
  'delay',
  'swap',
  'wrong total',
  'acknowledge again',
  'garble',
];
const CALLS: readonly LineCall[] = [
  'submit',
  'submit',
  'cancel',
  'orderByClientId',
  'orderByClientId',
  'account',
  'positions',
  'openOrders',
  'activities',
  'asset',
  'connect',
];
const CALL_TRICKS: readonly CallTrick[] = [
  'lost',
  'lost answer',
  'silent',
  'silent lost',
  'late answer',
  'late arrival',
  'limited',
  'late limit',
  'stale',
];
const NAMES = ['AAA', 'BBB', 'CCC'];

/** Chooses, by seed, what a session is like and what goes wrong in it. */
export function makeScenario(seed: number): Scenario {
  const random = SeededRandom.of('hostile', seed);
  const minutes = random.integer(4, 11);
  const symbols = NAMES.slice(0, random.integer(1, NAMES.length + 1));
  const faults: HostileFault[] = [];
  for (let count = random.integer(0, 9); count > 0; count -= 1) faults.push(makeFault(random, minutes, symbols));
  for (let count = random.integer(0, 4); count > 0; count -= 1) faults.push(...makeBurst(random));
  const scenario = {
    seed,
    minutes,
    symbols,
    volatility: random.between(0.0005, 0.006),
    volume: pick(random, [200, 20_000, 2_000_000]),
    partialFills: pick(random, [0, 0.15, 0.7]),
    rejects: pick(random, [0, 0, 0, 0.2]),
    sharedIds: random.chance(0.2),
    findableAfterMs: pick(random, [0, 10_000, 60_000]),
    settings: {
      API_TIMEOUT: pick(random, ['2', '5', '30']),
      BOOKS_COMPARE_MINUTES: pick(random, ['1', '2', '15']),
      FRACTIONAL: pick(random, ['true', 'true', 'false']),
      ...(random.chance(0.1) ? { DAILY_LOSS_LIMIT: '0.0001' } : {}),
    },
    faults,
    ...makeVenue(random, faults),
  };
  addMachine(SeededRandom.of('hostile machine', seed), minutes, faults);
  addDeaths(SeededRandom.of('hostile deaths', seed), faults);
  return scenario;
}

/** Values of hot settings that a person changes in a session. */
const CHANGES: readonly Readonly<Record<string, string>>[] = [
  { API_TIMEOUT: '1' },
  { API_TIMEOUT: '60' },
  { API_RETRY_LIMIT: '0' },
  { BOOKS_COMPARE_MINUTES: '1' },
  { DISABLE_ALL_TRADES: 'true' },
  { MAX_OPEN_POSITIONS: '1' },
  { DAILY_LOSS_LIMIT: '0.0001' },
  { DAILY_LOSS_LIMIT: '1' },
  { TRADING_TRAILING_STOP_PCT: '0.0005' },
  { MAX_PRICE: '3', MIN_PRICE: '2.5' },
  { BOOKS_MISMATCH_HOLDS_ENTRIES: 'false' },
  { JOURNAL_OUTAGE_ACTION: 'hold', JOURNAL_OUTAGE_LIMIT: '5' },
];

/** What happens to the machine of the bot and by its people; drawn apart, so that the plans of older seeds stay as they were. */
function addMachine(random: SeededRandom, minutes: number, faults: HostileFault[]): void {
  const at = (): number => instant(random, minutes);
  if (random.chance(0.12)) {
    const ms = Math.min(
      pick(random, [1, 900, 6_000, 40_000, 140_000]) + random.integer(0, 1_000),
      minutes * 60_000 - 25_000,
    );
    const from = random.integer(1, minutes * 60_000 - 20_000 - ms);
    const keeps = random.chance(0.15) ? random.integer(0, 5) : 10_000;
    const [how, loses] = [pick(random, ['refuses', 'silent'] as const), random.chance(0.4)];
    faults.push({ kind: 'journal away', at: from, ms, how, loses, keeps });
  }
  if (random.chance(0.12)) faults.push({ kind: 'death', at: at(), downMs: pick(random, [1, 700, 20_000, 150_000]) });
  if (random.chance(0.12)) faults.push({ kind: 'settings', at: at(), changes: pick(random, CHANGES) });
  if (random.chance(0.06)) faults.push({ kind: 'flag', at: at(), command: pick(random, ['kill', 'stop'] as const) });
  if (random.chance(0.04)) faults.push({ kind: 'command', at: at(), command: 'hand over' });
}

/** Deaths between a request and its answer; drawn apart too. */
function addDeaths(random: SeededRandom, faults: HostileFault[]): void {
  if (!random.chance(0.15)) return;
  const call = pick(random, ['submit', 'submit', 'submit', 'cancel', 'closeAll', 'cancelAll'] as const);
  const nth = call === 'submit' || call === 'cancel' ? random.integer(1, 5) : 1;
  const ms = pick(random, [1, 300, 4_000]) + random.integer(0, 1_000);
  const arrives = pick(random, ['before', 'before', 'after', 'never'] as const);
  faults.push({ kind: 'death in call', call, nth, ms, arrives, downMs: pick(random, [1, 700, 20_000, 150_000]) });
}

/** What the broker can do; a kill tries the bulk calls, and some of their answers go astray. */
function makeVenue(random: SeededRandom, faults: HostileFault[]): Pick<Scenario, 'restingStops' | 'bulk'> {
  const restingStops = random.chance(0.5);
  const bulk = random.chance(0.4);
  const killed = faults.some((fault) => fault.kind === 'command' && fault.command === 'kill');
  if (bulk && !killed && random.chance(0.3)) {
    faults.push({ kind: 'command', at: random.integer(90_000, 220_000), command: 'kill' });
  }
  for (const call of ['cancelAll', 'closeAll'] as const) {
    if (!bulk || !random.chance(0.3)) continue;
    faults.push({ kind: 'call', call, nth: 1, does: pick(random, CALL_TRICKS), ms: random.integer(1, 9_000) });
  }
  return { restingStops, bulk };
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.integer(0, from.length)]!;
}

/** An instant of the session, not at its very end: what goes wrong there is found by the next session. */
function instant(random: SeededRandom, minutes: number): number {
  return random.integer(1, minutes * 60_000 - 20_000);
}

function makeFault(random: SeededRandom, minutes: number, symbols: readonly string[]): HostileFault {
  const ms = pick(random, [1, 50, 700, 3_000, 11_000, 45_000, 130_000]) + random.integer(0, 1_000);
  const choice = random.integer(0, 100);
  if (choice < 30) return { kind: 'order', nth: random.integer(1, 6), does: pick(random, ORDER_TRICKS), ms };
  if (choice < 50) return { kind: 'report', nth: random.integer(1, 16), does: pick(random, REPORT_TRICKS), ms };
  if (choice < 68) {
    const call = pick(random, CALLS);
    return { kind: 'call', call, nth: random.integer(1, 7), does: pick(random, CALL_TRICKS), ms };
  }
  if (choice < 85) return makeOutside(random, minutes, choice, symbols);
  if (choice < 93) {
    const when = random.chance(0.5) ? 'before' : 'after';
    return { kind: 'crash', nth: random.integer(1, 70), when, downMs: pick(random, [500, 20_000, 150_000]) };
  }
  if (choice < 96) return { kind: 'hidden', nth: random.integer(1, 7), ms };
  const at = instant(random, minutes);
  if (choice < 97) return { kind: 'freeze', at, ms };
  return { kind: 'command', at, command: pick(random, ['kill', 'stop', 'start']) };
}

/** Faults that meet at one order: its request is in doubt, its reports are lost, and it cannot be found. */
function makeBurst(random: SeededRandom): readonly HostileFault[] {
  const nth = random.integer(1, 5);
  const ms = pick(random, [1, 400, 2_500, 8_000, 40_000]) + random.integer(0, 1_000);
  const all: readonly HostileFault[] = [
    { kind: 'call', call: 'submit', nth, does: pick(random, CALL_TRICKS), ms },
    { kind: 'hidden', nth, ms },
    { kind: 'order', nth, does: pick(random, ORDER_TRICKS), ms },
    { kind: 'order', nth, does: pick(random, ORDER_TRICKS), ms: ms + 900 },
    { kind: 'call', call: 'cancel', nth: random.integer(1, 4), does: pick(random, CALL_TRICKS), ms },
    { kind: 'call', call: 'orderByClientId', nth: random.integer(1, 6), does: pick(random, CALL_TRICKS), ms },
    { kind: 'report', nth: random.integer(1, 6), does: pick(random, REPORT_TRICKS), ms },
    { kind: 'report', nth: random.integer(1, 10), does: pick(random, REPORT_TRICKS), ms },
  ];
  return all.filter(() => random.chance(0.4));
}

/** What happens at the account or to the line, whatever the bot does. */
function makeOutside(random: SeededRandom, minutes: number, choice: number, symbols: readonly string[]): HostileFault {
  const from = instant(random, minutes);
  const to = Math.min(from + random.integer(300, 120_000), minutes * 60_000 - 10_000);
  if (choice < 74) return { kind: 'outage', from, to, refuses: pick(random, ['orders', 'everything', 'nothing']) };
  if (choice < 78) return { kind: 'storm', from, to };
  if (choice < 81) {
    const amount = `${random.integer(1, 500)}.${random.integer(10, 100)}`;
    return { kind: 'cash', at: from, amount, direction: random.chance(0.5) ? 'in' : 'out' };
  }
  const reported = random.chance(0.5);
  const symbol = pick(random, symbols);
  if (choice < 83) return { kind: 'closed by hand', at: from, symbol, reported };
  const side = random.chance(0.5) ? 'buy' : 'sell';
  return { kind: 'by hand', at: from, symbol, side, shares: `${random.integer(1, 9)}`, reported };
}
