import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportThroughKills, rebuildThroughKills, tradedHome } from './support/kill-outputs.js';
import { killUntil, type Disturbed } from './support/kill-suite.js';
import { hashesOf } from './support/kill-runs.js';
import * as program from './support/program.js';

/** `npm run soak` has the long runs: a thousand kills, and many more of the commands that write outputs. */
const KILLS = 20;

beforeAll(program.buildOnce);
afterAll(program.removeScratch);

describe('kill -9 at random moments', () => {
  let runs: readonly Disturbed[];

  beforeAll(async () => {
    runs = await killUntil(KILLS, join(program.scratchFolder(), 'runs'), { days: 2, maxKills: 10 });
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

  beforeAll(async () => {
    home = await tradedHome(program.scratchFolder());
  });

  test('rebuild all, killed repeatedly, ends with the same bytes', () => rebuildThroughKills(home, 5));

  test('export, killed repeatedly, ends with the file of an undisturbed run', () => exportThroughKills(home, 3));
});
