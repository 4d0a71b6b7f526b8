import { describe, expect, test } from '@jest/globals';
import { settingsInForce } from '../../../src/domain/config/pending-settings.js';
import { DEFAULT_SETTINGS, describeSettings, parseSettings } from '../../../src/domain/config/settings.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { STREAMS } from '../../../src/events/streams.js';
import { configError, journalError } from '../../../src/kernel/errors.js';
import { parseDateText, toUtcText } from '../../../src/kernel/time.js';
import { at, LoopWorld } from './support.js';

/** Transitions of RUN-11 to the first state of a test. */
const STARTED = ['provisioning', 'bootstrapping', 'registration', 'started'] as const;
const IDLE = [...STARTED, 'idle'] as const;
const STOPPED = [...IDLE, 'graceful_closing_positions', 'stopped'] as const;

describe('day after day', () => {
  test('two weeks with a holiday, a half day and the end of daylight saving', async () => {
    const world = await new LoopWorld('2013-11-01T08:00').stand(...STARTED);
    const reported = await world.runUntil('2013-11-08T12:00');
    expect(reported).toEqual([
      'session 2013-11-01 from 13:30',
      'session 2013-11-04 from 14:30',
      'session 2013-11-05 from 14:30',
      'session 2013-11-06 from 14:30',
      'session 2013-11-07 from 14:30',
    ]);
    const thanksgiving = await new LoopWorld('2013-11-27T22:00').stand(...IDLE);
    expect(await thanksgiving.runUntil('2013-12-02T12:00')).toEqual(['session 2013-11-29 from 14:30']);
  });

  test('a start in the middle of the day trades the rest; a start after the close waits', async () => {
    const late = await new LoopWorld('2013-10-07T17:12').stand(...STARTED);
    expect(await late.runUntil('2013-10-07T23:00')).toEqual(['session 2013-10-07 from 17:12']);
    const tooLate = await new LoopWorld('2013-10-07T20:00').stand(...STARTED);
    expect(await tooLate.runUntil('2013-10-08T13:00')).toEqual([]);
  });

  test('checks run before each session and are journaled', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    await world.runUntil('2013-10-09T01:00');
    const events = await world.journal.readAll({ filter: { types: ['BuildCheckCompleted', 'SelfCheckCompleted'] } });
    expect(events.map(({ type, occurredAt }) => `${occurredAt.slice(8, 16)} ${type}`)).toEqual([
      '07T08:00 BuildCheckCompleted',
      '07T08:00 SelfCheckCompleted',
      '07T13:25 BuildCheckCompleted',
      '07T13:25 SelfCheckCompleted',
      '08T13:25 BuildCheckCompleted',
      '08T13:25 SelfCheckCompleted',
    ]);
  });

  test('a session whose process died is ended first, also on another day', async () => {
    const before = await new LoopWorld('2013-10-04T13:31').stand(...IDLE);
    before.faultInSession = new Error('kill -9');
    await expect(before.runUntil('2013-10-04T18:00')).rejects.toThrow('kill -9');
    const after = new LoopWorld('2013-10-07T17:00', before.journal);
    expect(await after.runUntil('2013-10-08T01:00')).toEqual([
      'session 2013-10-04 from 17:00',
      'session 2013-10-07 from 17:00',
    ]);
  });

  test('a clock that was set back is reported, and no session runs twice', async () => {
    const before = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    await before.runUntil('2013-10-09T01:00');
    const after = new LoopWorld('2013-10-08T10:00', before.journal);
    expect(await after.runUntil('2013-10-10T01:00')).toEqual(['session 2013-10-09 from 13:30']);
    const jumps = await after.journal.readAll({ filter: { types: ['ClockJumped'] } });
    expect(jumps.map(({ data }) => data)).toEqual([
      { kind: 'backwards', from: '2013-10-09T01:00:00.000Z', to: '2013-10-08T10:00:00.000Z', missed: [] },
    ]);
  });

  test('a machine that slept over the open trades the rest of the day and reports what it missed', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    const from = world.pacer.now();
    world.pacer.plan(from, () => {
      world.pacer.set((from + 9 * 3_600_000) as typeof from);
      void world.loop.jumped({ kind: 'slept', from, to: world.pacer.now() });
    });
    expect(await world.runUntil('2013-10-08T01:00')).toEqual(['session 2013-10-07 from 17:00']);
    const [jump] = await world.journal.readAll({ filter: { types: ['ClockJumped'] } });
    expect(jump?.data).toMatchObject({
      missed: [
        'preparation of 2013-10-07',
        'open of 2013-10-07',
        'strategy open of 2013-10-07',
        'strategy mid of 2013-10-07',
      ],
    });
  });
});

