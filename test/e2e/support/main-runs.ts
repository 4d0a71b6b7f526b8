import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { writeFileAtomic } from '../../../src/adapters/files/atomic-write.js';
import { openHome } from '../../../src/adapters/home/home.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import type { EventType, RecordedEvent } from '../../../src/events/event.js';
import { basePaths, type BasePaths } from '../../../src/domain/home/home-paths.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { processesOf } from '../../../src/adapters/home/running-processes.js';
import { compileCache } from '../../../src/processes/ipc/program-file.js';
import { ROOT, scratchFolder } from './program.js';

const PROGRAM = join(ROOT, 'test/e2e/support/main-program.mjs');
const FAKE = join(ROOT, 'test/e2e/support/fake-child.mjs');
const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const WAY: readonly BotState[] = ['provisioning', 'bootstrapping', 'registration', 'started', 'idle'];

export interface Up {
  readonly state: string;
  readonly address: string | null;
  readonly setupToken: string | null;
}

/** One home, and the mains that run in it with fake children. */
export class MainRuns {
  readonly home = scratchFolder();
  readonly base: BasePaths = basePaths(this.home);
  readonly #mains: ChildProcess[] = [];
  readonly identity = composeBotIdentity(PARTS);
  err = '';

  /** A running main; rejects when it exited before. */
  async start(options: Readonly<Record<string, unknown>> = {}): Promise<{ main: ChildProcess; up: Up }> {
    const main = spawn(process.execPath, [PROGRAM, this.home, JSON.stringify(options)], {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache(ROOT) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#mains.push(main);
    main.stderr.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    let out = '';
    const up = await new Promise<Up>((resolve, reject) => {
      main.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('\n')) resolve(JSON.parse(out) as Up);
      });
      main.on('close', (code) => reject(new Error(`main ended with ${String(code)}: ${this.err}`)));
    });
    return { main, up };
  }

  /** For afterEach: ends all processes of this home. */
  end(): void {
    for (const main of this.#mains) main.kill('SIGKILL');
    for (const pid of this.children()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended meanwhile
      }
    }
  }

  children(): readonly number[] {
    return processesOf(this.home, [FAKE]);
  }

  /** Behaviour of the children from their next start on. */
  rule(rules: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.home, 'fake.json'), JSON.stringify(rules));
  }

  /** Makes it a home that was set up, in this state. */
  async settle(state: BotState): Promise<void> {
    mkdirSync(this.base.storage.vaultCurrent, { recursive: true });
    const { paths } = openHome({ dir: this.home, identity: PARTS, create: true, version: '0' });
    await this.withScribe(paths.storage.journalDb, async (appender) => {
      for (const step of WAY.slice(0, Math.max(0, WAY.indexOf(state)) + 1)) await appender.changeBotState(step, 'test');
      if (WAY.includes(state)) return;
      for (const step of WAY)
        if (step !== (await appender.botState())) await appender.changeBotState(step, 'test').catch(() => undefined);
      if (state === 'stopped') await appender.changeBotState('graceful_closing_positions', 'test');
      await appender.changeBotState(state, 'test');
    });
  }

  async withScribe(path: string, work: (appender: EventAppender) => Promise<void>): Promise<void> {
    const clock = new SystemClock();
    const journal = SqliteJournal.open({ path, clock });
    const { identity } = openHome({ dir: this.home, create: false, version: '0' });
    try {
      await work(new EventAppender({ journal, clock, identity, actor: 'system:test' }));
    } finally {
      await journal.close();
    }
  }

  /** The event that the web writes when the first account is created. */
  async registerFirst(): Promise<void> {
    const { paths } = openHome({ dir: this.home, create: false, version: '0' });
    const data = { userId: 'U-1', role: 'admin', first: true } as const;
    await this.withScribe(paths.storage.journalDb, async (appender) => {
      const draft = { type: 'UserRegistered', data, correlationId: 'test', causationId: null } as const;
      await appender.append('user-U-1' as never, [draft]);
    });
  }

  async events<T extends EventType>(...types: readonly T[]): Promise<readonly RecordedEvent<T>[]> {
    const { paths } = openHome({ dir: this.home, create: false, version: '0' });
    const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock: new SystemClock() });
    try {
      return (await journal.readAll({ filter: { types } })) as unknown as readonly RecordedEvent<T>[];
    } finally {
      await journal.close();
    }
  }

  async states(): Promise<readonly string[]> {
    return (await this.events('BotStateChanged')).map(({ data }) => data.to);
  }

  /** Messages that a fake received, oldest first. */
  received(name: string): readonly Readonly<Record<string, unknown>>[] {
    const path = join(this.home, `fake-${name}.log`);
    if (!existsSync(path)) return [];
    // A line that is still being written has no end yet.
    return readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  /** Process id of the last start of a fake. */
  pidOf(name: string): number {
    return Number(this.received(name).findLast((line) => 'init' in line)?.['pid']);
  }

  starts(name: string): number {
    return this.received(name).filter((line) => 'init' in line).length;
  }

  flag(name: string, text = ''): void {
    writeFileAtomic(join(this.base.control.dir, name), text);
  }

  hasFlag(name: string): boolean {
    return existsSync(join(this.base.control.dir, name));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function exitOf(main: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (main.exitCode !== null || main.signalCode !== null) {
    return Promise.resolve({ code: main.exitCode, signal: main.signalCode });
  }
  return new Promise((resolve) => main.on('exit', (code, signal) => resolve({ code, signal })));
}
