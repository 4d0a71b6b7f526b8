import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOption } from '../../src/domain/options/contract-name.js';
import type { EventData } from '../../src/events/event.js';
import { epochMs } from '../../src/kernel/time.js';
import { AlpacaEmulator } from '../emulators/alpaca/emulator.js';
import { MARKET_SYMBOLS, startEmulator, type RunningEmulator } from '../emulators/emulators.js';
import { eventually } from '../support/eventually.js';
import { temporaryHome } from '../unit/support/home.js';
import { EmulatedDay } from './support/emulated-day.js';
import { LiveBot, setUpBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, tradebot } from './support/program.js';

const ends: (() => Promise<unknown>)[] = [];
beforeAll(buildOnce);
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(removeScratch);

async function dayAt(
  name: 'alpaca' | 'tradier' | 'ibkr',
  settings: Readonly<Record<string, string>> = {},
): Promise<EmulatedDay> {
  const day = await EmulatedDay.make(temporaryHome(), name, { settings });
  ends.push(() => day.end());
  return day;
}

/** Kills the engine when it has opened a position; `before` runs in between. */
async function killWithPosition(day: EmulatedDay, before?: () => Promise<unknown>): Promise<void> {
  day.start('projector');
  const engine = day.start();
  await day.bot.until('a position', ({ type }) => type === 'PositionOpened');
  await before?.();
  await engine.killHard();
}

