import { afterAll, describe, expect, test } from '@jest/globals';
import { refuseSharedFiles } from '../../../projections/kit/claims.js';
import { projection, type Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from '../support/events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { sampleLogOnly, sampleProjection } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

describe('JRN-23: one writer per file', () => {
  const home = '/home/of/bot';
  const conflicts: readonly (readonly [string, readonly Projection[]])[] = [
    ['the same name', [sampleProjection(home), sampleProjection(`${home}/other`)]],
    ['the same log', [sampleLogOnly(home, 'a'), { ...sampleLogOnly(home, 'b'), claims: [`${home}/a.log`] }]],
    [
      'a pattern over a file',
      [sampleProjection(home), { ...sampleLogOnly(home), claims: [`${home}/sample_of_x.txt`] }],
    ],
    ['two patterns', [sampleProjection(home), { ...sampleLogOnly(home), claims: [`${home}/sample_of_*`] }]],
    ['twice by one', [{ ...sampleLogOnly(home), claims: [`${home}/x`, `${home}/x`] }]],
  ];
  test.each(conflicts)('it refuses %s', (_name, projections) => {
    expect(() => refuseSharedFiles(projections)).toThrow(expect.objectContaining({ code: 'FILE_CLAIMED_TWICE' }));
  });

  test('a star does not cross folders', () => {
    const apart = [sampleProjection(home), { ...sampleLogOnly(home), claims: [`${home}/sample_of_x/y.txt`] }];
    expect(refuseSharedFiles(apart)).toHaveLength(2);
  });

  test('a write to an undeclared file is refused', async () => {
    const folder = temporaryHome();
    const sneaky = { ...sampleProjection(`${folder}/output`), claims: [`${folder}/output/sample.db`] };
    const tape = new Tape();
    tape.add('PhaseStarted', { phase: 'open' });
    const targets = new FileProjectionTargets({ home: folder, projectionsDb: `${folder}/storage/projections.db` });
    const projector = new Projector({ journal: tape, projections: [sneaky], targets });
    const report = await projector.catchUp();
    await projector.close();
    expect(report.projections[0]?.stopped?.reason).toContain('FILE_NOT_CLAIMED');
  });

  test('an event type without a handler is refused', () => {
    const handlers = {} as never;
    expect(() => projection({ name: 'x', version: 1, contexts: ['config'], initial: () => 0, handlers })).toThrow(
      expect.objectContaining({ code: 'PROJECTION_NOT_EXHAUSTIVE' }),
    );
  });
});