describe('commands outside sessions', () => {
  test('kill and stop in idle end in stopped; nothing is traded before a manual start', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...IDLE);
    world.order('2013-10-07T09:00', 'kill');
    world.order('2013-10-09T09:00', 'start');
    world.order('2013-10-09T22:00', 'stop');
    const reported = await world.runUntil('2013-10-10T23:00');
    expect(reported).toEqual([
      'kill obeyed: stopped',
      'start obeyed: started; checks follow',
      'session 2013-10-09 from 13:30',
      'stop obeyed: stopped',
    ]);
    expect((await world.states()).slice(5)).toEqual([
      '10-07T09:00 emergency_closing_positions',
      '10-07T09:00 stopped',
      '10-09T09:00 started',
      '10-09T09:00 idle',
      '10-09T22:00 graceful_closing_positions',
      '10-09T22:00 stopped',
    ]);
  });

  test('a start in the middle of the day after a stop trades the rest of it', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STOPPED);
    world.order('2013-10-07T18:03', 'start');
    expect(await world.runUntil('2013-10-07T21:00')).toEqual([
      'start obeyed: started; checks follow',
      'session 2013-10-07 from 18:03',
    ]);
  });

  test.each([
    ['kill', STOPPED, 'the bot is already in stopped and holds nothing'],
    ['stop', STOPPED, 'the bot is already in stopped and holds nothing'],
    ['start', IDLE, 'the bot is idle; only a stopped bot or one in error can be started'],
    [
      'kill',
      ['provisioning', 'bootstrapping', 'registration'],
      'the bot cannot go from registration to emergency_closing_positions',
    ],
  ] as const)('%s is refused from %j, and recorded', async (kind, states, reason) => {
    const world = await new LoopWorld('2013-10-05T08:00').stand(...states);
    world.order('2013-10-05T09:00', kind);
    expect(await world.runUntil('2013-10-05T10:00')).toEqual([`${kind} refused: ${reason}`]);
    const errors = await world.journal.readAll({ filter: { types: ['ErrorRecorded'] } });
    expect(errors.map(({ data }) => data)).toMatchObject([{ errorCode: 'COMMAND_REFUSED' }]);
  });

  test('commands received before start-up are executed before anything trades', async () => {
    const world = await new LoopWorld('2013-10-07T15:00').stand(...STARTED, 'shutdown_triggered', 'shutdown');
    const killed = world.loop.command({ kind: 'kill', reason: 'flag found at boot', actor: 'system:main' });
    expect(await world.runUntil('2013-10-07T23:00')).toEqual([]);
    expect(await killed).toEqual({ outcome: 'obeyed', reason: 'stopped' });
    expect((await world.states()).slice(-4).map((text) => text.slice(12))).toEqual([
      'started',
      'idle',
      'emergency_closing_positions',
      'stopped',
    ]);
  });

  test('in a session commands go to the session, a kill immediately', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...IDLE);
    world.order('2013-10-07T15:00', 'stop');
    world.order('2013-10-07T15:01', 'kill');
    world.order('2013-10-07T15:02', 'reload');
    expect(await world.runUntil('2013-10-07T21:00')).toEqual([
      'session 2013-10-07 from 13:30',
      'stop in the session',
      'stop obeyed: in the session',
      'kill in the session',
      'kill obeyed: emergency close',
      'reload in the session',
      'reload obeyed: in the session',
    ]);
  });

  test('after the kill switch a manual start waits for its reset', async () => {
    const world = await new LoopWorld('2013-10-05T08:00').stand(...STOPPED);
    await world.tripKillSwitch();
    world.order('2013-10-05T09:00', 'start');
    expect(await world.runUntil('2013-10-05T10:00')).toEqual([
      'start refused: the kill switch has tripped: reset it first, with a reason, on the page or by "tradebot reset kill-switch"',
    ]);
  });

  test('reload applies the new settings immediately', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...IDLE);
    world.pacer.plan(world.pacer.now(), () => {
      world.checks = { ...world.checks, settings: () => parseSettings({ TRADING_DAYS: 'wed' }) };
    });
    world.order('2013-10-07T08:30', 'reload');
    expect(await world.runUntil('2013-10-09T21:00')).toEqual([
      'reload obeyed: the configuration is applied',
      'session 2013-10-09 from 13:30',
    ]);
    expect((await world.states()).slice(5, 7)).toEqual(['10-07T08:30 updating', '10-07T08:30 idle']);
  });
});

