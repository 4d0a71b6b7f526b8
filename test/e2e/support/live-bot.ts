import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTradebot } from './program.js';
import { eventually, PATIENCE_MS } from '../../support/eventually.js';

/** The clock of a simulated world, equal in every process of the bot and in the test. */
export class WorldClock {
  #startedAt = Date.now();
  #from: number;

  #speed: number;

  constructor(
    from: string,
    private readonly fast: number,
  ) {
    this.#from = Date.parse(from);
    this.#speed = fast;
  }

  get speed(): number {
    return this.#speed;
  }

  /** From the next start on the world is as slow as ours: a set-up on a busy machine must not cost a session. */
  slowDown(): void {
    this.#from = this.now().getTime();
    this.#startedAt = Date.now();
    this.#speed = 1;
  }

  /** From the next start on the world is fast again. */
  speedUp(): void {
    this.#from = this.now().getTime();
    this.#startedAt = Date.now();
    this.#speed = this.fast;
  }

  now(): Date {
    return new Date(this.#from + (Date.now() - this.#startedAt) * this.speed);
  }

  /** The arguments for a start now: the world's time continues. */
  args(): readonly string[] {
    const now = this.now();
    this.#from = now.getTime();
    this.#startedAt = Date.now();
    return ['--clock-start', now.toISOString(), '--clock-speed', String(this.speed)];
  }

  /** Moves on to `time` when it is earlier. */
  notBefore(time: Date): void {
    this.#from = Math.max(this.now().getTime(), time.getTime());
    this.#startedAt = Date.now();
  }

  /** Waits until the world has this time. */
  async until(at: Date): Promise<void> {
    const ms = (at.getTime() - this.now().getTime()) / this.speed;
    if (ms > 0) await sleep(ms);
  }
}

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Printed when the world starts earlier than the journal ends. */
const EARLIER_CLOCK = /last event of .*, which is of (\S+Z) \(CLOCK_BEFORE_JOURNAL\)/;
const MOST_STARTS = 5;

/** A whole bot as a person runs it: `tradebot run` in a home of its own, reached by HTTP and by its flags. */
export class LiveBot {
  #child: ChildProcess | undefined;
  #out = '';
  #base = '';
  /** Everything printed by any process or sent in a response; it is searched for secrets. */
  readonly said: string[] = [];
  /** A personal access token, once created. */
  token = '';

  constructor(
    readonly home: string,
    readonly clock: WorldClock,
    private readonly args: readonly string[] = [],
  ) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** A start refused with CLOCK_BEFORE_JOURNAL is made again at the time that it names: an engine without main wrote meanwhile. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#startOnce();
        return;
      } catch (error) {
        const last = EARLIER_CLOCK.exec(this.#out)?.[1];
        if (last === undefined || attempt === MOST_STARTS) throw error;
        this.clock.notBefore(new Date(last));
      }
    }
  }

  async #startOnce(): Promise<void> {
    const child = startTradebot(['run', '--home', this.home, '--port', '0', ...this.clock.args(), ...this.args]);
    this.#child = child;
    this.#out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#out += chunk.toString();
        this.said.push(chunk.toString());
      });
    }
    const address = /http:\/\/127\.0\.0\.1:(\d+)/;
    await this.eventually('the address of its pages', () => {
      if (child.exitCode !== null) throw new Error(`tradebot run ended: ${this.#out}`);
      return address.test(this.#out);
    });
    this.#base = `http://127.0.0.1:${address.exec(this.#out)?.[1] ?? ''}`;
  }

  /** The one-time token of the set-up, as it was printed. */
  get setupToken(): string {
    return /token\s+(\S+)/.exec(this.#out)?.[1] ?? '';
  }

  /** Of its pages, such as `http://127.0.0.1:8420`. */
  get address(): string {
    return this.#base;
  }

  get printed(): string {
    return this.#out;
  }

  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !isRunning(child)) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    return child.exitCode;
  }

  /** Like a power cut: main dies immediately, its children a moment later. */
  async kill9(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !isRunning(child)) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        // a call with a session is made as a person
        ...(this.token === '' || headers['cookie'] !== undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const found = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    this.said.push(`${found}\n${text}`);
    const json = text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : {};
    return { status: answer.status, body: json, text };
  }

  async state(): Promise<string> {
    try {
      return String((await this.call('GET', '/api/state')).body['state']);
    } catch {
      return 'no answer';
    }
  }

  async until(...states: readonly string[]): Promise<string> {
    let state = '';
    await this.eventually(`the state ${states.join(' or ')}`, async () => {
      state = await this.state();
      return states.includes(state);
    });
    return state;
  }

  /** The pid of a running child; undefined while it waits to be started. */
  async pidOf(process: string): Promise<number | undefined> {
    const { body } = await this.call('GET', '/api/processes');
    const all = (body['processes'] ?? []) as readonly { readonly process: string; readonly pid: number | null }[];
    return all.find((one) => one.process === process)?.pid ?? undefined;
  }

  async eventually(what: string, holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
    await eventually(what, holds, { everyMs: 50, patienceMs, seen: () => `printed: ${this.#out.slice(-2_000)}` });
  }
}

export const PASSWORD = 'a walrus plays nine violins';

/** A fresh home set up over HTTP, its first user registered and in possession of a token for scripts. */
export async function setUpBot(bot: LiveBot, form: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const headers = { 'x-setup-token': bot.setupToken };
  const { body } = await bot.call('GET', '/api/setup');
  const accepted = await bot.call('POST', '/api/setup', { ...(body['defaults'] as object), ...form }, headers);
  if (accepted.status >= 300) throw new Error(`set-up refused: ${accepted.text}`);
  await bot.until('registration');
  const account = { name: 'anna', email: 'anna@example.com', password: PASSWORD };
  const registered = await bot.call('POST', '/api/registration', account, headers);
  if (registered.status >= 300) throw new Error(`registration refused: ${registered.text}`);
  await bot.eventually('a token', async () => {
    bot.token = '';
    bot.token = await tokenOf(bot);
    return bot.token !== '';
  });
}

async function tokenOf(bot: LiveBot): Promise<string> {
  const { cookie, csrf } = await logIn(bot);
  if (csrf === '') return '';
  const made = await bot.call(
    'POST',
    '/api/auth/tokens',
    { label: 'soak', role: 'admin', days: 90 },
    { cookie, 'x-csrf-token': csrf },
  );
  return stringOf(made.body['token']);
}

/** A browser session; csrf is empty when the login was refused. */
export async function logIn(
  bot: LiveBot,
  password = PASSWORD,
  name = 'anna',
): Promise<{ readonly cookie: string; readonly csrf: string; readonly status: number }> {
  const before = bot.said.length;
  const reply = await bot.call('POST', '/api/auth/login', { name, password });
  const cookie = /set-cookie: ([^;]+)/.exec(bot.said.slice(before).join('\n'))?.[1] ?? '';
  return { cookie, csrf: stringOf(reply.body['csrfToken']), status: reply.status };
}
