import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { loadSettings } from '../../src/app/settings/load-settings.js';
import type { SetupForm } from '../../src/app/provisioning/setup-form.js';
import { settingsSha256 } from '../../src/domain/config/settings.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { epochMs } from '../../src/kernel/time.js';
import { provisionTestHome, setupForm, TEST_PARTS, TEST_VERSION } from '../support/provision.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { copyTree } from '../support/copy-tree.js';
import { refusalOf } from '../support/refusal.js';

afterEach(removeTemporaryHomes);

const CANARY = 'canary-52ab-smtp';
const OVER: Partial<SetupForm> = {
  smtp: {
    SMTP_HOST: 'mail.example.com',
    SMTP_FROM: 'bot@example.com',
    SMTP_USERNAME: `${CANARY}-user`,
    SMTP_PASSWORD: `${CANARY}-password`,
  },
  brokerCredentials: { BROKER_API_KEY: `${CANARY}-key` },
  settings: { MAX_TRADES: '2', WEIGHTS: '0.5,0.5', HUB_URL: `https://${CANARY}@hub.example.com` },
};
const clock = { now: () => epochMs(Date.now()) };

const vaultOf = (home: string): FileVault =>
  new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile: null });

async function eventsOf(home: string): Promise<readonly RecordedEvent[]> {
  const journal = SqliteJournal.open({ path: `${basePaths(home).storage.dir}/journal/journal.db`, clock });
  try {
    return await journal.readAll({});
  } finally {
    await journal.close();
  }
}

const TYPES = [
  'ProvisioningStarted',
  'BotStateChanged',
  'ProvisioningStepDone',
  'ProvisioningStepDone',
  'ProvisioningCompleted',
  'BotStateChanged',
  'CoaChanged',
  'CoaMappingChanged',
  'ConfigChanged',
  'SecretChanged',
  'SecretChanged',
  'SecretChanged',
  'BotStateChanged',
];