describe('changes of settings that are pending (RUN-30)', () => {
  /** The settings of the vault, in which a change of TRADING_DAYS waits for the end of the session of Monday. */
  const stored = {
    texts: describeSettings(DEFAULT_SETTINGS),
    pending: [
      {
        ...{ key: 'TRADING_DAYS', value: 'mon,fri', session: parseDateText('2013-10-07') },
        ...{ since: toUtcText(at('2013-10-07T15:00')), actor: 'user:u1', reason: 'fewer days' },
      },
    ],
  };
  const data = {
    session: parseDateText('2013-10-07'),
    changes: [{ key: 'TRADING_DAYS', from: 'mon,tue,wed,thu,fri', to: 'mon,fri', secret: false }],
    reason: 'fewer days',
  };
  const deferred = { type: 'ConfigChangeDeferred', data, correlationId: 'config', causationId: null } as const;

  function withPendingChange(world: LoopWorld): LoopWorld {
    world.checks = { ...world.checks, settings: (open) => parseSettings(settingsInForce(stored, open).texts) };
    return world;
  }

  async function changesIn(world: LoopWorld): Promise<readonly RecordedEvent<'ConfigChanged'>[]> {
    const events = await world.journal.readAll({ filter: { types: ['ConfigChanged'] } });
    return events.filter((event) => event.type === 'ConfigChanged');
  }

  test('it moves the next session as soon as its own is over, and is recorded once before that one begins', async () => {
    const world = withPendingChange(await new LoopWorld('2013-10-07T08:00').stand(...IDLE));
    world.pacer.plan(at('2013-10-07T15:00'), () => void world.appender.append(STREAMS.config, [deferred], 'user:u1'));
    expect(await world.runUntil('2013-10-14T23:00')).toEqual([
      'session 2013-10-07 from 13:30',
      'session 2013-10-11 from 13:30',
      'session 2013-10-14 from 13:30',
    ]);
    const changes = await changesIn(world);
    expect(changes.map((event) => event.data.reason)).toEqual([
      expect.stringMatching(/^pending changes take effect \(saved by user:u1 at 2013-10-07T.*: fewer days\)$/),
    ]);
    expect(changes[0]?.recordedAt.slice(0, 10)).toBe('2013-10-11');
    const all = await world.journal.readAll({ filter: { types: ['ConfigChanged', 'SessionOpened'] } });
    expect(all.map(({ type }) => type)).toEqual(['SessionOpened', 'ConfigChanged', 'SessionOpened', 'SessionOpened']);
  });

  test('a bot that was down over the close begins the next session with it', async () => {
    const first = withPendingChange(await new LoopWorld('2013-10-07T08:00').stand(...IDLE));
    await first.runUntil('2013-10-07T14:00');
    await first.appender.append(STREAMS.config, [deferred], 'user:u1');
    expect(await changesIn(first)).toEqual([]);
    const world = withPendingChange(new LoopWorld('2013-10-09T08:00', first.journal));
    expect(await world.runUntil('2013-10-11T23:00')).toEqual([
      'session 2013-10-07 from 08:00',
      'session 2013-10-11 from 13:30',
    ]);
    expect((await changesIn(world)).map(({ data: { changes } }) => changes.map(({ key }) => key))).toMatchObject([
      expect.arrayContaining(['TRADING_DAYS']),
    ]);
  });
});

