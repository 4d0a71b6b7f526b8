import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A TypeScript file of the tests as a process of its own. */
export function startChild(file: string, ...args: readonly string[]): ChildProcess {
  const loader = join(ROOT, 'test/unit/support/typescript-loader.mjs');
  return spawn(process.execPath, ['--import', loader, join(ROOT, file), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: '' },
  });
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
}

export function childEnd(child: ChildProcess): Promise<ChildEnd> {
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out })));
}

/** What a child that ends well says as JSON. */
export async function answerOf<T>(child: ChildProcess): Promise<T> {
  const { code, out } = await childEnd(child);
  if (code !== 0) throw new Error(`the child ended with ${String(code)}`);
  return JSON.parse(out) as T;
}
