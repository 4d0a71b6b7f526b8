import { afterAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from '../support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { sampleLogOnly, sampleProjection } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

const PHASES = ['open', 'mid', 'close'] as const;

function grow(tape: Tape, events: number): void {
  for (let n = 0; n < events; n += 1) {
    const phase = PHASES[tape.events.length % 3] ?? 'open';
    if (tape.events.length % 3 === 2) tape.add('PhaseEnded', { phase, reason: 'its window closed' });
    else tape.add('PhaseStarted', { phase });
  }
}

function tapeOf(events: number): Tape {
  const tape = new Tape();
  grow(tape, events);
  return tape;
}

function projectorOn(home: string, tape: Tape, projections: readonly Projection[]): Projector {
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
  return new Projector({ journal: tape, projections, targets });
}

const both = (home: string): Projection[] => [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];

describe('what is rebuilt together is swapped in together (JRN-22)', () => {
  test('a rebuild of all keeps every old file when a projection of a later step fails', async () => {
    const home = temporaryHome();
    const forged = tapeOf(20);
    const later = (failAt = ''): Projection => ({
      ...sampleProjection(`${home}/output`, { name: 'later', failAt }),
      after: ['sample'],
    });
    const first = projectorOn(home, forged, [...both(home), later()]);
    await first.catchUp();
    await first.close();
    const before = filesUnder(`${home}/output`);
    const right = new Tape();
    for (let n = 0; n < 20; n += 1) right.add('PhaseStarted', { phase: 'mid' });
    const second = projectorOn(home, right, [...both(home), later(right.events[12]?.position)]);
    await expect(second.rebuild('all')).rejects.toMatchObject({
      code: 'PROJECTION_NOT_REBUILT',
      message: expect.stringContaining('all old files are kept'),
    });
    expect(filesUnder(`${home}/output`)).toEqual(before);
    await second.close();
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('all projections are built up to one position, whatever is appended meanwhile', async () => {
    const home = temporaryHome();
    const tape = tapeOf(12);
    const journal = {
      head: () => tape.head(),
      readAll: (...asked: Parameters<Tape['readAll']>) => {
        grow(tape, 1);
        return tape.readAll(...asked);
      },
    };
    const later: Projection = { ...sampleProjection(`${home}/output`, { name: 'later' }), after: ['sample'] };
    const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
    const projector = new Projector({ journal, projections: [...both(home), later], targets });
    const { projections } = await projector.rebuild('all');
    expect(projections.map(({ events }) => events)).toEqual([12, 12, 12]);
    await projector.close();
  });

  test('a later step reads the database that an earlier step has built aside', async () => {
    const home = temporaryHome();
    const tape = tapeOf(9);
    const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
    const path = `${home}/output/sample.db`;
    const read: number[] = [];
    const reader: Projection = {
      ...sampleLogOnly(`${home}/output`, 'reader'),
      after: ['sample'],
      start: (state) => {
        const run = sampleLogOnly(`${home}/output`, 'reader').start(state);
        const lines = run.logLines.bind(run);
        run.logLines = () => {
          const db = new Database(targets.fileNow(path), { readonly: true });
          read.push(db.prepare<[], number>('SELECT count(*) FROM phases').pluck().get() ?? 0);
          db.close();
          return lines();
        };
        return run;
      },
    };
    const projector = new Projector({
      journal: tape,
      projections: [sampleProjection(`${home}/output`), reader],
      targets,
    });
    await projector.catchUp();
    await projector.close();
    expect(new Set(read)).toEqual(new Set([6]));
    expect(targets.fileNow(path)).toBe(path);
  });
});
