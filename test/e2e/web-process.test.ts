import { afterEach, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import type { BotState } from '../../src/domain/lifecycle/bot-state.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { openJournal } from '../../src/composition/open-journal.js';
import type { ChildInit, FromChild, WebInit } from '../../src/processes/ipc/messages.js';
import { compileCache } from '../../src/processes/ipc/program-file.js';
import { provisionTestHome, TEST_VERSION, type ProvisionedHome } from '../support/provision.js';

import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { eventually } from '../support/eventually.js';

const PROGRAM = 'dist/program/web-process.js';
const PASSWORD = 'plum-Orbit-77-lantern';
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  removeTemporaryHomes();
});

interface Web {
  readonly child: ChildProcess;
  readonly messages: FromChild[];
  /** Resolves with the first message of this kind. */
  received<K extends FromChild['kind']>(kind: K): Promise<Extract<FromChild, { kind: K }>>;
  exited(): Promise<number | null>;
}

function startWeb(home: string, web: Partial<WebInit> = {}): Web {
  const child = fork(PROGRAM, [], { stdio: 'ignore', env: { NODE_COMPILE_CACHE: compileCache(process.cwd()) } });
  running.push(child);
  const messages: FromChild[] = [];
  child.on('message', (message) => messages.push(message as FromChild));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.send({ kind: 'init', init: initOf(home, web) });
  return {
    child,
    messages,
    received: async (kind) => {
      const found = (): FromChild | undefined => messages.find((message) => message.kind === kind);
      await eventually(`the message ${kind}`, () => found() !== undefined, { seen: () => JSON.stringify(messages) });
      return found() as never;
    },
    exited: () => exit,
  };
}

function initOf(home: string, web: Partial<WebInit>): ChildInit {
  const address = { host: '127.0.0.1', port: 0, setupToken: 'one-time', tls: null, allowPlainRemote: false };
  return {
    ...{ home, root: process.cwd(), versionTag: TEST_VERSION, identityParts: null, timeScale: null, attempt: 0 },
    ...{ masterKeyFile: null, commands: [], task: null, web: { ...address, ...web } },
  };
}

async function addressOf(web: Web): Promise<string> {
  return (await web.received('ready')).figures['address'] ?? '';
}

interface Reply {
  readonly status: number;
  readonly cookie: string;
  /** Cookie of the device, at a log-in. */
  readonly device: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Proof {
  readonly cookie?: string;
  readonly csrf?: string;
  readonly setupToken?: string;
}

async function ask(address: string, path: string, body?: unknown, proof: Proof = {}): Promise<Reply> {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const { cookie = '', csrf = '', setupToken = '' } = proof;
  const headers = {
    ...{ 'Content-Type': 'application/json', Cookie: cookie, 'X-CSRF-Token': csrf },
    'X-Setup-Token': setupToken,
  };
  const response = await fetch(`${address}${path}`, { headers, ...sent });
  const text = await response.text();
  const [pair = '', device = ''] = response.headers.getSetCookie().map((set) => set.split(';')[0] ?? '');
  return {
    status: response.status,
    cookie: pair,
    device,
    body: JSON.parse(text === '' ? '{}' : text) as Reply['body'],
  };
}

/** Thirty strangers log in without end, some at a name that exists; as many connections as they can hold stay half open. */
function startFlood(address: string) {
  const seen = { refused: 0, in: 0 };
  const { port } = new URL(address);
  let over = false;
  const halfOpen: Socket[] = [];
  for (let n = 0; n < 600; n += 1) {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('POST /api/auth/login HTTP/1.1\r\n'));
    socket.on('error', () => undefined);
    halfOpen.push(socket);
  }
  const stranger = async (n: number): Promise<void> => {
    for (let attempt = 0; !over; attempt += 1) {
      const name = n % 3 === 0 ? 'anna' : `made-up-${n}-${attempt}`;
      const status = await ask(address, '/api/auth/login', { name, password: 'not the right one' }).then(
        (reply) => reply.status,
        () => 0,
      );
      if (status === 200) seen.in += 1;
      else seen.refused += 1;
    }
  };
  const strangers = Array.from({ length: 30 }, (_, n) => stranger(n));
  const end = async (): Promise<void> => {
    over = true;
    for (const socket of halfOpen) socket.destroy();
    await Promise.all(strangers);
  };
  return { seen, end };
}

async function stateOf(address: string, wanted: string): Promise<void> {
  await eventually(`the state ${wanted}`, async () => (await ask(address, '/api/state')).body['state'] === wanted);
}

