import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';
import { BcryptPasswords } from '../../src/adapters/passwords/bcrypt-passwords.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import type { BotState } from '../../src/domain/lifecycle/bot-state.js';
import type { Role } from '../../src/domain/access/roles.js';
import type { Clock } from '../../src/kernel/time.js';
import type { Ask, ChildInit, WebInit } from '../../src/processes/ipc/messages.js';
import type { AppDeps } from '../../src/processes/web/app.module.js';
import type { FailureRecord, RequestRecord, WebLog } from '../../src/processes/web/common/web-log.js';
import { WebContext } from '../../src/processes/web/web-context.js';
import { startWebServer, type WebServer } from '../../src/processes/web/web-server.js';
import { TEST_VERSION } from './provision.js';
import { eventually } from './eventually.js';

/** The token that main prints and gives to the web. */
export const SETUP_TOKEN = 'one-time-5f1c0e-of-the-tests';
export const BY_SETUP_TOKEN = { headers: { 'X-Setup-Token': SETUP_TOKEN } };

/** The log of the web. */
export class TestLog implements WebLog {
  readonly requests: RequestRecord[] = [];
  readonly failures: FailureRecord[] = [];
  readonly notes: string[] = [];

  request(record: RequestRecord): void {
    this.requests.push(record);
  }

  failure(record: FailureRecord): void {
    this.failures.push(record);
  }

  note(level: string, text: string): void {
    this.notes.push(`${level} ${text}`);
  }
}

export interface TestWebOptions {
  readonly home: string;
  readonly web?: Partial<WebInit>;
  readonly init?: Partial<ChildInit>;
  readonly clock?: Clock;
  /** Of the persons. */
  readonly personalClock?: Clock;
  readonly features?: AppDeps['features'];
  /** The answers of main; default none. */
  readonly answer?: (ask: Ask) => unknown;
}

export interface TestWeb {
  readonly context: WebContext;
  readonly server: WebServer;
  readonly log: TestLog;
  readonly asked: readonly Ask[];
  /** `from`: an address of the loopback that its requests come from. */
  client(from?: string): WebClient;
  stop(): Promise<void>;
}

/** The web in this process, on a free port; passwords cost little. */
export async function startTestWeb(options: TestWebOptions): Promise<TestWeb> {
  const log = new TestLog();
  const asked: Ask[] = [];
  let address = '';
  const web = {
    host: '127.0.0.1',
    port: 0,
    setupToken: SETUP_TOKEN,
    tls: null,
    allowPlainRemote: false,
    ...options.web,
  };
  const context = new WebContext({
    init: initOf(options, web),
    clock: options.clock ?? new SystemClock(),
    ...(options.personalClock === undefined ? {} : { personalClock: options.personalClock }),
    log,
    address: () => address,
    passwords: new BcryptPasswords({ cost: 4 }),
    ask: async <T>(ask: Ask) => {
      asked.push(ask);
      return (await options.answer?.(ask)) as T;
    },
  });
  await context.start();
  const server = await startWebServer({
    ...{ web, context },
    ...(options.features === undefined ? {} : { features: options.features }),
  }).catch(async (error: unknown) => {
    await context.close();
    throw error;
  });
  address = server.address;
  return {
    ...{ context, server, log, asked },
    client: (from) => new WebClient(server, from),
    stop: async () => {
      await server.close(500);
      await context.close();
    },
  };
}

function initOf({ home, init }: TestWebOptions, web: WebInit): ChildInit {
  return {
    ...{ home, web, root: process.cwd(), versionTag: TEST_VERSION, identityParts: null, timeScale: null, attempt: 0 },
    ...{ masterKeyFile: null, commands: [], task: null },
    ...init,
  };
}

/** The way from `registration` to `state`. */
export async function moveTo(web: TestWeb, ...states: readonly BotState[]): Promise<void> {
  for (const state of states) await web.context.open().appender.changeBotState(state, 'test');
  const wanted = states.at(-1);
  const seen = (): string => `the web still sees ${web.context.state}`;
  await eventually(`the state ${String(wanted)}`, () => web.context.state === wanted, { everyMs: 10, seen });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** A member of the JSON body by its path, such as `user.role` or `items.0.name`; undefined when it is not there. */
  at(path: string): unknown;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly agent?: Agent;
}

