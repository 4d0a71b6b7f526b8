import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import type { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, ROOT, scratchFolder, tradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const ENGINE = `${ROOT}/dist/program/engine-process.js`;

let bot: LiveBot;
let folder: string;
beforeAll(buildOnce);
afterEach(async () => {
  await bot.kill9();
  for (const pid of engines()) process.kill(pid, 'SIGKILL');
});
afterAll(removeScratch);

const engines = (): readonly number[] => processesOf(folder, [ENGINE]);

async function trading(speed: number, settings: Readonly<Record<string, string>> = {}): Promise<EngineHome> {
  folder = scratchFolder();
  const made = await botInTheOpenWindow(folder, speed, settings);
  bot = made.bot;
  await startTrading(bot, made.home);
  return made.home;
}

const after = async (home: EngineHome, position: string | undefined) =>
  (await home.events()).filter((event) => position === undefined || event.position > position);

describe('main is killed (kill -9)', () => {
  test('the engine sells nothing and opens nothing; a successor takes its positions over', async () => {
    const home = await trading(60);
    const [engine] = engines();
    await bot.kill9();
    const lost = await home.until('the loss', ({ type }) => type === 'EngineSupervisionChanged');
    expect(lost.data).toMatchObject({ to: 'none', reason: 'main has ended', policy: 'hold' });
    // Six minutes of the session without main.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(engines()).toEqual([engine]);
    const alone = await after(home, lost.position);
    expect(alone.flatMap((event) => (event.type === 'OrderIntended' ? [event.data.purpose] : []))).not.toContain(
      'entry',
    );
    expect(alone.flatMap((event) => (event.type === 'PositionClosed' ? [event.data.exitReason] : []))).not.toContain(
      'manual',
    );
    expect(alone.filter(({ type }) => type === 'BotStateChanged')).toEqual([]);
    const status = await tradebot('status', '--json', '--home', folder);
    expect(status.code).toBe(3);
    expect(JSON.parse(status.out)).toMatchObject({ ok: false, engine: { pid: engine, alive: true, policy: 'hold' } });
    expect((await tradebot('float', 'inject', '5', '--reason', 'test', '--home', folder)).err).toMatch(/HOME_IN_USE/);
    expect(engines()).toEqual([engine]);
    const held = openOf(await home.state());
    expect(held.length).toBeGreaterThan(0);

    await bot.start();
    await eventually('a successor trades', () => engines().length === 1 && engines()[0] !== engine);
    const events = await after(home, lost.position);
    expect(events.flatMap((event) => (event.type === 'ProcessStopped' ? [event.data.reason] : []))).toContain(
      'without main: another main takes over',
    );
    await bot.eventually('it trades again', async () =>
      ['trading', 'monitoring', 'analyzing', 'idle'].includes(await bot.state()),
    );
    expect((await home.state()).supervision).toBe('main');
    const closed = (await after(home, lost.position)).flatMap((event) =>
      event.type === 'PositionClosed' ? [event.data.exitReason] : [],
    );
    expect(closed).not.toContain('manual');
    expect(await bot.stop()).toBe(0);
  });

  test('its exits are obeyed, and it ends when nothing is open', async () => {
    const home = await trading(400);
    const [engine] = engines();
    await bot.kill9();
    await eventually('it ends', () => engines().length === 0);
    const stopped = (await home.eventsOf('ProcessStopped')).at(-1);
    expect(stopped?.data.process).toBe('engine');
    expect(stopped?.data.reason).toMatch(/^without main: (nothing is open|no session is open)$/);
    expect(openOf(await home.state())).toEqual([]);
    expect((await home.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).not.toContain('manual');
    const note = JSON.parse(readFileSync(home.made.paths.lock.engineHolder, 'utf8')) as object;
    expect(note).toMatchObject({ pid: engine, orphan: { open: [] } });
    expect((await tradebot('status', '--home', folder)).out).toMatch(/its engine continued and ended/);
  });

  test('a kill at the command line closes everything without main', async () => {
    const home = await trading(60);
    await bot.kill9();
    await home.until('the loss', ({ type }) => type === 'EngineSupervisionChanged');
    const killed = await tradebot('kill', '--wait', '100', '--home', folder);
    expect([killed.code, killed.out]).toEqual([
      0,
      expect.stringMatching(/^kill: obeyed .* the bot is in state stopped/),
    ]);
    await eventually('it ends', () => engines().length === 0);
    expect(existsSync(home.made.paths.control.flag('control_kill.flag'))).toBe(false);
    expect(openOf(await home.state())).toEqual([]);
    expect((await home.eventsOf('ControlFlagConsumed')).map(({ data }) => data.outcome)).toEqual(['obeyed']);
  });

  test('with ORPHAN_POLICY close it closes after the grace, with a reason of its own', async () => {
    const home = await trading(120, { ORPHAN_POLICY: 'close', ORPHAN_GRACE: '240' });
    await bot.kill9();
    await eventually('it ends', () => engines().length === 0);
    expect(openOf(await home.state())).toEqual([]);
    const changes = (await home.eventsOf('EngineSupervisionChanged')).map(({ data }) => data.to);
    expect(changes).toEqual(['none', 'grace_over']);
    const exits = (await home.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'exit');
    expect(exits.map(({ data }) => data.exitReason)).toContain('orphaned');
    expect((await home.states()).slice(-2)).toEqual(['graceful_closing_positions', 'stopped']);
  });
});

function openOf(state: Awaited<ReturnType<EngineHome['state']>>): readonly string[] {
  return [...state.positions.values()].filter(({ quantity }) => !quantity.isZero()).map(({ symbol }) => symbol);
}
