import { spawnSync } from 'node:child_process';
import { describe, test } from '@jest/globals';

/** Something of the machine that a test depends on and that may be absent. */
export interface Need {
  /** As the name of a skipped test has it: `xmllint`. */
  readonly name: string;
  readonly isHere: boolean;
}

/** A program of the machine, and how to call it. */
export interface ToolNeed extends Need {
  readonly command: string;
}

type Body = () => void | Promise<void>;
type Declare = (name: string, body: Body, timeoutMs?: number) => void;

/** True when the program starts and ends well. */
function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;
}

/** A program that answers `args` with success; `--version` when nothing else is given. */
export function tool(command: string, args: readonly string[] = ['--version']): ToolNeed {
  return { name: command, command, isHere: works(command, args) };
}

/** A Python that has this module: the first in the path, else that of the system. */
export function python(module: string): ToolNeed {
  const command = ['python3', '/usr/bin/python3'].find((candidate) => works(candidate, ['-c', `import ${module}`]));
  return { name: `Python's ${module}`, command: command ?? 'python3', isHere: command !== undefined };
}

/** That a plain user runs the tests: root may read and write everything. */
export const plainUser: Need = { name: 'a user other than root', isHere: process.geteuid?.() !== 0 };

/** `test`, or a skipped test that names what is missing: it is counted as skipped and never as passed. */
export function testNeeding(...needs: readonly Need[]): Declare {
  const missing = missingOf(needs);
  if (missing === '') return test;
  return (name, body) => test.skip(`${name} [needs ${missing}]`, body);
}

/** The same for a group of tests. The body runs to collect them, so it must not read what may be missing. */
export function describeNeeding(...needs: readonly Need[]): (name: string, body: () => void) => void {
  const missing = missingOf(needs);
  if (missing === '') return describe;
  return (name, body) => describe.skip(`${name} [needs ${missing}]`, body);
}

function missingOf(needs: readonly Need[]): string {
  return needs.flatMap(({ name, isHere }) => (isHere ? [] : [name])).join(', ');
}
