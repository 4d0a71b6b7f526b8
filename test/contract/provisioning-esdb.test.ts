import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { epochMs } from '../../src/kernel/time.js';
import { journalSelfCheck } from '../../src/processes/worker/journal-self-check.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { provisionTestHome, TEST_PARTS } from '../support/provision.js';
import { refusalOf } from '../support/refusal.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const BOT = 'DEMO_US_SIM_B01';
const PASSWORD = 'canary-71c-password';
const clock = { now: () => epochMs(Date.now()) };

let double: EsdbDouble;

beforeEach(async () => {
  double = await EsdbDouble.start({ batchAppend: true });
});
afterEach(() => double.stop());
afterAll(removeTemporaryHomes);

const onServer = () => ({
  settings: { JOURNAL_URL: double.url },
  journalServer: { JOURNAL_USER: 'bot', JOURNAL_PASSWORD: PASSWORD },
});

const vaultOf = (home: string): FileVault =>
  new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile: null });

const typesOn = (stream: string): readonly string[] =>
  (double.store.stream(`${BOT}-${stream}`) ?? []).map(({ type }) => type);

const setUp = (home: string, onStep?: (step: string) => void): Promise<unknown> =>
  provisionTestHome(home, onServer(), onStep === undefined ? {} : { onStep });

/** Everything that another home has stored, apart from the report of the progress. */
const storedIn = (home: string): readonly string[] =>
  Object.keys(filesUnder(home)).filter((name) => !name.startsWith('output/logs/provisioning'));

test('a home is set up on a server: its steps are events there, and the password is in the secrets alone', async () => {
  const home = temporaryHome();
  await setUp(home);
  expect(typesOn('provisioning')).toEqual([
    'ProvisioningStarted',
    'ProvisioningStepDone',
    'ProvisioningStepDone',
    'ProvisioningCompleted',
  ]);
  expect(vaultOf(home).journalAddress()).toMatchObject({ url: double.url, credentials: { user: 'bot' } });
  expect(vaultOf(home).journalAddress().credentials?.password.reveal()).toBe(PASSWORD);
  const events = double.store.log.map(({ data, metadata }) => `${data.toString()} ${metadata.toString()}`).join();
  expect(`${JSON.stringify(filesUnder(home))}${events}`).not.toContain(PASSWORD);
  expect(await refusalOf(setUp(home))).toMatchObject({ code: 'ALREADY_PROVISIONED' });
  const checkedBy = { vault: vaultOf(home), identityParts: TEST_PARTS };
  const results = await journalSelfCheck(checkedBy);
  expect([results.length, results.filter(({ ok }) => !ok)]).toEqual([10, []]);
  expect(results.at(-1)).toMatchObject({ check: 'journal.identity', detail: expect.stringContaining('since 20') });
  double.diskFull = true;
  const full = await journalSelfCheck(checkedBy);
  expect(full.filter(({ ok }) => !ok)).toMatchObject([
    { detail: expect.stringMatching(/disk of the server .* is full/) },
  ]);
});

test('a set-up that is cut off after any step continues, and records each of its events once', async () => {
  for (const fatal of ['vault', 'journal', 'chart']) {
    double.stop();
    double = await EsdbDouble.start({ batchAppend: true });
    const home = temporaryHome();
    const cut = setUp(home, (step) => {
      if (step === fatal) throw new Error(`cut off after ${step}`);
    });
    await expect(cut).rejects.toThrow(`cut off after ${fatal}`);
    await setUp(home);
    const once = typesOn('provisioning').filter((type) => type !== 'ProvisioningStarted');
    expect([fatal, once]).toEqual([fatal, ['ProvisioningStepDone', 'ProvisioningStepDone', 'ProvisioningCompleted']]);
    expect([fatal, typesOn('accounting')]).toEqual([fatal, ['CoaChanged', 'CoaMappingChanged']]);
  }
});

