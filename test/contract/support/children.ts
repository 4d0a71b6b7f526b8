import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const ERRORS_KEPT = 4_000;
/** The end of what each child has said on stderr. */
const errorsOf = new WeakMap<ChildProcess, string>();

/** A TypeScript file of the tests as a process of its own. */
export function startChild(file: string, ...args: readonly string[]): ChildProcess {
  const loader = join(ROOT, 'test/unit/support/typescript-loader.mjs');
  const child = spawn(process.execPath, ['--import', loader, join(ROOT, file), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '' },
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorsOf.set(child, `${errorsOf.get(child) ?? ''}${text}`.slice(-ERRORS_KEPT));
  });
  return child;
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
  const { code, signal, out } = await childEnd(child);
  if (code !== 0) throw new Error(`the child ended with ${String(code ?? signal)}: ${errorsOf.get(child) ?? ''}`);
  return JSON.parse(out) as T;
}
