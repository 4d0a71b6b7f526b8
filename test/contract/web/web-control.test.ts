import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { STREAMS } from '../../../src/events/streams.js';
import type { Draft } from '../../../src/events/draft.js';
import { configError, networkError } from '../../../src/kernel/errors.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const PROCESS = { process: 'engine', state: 'running', pid: 7, startedAt: null, restarts: 0, aliveAt: null };

let web: TestWeb;
let admin: WebClient;
let processes: () => unknown;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  processes = () => [{ ...PROCESS, rssBytes: 1, figures: {} }];
  web = await startTestWeb({ home, answer: () => processes() });
  admin = await firstAdmin(web);
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

function flags(): readonly string[] {
  return readdirSync(web.context.base.control.dir).filter((name) => name.endsWith('.flag'));
}

function flag(name: string): unknown {
  return JSON.parse(readFileSync(web.context.base.control.flag(name), 'utf8'));
}

describe('a folder of flags that cannot be written', () => {
  test('a kill says how to set the flag by hand, and no path of the machine', async () => {
    await moveTo(web, 'idle');
    const { dir } = web.context.base.control;
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'a file in its place');
    const kill = await admin.post('/api/control/kill', { confirm: 'KILL' });
    expect([kill.status, kill.at('code')]).toEqual([503, 'FLAG_NOT_WRITABLE']);
    expect(kill.at('remedy')).toContain('touch control/control_kill.flag');
    expect(kill.text).not.toContain(web.context.base.home);
  });
});

describe('kill switch and defense mode', () => {
  const TRIPPED = { type: 'KillSwitchTripped', data: { code: 'DAILY_LOSS_LIMIT', figures: {} } } as const;
  const DEFENSE = {
    type: 'DefenseModeEntered',
    data: { reason: 'DEFENSE_MODE_ACTIVE is set', tradeLimitPct: '25', totalAllocation: '0.01' },
  } as const;
  const EFFECT = 'The kill switch was reset.';

  async function risk(event: typeof TRIPPED | typeof DEFENSE): Promise<void> {
    const draft = { ...event, correlationId: 'risk', causationId: null } as Draft;
    await web.context.open().appender.append(STREAMS.risk, [draft]);
  }

  test('a tripped kill switch is shown with its cause, and start is refused with the remedy', async () => {
    await moveTo(web, 'idle', 'emergency_closing_positions');
    await risk(TRIPPED);
    await risk(DEFENSE);
    const closing = await admin.get('/api/control');
    expect(closing.at('protections.0')).toMatchObject({
      ...{ what: 'kill-switch', on: true, cause: 'DAILY_LOSS_LIMIT', resettable: false },
      refusal: expect.stringMatching(/^The bot is still closing .* Wait until it is stopped/),
    });
    expect(closing.at('protections.1')).toMatchObject({ what: 'defense-mode', on: true, resettable: true });
    await moveTo(web, 'stopped');
    const control = await admin.get('/api/control');
    expect(control.at('protections.0')).toMatchObject({ on: true, resettable: true, refusal: '' });
    expect(control.at('commands.start')).toMatchObject({ allowed: false });
    expect(control.at('commands.start.reason')).toContain('Reset it first, with a reason'.toLowerCase());
    const start = await admin.post('/api/control/start');
    expect([start.status, start.at('code')]).toEqual([409, 'COMMAND_NOT_ALLOWED']);
    expect(flags()).toEqual([]);
  });

  test('an admin resets with a reason, by main; nobody else does', async () => {
    await moveTo(web, 'idle');
    processes = () => EFFECT;
    const who = String((await admin.get('/api/auth/session')).at('user.userId'));
    const body = { what: 'kill-switch', reason: 'looked into it' };
    const done = await admin.post('/api/control/reset', body);
    expect([done.status, done.at('effect')]).toEqual([200, EFFECT]);
    expect(web.asked.filter(({ ask }) => ask === 'reset')).toEqual([
      { ask: 'reset', request: body, actor: `user:${who}` },
    ]);
    for (const role of ['viewer', 'operator', 'accountant'] as const) {
      expect((await (await userOf(web, admin, role)).post('/api/control/reset', body)).at('code')).toBe('ROLE');
    }
    expect((await web.client().post('/api/control/reset', body)).status).toBe(401);
    const bare = await admin.post('/api/control/reset', body, { headers: { 'X-CSRF-Token': '' } });
    expect([bare.status, bare.at('code')]).toEqual([403, 'CSRF_TOKEN_NEEDED']);
    expect(web.asked.filter(({ ask }) => ask === 'reset')).toHaveLength(1);
  });

  test.each([
    [{ what: 'kill-switch' }],
    [{ what: 'kill-switch', reason: '' }],
    [{ what: 'kill-switch', reason: 'x'.repeat(301) }],
    [{ what: 'everything', reason: 'looked into it' }],
    [{ what: '__proto__', reason: 'looked into it' }],
    [{ what: 'kill-switch', reason: ['looked', 'into', 'it'] }],
  ])('a reset is refused by %j', async (body) => {
    await moveTo(web, 'idle');
    expect((await admin.post('/api/control/reset', body)).status).toBe(422);
    expect(web.asked.filter(({ ask }) => ask === 'reset')).toEqual([]);
  });

  test.each([
    ['NOTHING_TO_RESET', 409],
    ['CLOSING_UNDER_WAY', 409],
    ['REASON_MISSING', 422],
  ])('main refuses with %s', async (code, status) => {
    await moveTo(web, 'idle');
    processes = () => {
      throw configError({ code, message: 'no', remedy: 'none' });
    };
    const answer = await admin.post('/api/control/reset', { what: 'defense-mode', reason: 'looked into it' });
    expect([answer.status, answer.at('code')]).toEqual([status, code]);
  });
});

