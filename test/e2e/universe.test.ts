import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { secret } from '../../src/kernel/secret.js';
import { runTask } from '../../src/processes/worker/tasks.js';
import { AlpacaDataEmulator } from '../emulators/provider-alpaca/alpaca-data-emulator.js';
import { provisionTestHome, TEST_PARTS, TEST_VERSION, type ProvisionedHome } from '../support/provision.js';
import * as program from './support/program.js';

const KEY = { id: 'canary-id', secret: 'canary-secret' };
const emulator = new AlpacaDataEmulator(
  [
    { symbol: 'AAA', mic: 'XNYS', price: '50.25', volume: 4_000_000 },
    { symbol: 'PENNY', mic: 'XNAS', price: '0.5', volume: 10 },
  ],
  KEY,
);
let made: ProvisionedHome;

beforeAll(async () => {
  await program.buildOnce();
  made = await provisionTestHome(join(program.scratchFolder(), 'home'));
});
afterAll(async () => {
  await emulator.stop();
  await program.removeScratch();
});

const universe = (...args: readonly string[]) => program.tradebot('universe', ...args, '--home', made.home);

test('the universe is built, shown, explained and made again by command and by a worker', async () => {
  const waiting = await universe('build');
  expect([waiting.code, waiting.err]).toEqual([0, '']);
  expect(waiting.out).toContain('waiting_for_credentials');
  expect((await universe('show')).out).toContain('no universe is published');
  expect((await universe('why', 'AAA')).err).toContain('UNIVERSE_MISSING');

  const { url } = await emulator.start();
  const vault = new FileVault({ paths: made.paths.storage, clock: new SystemClock(), masterKeyFile: null });
  const fields = { ALPACA_API_KEY: KEY.id, ALPACA_SECRET_KEY: KEY.secret, ALPACA_URL: url };
  const secrets = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secret(value)]));
  vault.rotate({ secrets: { screener_api: secrets } });
  const built = await universe('build', '--json');
  expect([built.code, built.err]).toEqual([0, '']);
  const { date, sha256 } = JSON.parse(built.out) as { readonly date: string; readonly sha256: string };
  expect(JSON.parse(built.out)).toMatchObject({ state: 'published', symbols: 1, listed: 2 });

  const shown = await universe('show');
  expect(shown.out).toContain(`universe of ${date}`);
  expect(shown.out).toContain('AAA');
  expect((await universe('why', 'aaa')).out).toContain('is in the universe');
  const why = await universe('why', 'PENNY');
  expect(why.out).toContain('PRICE_BELOW_MIN');
  expect(why.out).toContain('2 to 300');
  expect((await universe('why', 'NONE')).out).toContain('no provider of the build lists it');

  const calls = emulator.calls.length;
  const again = await universe('build', '--as-of', date, '--json');
  expect(JSON.parse(again.out)).toMatchObject({ ok: true, sha256 });
  expect(readFileSync(made.paths.universe.rebuilt(date))).toEqual(readFileSync(made.paths.universe.published));
  expect((await universe('build', '--as-of', '2025-01-06')).err).toContain('SNAPSHOT_MISSING');
  expect(emulator.calls).toHaveLength(calls);

  const init = {
    ...{ home: made.home, root: '', versionTag: TEST_VERSION, identityParts: TEST_PARTS, timeScale: null },
  };
  const rest = { attempt: 0, masterKeyFile: null, web: null, commands: [], task: null };
  const task = { task: 'universe', night: true } as const;
  expect(await runTask({ ...init, ...rest }, task, new SystemClock())).toEqual({ state: 'already', date });
  expect(shown.out + why.out + built.out).not.toContain('canary-');
});
