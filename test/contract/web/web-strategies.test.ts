import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { STREAMS } from '../../../src/events/streams.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: () => ({ version: 1 }) });
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const SETTING = {
  ...{ key: 'OWN_GAP_FADE_BUFFER', kind: 'number', label: 'Buffer', help: 'Distance.', unit: 'fraction' },
  ...{ default: '0.01', min: '0', max: '0.2', choices: [] },
};

test('pages show own strategies, their settings, what settings made, and the list of inverse ETFs', async () => {
  const { appender } = web.context.open();
  const found = {
    strategies: [
      {
        name: 'gap-fade',
        file: 'strategies/gap-fade/a.ts',
        sha256: '0f'.repeat(32),
        description: 'Fades.',
        settings: [SETTING],
      },
    ],
    refused: [
      {
        name: 'broken',
        code: 'STRATEGY_SYNTAX',
        where: 'strategies/broken/a.ts:3:1',
        cause: 'expected.',
        remedy: 'Correct it.',
      },
    ],
  };
  const cause = { correlationId: 'test', causationId: null };
  await appender.append(STREAMS.ownStrategies, [{ type: 'OwnStrategiesFound', data: found as never, ...cause }]);
  const viewer = await userOf(web, admin, 'viewer');
  const own = await viewer.get('/api/strategies/own');
  expect(own.at('strategies.0')).toMatchObject({ name: 'gap-fade', description: 'Fades.' });
  expect(own.at('refused.0')).toMatchObject({ name: 'broken', where: 'strategies/broken/a.ts:3:1' });
  expect((await viewer.get('/api/strategies/tuning')).at('rows')).toEqual([]);
  expect((await viewer.get('/api/strategies/inverse-etfs')).at('version')).toBe(0);
  const settings = JSON.stringify((await admin.get('/api/settings')).at('groups'));
  expect(settings).toContain('OWN_GAP_FADE_BUFFER');
  expect(settings).toContain('"choices":["open","mid","close","gap-fade"]');
});

test('an admin replaces the list by a worker, with a reason; a viewer does not', async () => {
  const body = { version: '0', entries: { SPY: 'SH' }, reason: 'through SH' };
  const answer = await admin.put('/api/strategies/inverse-etfs', body);
  expect([answer.status, answer.at('version')]).toEqual([200, 1]);
  expect(web.asked.find((one) => one.ask === 'worker' && one.task.task === 'inverse-etfs')).toMatchObject({
    task: { request: body },
  });
  const viewer = await userOf(web, admin, 'viewer');
  expect((await viewer.put('/api/strategies/inverse-etfs', body)).at('code')).toBe('ROLE');
  expect((await admin.put('/api/strategies/inverse-etfs', { ...body, reason: '' })).status).toBe(422);
});
