import { join } from 'node:path';
import { SeededRandom } from '../../../src/kernel/random.js';
import type { HomePaths } from '../../../src/domain/home/home-paths.js';
import { runThroughKills, type KillStory } from './kill-runs.js';
import { eventsOf, outcomeOf, type Outcome } from './outcome.js';
import { done, pathsOf, textOf } from './program.js';

export interface Disturbed {
  readonly home: string;
  readonly paths: HomePaths;
  readonly story: KillStory;
  readonly outcome: Outcome;
  readonly undisturbed: Outcome;
  /** ProcessCrashed in the journal, and in error_tracebacks.log. */
  readonly crashes: number;
  readonly crashLines: number;
}

export interface RunSize {
  readonly days: number;
  /** The count for one home. */
  readonly maxKills: number;
}

const LANES = 2;

/** Runs several days through kills, each with a seed of its own, until there were `kills` of them. */
export async function killUntil(kills: number, folder: string, size: RunSize): Promise<readonly Disturbed[]> {
  const runs: Disturbed[] = [];
  let seed = 0;
  let counted = 0;
  const lane = async (): Promise<void> => {
    while (counted < kills) {
      seed += 1;
      const run = await disturb(seed, join(folder, String(seed)), size);
      counted += run.story.kills;
      runs.push(run);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return runs;
}

async function disturb(seed: number, folder: string, size: RunSize): Promise<Disturbed> {
  const shorts = ['OPEN', 'MID', 'CLOSE'].flatMap((name) => ['--set', `SHORT_TYPE_${name}=ShortSell`]);
  const args = ['day', '--synthetic', '--seed', String(seed), '--days', String(size.days), ...shorts, '--home'];
  const [home, calm] = [join(folder, 'killed'), join(folder, 'calm')];
  const paths = pathsOf(home);
  const random = SeededRandom.of('kill', seed);
  const story = await runThroughKills({
    args: [...args, home],
    journal: paths.storage.journalDb,
    random: () => random.next(),
    maxKills: size.maxKills,
    eventsBetween: 45,
    blind: { share: 0.2, withinMs: 600 },
  });
  await done(...args, calm);
  const events = await eventsOf(home);
  const errors = textOf(paths.log('error_tracebacks')).split('\n');
  return {
    home,
    paths,
    story,
    outcome: await outcomeOf(home, paths),
    undisturbed: await outcomeOf(calm, pathsOf(calm)),
    crashes: events.filter((event) => event.type === 'ProcessCrashed').length,
    crashLines: errors.filter((line) => line.includes('"ProcessCrashed"')).length,
  };
}
