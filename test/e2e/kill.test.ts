import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../src/kernel/random.js';
import { killUntil, type Disturbed } from './support/kill-suite.js';
import { hashesOf } from './support/kill-runs.js';
import * as program from './support/program.js';
import { copyTree } from '../support/copy-tree.js';

const KILLS = 100;

beforeAll(program.buildOnce);
afterAll(program.removeScratch);

describe('kill -9 at random moments', () => {
  let runs: readonly Disturbed[];

  beforeAll(async () => {
    runs = await killUntil(KILLS, join(program.scratchFolder(), 'runs'));
  });

  test(`${KILLS} kills, most of them while it works`, () => {
    const kills = runs.reduce((all, run) => all + run.story.kills, 0);
    const atWork = runs.reduce((all, run) => all + run.story.killsAtWork, 0);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(atWork / kills).toBeGreaterThan(0.5);
    expect(runs.map((run) => run.story.last.code)).toEqual(runs.map(() => 0));
  });

  test('no acknowledged event is lost, and the chain is valid', async () => {
    for (const { home, paths, story } of runs) {
      const hashes = hashesOf(paths.storage.journalDb);
      for (const { position, hash } of story.acknowledged) expect(hashes.get(position)).toBe(hash);
      expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
    }
  });

  test('no order or posting is duplicated: journal, books, broker and files equal the undisturbed run', () => {
    for (const { outcome, undisturbed } of runs) {
      expect(outcome.ledger).toEqual(undisturbed.ledger);
      expect(outcome.broker).toEqual(undisturbed.broker);
      expect(outcome.events).toEqual(undisturbed.events);
      expect(outcome.files).toEqual(undisturbed.files);
      expect(outcome.market).toEqual(undisturbed.market);
    }
  });

  test('the crashes are in the journal and in the error log', () => {
    for (const { crashes, crashLines } of runs) {
      expect(crashes).toBeGreaterThan(0);
      expect(crashLines).toBe(crashes);
    }
  });
});

describe('kill -9 while outputs are written', () => {
  let home: string;
  let output: string;
  let sound: Readonly<Record<string, string>>;

  beforeAll(async () => {
    home = join(program.scratchFolder(), 'home');
    output = program.pathsOf(home).output.dir;
    await program.done('day', '--synthetic', '--seed', '11', '--days', '2', '--home', home);
    sound = program.treeOf(output);
  });

  test('rebuild all, killed repeatedly, ends with the same bytes', async () => {
    const random = SeededRandom.of('kill', 'rebuild');
    let killed = 0;
    for (let round = 0; round < 8; round += 1) {
      if (round % 3 === 0) rmSync(output, { recursive: true, force: true });
      if (await killAtWork(home, () => random.next(), 250, 'rebuild', 'all')) killed += 1;
    }
    expect(killed).toBeGreaterThan(3);
    await program.done('rebuild', 'all', '--home', home);
    expect(program.treeOf(output)).toEqual(sound);
    expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
  });

  test('export, killed repeatedly, ends with the file of an undisturbed run', async () => {
    const calm = join(program.scratchFolder(), 'calm');
    copyTree(home, calm);
    const range = ['export', 'ofx', '--from', '2026-01-05', '--to', '2026-01-06'];
    const random = SeededRandom.of('kill', 'export');
    for (let round = 0; round < 6; round += 1) await killAtWork(home, () => random.next(), 60, ...range);
    const [there, here] = [calm, home].map((each) =>
      program.pathsOf(each).exportFile('ofx', 'range_2026-01-05_2026-01-06'),
    );
    for (const each of [calm, home]) await program.done(...range, '--home', each);
    expect(program.textOf(here!)).toBe(program.textOf(there!));
    const names = Object.keys(program.treeOf(join(home, 'output')));
    expect(names).toEqual(Object.keys(program.treeOf(join(calm, 'output'))));
    expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
  });
});

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
