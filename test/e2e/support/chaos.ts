import type { EventType } from '../../../src/events/event.js';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../../src/kernel/random.js';
import { LiveBot, logIn, PASSWORD, setUpBot, type Reply, type WorldClock } from './live-bot.js';

export interface ChaosOptions {
  readonly home: string;
  readonly clock: WorldClock;
  readonly seed: number;
  /** Real milliseconds between two actions. */
  readonly every?: number;
}

export interface ChaosReport {
  /** Number of times each action was done. */
  readonly done: Readonly<Record<string, number>>;
  /** Unexpected refusals as texts; empty when there are none. */
  readonly odd: readonly string[];
  readonly sessions: number;
  /** Resident memory in MB by process: early and late in its longest run. */
  readonly memory: Readonly<Record<string, readonly number[]>>;
}

/** Texts that must not appear in any log, event, response, page or plain file (SEC-5). */
export const CANARY = 'CANARY7f3a';
const GARBAGE = ['control_pause.flag', 'control_kill', 'x'.repeat(200), 'kill.flag', 'test_mode_nonsense.flag'];

/** Exercises a bot with the users, accidents and attackers of a month. */
export class Chaos {
  readonly bot: LiveBot;
  readonly #random: SeededRandom;
  readonly #done: Record<string, number> = {};
  readonly #odd: string[] = [];
  readonly #memory = new Map<string, { pid: number; readonly mb: number[] }>();
  readonly #longest = new Map<string, readonly number[]>();
  #canaries = 0;
  #people = 0;

  constructor(private readonly options: ChaosOptions) {
    this.bot = new LiveBot(options.home, options.clock);
    this.#random = SeededRandom.of(options.seed, 'chaos');
  }

  get home(): string {
    return this.options.home;
  }

  async run(end: Date): Promise<ChaosReport> {
    try {
      return await this.#live(end);
    } finally {
      await this.bot.kill9();
    }
  }

  async #live(end: Date): Promise<ChaosReport> {
    const { bot } = this;
    const { clock } = this.options;
    clock.slowDown();
    await bot.start();
    await setUpBot(bot, {
      smtp: {
        SMTP_HOST: 'localhost',
        SMTP_PORT: '2525',
        SMTP_SECURITY: 'none',
        SMTP_FROM: 'bot@example.com',
        ...this.#smtp(),
      },
    });
    await bot.stop();
    clock.speedUp();
    await bot.start();
    const deeds = [
      ...Array<() => Promise<void>>(4).fill(() => this.#killChild()),
      () => this.#killMain(),
      () => this.#stopAndStart(),
      () => this.#restart(),
      () => this.#flagStopAndStart(),
      () => this.#killAndStart(),
      () => this.#garbageFlag(),
      () => this.#saveSetting(),
      () => this.#saveSetting(),
      () => this.#saveSecret(),
      () => this.#goodLogIn(),
      () => this.#badLogIn(),
      () => this.#newUser(),
      () => this.#rotate(),
      () => this.#nonsense(),
    ];
    while (this.options.clock.now() < end) {
      const deed = deeds[this.#random.integer(0, deeds.length)];
      await this.#attempt(deed ?? this.#restart);
      await sleep((this.options.every ?? 1_500) * this.#random.between(0.5, 1.5));
      await this.#attempt(() => this.#weigh());
    }
    await this.#attempt(() => this.#everythingAgain());
    // A busy machine closes a session a while after its end.
    await this.#attempt(() =>
      bot.eventually(
        'every session closed',
        async () => (await this.#recorded('SessionOpened')) === (await this.#recorded('SessionClosed')),
      ),
    );
    const sessions = await this.#recorded('SessionClosed');
    await bot.stop();
    for (const [name, { mb }] of this.#memory) this.#keepLongest(name, mb);
    return { done: this.#done, odd: this.#odd, sessions, memory: Object.fromEntries(this.#longest) };
  }

  /** An action may reach a process that was just killed; only the final state of the home matters. */
  async #attempt(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text.startsWith('never saw')) this.#odd.push(text.slice(0, 400));
      this.#count(`not done: ${text.slice(0, 60)}`);
    }
  }

  #count(deed: string): void {
    this.#done[deed] = (this.#done[deed] ?? 0) + 1;
  }

  #canary(): string {
    this.#canaries += 1;
    return `${CANARY}-${this.#canaries}`;
  }