describe('start, stop and kill', () => {
  test('each request only sets a flag with the id of the user', async () => {
    await moveTo(web, 'idle');
    const operator = await userOf(web, admin, 'operator');
    const who = (await operator.get('/api/auth/session')).at('user.userId');
    const asked = await operator.post('/api/control/stop');
    expect([asked.status, asked.at('flag'), asked.at('look')]).toEqual([202, 'control_stop.flag', '/api/control']);
    expect(flag('control_stop.flag')).toMatchObject({ by: who });
    expect((await operator.post('/api/control/kill', { confirm: 'KILL' })).status).toBe(202);
    expect(flag('control_kill.flag')).toMatchObject({ by: who });
    expect(flags()).toHaveLength(2);
    expect(web.context.state).toBe('idle');
  });

  test.each([[undefined], [{}], [{ confirm: 'kill' }], [{ confirm: 'KILL', now: true }]])(
    'kill is refused by %j',
    async (body) => {
      await moveTo(web, 'idle');
      expect((await admin.post('/api/control/kill', body)).status).toBe(422);
      expect(flags()).toEqual([]);
    },
  );

  test('a command that the state does not allow is refused with the reason; a kill never is', async () => {
    await moveTo(web, 'idle');
    const start = await admin.post('/api/control/start');
    expect([start.status, start.at('code')]).toEqual([409, 'COMMAND_NOT_ALLOWED']);
    await moveTo(web, 'graceful_closing_positions', 'stopped');
    expect((await admin.post('/api/control/stop')).status).toBe(409);
    expect((await admin.post('/api/control/start')).status).toBe(202);
    expect((await admin.post('/api/control/kill', { confirm: 'KILL' })).status).toBe(202);
    expect(flags().slice().sort()).toEqual(['control_kill.flag', 'control_start.flag']);
  });

  test('a viewer and an accountant may read but not act', async () => {
    await moveTo(web, 'idle');
    for (const role of ['viewer', 'accountant'] as const) {
      const client = await userOf(web, admin, role);
      expect((await client.get('/api/control')).status).toBe(200);
      for (const command of ['start', 'stop', 'kill']) {
        expect((await client.post(`/api/control/${command}`, { confirm: 'KILL' })).at('code')).toBe('ROLE');
      }
    }
    expect(flags()).toEqual([]);
  });

  test('the results of the last flags are shown with the name of the requester', async () => {
    await moveTo(web, 'idle');
    const { appender } = web.context.open();
    const who = String((await admin.get('/api/auth/session')).at('user.userId'));
    const data = { flag: 'control_stop.flag', command: 'stop', outcome: 'obeyed', reason: 'closing' } as const;
    const flagAt = toUtcText(parseUtcText('2026-11-20T17:00:00.000Z'));
    await appender.append(STREAMS.processes, [
      { type: 'ControlFlagConsumed', data: { ...data, by: who, flagAt }, correlationId: 'flags', causationId: null },
    ]);
    const control = await admin.get('/api/control');
    expect(control.at('flags.0')).toMatchObject({ command: 'stop', outcome: 'obeyed', by: who, byName: 'admin' });
    expect(control.at('commands.start.allowed')).toBe(false);
    expect(control.at('commands.kill.allowed')).toBe(true);
  });

  test('in error the failed checks are listed with their remedies', async () => {
    await web.context.open().appender.append(STREAMS.lifecycle, [
      {
        type: 'SelfCheckCompleted',
        data: {
          ok: false,
          checks: [
            { module: 'risk', ok: true, cause: '', remedy: '' },
            { module: 'broker', ok: false, cause: 'no line', remedy: 'plug it in' },
          ],
        },
        correlationId: 'boot',
        causationId: null,
      },
    ]);
    await moveTo(web, 'error');
    const control = await admin.get('/api/control');
    expect(control.at('failures')).toEqual([{ module: 'broker', cause: 'no line', remedy: 'plug it in' }]);
  });

  test('only users who manage secrets see the warning that keys lie next to them', async () => {
    expect(String((await admin.get('/api/control')).at('warnings.0'))).toContain('--master-key-file');
    const viewer = await userOf(web, admin, 'viewer');
    expect((await viewer.get('/api/control')).at('warnings')).toEqual([]);
  });
});

