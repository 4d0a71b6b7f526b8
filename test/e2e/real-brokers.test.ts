import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AlpacaEmulator } from '../emulators/alpaca/emulator.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { EmulatedDay, type EmulatedBroker, type EmulatedWorldParts } from './support/emulated-day.js';
import { buildOnce } from './support/program.js';

const days: EmulatedDay[] = [];
beforeAll(buildOnce);
afterEach(async () => {
  for (const day of days.splice(0)) await day.end();
});
afterAll(removeTemporaryHomes);

async function alpaca({ market, ...parts }: EmulatedWorldParts): Promise<EmulatedBroker> {
  const emulator = new AlpacaEmulator({ ...parts, market });
  const { url } = await emulator.start();
  return {
    exchange: emulator.exchange,
    advance: () => market.advance(emulator.exchange),
    stop: () => emulator.stop(),
    form: {
      broker: 'ALPACA',
      brokerCredentials: { BROKER_URL: url, BROKER_API_KEY: emulator.key, BROKER_SECRET_KEY: emulator.secretKey },
    },
  };
}

describe('a day at a real broker', () => {
  test('ALPACA: the bot ends flat and reconciled to the cent, although its engine is killed with a position open', async () => {
    const day = await EmulatedDay.make(temporaryHome(), 'ALPACA', alpaca);
    days.push(day);
    day.start('projector');
    const first = day.start();
    await day.bot.until('a position', ({ type }) => type === 'PositionOpened');
    await first.killHard();
    const engine = day.start();
    await day.ended();
    expect(await engine.stop()).toBe(0);
    expect(await day.faults()).toEqual([]);
    expect((await day.bot.eventsOf('OrderFilled')).length).toBeGreaterThan(1);
    expect((await day.bot.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
  });
});
