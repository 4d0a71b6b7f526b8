import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import { PowerCut } from '../../src/ports/projection-targets.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { sampleLogOnly, sampleProjection } from '../unit/support/sample-projection.js';

afterAll(removeTemporaryHomes);

const CHILD = fileURLToPath(new URL('../unit/support/projector-child.mjs', import.meta.url));
const LOADER = new URL('../unit/support/typescript-loader.mjs', import.meta.url).href;
const PHASES = ['open', 'mid', 'close'] as const;

function tapeOf(events: number): Tape {
  const tape = new Tape();
  for (let n = 0; n < events; n += 1) tape.add('PhaseStarted', { phase: PHASES[n % 3] ?? 'open' });
  return tape;
}

/** Does `work` on the home and dies at its `dieAt`-th step; false when it completed. */
async function diesAt(
  dieAt: number,
  home: string,
  tape: Tape,
  work: (projector: Projector) => Promise<unknown>,
): Promise<boolean> {
  let step = 0;
  const onStep = (name: string): void => {
    step += 1;
    if (step === dieAt) throw new PowerCut(name);
  };
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db`, onStep });
  const projections = [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];
  const projector = new Projector({ journal: tape, projections, targets, pageSize: 4 });
  try {
    await work(projector);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(PowerCut);
    return true;
  } finally {
    targets.close();
  }
}

const finish = (projector: Projector): Promise<unknown> => projector.catchUp().then(() => projector.publish());

async function undisturbed(tape: Tape): Promise<Readonly<Record<string, string>>> {
  const home = temporaryHome();
  expect(await diesAt(0, home, tape, finish)).toBe(false);
  return filesUnder(`${home}/output`);
}

describe('JRN-21: a crash at any step neither loses nor duplicates a row or line', () => {
  const works: readonly (readonly [string, (projector: Projector) => Promise<unknown>])[] = [
    ['while it catches up and publishes', finish],
    ['while it rebuilds all', (projector) => projector.rebuild('all')],
    ['while it rebuilds all next to the files in use', (projector) => projector.rebuildInPortions('all')],
    ['while it checks all next to the files in use', (projector) => projector.checkInPortions('all')],
  ];
  test.each(works)('%s', async (_name, work) => {
    const tape = tapeOf(10);
    const wanted = await undisturbed(tape);
    const early = tapeOf(4);
    let steps = 0;
    for (let dieAt = 1; dieAt < 200; dieAt += 1) {
      const home = temporaryHome();
      await diesAt(0, home, early, finish);
      const died = await diesAt(dieAt, home, tape, work);
      await diesAt(0, home, tape, finish);
      expect(filesUnder(`${home}/output`)).toEqual(wanted);
      if (!died) break;
      steps = dieAt;
    }
    expect(steps).toBeGreaterThan(10);
    expect(steps).toBeLessThan(199);
  });

  const rebuilds: readonly (readonly [string, (projector: Projector) => Promise<unknown>])[] = [
    ['alone', (projector) => projector.rebuild('all')],
    ['next to the files in use', (projector) => projector.rebuildInPortions('all')],
  ];
  test.each(rebuilds)(
    'a rebuild %s that dies at any step leaves only old files or only new ones',
    async (_how, work) => {
      const right = tapeOf(10);
      const forged = new Tape();
      for (const { type } of right.events)
        if (type === 'PhaseStarted') forged.add('PhaseStarted', { phase: 'holdings' });
      const [before, after] = [await undisturbed(forged), await undisturbed(right)];
      const seen = new Set<string>();
      for (let dieAt = 1; dieAt < 200; dieAt += 1) {
        const home = temporaryHome();
        await diesAt(0, home, forged, finish);
        const died = await diesAt(dieAt, home, right, work);
        const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
        for (const one of [sampleLogOnly(`${home}/output`), sampleProjection(`${home}/output`)]) {
          const opened = targets.open(one);
          if (opened.state === 'ready') opened.target.close();
        }
        targets.close();
        const found = filesUnder(`${home}/output`);
        const which = JSON.stringify(found) === JSON.stringify(after) ? 'new' : 'old';
        expect(found).toEqual(which === 'new' ? after : before);
        seen.add(died ? which : 'done');
        if (!died) break;
      }
      expect([...seen].sort()).toEqual(['done', 'new', 'old']);
    },
  );

  test('repeated crashes during recovery are recovered too', async () => {
    const tape = tapeOf(10);
    const wanted = await undisturbed(tape);
    const home = temporaryHome();
    let deaths = 0;
    while (await diesAt(3 + (deaths % 5), home, tape, finish)) {
      deaths += 1;
      if (deaths > 60) break;
    }
    await diesAt(0, home, tape, finish);
    expect(filesUnder(`${home}/output`)).toEqual(wanted);
    expect(deaths).toBeGreaterThan(3);
  });
});

describe('kill -9', () => {
  test('a process killed repeatedly ends with the same bytes', async () => {
    const tape = tapeOf(120);
    const wanted = await undisturbed(tape);
    const home = temporaryHome();
    await diesAt(0, home, tapeOf(20), finish);
    const kills = [1, 7, 30, 61, 140, 260];
    for (const batches of kills) await killedAfter(batches, home, tape.events.length);
    await diesAt(0, home, tape, finish);
    expect(filesUnder(`${home}/output`)).toEqual(wanted);
    expect(existsSync(`${home}/output/sample.db-wal`)).toBe(false);
    expect(JSON.parse(readFileSync(`${home}/output/logonly.json`, 'utf8'))).toHaveLength(120);
  });

  /** Runs the child until it has reported the given number of batches, then kills it. */
  function killedAfter(batches: number, home: string, events: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = fork(CHILD, [home, String(events)], {
        execArgv: ['--no-warnings', '--import', LOADER],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      let reported = 0;
      child.on('message', () => {
        reported += 1;
        if (reported >= batches) child.kill('SIGKILL');
      });
      child.on('error', reject);
      child.on('exit', () => resolve());
    });
  }
});