async function changeState({ paths, identity }: ProvisionedHome, to: BotState): Promise<void> {
  const clock = new SystemClock();
  const journal = await openJournal(EMBEDDED, { journalDb: paths.storage.journalDb, botIdentity: identity, clock });
  await new EventAppender({ journal, clock, identity, actor: 'system:test' }).changeBotState(to, 'test');
  await journal.close();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the web as a process', () => {
  test('it serves the setup of a new home, continues without a restart, and sessions survive it', async () => {
    const home = temporaryHome();
    const port = await freePort();
    const web = startWeb(home, { port });
    const address = await addressOf(web);
    expect((await ask(address, '/api/users')).body['code']).toBe('NOT_SET_UP');
    const provisioned = await provisionTestHome(home);
    await stateOf(address, 'registration');
    const anna = { name: 'anna', password: PASSWORD };
    expect((await ask(address, '/api/registration', anna)).body['code']).toBe('SETUP_TOKEN_NEEDED');
    expect((await ask(address, '/api/registration', anna, { setupToken: 'one-time' })).status).toBe(201);
    await changeState(provisioned, 'started');
    await stateOf(address, 'started');
    const { status, cookie, body } = await ask(address, '/api/auth/login', anna);
    expect(status).toBe(200);
    const csrf = String(body['csrfToken']);
    const logOf = (): string => readFileSync(basePaths(home).output.systemLog('auth_web'), 'utf8');
    // A line is written after its answer; kill -9 may take what waits.
    await eventually('the line of the log-in', () => logOf().includes('/api/auth/login'));
    web.child.kill('SIGKILL');
    await web.exited();
    const next = startWeb(home, { port });
    expect(await addressOf(next)).toBe(address);
    expect((await ask(address, '/api/auth/session', undefined, { cookie, csrf })).status).toBe(200);
    next.child.send({ kind: 'stop', withinMs: 5_000 });
    expect(await next.exited()).toBe(0);
    const log = logOf();
    expect(log).toContain('"route":"/api/auth/login"');
    expect(log).not.toContain(PASSWORD);
    expect(log).not.toContain('one-time');
    expect(log).not.toContain(cookie.split('=')[1]);
    expect(log).not.toContain(csrf);
  });

  test('under a flood of strangers a known device logs in each time, and little is recorded of them', async () => {
    const home = temporaryHome();
    const provisioned = await provisionTestHome(home);
    const web = startWeb(home);
    const address = await addressOf(web);
    await stateOf(address, 'registration');
    const anna = { name: 'anna', password: PASSWORD };
    expect((await ask(address, '/api/registration', anna, { setupToken: 'one-time' })).status).toBe(201);
    await changeState(provisioned, 'started');
    await stateOf(address, 'started');
    let device = (await ask(address, '/api/auth/login', anna)).device;
    const flood = startFlood(address);
    await eventually('the flood is refused', () => flood.seen.refused > 50);
    for (let n = 0; n < 5; n += 1) {
      const known = await ask(address, '/api/auth/login', anna, { cookie: device });
      expect(known.status).toBe(200);
      ({ device } = known);
    }
    await flood.end();
    expect(flood.seen.in).toBe(0);
    const clock = new SystemClock();
    const { paths, identity } = provisioned;
    const journal = await openJournal(EMBEDDED, { journalDb: paths.storage.journalDb, botIdentity: identity, clock });
    const events = await journal.readAll({ limit: 10_000, filter: { types: ['LoginFailed', 'UserLocked'] } });
    await journal.close();
    expect(events.length).toBeLessThanOrEqual(20);
  });

  test('it runs and explains the cause although the configuration cannot be decrypted (RUN-12)', async () => {
    const home = temporaryHome();
    const provisioned = await provisionTestHome(home);
    await changeState(provisioned, 'error');
    writeFileSync(basePaths(home).storage.envBot, 'garbage');
    const web = startWeb(home);
    const address = await addressOf(web);
    await stateOf(address, 'error');
    expect(readFileSync(basePaths(home).output.systemLog('auth_web'), 'utf8')).toContain('VAULT_');
  });

  test('it exits when main is gone', async () => {
    const web = startWeb(temporaryHome());
    await web.received('ready');
    web.child.disconnect();
    expect(await web.exited()).not.toBeNull();
  });
});

describe('a fault that a person must fix', () => {
  test('it is reported once to main, and the process exits', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const web = startWeb(temporaryHome(), { port });
    const { error } = await web.received('fatal');
    expect([error.code, error.message.includes(String(port))]).toEqual(['PORT_IN_USE', true]);
    expect(await web.exited()).toBe(1);
    server.close();
  });
});
