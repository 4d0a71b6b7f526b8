import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandOutcome, EngineCommand } from '../../src/app/live/commands.js';
import type { BotIdentityParts } from '../../src/kernel/identity.js';
import type { ChildInit, FromChild, TimeScale, ToChild } from '../../src/processes/ipc/messages.js';
import { compileCache } from '../../src/processes/ipc/program-file.js';
import { TEST_PARTS, TEST_VERSION } from './provision.js';
import { PATIENCE_MS } from './eventually.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface ChildOptions {
  readonly home: string;
  readonly name?: 'engine' | 'projector';
  readonly scale?: TimeScale;
  readonly identityParts?: BotIdentityParts;
  readonly commands?: readonly EngineCommand[];
  /** A program other than the built one of that name. */
  readonly program?: { readonly file: string; readonly execArgv: readonly string[] };
}

/** One child process of a bot with a test in the place of main. */
export class TestChild {
  readonly messages: FromChild[] = [];
  readonly process: ChildProcess;
  private ids = 0;

  constructor(options: ChildOptions) {
    const { name = 'engine', home, scale, commands = [] } = options;
    const file = options.program?.file ?? join(ROOT, `dist/program/${name}-process.js`);
    this.process = fork(file, [], {
      execArgv: [...(options.program?.execArgv ?? [])],
      env: { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: compileCache(ROOT) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    this.process.on('message', (message) => this.messages.push(message as FromChild));
    const init: ChildInit = {
      home,
      root: ROOT,
      versionTag: TEST_VERSION,
      identityParts: options.identityParts ?? TEST_PARTS,
      timeScale: scale ?? null,
      attempt: 0,
      masterKeyFile: null,
      web: null,
      commands: commands.map((command) => ({ id: ++this.ids, command })),
      task: null,
    };
    this.send({ kind: 'init', init });
  }

  send(message: ToChild): void {
    this.process.send(message);
  }

  /** The first message of a kind, from now or before. */
  async until<K extends FromChild['kind']>(kind: K, withinMs = PATIENCE_MS): Promise<Extract<FromChild, { kind: K }>> {
    return this.untilSome((message): message is Extract<FromChild, { kind: K }> => message.kind === kind, withinMs);
  }

  async untilSome<T extends FromChild>(fits: (message: FromChild) => message is T, withinMs = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no such message; there were ${JSON.stringify(this.messages.slice(-5))}`);
  }

  async command(command: EngineCommand): Promise<CommandOutcome> {
    const id = ++this.ids;
    this.send({ kind: 'command', id, command });
    type Outcome = Extract<FromChild, { kind: 'outcome' }>;
    return (await this.untilSome((message): message is Outcome => message.kind === 'outcome' && message.id === id))
      .outcome;
  }

  /** Exit code or signal. */
  async ended(): Promise<number | string | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
    return this.process.signalCode ?? this.process.exitCode;
  }

  async stop(withinMs = 15_000): Promise<number | string | null> {
    this.send({ kind: 'stop', withinMs });
    return this.ended();
  }

  async killHard(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended();
  }
}