/** A browser that keeps the session cookie and sends the CSRF token; everything can be said otherwise in a request. */
export class WebClient {
  cookie: string | undefined;
  /** The cookie of the device. */
  device: string | undefined;
  csrf: string | undefined;

  constructor(
    readonly server: WebServer,
    private readonly from?: string,
  ) {}

  get = (path: string, asked: Asked = {}): Promise<Answered> => this.call('GET', path, asked);
  post = (path: string, body?: unknown, asked: Asked = {}): Promise<Answered> =>
    this.call('POST', path, { body, ...asked });
  put = (path: string, body?: unknown, asked: Asked = {}): Promise<Answered> =>
    this.call('PUT', path, { body, ...asked });
  delete = (path: string, asked: Asked = {}): Promise<Answered> => this.call('DELETE', path, asked);

  async call(method: string, path: string, { headers = {}, body, agent }: Asked = {}): Promise<Answered> {
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const answered = await exchange({
      ...{ method, path, port: this.server.port, agent, from: this.from },
      headers: {
        ...this.#cookies(path),
        ...(this.csrf === undefined ? {} : { 'X-CSRF-Token': this.csrf }),
        ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: sent,
    });
    this.keepCookie(answered);
    return answered;
  }

  async login(name: string, password: string, code?: string): Promise<Answered> {
    const answered = await this.post('/api/auth/login', { name, password, ...(code === undefined ? {} : { code }) });
    const token = answered.at('csrfToken');
    if (typeof token === 'string') this.csrf = token;
    return answered;
  }

  async changePassword(current: string, password: string): Promise<Answered> {
    const answered = await this.post('/api/auth/password', { current, password });
    const token = answered.at('csrfToken');
    if (typeof token === 'string') this.csrf = token;
    return answered;
  }

  private keepCookie({ headers }: Answered): void {
    for (const set of headers['set-cookie'] ?? []) {
      const [pair = ''] = set.split(';');
      if (pair.includes('tradebot_device')) this.device = pair;
      else this.cookie = pair.endsWith('=') ? undefined : pair;
    }
  }

  #cookies(path: string): Readonly<Record<string, string>> {
    const device = path.startsWith('/api/auth') ? this.device : undefined;
    const pairs = [this.cookie, device].filter((pair) => pair !== undefined);
    return pairs.length === 0 ? {} : { Cookie: pairs.join('; ') };
  }
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly agent: Agent | undefined;
  readonly from: string | undefined;
}

function exchange({ method, path, port, headers, body, agent, from }: Exchange): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, path, port, headers, host: '127.0.0.1' },
      ...(agent === undefined ? {} : { agent }),
      ...(from === undefined ? {} : { localAddress: from }),
    };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const json = parsed(text);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          at: (path) => member(json, path),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }, json);
}

export const PASSWORD = 'plum-Orbit-77-lantern';
/** Chosen by the admin who makes an account. */
const FIRST_PASSWORD = 'amber-Kettle-19-willow';

/** From a home that was just set up to `started`, with an admin who is logged in. */
export async function firstAdmin(web: TestWeb): Promise<WebClient> {
  const admin = web.client();
  const account = { name: 'admin', email: 'a@example.org', password: PASSWORD };
  const made = await admin.post('/api/registration', account, BY_SETUP_TOKEN);
  if (made.status !== 201) throw new Error(made.text);
  await moveTo(web, 'started');
  await admin.login('admin', PASSWORD);
  return admin;
}

/** A user of this role, logged in. */
export async function userOf(web: TestWeb, admin: WebClient, role: Role): Promise<WebClient> {
  const made = await admin.post('/api/users', { name: role, password: FIRST_PASSWORD, role });
  if (made.status !== 201) throw new Error(made.text);
  const client = web.client();
  await client.login(role, FIRST_PASSWORD);
  await client.changePassword(FIRST_PASSWORD, PASSWORD);
  return client;
}