  #smtp(): Readonly<Record<string, string>> {
    return { SMTP_USERNAME: this.#canary(), SMTP_PASSWORD: this.#canary() };
  }

  async #killChild(): Promise<void> {
    const name = ['engine', 'projector', 'web'][this.#random.integer(0, 3)] ?? 'engine';
    const pid = await this.bot.pidOf(name);
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    this.#count(`kill -9 ${name}`);
  }

  async #killMain(): Promise<void> {
    await this.bot.kill9();
    this.#count('kill -9 main');
    await this.bot.start();
  }

  async #restart(): Promise<void> {
    const code = await this.bot.stop();
    if (code !== 0) this.#odd.push(`SIGTERM ended with ${String(code)}: ${this.bot.printed.slice(-500)}`);
    this.#count('SIGTERM and start');
    await this.bot.start();
  }

  async #stopAndStart(): Promise<void> {
    await this.bot.call('POST', '/api/control/stop', {});
    await this.bot.until('stopped', 'error');
    this.#count('stop');
    await this.#startAgain();
  }

  async #flagStopAndStart(): Promise<void> {
    this.#touch('control_stop.flag');
    await this.bot.until('stopped', 'error');
    this.#count('stop by flag');
    this.#touch('control_start.txt');
    await this.bot.until('started', 'idle', 'analyzing', 'trading', 'monitoring');
  }

  async #killAndStart(): Promise<void> {
    this.#touch('control_kill.flag');
    await this.bot.until('stopped', 'error');
    this.#count('kill by flag');
    await this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    await this.bot.call('POST', '/api/control/start', {});
    await this.bot.until('started', 'idle', 'analyzing', 'trading', 'monitoring');
    this.#count('start');
  }

  #touch(name: string, text = ''): void {
    writeFileSync(join(this.home, 'control', name), text);
  }

  async #garbageFlag(): Promise<void> {
    const name = GARBAGE[this.#random.integer(0, GARBAGE.length)] ?? 'x.flag';
    const path = join(this.home, 'control', name);
    if (this.#random.chance(0.3)) mkdirSync(path, { recursive: true });
    else this.#touch(name, String.fromCharCode(...Array.from({ length: 300 }, () => this.#random.integer(0, 255))));
    await sleep(300);
    rmSync(path, { recursive: true, force: true });
    this.#count('garbage flag');
  }

  async #saveSetting(): Promise<void> {
    const settings = await this.bot.call('GET', '/api/settings');
    const etag = /etag: (\S+)/i.exec(this.bot.said.at(-1) ?? '')?.[1];
    const value = String(this.#random.integer(2, 5));
    const reply = await this.bot.call(
      'PUT',
      '/api/settings',
      { changes: { MAX_OPEN_POSITIONS: value }, reason: 'the soak' },
      etag === undefined ? {} : { 'if-match': etag },
    );
    this.#expect('a setting saved', settings.status === 200 && [200, 409, 412, 503].includes(reply.status), reply.text);
  }

  async #saveSecret(): Promise<void> {
    const reply = await this.#asPerson('PUT', '/api/secrets/smtp', { fields: this.#smtp() });
    this.#expect('a secret saved', [200, 204, 409, 429, 503].includes(reply.status), reply.text);
  }

  async #rotate(): Promise<void> {
    const reply = await this.#asPerson('POST', '/api/secrets/rotate', {});
    this.#expect('keys rotated', [200, 202, 409, 429, 503].includes(reply.status), reply.text);
  }

  /** With the fresh proof that a log-in is: no token may change users and secrets. */
  async #asPerson(method: string, path: string, body: object): Promise<Reply> {
    const { status, cookie, csrf } = await logIn(this.bot);
    if (status !== 200) return { status, body: {}, text: `the log-in answered ${status}` };
    return this.bot.call(method, path, body, { cookie, 'x-csrf-token': csrf });
  }

  async #goodLogIn(): Promise<void> {
    const { status } = await logIn(this.bot);
    this.#expect('a good log-in', [200, 429, 503].includes(status), String(status));
  }

  async #badLogIn(): Promise<void> {
    const { status } = await logIn(this.bot, `wrong ${PASSWORD}`, this.#random.chance(0.5) ? 'anna' : 'nobody');
    this.#expect('a bad log-in refused', [401, 403, 429, 503].includes(status), String(status));
  }

  async #newUser(): Promise<void> {
    this.#people += 1;
    const name = `user${this.#people}`;
    const person = { name, email: `${name}@example.com`, password: `${PASSWORD} ${name}`, role: 'viewer' };
    const made = await this.#asPerson('POST', '/api/users', person);
    this.#expect('a user made', [200, 201, 409, 429, 503].includes(made.status), made.text);
    const id = made.body['userId'];
    if (typeof id !== 'string') return;
    const role = await this.#asPerson('PUT', `/api/users/${id}/role`, { role: 'operator' });
    this.#expect('a role changed', [200, 204, 409, 429, 503].includes(role.status), role.text);
  }

  async #nonsense(): Promise<void> {
    const replies = [
      await this.bot.call('GET', '/api/logs/..%2f..%2fstorage%2fjournal%2fjournal.db'),
      await this.bot.call('PUT', '/api/settings', { changes: { MAX_TRADES: 'many', NO_SUCH_KEY: '1' } }),
      await this.bot.call('POST', '/api/control/kill', { confirm: 'maybe' }),
      await this.bot.call('GET', '/api/nothing'),
    ];
    this.#expect(
      'nonsense refused',
      replies.every(({ status }) => (status >= 400 && status < 500) || status === 503),
      replies.map(({ text }) => text).join('\n'),
    );
  }

  #expect(deed: string, well: boolean, text: string): void {
    this.#count(deed);
    if (!well) this.#odd.push(`${deed}: ${text.slice(0, 300)}`);
  }

  /** Memory of each process while it lives; a new pid starts again. */
  async #weigh(): Promise<void> {
    const { body } = await this.bot.call('GET', '/api/processes');
    for (const one of (body['processes'] ?? []) as readonly {
      process: string;
      pid: number;
      rssBytes: number | null;
    }[]) {
      if (one.rssBytes === null) continue;
      const known = this.#memory.get(one.process);
      if (known?.pid !== one.pid) {
        if (known !== undefined) this.#keepLongest(one.process, known.mb);
        this.#memory.set(one.process, { pid: one.pid, mb: [] });
      }
      this.#memory.get(one.process)?.mb.push(Math.round(one.rssBytes / 1_048_576));
    }
  }

  #keepLongest(name: string, mb: readonly number[]): void {
    if (mb.length > (this.#longest.get(name)?.length ?? 0)) this.#longest.set(name, [...mb]);
  }

  /** At the end every process runs and the bot can be stopped. */
  async #everythingAgain(): Promise<void> {
    await this.bot.eventually('all processes running', async () => {
      const { body } = await this.bot.call('GET', '/api/processes');
      const all = (body['processes'] ?? []) as readonly { process: string; state: string }[];
      return ['engine', 'projector', 'web'].every((name) =>
        all.some((one) => one.process === name && one.state === 'running'),
      );
    });
  }

  async #recorded(type: EventType): Promise<number> {
    const { body } = await this.bot.call('GET', `/api/journal/events?type=${type}&limit=100`);
    return ((body['events'] ?? body['items'] ?? []) as readonly unknown[]).length;
  }
}
