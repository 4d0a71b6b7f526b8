import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUtcText } from '../../src/kernel/time.js';
import { buildOnce, ROOT } from '../e2e/support/program.js';
import { eventually } from '../support/eventually.js';
import { TestChild } from '../support/engine-child.js';
import { BOTH_WAYS, EngineHome } from '../support/engine-home.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const children: TestChild[] = [];

beforeAll(buildOnce);
afterEach(async () => {
  for (const child of children.splice(0)) await child.killHard();
  removeTemporaryHomes();
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEARS = 14 * 365 * DAY;
const START = '2013-10-07T13:29:00.000Z';
const LONG_ENTRIES = { OPEN_ANALYSIS_TIME: '5', OPEN_BREAKOUT_TIME: '100', OPEN_MONITORING_TIME: '40' };
const SPEED = 100;
const KILL = { kind: 'kill', reason: 'asked by a test', actor: 'user:u1' } as const;

/** An engine process of a home whose machine shows the time that a test sets. */
class WrongClock {
  readonly home = temporaryHome();
  readonly pace = { virtualStart: parseUtcText(START), wallStart: Date.now(), speed: SPEED };
  readonly #file = join(temporaryHome(), 'offset.txt');

  /** Milliseconds by which the machine's clock is ahead of the right time. */
  set(ms: number): void {
    writeFileSync(this.#file, String(ms));
  }

  engine(): TestChild {
    const preload = `${pathToFileURL(join(ROOT, 'test/support/offset-clock.mjs')).href}?offset=${this.#file}`;
    const program = {
      file: join(ROOT, 'dist/program/engine-process.js'),
      execArgv: ['--import', preload],
    };
    const made = new TestChild({ home: this.home, scale: this.pace, program });
    children.push(made);
    return made;
  }
}

const died = (engine: TestChild): boolean =>
  engine.process.exitCode !== null || engine.messages.some(({ kind }) => kind === 'crashed' || kind === 'fatal');

describe('an engine whose machine shows a wrong time', () => {
  test('a kill closes positions while the clock is years ahead; the session continues by the time that passes', async () => {
    const machine = new WrongClock();
    machine.set(0);
    const bot = await EngineHome.make(machine.home, START, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
    const engine = machine.engine();
    await bot.until('a position', ({ type }) => type === 'PositionOpened');
    const times = async (type: 'ClockFaultDetected' | 'ClockFaultCleared', count: number): Promise<void> =>
      eventually(`${count} ${type}`, async () => (await bot.eventsOf(type)).length === count);
    for (const [round, ahead] of [DAY, -DAY, YEARS].entries()) {
      machine.set(ahead);
      await times('ClockFaultDetected', round + 1);
      if (ahead === YEARS) break;
      machine.set(0);
      await times('ClockFaultCleared', round + 1);
    }
    expect(await bot.eventsOf('SessionClosed')).toEqual([]);
    expect(await engine.command(KILL)).toEqual({ outcome: 'obeyed', reason: 'emergency close' });
    await bot.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    machine.set(0);
    await times('ClockFaultCleared', 3);
    expect(died(engine)).toBe(false);
    const ofYears = (await bot.eventsOf('ClockFaultDetected'))[2]?.data;
    expect([ofYears?.cause, ofYears?.used.slice(0, 10)]).toEqual(['jump', '2013-10-07']);
    const sent = new Set((await bot.eventsOf('OrderSubmitted')).map(({ data }) => data.clientOrderId));
    const closing = (await bot.eventsOf('OrderIntended')).filter(({ data }) => data.exitReason === 'kill');
    expect(closing.every(({ data }) => sent.has(data.clientOrderId))).toBe(true);
    expect(closing.length).toBeGreaterThan(0);
    expect((await bot.states()).at(-1)).toBe('stopped');
    expect([...(await bot.state()).positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
  });
});