describe('test runs', () => {
  test('an admin sets the flag of a known test; runs are read from the journal', async () => {
    expect((await admin.post('/api/tests/all')).at('flag')).toBe('test_mode.flag');
    expect((await admin.post('/api/tests/ledger_schema')).at('flag')).toBe('test_mode_ledger_schema.flag');
    for (const name of ['nothing', '..%2Fx', 'ALL']) expect((await admin.post(`/api/tests/${name}`)).status).toBe(404);
    const run = { runId: 'T-1', test: 'all' };
    const drafts = { correlationId: 'T-1', causationId: null };
    const { by, ...asked } = { by: null, askedAt: '2026-11-28T00:00:00.000Z' };
    const running = { ...run, by, startedAt: asked.askedAt, check: 'ledger_schema', done: 8, total: 12 };
    processes = () => ({ running, waiting: [{ test: 'env_bot', by, ...asked }] });
    await web.context
      .open()
      .appender.append(STREAMS.processes, [{ type: 'TestRunStarted', data: { ...run, by: null }, ...drafts }]);
    expect((await admin.get('/api/tests')).at('runs.0')).toMatchObject({ ...run, ok: null, byName: null });
    const queue = await admin.get('/api/tests');
    expect(queue.at('running')).toEqual(running);
    expect(queue.at('waiting')).toEqual([{ test: 'env_bot', by, byName: null, ...asked }]);
    const check = { runId: 'T-1-9', test: 'ledger_schema', by };
    await web.context.open().appender.append(STREAMS.processes, [{ type: 'TestRunStarted', data: check, ...drafts }]);
    expect((await admin.get('/api/tests')).at('runs.1')).toBeUndefined();
    const results = [{ check: 'ledger_schema', ok: true, detail: '12 tables' }];
    await web.context
      .open()
      .appender.append(STREAMS.processes, [{ type: 'TestRunEnded', data: { ...run, ok: true, results }, ...drafts }]);
    expect((await admin.get('/api/tests')).at('runs.0')).toMatchObject({ ok: true, results });
    const operator = await userOf(web, admin, 'operator');
    expect((await operator.post('/api/tests/all')).at('code')).toBe('ROLE');
  });
});