describe('failures', () => {
  const unreadable = configError({
    code: 'VAULT_WRONG_KEY',
    message: 'env_bot does not open',
    remedy: 'Restore the key',
  });

  test('a failing check blocks the session with all causes until a person starts it again', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...IDLE);
    const sound = world.checks;
    world.checks = {
      ...sound,
      build: () => Promise.resolve([{ module: 'disk', ok: false, cause: 'full', remedy: 'Make room.' }]),
      modules: () => Promise.resolve([{ module: 'risk', ok: false, cause: 'blind', remedy: 'See.' }]),
    };
    world.pacer.plan(world.pacer.now(), () => undefined);
    world.order('2013-10-08T09:00', 'start');
    world.order('2013-10-08T10:00', 'start');
    setImmediate(() => undefined);
    world.pacer.plan((world.pacer.now() + 25.5 * 3_600_000) as ReturnType<typeof world.pacer.now>, () => {
      world.checks = sound;
    });
    expect(await world.runUntil('2013-10-08T23:00')).toEqual([
      'start obeyed: started; checks follow',
      'start obeyed: started; checks follow',
      'session 2013-10-08 from 13:30',
    ]);
    const errors = await world.journal.readAll({ filter: { types: ['ErrorRecorded'] } });
    expect(errors.map(({ data }) => data)).toMatchObject([
      { errorCode: 'CHECKS_FAILED', message: 'disk: full. Make room. | risk: blind. See.' },
      { errorCode: 'CHECKS_FAILED' },
    ]);
  });

  test('a kill, a stop or a shutdown does not wait for a check that hangs', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    world.checks = { ...world.checks, build: () => new Promise(() => undefined) };
    const kill = { kind: 'kill', reason: 'asked by a test', actor: 'user:u1' } as const;
    setImmediate(() => void world.loop.command(kill));
    const running = world.runUntil('2013-10-07T12:00');
    expect(await running).toEqual([]);
    expect((await world.states()).slice(-3).map((text) => text.slice(12))).toEqual([
      'idle',
      'emergency_closing_positions',
      'stopped',
    ]);
  });

  test('settings that cannot be decrypted put the bot into error, with the remedy', async () => {
    const world = await new LoopWorld('2013-10-07T15:00').stand(...IDLE);
    world.checks = {
      ...world.checks,
      settings: () => {
        throw unreadable;
      },
    };
    expect(await world.runUntil('2013-10-08T23:00')).toEqual([]);
    const [state] = await world.journal.readAll({
      direction: 'backwards',
      limit: 1,
      filter: { types: ['BotStateChanged'] },
    });
    expect(state?.data).toMatchObject({ to: 'error', reason: 'env_bot does not open. Restore the key' });
  });

  test('a session that cannot run puts the bot into error; a defect ends the process', async () => {
    const world = await new LoopWorld('2013-10-07T15:00').stand(...IDLE);
    world.faultInSession = unreadable;
    await world.runUntil('2013-10-08T23:00');
    expect((await world.states()).at(-1)).toBe('10-07T15:00 error');
    const other = await new LoopWorld('2013-10-07T15:00').stand(...IDLE);
    other.faultInSession = journalError('retry', { code: 'JOURNAL_BUSY', message: 'held', remedy: 'Try again' });
    await expect(other.runUntil('2013-10-08T23:00')).rejects.toThrow('held');
    expect((await other.states()).at(-1)).not.toMatch('error');
  });
});

describe('shutting down', () => {
  test('an active bot leaves shutdown_triggered, and the next start resumes automatically', async () => {
    const world = await new LoopWorld('2013-10-05T08:00').stand(...STARTED);
    await world.runUntil('2013-10-05T10:00');
    expect((await world.states()).at(-1)).toBe('10-05T10:00 shutdown_triggered');
    const next = new LoopWorld('2013-10-06T08:00', world.journal);
    await next.runUntil('2013-10-06T10:00');
    expect((await next.states()).slice(-4).map((text) => text.slice(12))).toEqual([
      'shutdown',
      'started',
      'idle',
      'shutdown_triggered',
    ]);
  });

  test('it ends a session', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    expect(await world.runUntil('2013-10-07T15:00')).toEqual([
      'session 2013-10-07 from 13:30',
      'shutdown in the session',
    ]);
    expect((await world.states()).at(-1)).toBe('10-07T15:00 shutdown_triggered');
  });

  test('a kill during shutdown leaves the bot halted', async () => {
    const world = await new LoopWorld('2013-10-07T08:00').stand(...STARTED);
    world.order('2013-10-07T15:00', 'kill');
    await world.runUntil('2013-10-07T15:00');
    expect((await world.states()).at(-1)).not.toMatch('shutdown_triggered');
  });

  test('a bot halted by a person stays halted', async () => {
    const world = await new LoopWorld('2013-10-05T08:00').stand(...STOPPED);
    await world.runUntil('2013-10-05T10:00');
    expect((await world.states()).at(-1)).toMatch('stopped');
    expect(await world.loop.command({ kind: 'reload' })).toMatchObject({ outcome: 'refused' });
  });
});
