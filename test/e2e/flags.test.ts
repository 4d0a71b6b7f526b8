import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { buildOnce, removeScratch, tradebot } from './support/program.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { STREAMS } from '../../src/events/streams.js';
import { exitOf, MainRuns } from './support/main-runs.js';
import { eventually } from '../support/eventually.js';

let runs: MainRuns;
beforeAll(buildOnce);
beforeEach(() => {
  runs = new MainRuns();
});
afterEach(() => runs.end());
afterAll(removeScratch);

const consumed = async (): Promise<readonly unknown[]> =>
  (await runs.events('ControlFlagConsumed')).map(({ data }) => [data.command, data.by, data.outcome]);

describe('flags of a running bot', () => {
  test('each is executed once, recorded with its requester and deleted; invalid files are reported and kept', async () => {
    await runs.settle('idle');
    await runs.start();
    await eventually('the engine runs', () => runs.starts('engine') === 1);
    mkdirSync(`${runs.base.control.dir}/control_start.flag`);
    symlinkSync('/etc/hostname', `${runs.base.control.dir}/test_mode.flag`);
    runs.flag('control_pause.flag');
    runs.flag('control_stop.flag', '{"by":"U-7","at":"2026-11-20T14:00:00.000Z"}\n');
    await eventually('stopped', async () => (await runs.states()).at(-1) === 'stopped');
    await eventually('the flag is gone', () => !runs.hasFlag('control_stop.flag'));
    rmSync(runs.base.control.dir, { recursive: true });
    await eventually('the folder is back', () => runs.hasFlag('.'));
    runs.flag('control_start.txt', 'U-8');
    await eventually('idle', async () => (await runs.states()).at(-1) === 'idle');
    runs.flag('control_kill.flag');
    await eventually(
      'killed',
      async () => (await runs.states()).at(-1) === 'stopped' && !runs.hasFlag('control_kill.flag'),
    );
    expect(await consumed()).toEqual([
      ['stop', null, 'obeyed'],
      ['start', null, 'obeyed'],
      ['kill', null, 'obeyed'],
    ]);
    const reports = (await runs.events('ControlFlagReported')).map(({ data }) => [data.flag, data.reason]);
    expect(reports.sort()).toEqual([
      ['control_pause.flag', 'no such flag'],
      ['control_start.flag', 'it is a folder'],
      ['test_mode.flag', 'it is a symbolic link'],
    ]);
    const kills = runs.received('engine').filter((line) => JSON.stringify(line).includes('"kind":"kill"'));
    expect(kills).toHaveLength(1);
  });

  test('a reset flag is executed by main with its reason, and refused with a clear sentence', async () => {
    await runs.settle('stopped');
    await runs.withScribe(homePaths(runs.home, runs.identity).storage.journalDb, async (appender) => {
      const data = { code: 'DAILY_LOSS_LIMIT', figures: {} };
      await appender.append(STREAMS.risk, [
        { type: 'KillSwitchTripped', data, correlationId: 'risk', causationId: null },
      ]);
    });
    const { up } = await runs.start();
    expect(up.state).toBe('stopped');
    const ask = async (text: string): Promise<void> => {
      runs.flag('control_reset_kill_switch.flag', text);
      await eventually('the flag is gone', () => !runs.hasFlag('control_reset_kill_switch.flag'));
    };
    await ask('');
    await ask('{"by":null,"reason":"  "}');
    await ask('{"by":"U-7","reason":"looked into it"}');
    await ask('{"by":"U-8","reason":"again"}');
    const outcomes = (await runs.events('ControlFlagConsumed')).map(({ data }) => [data.outcome, data.reason]);
    expect(outcomes).toEqual([
      ['refused', expect.stringContaining('a reset of the kill switch requires a reason')],
      ['refused', expect.stringContaining('a reset of the kill switch requires a reason')],
      ['obeyed', 'The kill switch was reset. The bot trades again after a start.'],
      ['refused', 'the kill switch is not on. There is nothing to reset.'],
    ]);
    const resets = await runs.events('KillSwitchReset');
    expect(resets.map(({ data, meta }) => [data.reason, meta.actor])).toEqual([['looked into it', 'user:local']]);
  });

  test('the command resets through the running main, and by itself while none runs', async () => {
    await runs.settle('stopped');
    const trip = (): Promise<void> =>
      runs.withScribe(homePaths(runs.home, runs.identity).storage.journalDb, async (appender) => {
        const data = { code: 'DAILY_LOSS_LIMIT', figures: {} };
        await appender.append(STREAMS.risk, [
          { type: 'KillSwitchTripped', data, correlationId: 'risk', causationId: null },
        ]);
      });
    const reset = (reason: string): ReturnType<typeof tradebot> =>
      tradebot('reset', 'kill-switch', '--reason', reason, '--home', runs.home);
    await trip();
    const { main } = await runs.start();
    const first = await reset('the first');
    expect([first.code, first.out]).toEqual([0, 'The kill switch was reset. The bot trades again after a start.\n']);
    const second = await reset('the second');
    expect([second.code, second.err]).toEqual([1, expect.stringContaining('the kill switch is not on')]);
    expect((await tradebot('reset', 'defense-mode', '--reason', '  ', '--home', runs.home)).err).toContain('reason');
    main.kill('SIGTERM');
    await exitOf(main);
    await trip();
    expect((await reset('while none runs')).out).toContain('The kill switch was reset.');
    expect(await runs.events('KillSwitchReset')).toHaveLength(2);
  });

  test('a kill reaches the next engine when the first does not take it', async () => {
    await runs.settle('idle');
    runs.rule({ engine: { mode: 'deaf' } });
    await runs.start();
    await eventually('the engine is ready', async () =>
      (await runs.events('ProcessStarted')).some(({ data }) => data.process === 'engine'),
    );
    const deaf = runs.pidOf('engine');
    runs.rule({});
    runs.flag('control_kill.flag', 'U-9');
    await eventually('stopped', async () => (await runs.states()).at(-1) === 'stopped');
    expect(runs.pidOf('engine')).not.toBe(deaf);
    expect(runs.received('engine').findLast((line) => 'init' in line)).toMatchObject({
      init: { commands: [{ command: { kind: 'kill', actor: 'user:local' } }] },
    });
    await eventually('consumed', async () => (await consumed()).length === 1);
  });

  test('a test-mode run has a worker and removes its flag at the end', async () => {
    await runs.settle('idle');
    await runs.start();
    await eventually('the engine runs', () => runs.starts('engine') === 1);
    runs.flag('test_mode_ledger_schema.flag');
    await eventually('the flag is gone', () => !runs.hasFlag('test_mode_ledger_schema.flag'));
    const tasks = runs.received('worker').map((line) => (line['init'] as { task: unknown }).task);
    const asked = { task: 'test-run', test: 'ledger_schema', flag: 'test_mode_ledger_schema.flag', by: null };
    expect(tasks).toContainEqual(expect.objectContaining(asked));
    expect(await consumed()).toEqual([['test', null, 'obeyed']]);
  });
});

