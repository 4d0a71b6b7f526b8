import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUtcText } from '../../src/kernel/time.js';
import { buildOnce } from '../e2e/support/program.js';
import { BOTH_WAYS, EngineHome } from '../support/engine-home.js';
import { TestChild, type ChildOptions } from '../support/engine-child.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const children: TestChild[] = [];

beforeAll(buildOnce);
afterEach(async () => {
  for (const child of children.splice(0)) await child.killHard();
  removeTemporaryHomes();
});

/** Time of the world: `start` now, running at a multiple of real time. */
function scaleFrom(start: string, speed: number): NonNullable<ChildOptions['scale']> {
  return { virtualStart: parseUtcText(start), wallStart: Date.now(), speed };
}

function child(options: ChildOptions): TestChild {
  const made = new TestChild(options);
  children.push(made);
  return made;
}

/** The same world from now on, fast: for hours in which nothing is watched. */
function hurried({
  virtualStart,
  wallStart,
  speed,
}: NonNullable<ChildOptions['scale']>): NonNullable<ChildOptions['scale']> {
  const now = Date.now();
  return { virtualStart: virtualStart + (now - wallStart) * speed, wallStart: now, speed: 20_000 };
}

/** Entries are made for two hours, so a busy machine misses none. */
const LONG_ENTRIES = { OPEN_ANALYSIS_TIME: '5', OPEN_BREAKOUT_TIME: '100', OPEN_MONITORING_TIME: '40' };

const byHand = { reason: 'asked by a test', actor: 'user:u1' } as const;

