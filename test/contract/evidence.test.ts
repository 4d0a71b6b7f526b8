import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { evidenceJob } from '../../projections/kit/evidence-job.js';
import type { KeptFile, Projection } from '../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import { dataError } from '../../src/kernel/errors.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { PowerCut } from '../../src/ports/projection-targets.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

afterAll(removeTemporaryHomes);

interface Books {
  /** What the renderers of this program make. */
  readonly render?: (phase: string) => string;
  readonly earlier?: string | null;
  readonly version?: number;
}

const ORIGINAL = (phase: string): string => `evidence of ${phase}\n`;

/** A file for each phase that began; the "journal" has the digest of ORIGINAL. */
function evidence(home: string, { render = ORIGINAL, earlier = null, version = 1 }: Books = {}): Projection {
  return evidenceJob({
    name: 'evidence',
    version,
    contexts: ['lifecycle'],
    claims: [`${home}/output/kept_*.txt`],
    types: ['PhaseStarted'],
    filesOf: ({ data: { phase } }): readonly KeptFile[] => [
      {
        path: `${home}/output/kept_${phase}.txt`,
        sha256: sha256Hex(ORIGINAL(phase)),
        text: () => render(phase),
        earlier,
      },
    ],
  });
}

function projectorOn(home: string, tape: Tape, books: Books = {}, onStep?: (step: string) => void): Projector {
  const steps = onStep === undefined ? {} : { onStep };
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db`, ...steps });
  return new Projector({ journal: tape, projections: [evidence(home, books)], targets });
}

async function withProjector<T>(projector: Projector, work: (projector: Projector) => Promise<T>): Promise<T> {
  try {
    return await work(projector);
  } finally {
    await projector.close();
  }
}

async function madeHome(): Promise<{ readonly home: string; readonly tape: Tape }> {
  const home = temporaryHome();
  mkdirSync(`${home}/output`, { recursive: true });
  const tape = new Tape();
  for (const phase of ['open', 'mid'] as const) tape.add('PhaseStarted', { phase });
  await withProjector(projectorOn(home, tape), (projector) => projector.catchUp());
  return { home, tape };
}

const DEEDS: readonly (readonly [string, (projector: Projector) => Promise<unknown>])[] = [
  ['a start', (projector) => projector.catchUp()],
  ['a rebuild', (projector) => projector.rebuild('all')],
  ['a check', (projector) => projector.check('all')],
];

describe('evidence is written once and never replaced or deleted (P5, P6)', () => {
  test.each(DEEDS)('%s leaves a file that was changed, and names it', async (_name, deed) => {
    const { home, tape } = await madeHome();
    writeFileSync(`${home}/output/kept_mid.txt`, 'forged');
    const before = filesUnder(`${home}/output`);
    const found = await withProjector(projectorOn(home, tape), async (projector) => {
      await deed(projector);
      return projector.evidence();
    });
    expect(found).toEqual([expect.stringMatching(/^output\/kept_mid\.txt: its SHA-256 is .*it was left as it is$/)]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test.each(DEEDS)('%s writes a missing file again, byte for byte', async (_name, deed) => {
    const { home, tape } = await madeHome();
    const before = filesUnder(`${home}/output`);
    rmSync(`${home}/output/kept_open.txt`);
    const found = await withProjector(projectorOn(home, tape), async (projector) => {
      await deed(projector);
      return projector.evidence();
    });
    expect(found).toEqual([]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('a check reports a changed file as a difference', async () => {
    const { home, tape } = await madeHome();
    writeFileSync(`${home}/output/kept_mid.txt`, 'forged');
    const { ok, projections } = await withProjector(projectorOn(home, tape), (projector) => projector.check('all'));
    expect({ ok, differences: projections[0]?.differences }).toEqual({
      ok: false,
      differences: [expect.stringContaining('output/kept_mid.txt: its SHA-256 is')],
    });
  });

  test('a new file that has the name of one on disk does not replace it, and the projection continues', async () => {
    const { home, tape } = await madeHome();
    writeFileSync(`${home}/output/kept_close.txt`, 'of somebody');
    tape.add('PhaseStarted', { phase: 'close' });
    tape.add('PhaseStarted', { phase: 'holdings' });
    const report = await withProjector(projectorOn(home, tape), (projector) => projector.catchUp());
    expect(report.evidence).toEqual([expect.stringContaining('output/kept_close.txt')]);
    expect(report.projections).toMatchObject([{ lagEvents: 0, stopped: null }]);
    expect(readFileSync(`${home}/output/kept_close.txt`, 'utf8')).toBe('of somebody');
    expect(existsSync(`${home}/output/kept_holdings.txt`)).toBe(true);
  });

  test('files that no event knows stay through a rebuild, also when the version rises', async () => {
    const { home, tape } = await madeHome();
    writeFileSync(`${home}/output/kept_by-hand.txt`, 'mine');
    const before = filesUnder(`${home}/output`);
    await withProjector(projectorOn(home, tape, { version: 2 }), (projector) => projector.catchUp());
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('a lost record of files removes nothing', async () => {
    const { home, tape } = await madeHome();
    const before = filesUnder(`${home}/output`);
    for (const end of ['', '-wal', '-shm']) rmSync(`${home}/storage/projections.db${end}`, { force: true });
    const report = await withProjector(projectorOn(home, tape), (projector) => projector.rebuild('all'));
    expect(report.evidence).toEqual([]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('a file with the journaled digest is not rendered again', async () => {
    const { home, tape } = await madeHome();
    let rendered = 0;
    const render = (phase: string): string => {
      rendered += 1;
      return ORIGINAL(phase);
    };
    const report = await withProjector(projectorOn(home, tape, { render }), (projector) => projector.rebuild('all'));
    expect({ rendered, evidence: report.evidence }).toEqual({ rendered: 0, evidence: [] });
  });

  test('a better renderer leaves the files of the earlier one in order; a missing one is reported, not made', async () => {
    const { home, tape } = await madeHome();
    const better: Books = { render: (phase) => `better ${phase}\n`, earlier: 'version 1 made it' };
    const check = await withProjector(projectorOn(home, tape, better), (projector) => projector.check('all'));
    expect(check).toMatchObject({ ok: true });
    rmSync(`${home}/output/kept_mid.txt`);
    for (const _start of [1, 2]) {
      const report = await withProjector(projectorOn(home, tape, better), (projector) => projector.catchUp());
      expect(report.evidence).toEqual([
        'output/kept_mid.txt: it is missing and cannot be made again: version 1 made it',
      ]);
      expect(existsSync(`${home}/output/kept_mid.txt`)).toBe(false);
    }
  });

  test('the same renderer that gives other bytes is a difference', async () => {
    const { home, tape } = await madeHome();
    const other: Books = { render: (phase) => `other ${phase}\n` };
    const { ok, projections } = await withProjector(projectorOn(home, tape, other), (one) => one.check('all'));
    expect(ok).toBe(false);
    expect(projections[0]?.differences).toEqual([
      expect.stringContaining('output/kept_mid.txt: it does not follow from the journal'),
      expect.stringContaining('output/kept_open.txt: it does not follow from the journal'),
    ]);
  });

  test('one file that cannot be made does not stop the others, and is made once it can be', async () => {
    const { home, tape } = await madeHome();
    tape.add('PhaseStarted', { phase: 'close' });
    tape.add('PhaseStarted', { phase: 'holdings' });
    const broken: Books = {
      render: (phase) => {
        if (phase === 'close') throw dataError({ code: 'LEDGER_BEHIND', message: 'too early', remedy: 'Wait.' });
        return ORIGINAL(phase);
      },
    };
    const report = await withProjector(projectorOn(home, tape, broken), (projector) => projector.catchUp());
    expect(report.evidence).toEqual([expect.stringContaining('too early (LEDGER_BEHIND)')]);
    expect(existsSync(`${home}/output/kept_holdings.txt`)).toBe(true);
    const later = await withProjector(projectorOn(home, tape), (projector) => projector.catchUp());
    expect(later.evidence).toEqual([]);
    expect(readFileSync(`${home}/output/kept_close.txt`, 'utf8')).toBe(ORIGINAL('close'));
  });

  test('a power cut at any step of a rebuild loses and changes no evidence', async () => {
    const { home, tape } = await madeHome();
    const before = filesUnder(`${home}/output`);
    let cuts = 0;
    for (let at = 1; ; at += 1) {
      let step = 0;
      rmSync(`${home}/output/kept_open.txt`);
      const projector = projectorOn(home, tape, {}, (name) => {
        step += 1;
        if (step === at) throw new PowerCut(name);
      });
      const died = await projector.rebuild('all').then(
        () => false,
        (error: unknown) => error instanceof PowerCut,
      );
      expect(readFileSync(`${home}/output/kept_mid.txt`, 'utf8')).toBe(ORIGINAL('mid'));
      if (died) cuts += 1;
      else await projector.close();
      await withProjector(projectorOn(home, tape), (next) => next.catchUp());
      expect(filesUnder(`${home}/output`)).toEqual(before);
      if (!died) break;
    }
    expect(cuts).toBeGreaterThan(3);
  });
});