describe('flags found at start-up', () => {
  test('stop and kill are executed before anything trades, a test is rejected, an earlier start is superseded', async () => {
    await runs.settle('idle');
    mkdirSync(runs.base.control.dir, { recursive: true });
    for (const name of ['control_start.flag', 'control_kill.flag', 'control_stop.flag', 'test_mode.flag'])
      runs.flag(name);
    utimesSync(`${runs.base.control.dir}/control_start.flag`, 1, 1);
    const { main } = await runs.start();
    await eventually('all are gone', async () => (await consumed()).length === 4 && runs.starts('engine') === 1);
    await eventually('stopped', async () => (await runs.states()).at(-1) === 'stopped');
    expect(runs.received('engine')[0]).toMatchObject({
      init: { commands: [{ command: { kind: 'kill' } }, { command: { kind: 'stop' } }] },
    });
    const outcomes = new Map(
      (await runs.events('ControlFlagConsumed')).map(({ data }) => [data.command, data.outcome]),
    );
    expect(Object.fromEntries(outcomes)).toEqual({
      kill: 'obeyed',
      stop: 'refused',
      start: 'refused',
      test: 'refused',
    });
    expect((await runs.states()).at(-1)).toBe('stopped');
    main.kill('SIGKILL');
    await exitOf(main);
    const path = `${runs.base.control.dir}/control_kill.flag`;
    writeFileSync(path, '');
    await runs.start();
    await eventually('another flag of that name is another one', async () => (await consumed()).length === 5);
  });
});