test('a new home never joins the events of another one: it is refused with their times, and stores nothing', async () => {
  await setUp(temporaryHome());
  const before = double.store.log.filter(({ stream }) => stream.startsWith(`${BOT}-`)).length;
  const other = temporaryHome();
  const refused = await refusalOf(setUp(other));
  expect(refused).toMatchObject({ code: 'JOURNAL_IDENTITY_TAKEN', details: { finding: 'identity' } });
  expect(refused.line).toMatch(/events of DEMO_US_SIM_B01 since 20.*another bot code.*take-over --reason/);
  expect(storedIn(other)).toEqual([]);
  expect(double.store.log.filter(({ stream }) => stream.startsWith(`${BOT}-`))).toHaveLength(before);
  await provisionTestHome(other, { ...onServer(), identity: { ...TEST_PARTS, botId: 'B02' } });
});

test('of two homes that are set up at the same time one is refused, also when it repeats the set-up', async () => {
  const homes = [temporaryHome(), temporaryHome()];
  let waiting: (() => void)[] = [];
  const ready = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === homes.length) {
        for (const go of waiting) go();
        waiting = [];
      }
    });
  const ended = await Promise.allSettled(
    homes.map((home) =>
      provisionTestHome(home, onServer(), {
        checkServer: async () => {
          await ready();
          return { ok: true, findings: [] };
        },
      }),
    ),
  );
  const lost = ended.findIndex(({ status }) => status === 'rejected');
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(ended[lost]).toMatchObject({ reason: { code: 'JOURNAL_IDENTITY_TAKEN' } });
  expect(await refusalOf(setUp(homes[lost] ?? ''))).toMatchObject({ code: 'JOURNAL_IDENTITY_TAKEN' });
  expect(typesOn('provisioning').filter((type) => type === 'ProvisioningStarted')).toHaveLength(1);
});

test('a server that vanishes in the middle is named, and the set-up can be repeated when it is back', async () => {
  const home = temporaryHome();
  const { url, store } = double;
  const cut = setUp(home, (step) => {
    if (step === 'vault') double.stop();
  });
  const gone = await refusalOf(cut);
  expect(gone).toMatchObject({ code: 'JOURNAL_UNREACHABLE', message: expect.stringContaining('no program accepts') });
  const away = await refusalOf(setUp(home));
  expect(away).toMatchObject({ code: 'JOURNAL_CHECK_FAILED', details: { finding: 'reach' } });
  double = await EsdbDouble.start({ batchAppend: true, store });
  expect(double.url).not.toBe(url);
  await setUp(home);
  expect(typesOn('provisioning').at(-1)).toBe('ProvisioningCompleted');
});

test('a form with a login in two places, with half of one, or with another product is refused by field', async () => {
  const faults = async (settings: Record<string, string>, journalServer: Record<string, string>): Promise<unknown> =>
    (await refusalOf(provisionTestHome(temporaryHome(), { settings, journalServer }))).details;
  const login = { JOURNAL_USER: 'bot', JOURNAL_PASSWORD: PASSWORD };
  const seen = [
    await faults({ JOURNAL_URL: 'esdb://bot:pw@h' }, login),
    await faults({ JOURNAL_URL: 'esdb://h' }, { JOURNAL_USER: 'bot' }),
    await faults({}, login),
    await faults({ JOURNAL_URL: `postgres://bot:${PASSWORD}@h/db` }, {}),
  ];
  expect(seen).toEqual([
    { 'settings.JOURNAL_URL': expect.stringContaining('no user:password@') },
    { 'journalServer.JOURNAL_PASSWORD': 'user and password must be given together' },
    { 'journalServer.JOURNAL_USER': expect.stringContaining('journal on a server') },
    { 'settings.JOURNAL_URL': expect.stringContaining('address of PostgreSQL') },
  ]);
  expect(JSON.stringify(seen)).not.toContain(PASSWORD);
});
