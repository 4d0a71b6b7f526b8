import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_SETTINGS } from '../../../src/domain/config/settings.js';
import { enrich } from '../../../src/domain/universe/enrich.js';
import type { FigureName, Observation } from '../../../src/domain/universe/observation.js';
import { limitsOf } from '../../../src/domain/universe/rules.js';
import { select } from '../../../src/domain/universe/select.js';
import type { UniverseHeader } from '../../../src/domain/universe/universe-file.js';
import { unfilteredText } from '../../../src/domain/universe/write-universe.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs, toUtcText } from '../../../src/kernel/time.js';
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

test('why a symbol is in the universe or not: each rule with value and limit, from the newest build', async () => {
  const viewer = await userOf(web, admin, 'viewer');
  const none = await viewer.get('/api/universe/why?symbol=aaa');
  expect([none.status, none.at('detail')]).toEqual([404, expect.stringContaining('universe yet')]);
  const header: UniverseHeader = {
    ...{ format: 1, date: '2026-01-05', build_id: 'UB-1', as_of: AT, providers: ['alpaca'] },
    ...{ limits: limitsOf(DEFAULT_SETTINGS, false), notes: [] },
  };
  const rows = enrich([...listed('AAA', '10'), ...listed('BBB', '1')]);
  const file = web.context.open().paths.universe.unfiltered;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, unfilteredText(header, [], select(rows, header.limits, new Map())));
  const why = (symbol: string) => viewer.get(`/api/universe/why?symbol=${symbol}`);
  const chosen = { symbol: 'AAA', date: '2026-01-05', listed: true, chosen: true, rank: 1, excludedBy: null };
  expect(bodyOf(await why('aaa'))).toMatchObject(chosen);
  const left = await why('BBB');
  expect(bodyOf(left)).toMatchObject({ chosen: false, rank: null, excludedBy: 'PRICE_BELOW_MIN' });
  expect(left.at('rules')).toContainEqual({
    ...{ rule: 'price', ok: false, code: 'PRICE_BELOW_MIN', value: '1', limit: '2 to 300' },
  });
  const later = enrich([...listed('AAA', '10'), ...listed('BBB', '2.5')]);
  writeFileSync(file, unfilteredText(header, [], select(later, header.limits, new Map())));
  expect(bodyOf(await why('BBB'))).toMatchObject({ chosen: true });
  expect(bodyOf(await why('ZZZ'))).toMatchObject({ listed: false, excludedBy: 'NOT_LISTED', rules: [] });
});

const bodyOf = ({ text }: { readonly text: string }): unknown => JSON.parse(text);
const AT = toUtcText(epochMs(1_767_740_000_000));

function listed(symbol: string, price: string): readonly Observation[] {
  const figures = { exchange: 'NYSE', tradable: 'true', price, volume: '1000' } as const;
  return Object.entries(figures).map(([figure, value]) => ({
    ...{ symbol, figure: figure as FigureName, value, source: 'alpaca', asOf: null, at: AT, sha256: sha256Hex(figure) },
  }));
}
