import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { secret } from '../../src/kernel/secret.js';
import { eventually } from '../support/eventually.js';
import { removeScratch, tradebot } from './support/program.js';
import { MainRuns } from './support/main-runs.js';

let runs: MainRuns;

beforeEach(() => {
  runs = new MainRuns();
});

afterEach(() => runs.end());
afterAll(removeScratch);

const IDENTITY = { ENTITY_CODE: 'DEMO', JURISDICTION_CODE: 'US', BROKER_CODE: 'SIM', BOT_ID: 'B01' };

async function homeWith(secrets: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<FileVault> {
  await runs.settle('idle');
  rmSync(runs.base.storage.vault, { recursive: true });
  const vault = new FileVault({ paths: runs.base.storage, clock: new SystemClock(), masterKeyFile: null });
  const records = Object.entries({ bot_identity: IDENTITY, ...secrets }).map(([name, fields]) => [
    name,
    Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, secret(text)])),
  ]);
  vault.create({ envBot: secret('A=1\n'), secrets: Object.fromEntries(records) as object });
  return vault;
}

const inits = (name: string): readonly Readonly<Record<string, unknown>>[] =>
  runs.received(name).flatMap((line) => ('init' in line ? [line['init'] as Readonly<Record<string, unknown>>] : []));

async function end(main: Awaited<ReturnType<MainRuns['start']>>['main']): Promise<void> {
  const exit = once(main, 'exit');
  main.kill('SIGTERM');
  await exit;
}

describe('the identity of the bot (SEC-2)', () => {
  test('a home whose marker names another bot than the vault is refused, and nothing starts', async () => {
    await homeWith({ bot_identity: { ...IDENTITY, BOT_ID: 'B02' } });
    await expect(runs.start()).rejects.toThrow('IDENTITY_DIFFERS');
    expect(runs.err).toContain('DEMO_US_SIM_B01');
    expect(runs.err).toContain('DEMO_US_SIM_B02');
    expect(runs.err).toContain('from a backup');
    expect([runs.starts('engine'), runs.starts('web')]).toEqual([0, 0]);
  });

  test('so is one whose vault names no bot', async () => {
    await homeWith({ bot_identity: {} });
    await expect(runs.start()).rejects.toThrow('IDENTITY_DIFFERS');
  });

  test('a vault that cannot be read stops no start: pages and kill are there, and the engine decides', async () => {
    const vault = await homeWith({});
    writeFileSync(
      `${runs.base.storage.vaultGeneration(vault.generation() ?? 0).dir}/secrets/bot_identity.json.enc`,
      'x',
    );
    const { main } = await runs.start();
    expect(runs.err).toContain('The identity of the bot cannot be read from its vault');
    await eventually('engine and web run', () => runs.starts('engine') === 1 && runs.starts('web') === 1);
    await end(main);
  });
});

describe('network_config (SEC-2)', () => {
  const CONFIG = { network_config: { LOCAL_IP: '127.0.0.2', LOCAL_PORT: '18999' } };
  const asked = { web: { host: null, port: null } };

  test('the web listens where it says, from the next start on', async () => {
    const vault = await homeWith(CONFIG);
    const { main } = await runs.start(asked);
    expect(inits('web')[0]?.['web']).toMatchObject({ host: '127.0.0.2', port: 18_999 });
    vault.rotate({ secrets: { network_config: { LOCAL_PORT: secret('18998') } } });
    process.kill(runs.pidOf('web'), 'SIGKILL');
    await eventually('the web runs again', () => runs.starts('web') === 2);
    expect(inits('web')[1]?.['web']).toMatchObject({ host: '127.0.0.2' });
    await end(main);
    const next = await runs.start(asked);
    expect(inits('web').at(-1)?.['web']).toMatchObject({ host: '127.0.0.1', port: 18_998 });
    await end(next.main);
  });

  test('what the start says comes first', async () => {
    await homeWith(CONFIG);
    const { main } = await runs.start({ web: { host: '127.0.0.1', port: null } });
    expect(inits('web')[0]?.['web']).toMatchObject({ host: '127.0.0.1', port: 18_999 });
    await end(main);
  });

  test('without it the pages are at 127.0.0.1:8420', async () => {
    await homeWith({});
    const { main } = await runs.start(asked);
    expect(inits('web')[0]?.['web']).toMatchObject({ host: '127.0.0.1', port: 8_420 });
    await end(main);
  });
});