describe('status, health and processes', () => {
  test('the status file is served as it is with an ETag, and as a problem before it exists', async () => {
    expect((await admin.get('/api/status')).at('code')).toBe('NO_STATUS_YET');
    const { statusJson } = web.context.open().paths.output;
    mkdirSync(dirname(statusJson), { recursive: true });
    writeFileSync(statusJson, '{"overall":{"status":"OK","reasons":[]}}');
    const first = await admin.get('/api/status');
    expect([first.status, first.at('overall.status')]).toEqual([200, 'OK']);
    const headers = { 'If-None-Match': String(first.headers.etag) };
    expect((await admin.get('/api/status', { headers })).status).toBe(304);
  });

  test('everyone may read the state, its stage and the health; details need a login', async () => {
    const anybody = web.client();
    expect((await anybody.get('/api/state')).text).toBe('{"state":"started","stage":"starting","simulated":true}');
    expect((await anybody.get('/api/health')).text).toBe('{"health":"ok"}');
    for (const path of ['/api/processes', '/api/status', '/api/control', '/api/logs', '/api/journal/events']) {
      expect((await anybody.get(path)).status).toBe(401);
    }
    await moveTo(web, 'error');
  });

  test('the conditions are those of main; while it does not answer, that is one, and Critical', async () => {
    await moveTo(web, 'idle');
    const now = { overall: 'Warning', conditions: [{ code: 'A', severity: 'Warning', text: 'a', remedy: 'b.' }] };
    processes = () => now;
    const viewer = await userOf(web, admin, 'viewer');
    expect(JSON.parse((await viewer.get('/api/conditions')).text)).toEqual(now);
    expect((await web.client().get('/api/conditions')).status).toBe(401);
    processes = () => {
      throw networkError('retry', { code: 'MAIN_SILENT', message: 'no answer in 3000 ms', remedy: 'Wait.' });
    };
    const silent = await viewer.get('/api/conditions');
    expect([silent.status, silent.at('overall'), silent.at('conditions.0.code')]).toEqual([
      200,
      'Critical',
      'MAIN_SILENT',
    ]);
  });

  test('the briefing is that of main; while it does not answer, name and mark remain and that is the reason', async () => {
    const briefing = { identity: 'X', simulated: true, clock: null, nextSession: { text: 'soon' }, notTrading: [] };
    processes = () => ({ overall: 'OK', conditions: [], briefing });
    const viewer = await userOf(web, admin, 'viewer');
    expect(JSON.parse((await viewer.get('/api/now')).text)).toEqual(briefing);
    expect((await web.client().get('/api/now')).status).toBe(401);
    processes = () => {
      throw networkError('retry', { code: 'MAIN_SILENT', message: 'no answer in 3000 ms', remedy: 'Wait.' });
    };
    const silent = await viewer.get('/api/now');
    expect(JSON.parse(silent.text)).toMatchObject({
      ...{ identity: web.context.open().identity, simulated: true, clock: null },
      nextSession: { text: 'not known: the main process does not answer', date: null },
      notTrading: [{ code: 'MAIN_SILENT' }],
    });
  });

  test('a thousand health requests cause one request to main', async () => {
    await Promise.all(Array.from({ length: 200 }, () => web.client().get('/api/health')));
    expect(web.asked.filter(({ ask }) => ask === 'processes').length).toBeLessThanOrEqual(2);
  });

  test('health is degraded when main does not answer, and processes shows why', async () => {
    processes = () => {
      throw networkError('retry', { code: 'MAIN_SILENT', message: 'main did not answer', remedy: 'Try again.' });
    };
    expect((await web.client().get('/api/health')).at('health')).toBe('degraded');
    const asked = await admin.get('/api/processes');
    expect([asked.status, asked.at('code')]).toEqual([503, 'MAIN_SILENT']);
  });

  test('processes are shown as main reports them', async () => {
    expect((await admin.get('/api/processes')).at('processes.0')).toMatchObject(PROCESS);
  });
});

