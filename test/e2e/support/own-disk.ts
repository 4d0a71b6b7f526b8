import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Need } from '../../support/needs.js';
import { temporaryHome } from '../../unit/support/home.js';
import { ROOT } from './program.js';

const MOUNT = 'mount -t tmpfs -o size="$2" tmpfs "$1" && shift 2 && exec "$@"';

/** `unshare` with a small file system of its own at `disk`, in a mount namespace that ends with the command. */
function argumentsOf(disk: string, size: string, command: readonly string[]): readonly string[] {
  mkdirSync(disk, { recursive: true });
  return ['-rm', 'sh', '-c', MOUNT, 'sh', disk, size, ...command];
}

/** That this user may mount a file system. */
export function ownDisk(): Need {
  const args = argumentsOf(join(temporaryHome(), 'try'), '1m', ['true']);
  return {
    name: 'a user who may mount a file system (unshare -rm)',
    isHere: spawnSync('unshare', args, { stdio: 'ignore', timeout: 60_000 }).status === 0,
  };
}

export interface DiskScenario {
  /** A TypeScript file of the tests; it gets the scenario, the folder of the disk and `rest`, and prints one JSON value. */
  readonly child: string;
  readonly scenario: string;
  /** As `mount` takes it: `3m`. */
  readonly size: string;
  readonly rest?: readonly string[];
}

/** Runs a scenario on a disk of its own; resolves to what it prints. */
export async function onOwnDisk({ child, scenario, size, rest = [] }: DiskScenario): Promise<unknown> {
  const disk = join(temporaryHome(), 'disk');
  const loader = join(ROOT, 'test/unit/support/typescript-loader.mjs');
  const command = [process.execPath, '--import', loader, join(ROOT, child), scenario, disk, ...rest];
  const running = spawn('unshare', argumentsOf(disk, size, command), { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  running.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  running.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => running.on('close', resolve));
  if (code !== 0 || err !== '') throw new Error(`the scenario ${scenario} ended with ${String(code)}: ${err}${out}`);
  return JSON.parse(out);
}