/** The state at the end of every setup, however often it was interrupted. */
async function expectSetUp(home: string, step: string): Promise<void> {
  const events = await eventsOf(home);
  const types = events.map(({ type }) => type);
  const started = types.filter((type) => type === 'ProvisioningStarted');
  expect([step, types.filter((type) => type !== 'ProvisioningStarted')]).toEqual([step, TYPES.slice(1)]);
  expect(started.length).toBeLessThanOrEqual(2);
  const states = events.flatMap((event) => (event.type === 'BotStateChanged' ? [event.data.to] : []));
  expect(states).toEqual(['provisioning', 'bootstrapping', 'registration']);
  const settings = loadSettings(vaultOf(home), TEST_VERSION);
  const reported = events.find((event) => event.type === 'ConfigChanged');
  expect(reported?.type === 'ConfigChanged' && reported.data.settingsSha256).toBe(settingsSha256(settings));
  expect(settings.MAX_TRADES).toBe(2);
  expect([step, vaultOf(home).check()]).toEqual([step, []]);
  expect(vaultOf(home).secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(`${CANARY}-password`);
  const { usersDb, resetTokensDb } = basePaths(home).storage;
  expect([existsSync(usersDb), existsSync(resetTokensDb)]).toEqual([true, true]);
}

describe('setup', () => {
  test('setup ends in registration with keys, secrets, settings, marker, databases and chart, and reports progress', async () => {
    const { home, base, paths } = await provisionTestHome(temporaryHome(), OVER);
    await expectSetUp(home, 'whole');
    const completed = (await eventsOf(home)).find((event) => event.type === 'ProvisioningCompleted');
    expect(completed?.data).toMatchObject({ broker: 'SIM', openingFloat: '25000.00', symbols: ['SPY', 'AAPL'] });
    const status = JSON.parse(readFileSync(base.output.provisioningStatus, 'utf8')) as Record<string, unknown>;
    expect(status).toMatchObject({ state: 'done', percent: 100, step: 'registration', code: null });
    const log = readFileSync(base.output.systemLog('provisioning'), 'utf8').trimEnd().split('\n');
    const percents = log.map((line) => (JSON.parse(line) as { percent: number }).percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(existsSync(paths.marker)).toBe(true);
  });

  test('setup makes the directory for copies of the seals, and refuses one in the home (JRN-30)', async () => {
    const outside = `${temporaryHome()}/anchors/seals`;
    await provisionTestHome(temporaryHome(), { settings: { SEAL_ANCHOR_DIR: outside } });
    expect(existsSync(outside)).toBe(true);
    const home = temporaryHome();
    const inside = provisionTestHome(home, { settings: { SEAL_ANCHOR_DIR: `${home}/seals` } });
    await expect(inside).rejects.toMatchObject({ code: 'ANCHOR_INSIDE_HOME' });
    await provisionTestHome(home, { settings: { SEAL_ANCHOR_DIR: outside } });
    expect(existsSync(`${home}/seals`)).toBe(false);
  });

  test('setup leaves no secret value anywhere (SEC-5)', async () => {
    const { home } = await provisionTestHome(temporaryHome(), OVER);
    const found = Object.entries(filesUnder(home)).filter(([, bytes]) => bytes.includes(CANARY));
    expect(found.map(([name]) => name)).toEqual([]);
    expect(JSON.stringify(await eventsOf(home))).not.toContain(CANARY);
  });

  test('setup wraps the keys when there is a master key', async () => {
    const file = `${temporaryHome()}/master.key`;
    writeFileSync(file, 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
    const { base } = await provisionTestHome(temporaryHome(), OVER, { masterKeyFile: file });
    expect(readFileSync(`${base.storage.keys}/env_bot.key`, 'utf8')).toMatch(/^wrapped-by-master-key:/);
  });
});

describe('setup is refused and nothing changes', () => {
  test('a form with faults is refused; the status shows the faults without values', async () => {
    const home = temporaryHome();
    const bad = { ...OVER, openingFloat: 'lots', brokerCredentials: { PASSWORD: CANARY } };
    const error = await refusalOf(provisionTestHome(home, bad));
    expect([error.code, Object.keys(error.details)]).toEqual([
      'SETUP_INVALID',
      ['openingFloat', 'brokerCredentials.PASSWORD'],
    ]);
    const files = filesUnder(home);
    expect(Object.keys(files)).toEqual(['output/logs/provisioning.log', 'output/logs/provisioning_status.json']);
    expect(JSON.parse(files['output/logs/provisioning_status.json'] ?? '')).toMatchObject({
      state: 'failed',
      step: 'form',
      code: 'SETUP_INVALID',
    });
    expect(JSON.stringify([files, error.line, error.details])).not.toContain(CANARY);
  });

  test('a home that is already set up', async () => {
    const { home } = await provisionTestHome(temporaryHome(), OVER);
    const before = await eventsOf(home);
    const error = await refusalOf(provisionTestHome(home, OVER));
    expect(error.code).toBe('ALREADY_PROVISIONED');
    expect(await eventsOf(home)).toEqual(before);
    expect(vaultOf(home).generation()).toBe(1);
  });

  test('the home of another bot', async () => {
    const { home } = await provisionTestHome(temporaryHome(), OVER);
    const error = await refusalOf(provisionTestHome(home, { ...OVER, identity: { ...TEST_PARTS, botId: 'B02' } }));
    expect(error.code).toBe('HOME_OTHER_BOT');
    expect(vaultOf(home).generation()).toBe(1);
  });

  test('a home whose vault is missing', async () => {
    const { home, base } = await provisionTestHome(temporaryHome(), OVER);
    rmSync(base.storage.vault, { recursive: true });
    expect((await refusalOf(provisionTestHome(home, OVER))).code).toBe('VAULT_MISSING');
    expect(existsSync(base.storage.vaultCurrent)).toBe(false);
  });

  test('a home that has traded days on request', async () => {
    const { home, base } = await provisionTestHome(temporaryHome(), OVER);
    // Such a home has a journal made without setup, and no vault.
    const other = temporaryHome();
    mkdirSync(`${other}/storage/journal`, { recursive: true });
    writeFileSync(`${other}/storage/home.json`, readFileSync(base.marker));
    const journal = SqliteJournal.open({ path: `${other}/storage/journal/journal.db`, clock });
    for (const event of (await eventsOf(home)).filter(({ type }) => type === 'BotStateChanged')) {
      const { id, type, schemaVersion, occurredAt, data, meta, stream } = event;
      const fresh = { id, type, schemaVersion, occurredAt, data, meta } as Parameters<typeof journal.append>[1][number];
      await journal.append(stream, [fresh], { expectedRevision: 'any' });
    }
    await journal.close();
    const error = await refusalOf(provisionTestHome(other, OVER));
    expect([error.code, error.remedy]).toEqual([
      'HOME_TRADED_WITHOUT_SETUP',
      'Set the bot up in another --home; this one stays unchanged.',
    ]);
    expect(vaultOf(other).generation()).toBeUndefined();
  });

  test.each<[string, (home: string) => void]>([
    [
      'a file where the home should be',
      (home) => {
        rmSync(home, { recursive: true });
        writeFileSync(home, 'x');
      },
    ],
    [
      'a file where the vault should be',
      (home) => {
        mkdirSync(`${home}/storage`);
        writeFileSync(`${home}/storage/vault`, 'x');
      },
    ],
  ])('%s', async (_, spoil) => {
    const home = temporaryHome();
    spoil(home);
    const error = await refusalOf(provisionTestHome(home, OVER));
    expect(error.code).toMatch(/^(HOME_NOT_A_FOLDER|VAULT_NOT_WRITTEN|VAULT_UNREADABLE)$/);
    expect(error.message).toContain(home);
  });
});

describe('a crash after any step (SEC-6)', () => {
  test('the same form completes the setup; before the first generation is current, nothing of the form is kept', async () => {
    const home = temporaryHome();
    const crashed: { readonly step: string; readonly home: string }[] = [];
    let links = 0;
    await provisionTestHome(home, OVER, {
      onStep: (step) => {
        // Keys, secrets and links are alike: one of each kind will do.
        if (/^(key|secret) /.test(step) && !/smtp|vault_backup/.test(step)) return;
        if (step.startsWith('link ') && (links += 1) % 8 !== 0) return;
        const copy = `${temporaryHome()}/home`;
        copyTree(home, copy);
        crashed.push({ step, home: copy });
      },
    });
    const steps = crashed.map(({ step }) => step);
    const swapped = steps.indexOf('swapped');
    expect(steps).toEqual(
      expect.arrayContaining(['form', 'vault', 'home', 'journal', 'recorded', 'settings', 'registration']),
    );
    for (const [index, { step, home: at }] of crashed.entries()) {
      if (index < swapped) expect([step, vaultOf(at).generation()]).toEqual([step, undefined]);
      if (step === 'registration') {
        expect((await refusalOf(provisionTestHome(at, OVER))).code).toBe('ALREADY_PROVISIONED');
      } else await provisionTestHome(at, OVER);
      await expectSetUp(at, step);
    }
  });

  test('after the vault exists, a later form for the same bot replaces the earlier one', async () => {
    const home = temporaryHome();
    const copy = `${temporaryHome()}/home`;
    await provisionTestHome(home, setupForm({ ...OVER, settings: {} }), {
      onStep: (step) => {
        if (step === 'vault') copyTree(home, copy);
      },
    });
    await provisionTestHome(copy, OVER);
    await expectSetUp(copy, 'other form');
    expect(vaultOf(copy).generation()).toBe(2);
  });

  test('processes that kill themselves at each step recover', async () => {
    const loader = new URL('../unit/support/typescript-loader.mjs', import.meta.url).href;
    const child = fileURLToPath(new URL('support/provisioning-child.mjs', import.meta.url));
    const home = temporaryHome();
    for (const step of ['env_bot', 'swapped', 'journal', 'databases', 'settings']) {
      const input = JSON.stringify({ home, form: setupForm(OVER), step, versionTag: TEST_VERSION });
      const { signal, stderr } = spawnSync(process.execPath, ['--import', loader, child], { input, encoding: 'utf8' });
      expect([step, signal, stderr]).toEqual([step, 'SIGKILL', '']);
    }
    await provisionTestHome(home, OVER);
    const started = (await eventsOf(home)).filter(({ type }) => type === 'ProvisioningStarted');
    expect(started.map((event) => event.type === 'ProvisioningStarted' && event.data.resumed)).toEqual([true, true]);
    expect(vaultOf(home).check()).toEqual([]);
  });
});