/** The next engine ends the day flat and to the cent. */
async function expectFlat(day: EmulatedDay): Promise<void> {
  const engine = day.start();
  await day.ended();
  expect(await engine.stop()).toBe(0);
  expect(await day.faults()).toEqual([]);
  expect((await day.bot.eventsOf('OrderFilled')).length).toBeGreaterThan(1);
  expect((await day.bot.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
}

/** Puts in place of short sales, and time for entries and exits: chains are asked for one after the other, and machines are busy. */
const LONG_PUT = {
  SHORT_TYPE_OPEN: 'LongPut',
  TOTAL_ALLOCATION: '0.5',
  OPEN_BREAKOUT_TIME: '20',
  OPEN_MONITORING_TIME: '4',
  MARKET_CLOSE: '10:10@America/New_York',
};

/**
 * At Tradier only 45 seconds of the machine prove that an order of the killed engine never arrived, and no other exit of its position
 * leaves before: more than twenty minutes of this world.
 */
const AFTER_PROOF = { MARKET_CLOSE: '10:25@America/New_York' };

describe('a day at a real broker', () => {
  test.each(['alpaca', 'ibkr'] as const)(
    '%s: the bot ends flat and to the cent, although its engine is killed with a position open',
    async (name) => {
      const day = await dayAt(name);
      await killWithPosition(day);
      await expectFlat(day);
    },
  );

  test('tradier: the bot ends flat and to the cent, although its engine dies when the stop of a position is lost on its way', async () => {
    const day = await dayAt('tradier', AFTER_PROOF);
    await killWithPosition(day, async () => {
      day.wire.next('lose_request', 'POST /orders', 100);
      await eventually('an order is lost', () => day.wire.drawn.length > 0);
    });
    day.wire.clear();
    await expectFlat(day);
    // the looks for the lost order take their time on purpose: that is no broker that does not respond
    const held = (await day.bot.eventsOf('BrokerSuspended')).map(({ data }) => data.message);
    expect(held.filter((message) => message.includes('slowly'))).toEqual([]);
  });

  test('a bearish signal buys a put at ibkr, which is followed, sold and booked to the cent, also over a kill -9 (TRD-23)', async () => {
    const day = await dayAt('ibkr', LONG_PUT);
    day.start('projector');
    const first = day.start();
    const opened = await day.bot.until('a put', (event) => event.type === 'PositionOpened');
    const { symbol } = opened.data as EventData<'PositionOpened'>;
    expect(parseOption(symbol)).toMatchObject({ right: 'put' });
    await first.killHard();
    const engine = day.start();
    await day.ended();
    expect(await engine.stop()).toBe(0);
    expect(await day.faults()).toEqual([]);
    const fills = (await day.bot.eventsOf('OrderFilled'))
      .map(({ data }) => data)
      .filter((fill) => fill.symbol === symbol);
    expect(new Set(fills.map(({ side }) => side))).toEqual(new Set(['buy', 'sell']));
    expect(fills.every(({ quantity }) => Number(quantity) % 100 === 0)).toBe(true);
    const orders = (await day.bot.eventsOf('OrderIntended')).filter(({ data }) => data.symbol === symbol);
    expect(orders.map(({ data }) => data.orderType)).toEqual(['limit', 'market']);
    // the next engine has the feed follow what it finds held
    const bars = (await day.bot.eventsOf('PositionsMarked')).flatMap(({ data }) => data.holdings);
    expect(bars.filter((held) => held.symbol === symbol).at(-1)?.priceFrom).toBe('last_trade');
    expect((await day.bot.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
    const statement = day.statement();
    for (const element of ['BUYOPT', 'SELLOPT', 'OPTINFO']) expect(statement).toContain(`<${element}>`);
    expect(statement).toContain(`<UNIQUEID>${symbol}</UNIQUEID>`);
  });

  test('a kill closes everything at the broker, and nothing is sold twice', async () => {
    const day = await dayAt('alpaca');
    const engine = day.start();
    await day.bot.until('a position', ({ type }) => type === 'PositionOpened');
    await engine.command({ kind: 'kill', reason: 'asked by a test', actor: 'user:u1' });
    await day.bot.until('the stop', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    await engine.stop();
    expect(await day.faults()).toEqual([]);
    const exits = (await day.bot.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'exit');
    expect(exits.map(({ data }) => data.exitReason)).toContain('kill');
  });
});

describe('a bot that a person sets up for a broker', () => {
  let emulator: RunningEmulator;
  const clock = new WorldClock('2013-10-05T12:00:00.000Z', 1);
  beforeAll(async () => {
    emulator = await startEmulator('alpaca', { clock: { now: () => epochMs(clock.now().getTime()) }, seed: 1 });
  });
  afterAll(() => emulator.stop());

  const formOf = (credentials: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> => ({
    identity: { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'ALPACA', botId: 'B01' },
    broker: 'ALPACA',
    brokerCredentials: credentials,
    symbols: [...MARKET_SYMBOLS],
  });

  test('it says what the account is, passes the checks, and refuses another account for its books', async () => {
    const home = temporaryHome();
    const bot = new LiveBot(home, clock);
    ends.push(() => bot.kill9());
    await bot.start();
    const headers = { 'x-setup-token': bot.setupToken };
    const incomplete = await bot.call(
      'POST',
      '/api/setup/check',
      formOf({ BROKER_URL: 'https://api.alpaca.markets' }),
      headers,
    );
    expect(incomplete.body).toMatchObject({
      ok: false,
      account: 'Alpaca LIVE account (api.alpaca.markets): orders move real money.',
      faults: [{ field: 'brokerCredentials.BROKER_API_KEY' }, { field: 'brokerCredentials.BROKER_SECRET_KEY' }],
    });
    await setUpBot(bot, formOf(emulator.credentials));
    expect(await bot.until('idle', 'error')).toBe('idle');
    await bot.eventually('the account', async () => (await bot.call('GET', '/api/now')).body['account'] !== null);
    expect((await bot.call('GET', '/api/now')).body).toMatchObject({ simulated: false, account: { kind: 'emulator' } });
    const secret = emulator.credentials['BROKER_SECRET_KEY'] ?? '';
    expect(bot.said.some((text) => text.includes(secret))).toBe(false);
    expect(await bot.stop()).toBe(0);
  });

  test('a key that the broker refuses: the bot waits in error with the remedy, and sends nothing', async () => {
    const bot = new LiveBot(temporaryHome(), clock);
    ends.push(() => bot.kill9());
    await bot.start();
    const before = emulator.exchange.orders.size;
    await setUpBot(bot, formOf({ ...emulator.credentials, BROKER_SECRET_KEY: 'another' }));
    expect(await bot.until('idle', 'error')).toBe('error');
    await bot.eventually('the status says why', async () =>
      /broker\.key: .*key/i.test(String((await bot.call('GET', '/api/status')).body['bot_state_reason'])),
    );
    expect(emulator.exchange.orders.size).toBe(before);
    expect((await tradebot('broker-check', '--home', bot.home)).code).toBe(1);
    const [first, ...others] = (await bot.call('GET', '/api/now')).body['notTrading'] as readonly { code: string }[];
    expect(first?.code).toBe('BOT_IN_ERROR');
    expect(others.map(({ code }) => code)).not.toContain('SELF_CHECK_FAILED');

    // the broker takes the key: a start continues; then it revokes it, and a start says so at once
    const { wire } = emulator;
    if (!(wire instanceof AlpacaEmulator)) throw new Error('not Alpaca');
    const { secretKey } = wire;
    wire.secretKey = 'another';
    await tradebot('start', '--home', bot.home);
    expect(await bot.until('idle')).toBe('idle');
    wire.secretKey = secretKey;
    await tradebot('stop', '--home', bot.home);
    await bot.until('stopped');
    await tradebot('start', '--home', bot.home);
    expect(await bot.until('idle', 'error')).toBe('error');
    expect(emulator.exchange.orders.size).toBe(before);
    expect(bot.said.some((text) => text.includes(secretKey))).toBe(false);
    expect(await bot.stop()).toBe(0);
  });
});
