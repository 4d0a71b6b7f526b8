import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from '../support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { sampleLogOnly, sampleProjection } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

const PHASES = ['open', 'mid', 'close'] as const;

function grow(tape: Tape, events: number): void {
  for (let n = 0; n < events; n += 1) tape.add('PhaseStarted', { phase: PHASES[tape.events.length % 3] ?? 'open' });
}

class Bench {
  readonly home = temporaryHome();
  readonly tape = new Tape();
  readonly targets = new FileProjectionTargets({
    home: this.home,
    projectionsDb: `${this.home}/storage/projections.db`,
  });
  readonly projector: Projector;

  constructor(more: (bench: Bench) => readonly Projection[] = () => []) {
    grow(this.tape, 60);
    const projections = [sampleProjection(this.output), sampleLogOnly(this.output), ...more(this)];
    this.projector = new Projector({
      ...{ journal: this.tape, projections, targets: this.targets, pageSize: 4 },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    });
  }

  get output(): string {
    return `${this.home}/output`;
  }

  read(name: string): string {
    return readFileSync(`${this.output}/${name}`, 'utf8');
  }
}

async function undisturbed(tape: Tape): Promise<Readonly<Record<string, string>>> {
  const bench = new Bench();
  bench.tape.events.length = 0;
  bench.tape.events.push(...tape.events);
  await bench.projector.catchUp();
  await bench.projector.close();
  return filesUnder(bench.output);
}

/** Work, and whether it still runs. */
function watched<T>(work: Promise<T>): { readonly done: Promise<T>; isRunning(): boolean } {
  let running = true;
  return { done: work.finally(() => (running = false)), isRunning: () => running };
}

describe('a rebuild next to the projections in use (JRN-22)', () => {
  test('the projections in use follow the journal while a rebuild runs, and the rebuilt ones have every event', async () => {
    const bench = new Bench();
    const { tape, projector } = bench;
    await projector.catchUp();
    const work = watched(projector.rebuildInPortions('all'));
    let followed = 0;
    while (work.isRunning()) {
      grow(tape, 1);
      const { projections } = await projector.catchUp();
      if (!work.isRunning()) break;
      expect(projections.map(({ lagEvents }) => lagEvents)).toEqual([0, 0]);
      expect(bench.read('sample.csv').trimEnd().split('\n')).toHaveLength(tape.events.length + 1);
      followed += 1;
    }
    expect(followed).toBeGreaterThan(5);
    expect((await work.done).rebuilt.map(({ name }) => name)).toEqual(['sample', 'logonly']);
    await projector.catchUp();
    await projector.close();
    expect(filesUnder(bench.output)).toEqual(await undisturbed(tape));
  });

  test('a file that was changed by hand is whole again after the rebuild', async () => {
    const bench = new Bench();
    await bench.projector.catchUp();
    writeFileSync(`${bench.output}/sample.txt`, 'changed');
    await bench.projector.rebuildInPortions('all');
    await bench.projector.close();
    expect(filesUnder(bench.output)).toEqual(await undisturbed(bench.tape));
  });

  test('a projection in use reads the file in use of another one, a shadow its shadow', async () => {
    const read = { live: 0, shadow: 0 };
    const reader = (bench: Bench): readonly Projection[] => {
      const sample = sampleLogOnly(bench.output, 'reader');
      return [
        {
          ...sample,
          after: ['sample'],
          start: (state) => {
            const run = sample.start(state);
            const files = run.outputFiles.bind(run);
            run.outputFiles = () => {
              read[bench.targets.fileNow(`${bench.output}/sample.db`).endsWith('.rebuild') ? 'shadow' : 'live'] += 1;
              return files();
            };
            return run;
          },
        },
      ];
    };
    const bench = new Bench(reader);
    await bench.projector.catchUp();
    read.shadow = 0;
    read.live = 0;
    const work = watched(bench.projector.rebuildInPortions('all'));
    while (work.isRunning()) {
      const before = read.live;
      grow(bench.tape, 1);
      await bench.projector.catchUp();
      if (work.isRunning()) expect(read.live).toBeGreaterThan(before);
    }
    await work.done;
    expect(read.shadow).toBeGreaterThan(5);
    await bench.projector.close();
  });

  test('a stop ends it between two portions and leaves every file and no shadow', async () => {
    const bench = new Bench();
    await bench.projector.catchUp();
    await bench.projector.publish();
    const before = filesUnder(bench.output);
    const stop = new AbortController();
    const rebuild = bench.projector.rebuildInPortions('all', { stop: stop.signal, onProgress: () => stop.abort() });
    await expect(rebuild).rejects.toMatchObject({ code: 'REBUILD_CUT_OFF' });
    expect(filesUnder(bench.output)).toEqual(before);
    await bench.projector.close();
    expect(filesUnder(bench.output)).toEqual(before);
  });

  test('progress grows to its end', async () => {
    const bench = new Bench();
    const seen: number[] = [];
    await bench.projector.rebuildInPortions('all', { onProgress: (done, total) => seen.push(done / total) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    await bench.projector.close();
  });

  test('an unknown name is refused before anything is built', async () => {
    const bench = new Bench();
    await expect(bench.projector.rebuildInPortions('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
    await expect(bench.projector.checkInPortions('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
    await bench.projector.close();
  });
});

describe('a check next to the projections in use (JRN-22)', () => {
  test('it compares at the position where the projections in use are, changes nothing, and says what differs', async () => {
    const bench = new Bench();
    await bench.projector.catchUp();
    const work = watched(bench.projector.checkInPortions('all'));
    while (work.isRunning()) {
      grow(bench.tape, 1);
      await bench.projector.catchUp();
    }
    expect(await work.done).toMatchObject({ ok: true });
    appendFileSync(`${bench.output}/sample.csv`, 'x');
    const before = filesUnder(bench.output);
    const found = await bench.projector.checkInPortions('all');
    expect(found.projections.flatMap(({ differences }) => differences)).toEqual(['output/sample.csv has other bytes']);
    expect(filesUnder(bench.output)).toEqual(before);
    await bench.projector.close();
  });
});