describe('the journal', () => {
  test('newest first, page by page, filtered; a foreign cursor is refused', async () => {
    const first = await admin.get('/api/journal/events?limit=3');
    expect((first.at('items') as unknown[]).length).toBe(3);
    const second = await admin.get(`/api/journal/events?limit=3&cursor=${String(first.at('nextCursor'))}`);
    const positions = [first, second].flatMap((page) =>
      (page.at('items') as { position: string }[]).map((one) => one.position),
    );
    expect(positions).toEqual([...positions].sort().reverse());
    expect(new Set(positions).size).toBe(6);
    const types = await admin.get('/api/journal/events?type=BotStateChanged,UserRegistered&limit=200');
    const seen = new Set((types.at('items') as { type: string }[]).map(({ type }) => type));
    expect([...seen].sort()).toEqual(['BotStateChanged', 'UserRegistered']);
    expect(types.at('nextCursor')).toBeNull();
    for (const query of ['cursor=abc', 'cursor=%27%3B--', 'type=Nothing', 'limit=0', 'limit=201', 'x=1']) {
      expect([query, (await admin.get(`/api/journal/events?${query}`)).status]).toEqual([query, 422]);
    }
  });

  test('a user who may not read users, secrets and settings cannot read their events either', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const typesIn = async (query: string): Promise<readonly string[]> => {
      const { items } = JSON.parse((await viewer.get(`/api/journal/events?limit=200${query}`)).text) as {
        items: { type: string }[];
      };
      return items.map(({ type }) => type);
    };
    const everything = await typesIn('');
    expect(everything).toContain('BotStateChanged');
    for (const hidden of ['LoginSucceeded', 'UserRegistered', 'SecretChanged', 'SecretsRotated', 'ConfigChanged']) {
      expect([hidden, everything.includes(hidden), await typesIn(`&type=${hidden}`)]).toEqual([hidden, false, []]);
    }
    expect(await typesIn('&stream=config')).toEqual([]);
    expect((await viewer.get('/api/journal/events?type=Nothing')).status).toBe(422);
    expect(await typesIn('&type=BotStateChanged,LoginSucceeded')).not.toContain('LoginSucceeded');
  });

  test('events are filtered by stream and by correlation', async () => {
    const config = await admin.get('/api/journal/events?stream=config&limit=5');
    expect((config.at('items') as { stream: string }[]).every(({ stream }) => stream.startsWith('config'))).toBe(true);
    const streams = async (query: string): Promise<readonly string[]> => {
      const answer = await admin.get(`/api/journal/events?limit=5&${query}`);
      return (answer.at('items') as { stream: string }[]).map(({ stream }) => stream);
    };
    expect(new Set(await streams('stream=lifecycl'))).toEqual(new Set(['lifecycle']));
    expect(new Set(await streams('streamName=lifecycle'))).toEqual(new Set(['lifecycle']));
    expect(await streams('streamName=lifecycl')).toEqual([]);
    const one = await admin.get('/api/journal/events?correlation=lifecycle&limit=2');
    expect((one.at('items') as unknown[]).length).toBe(2);
    const rest = await admin.get(
      `/api/journal/events?correlation=lifecycle&limit=200&cursor=${String(one.at('nextCursor'))}`,
    );
    expect((rest.at('items') as unknown[]).length).toBeGreaterThan(0);
  });
});