describe('the engine as a process', () => {
  test('the engine starts from the journal, reports ready, waits and exits on request', async () => {
    const start = '2013-10-05T12:00:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start);
    const engine = child({ home, scale: scaleFrom(start, 1) });
    await engine.until('ready');
    await bot.until('idle', (event) => event.type === 'BotStateChanged' && event.data.to === 'idle');
    await engine.untilSome(
      (message): message is typeof message => message.kind === 'alive' && message.figures['state'] === 'idle',
    );
    expect(await engine.stop()).toBe(0);
    expect((await bot.states()).slice(-3)).toEqual(['started', 'idle', 'shutdown_triggered']);
    expect(engine.messages.filter(({ kind }) => kind === 'crashed' || kind === 'fatal')).toEqual([]);
  });

  test('an engine killed repeatedly in a session resumes from the journal and counts nothing twice', async () => {
    const start = '2013-10-07T13:29:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
    const pace = scaleFrom(start, 400);
    child({ home, name: 'projector', scale: pace });
    for (const kind of ['OrderSubmitted', 'PositionOpened', 'PositionClosed'] as const) {
      const engine = child({ home, scale: pace });
      await bot.until(kind, ({ type }) => type === kind);
      await engine.killHard();
    }
    const last = child({ home, scale: hurried(pace) });
    await bot.until('the end of the session', ({ type }) => type === 'JournalSealed');
    expect(await last.stop()).toBe(0);
    expect(await bot.faults()).toEqual([]);
    expect((await bot.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
    expect((await bot.eventsOf('SessionOpened')).map(({ data }) => data.date)).toEqual(['2013-10-07']);
    expect((await bot.eventsOf('ProcessCrashed')).length).toBeLessThanOrEqual(3);
  });

  test('kill closes everything; a stopped bot finishes its day and waits for a manual start', async () => {
    const start = '2013-10-07T13:29:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
    const pace = scaleFrom(start, 400);
    child({ home, name: 'projector', scale: pace });
    const engine = child({ home, scale: pace });
    await bot.until('a position', ({ type }) => type === 'PositionOpened');
    expect(await engine.command({ kind: 'start', ...byHand })).toMatchObject({ outcome: 'refused' });
    expect(await engine.command({ kind: 'kill', ...byHand })).toMatchObject({ outcome: 'obeyed' });
    await engine.until('taken');
    await bot.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    expect((await bot.state()).liveOrders.size).toBe(0);
    expect(await engine.stop()).toBe(0);
    expect((await bot.states()).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);

    const again = child({ home, scale: hurried(pace) });
    await bot.until('the end of the session', ({ type }) => type === 'JournalSealed');
    expect(await bot.faults()).toEqual([]);
    expect(await again.command({ kind: 'stop', ...byHand })).toMatchObject({ outcome: 'refused' });
    const before = (await bot.events()).length;
    expect(await again.command({ kind: 'start', ...byHand })).toMatchObject({ outcome: 'obeyed' });
    // a stop at once would come before the checks are through
    await bot.until('idle', ({ type, data, position }) => {
      return type === 'BotStateChanged' && 'to' in data && data.to === 'idle' && Number(position) > before;
    });
    expect(await again.stop()).toBe(0);
    expect((await bot.states()).join(' ')).toMatch(/ stopped started idle .*shutdown_triggered$/);
  });

  test('a kill queued before start-up is executed before anything trades', async () => {
    const start = '2013-10-07T14:00:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start);
    const kill = { kind: 'kill', reason: 'flag found at boot', actor: 'system:main' } as const;
    const engine = child({ home, scale: scaleFrom(start, 600), commands: [kill] });
    await bot.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    expect(await engine.stop()).toBe(0);
    expect(await bot.eventsOf('SessionOpened')).toEqual([]);
  });

  test('a kill while another process holds the journal is obeyed meanwhile, and the journal has it afterwards', async () => {
    const start = '2013-10-07T13:29:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
    const pace = scaleFrom(start, 400);
    const engine = child({ home, scale: pace });
    await bot.until('a position', ({ type }) => type === 'PositionOpened');
    const other = new Database(bot.made.paths.storage.journalDb);
    other.exec('BEGIN IMMEDIATE');
    try {
      engine.send({ kind: 'command', id: 1_000, command: { kind: 'kill', ...byHand } });
      await engine.until('outcome');
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    const before = (await bot.events()).length;
    expect(engine.messages.find(({ kind }) => kind === 'outcome')).toMatchObject({ outcome: { outcome: 'obeyed' } });
    await bot.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    const orders = (await bot.events())
      .slice(before)
      .flatMap((event) => (event.type === 'OrderIntended' ? [event] : []));
    expect(orders.filter(({ data }) => data.purpose === 'entry')).toEqual([]);
    expect((await bot.state()).liveOrders.size).toBe(0);
    // the journal gets the stop first, then the end of the outage
    await bot.until('the end of the outage', ({ type }) => type === 'JournalOutageEnded');
    expect(await engine.stop()).toBe(0);
    expect(await bot.eventsOf('JournalOutageEnded')).toHaveLength(1);
  });
});

describe('a fault that no restart can fix is fatal and has a remedy', () => {
  test('an invalid journal is fatal', async () => {
    const start = '2013-10-05T12:00:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start);
    writeFileSync(bot.made.paths.storage.journalDb, 'this is no journal, whatever its name is'.repeat(100));
    const engine = child({ home, scale: scaleFrom(start, 1) });
    const { error } = await engine.until('fatal');
    expect(error).toMatchObject({ kind: 'JournalError', code: 'JOURNAL_FOREIGN' });
    expect(error.remedy).not.toBe('');
    expect(await engine.ended()).toBe(1);
  });

  test('settings that cannot be decrypted put the bot into error, and the engine waits for a manual start', async () => {
    const start = '2013-10-05T12:00:00.000Z';
    const home = temporaryHome();
    const bot = await EngineHome.make(home, start);
    writeFileSync(bot.made.base.storage.envBot, 'garbage');
    const engine = child({ home, scale: scaleFrom(start, 1) });
    const state = await bot.until('error', (event) => event.type === 'BotStateChanged' && event.data.to === 'error');
    expect(state.type === 'BotStateChanged' && state.data.reason).toMatch(/env_bot/);
    expect(await engine.stop()).toBe(0);
    expect((await bot.states()).at(-1)).toBe('error');
  });
});