describe('the first start with a master key (SEC-4)', () => {
  const masterFile = (): string => {
    const file = `${runs.home}/master.key`;
    writeFileSync(file, `${FernetKey.generate().text().reveal()}\n`, { mode: 0o600 });
    return file;
  };

  test('it wraps the keys before any other process starts', async () => {
    await homeWith({});
    const { main } = await runs.start({ masterKeyFile: masterFile() });
    const order = ['worker', 'web', 'engine'].map((name) => inits(name)[0]?.['task'] ?? name);
    expect(order).toEqual([{ task: 'reconcile' }, 'web', 'engine']);
    expect(runs.received('worker').filter((line) => JSON.stringify(line).includes('reconcile'))).toHaveLength(1);
    await end(main);
  });

  test('one that cannot wrap in time keeps nobody from trading and from a kill', async () => {
    await homeWith({});
    runs.rule({ worker: { mode: 'hang' } });
    const { main } = await runs.start({ masterKeyFile: masterFile(), timing: { wrapMs: 300 } });
    await eventually('the engine runs', () => runs.starts('engine') === 1);
    main.kill('SIGKILL');
  });
});

test('keys are rotated and destroyed by command while the bot runs', async () => {
  await homeWith({});
  const { main } = await runs.start();
  for (const action of ['rotate', 'destroy-earlier']) {
    const ended = await tradebot('keys', action, '--reason', 'it leaked', '--home', runs.home, '--json');
    expect([action, ended.code, ended.err]).toEqual([action, 0, '']);
    expect(inits('worker').map(({ task }) => task)).toContainEqual({
      task: action,
      actor: 'user:local',
      reason: 'it leaked',
    });
  }
  await end(main);
});

describe('what a process may ask main for (ASVS 13.3.2)', () => {
  const USER = 'user:U-0123456789abcdef';
  const worker = (task: object): object => ({ ask: 'worker', task });
  const refusals = (name: string): readonly unknown[] =>
    runs.received(name).flatMap((line) => ('refusal' in line ? [line['refusal']] : []));

  test('the web gets no task of main, acts as no part of the program, and sets nothing up again', async () => {
    await homeWith({});
    const asks = [
      ...['reconcile', 'backup', 'verify', 'anchor'].map((task) => worker({ task })),
      worker({ task: 'test-run', test: 'all', flag: 'x', by: null }),
      worker({ task: 'toString' }),
      worker({ task: 'provision', form: {}, actor: 'user:setup' }),
      worker({ task: 'rotate', actor: 'system:main', reason: 'x' }),
      worker({ task: 'save-secret', name: 'broker_credentials', fields: {}, actor: 'system:access' }),
      worker({ task: 'save-settings', changes: {}, actor: 'user:local', reason: 'x' }),
      { ask: 'reset', request: { what: 'kill-switch', reason: 'x' }, actor: 'system:engine' },
    ];
    runs.rule({
      web: { asks: [...asks, worker({ task: 'rotate', actor: USER, reason: 'x' })] },
      engine: { asks: [worker({ task: 'rotate', actor: USER, reason: 'x' }), { ask: 'processes' }] },
      projector: { asks: [{ ask: 'conditions' }] },
    });
    const { main } = await runs.start();
    await eventually('all are answered', () => {
      const answered = runs.received('web').some((line) => 'answer' in line);
      return answered && refusals('web').length === asks.length && refusals('engine').length === 2;
    });
    await eventually('the projector is answered', () => refusals('projector').length === 1);
    for (const name of ['web', 'engine', 'projector']) {
      expect([name, new Set(refusals(name))]).toEqual([name, new Set(['ASK_REFUSED'])]);
    }
    const tasks = inits('worker').map(({ task }) => (task as { task: string }).task);
    expect(new Set(tasks)).toEqual(new Set(['reconcile', 'rotate', 'anchor']));
    expect(readFileSync(runs.base.output.systemLog('main_bot'), 'utf8')).toContain(
      'a process asked for what it may not',
    );
    await end(main);
  });
});
