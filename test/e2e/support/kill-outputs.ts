import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { SeededRandom } from '../../../src/kernel/random.js';
import { copyTree } from '../../support/copy-tree.js';
import * as program from './program.js';

/** A home in `folder` that has traded two days. */
export async function tradedHome(folder: string): Promise<string> {
  const home = join(folder, 'home');
  await program.done('day', '--synthetic', '--seed', '11', '--days', '2', '--home', home);
  return home;
}

/** Kills `rebuild all` once in each round, at a random time; a rebuild after them ends with the bytes of before. */
export async function rebuildThroughKills(home: string, rounds: number): Promise<void> {
  const output = program.pathsOf(home).output.dir;
  const sound = program.treeOf(output);
  const random = SeededRandom.of('kill', 'rebuild');
  let killed = 0;
  for (let round = 0; round < rounds; round += 1) {
    if (round % 3 === 0) rmSync(output, { recursive: true, force: true });
    if (await killAtWork(home, () => random.next(), 250, 'rebuild', 'all')) killed += 1;
  }
  expect(killed).toBeGreaterThan(Math.floor(rounds / 3));
  await program.done('rebuild', 'all', '--home', home);
  expect(program.treeOf(output)).toEqual(sound);
  expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
}

/** Kills an export once in each round; an export after them makes the file of a home where none was killed. */
export async function exportThroughKills(home: string, rounds: number): Promise<void> {
  const calm = join(program.scratchFolder(), 'calm');
  copyTree(home, calm);
  const range = ['export', 'ofx', '--from', '2026-01-05', '--to', '2026-01-06'];
  const random = SeededRandom.of('kill', 'export');
  for (let round = 0; round < rounds; round += 1) await killAtWork(home, () => random.next(), 60, ...range);
  const [there, here] = [calm, home].map((each) =>
    program.pathsOf(each).exportFile('ofx', 'range_2026-01-05_2026-01-06'),
  );
  for (const each of [calm, home]) await program.done(...range, '--home', each);
  expect(program.textOf(here!)).toBe(program.textOf(there!));
  const names = Object.keys(program.treeOf(join(home, 'output')));
  expect(names).toEqual(Object.keys(program.treeOf(join(calm, 'output'))));
  expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
}

/** Kills the command a random time after it has taken the home; false when it came to its end before. */
async function killAtWork(
  home: string,
  random: () => number,
  withinMs: number,
  ...args: readonly string[]
): Promise<boolean> {
  const holder = join(home, 'storage/lock.json');
  rmSync(holder, { force: true });
  const child = program.startTradebot([...args, '--home', home]);
  const ending = program.ended(child);
  while (child.exitCode === null && !existsSync(holder)) await sleep(1);
  await sleep(random() * withinMs);
  child.kill('SIGKILL');
  return (await ending).signal === 'SIGKILL';
}
