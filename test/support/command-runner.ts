import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../../src/processes/ipc/program-file.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const CHILD = join(ROOT, 'test/support/commands-child.mjs');
const ENVIRONMENT = { PATH: '/usr/bin:/bin' };

/** Exit code and output of a command. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Answer extends CommandResult {
  readonly left: readonly string[];
}

/**
 * Runs many commands of the built program in one process: for tests of what a command does and answers, which would
 * otherwise start a process for each. A command that leaves something open, or ends the process, fails the test.
 */
export class CommandRunner {
  #child: ChildProcess | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Runs one command when those before it have ended. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const result = this.#queue.then(() => this.#runNow(args, env));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Ends the process; for afterAll. */
  async end(): Promise<void> {
    await this.#queue;
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async #runNow(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
    const child = (this.#child ??= await startRunner());
    const { left, ...result } = await new Promise<Answer>((resolve, reject) => {
      const settle = (settled: () => void): void => {
        child.off('message', answered);
        child.off('exit', ended);
        settled();
      };
      const answered = (answer: unknown): void => settle(() => resolve(answer as Answer));
      const ended = (): void => {
        this.#child = undefined;
        settle(() => reject(new Error(`tradebot ${args.join(' ')} ended the process that ran it`)));
      };
      child.on('message', answered);
      child.on('exit', ended);
      child.send({ args, env: { ...ENVIRONMENT, ...env } });
    });
    if (left.length > 0) throw new Error(`tradebot ${args.join(' ')} left open: ${left.join(', ')}`);
    return result;
  }
}

async function startRunner(): Promise<ChildProcess> {
  const child = fork(CHILD, {
    cwd: ROOT,
    env: { ...ENVIRONMENT, NODE_COMPILE_CACHE: compileCache(ROOT) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  // A file that forgets `end` must not keep jest from ending: without its parent the child ends too.
  child.unref();
  child.channel?.unref();
  return child;
}
