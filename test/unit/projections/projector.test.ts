import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from '../support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { sampleLogOnly, sampleProjection } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

const PHASES = ['open', 'mid', 'close', 'holdings'] as const;

function tapeOf(events: number): Tape {
  const tape = new Tape();
  grow(tape, events);
  return tape;
}

function grow(tape: Tape, events: number): void {
  for (let n = 0; n < events; n += 1) {
    const phase = PHASES[tape.events.length % 4] ?? 'open';
    if (tape.events.length % 3 === 2) tape.add('PhaseEnded', { phase, reason: 'its window closed' });
    else tape.add('PhaseStarted', { phase });
  }
}

function projectorOn(home: string, tape: Tape, projections: readonly Projection[], pageSize = 1000): Projector {
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
  return new Projector({ journal: tape, projections, targets, pageSize });
}

const both = (home: string): Projection[] => [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];

describe('catching up', () => {
  test('rows, lines, array items and files have the same events, once each', async () => {
    const home = temporaryHome();
    const tape = tapeOf(50);
    const projector = projectorOn(home, tape, both(home), 7);
    const report = await projector.catchUp();
    await projector.close();

    const wanted = tape.events.filter((event) => event.type === 'PhaseStarted').map((event) => event.position);
    const db = new Database(`${home}/output/sample.db`, { readonly: true });
    const rows = db.prepare<[], { position: string }>('SELECT position FROM phases ORDER BY position').all();
    db.close();
    const items = JSON.parse(readFileSync(`${home}/output/sample.json`, 'utf8')) as { position: string }[];
    const csv = readFileSync(`${home}/output/sample.csv`, 'utf8').trimEnd().split('\n');
    expect(rows.map((row) => row.position)).toEqual(wanted);
    expect(items.map((item) => item.position)).toEqual(wanted);
    expect(csv).toEqual(['position,phase', ...csv.slice(1)]);
    expect(csv.slice(1).map((line) => line.slice(0, 16))).toEqual(wanted);
    expect(JSON.parse(readFileSync(`${home}/output/sample.txt`, 'utf8'))).toMatchObject({ started: wanted.length });
    expect(report.projections).toMatchObject([
      { name: 'sample', events: 50, lagEvents: 0, lagMs: 0, stopped: null },
      { name: 'logonly', events: 50 },
    ]);
  });

  test('a JSON array is valid after every batch, also an empty one', async () => {
    const home = temporaryHome();
    const tape = new Tape();
    const projector = projectorOn(home, tape, [sampleLogOnly(`${home}/output`)]);
    for (let n = 0; n < 5; n += 1) {
      await projector.catchUp();
      const items = JSON.parse(readFileSync(`${home}/output/logonly.json`, 'utf8')) as string[];
      expect(items).toHaveLength(tape.events.filter((event) => event.type === 'PhaseStarted').length);
      grow(tape, 1);
    }
    await projector.close();
  });

  test('events appended while a target is built do not make the journal look older', async () => {
    const home = temporaryHome();
    const tape = tapeOf(30);
    const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
    let reads = 0;
    const journal = {
      head: () => tape.head(),
      readAll: (options: Parameters<Tape['readAll']>[0]) => {
        reads += 1;
        if (reads === 1) grow(tape, 3);
        return tape.readAll(options);
      },
    };
    const projector = new Projector({ journal, projections: both(home), targets, pageSize: 7 });
    const report = await projector.catchUp();
    await projector.close();
    expect(report.projections).toMatchObject([{ events: 33 }, { events: 33 }]);
  });

  test('concurrent calls run one after the other and apply each event once', async () => {
    const home = temporaryHome();
    const tape = tapeOf(20);
    const projector = projectorOn(home, tape, both(home));
    const reports = await Promise.all([projector.catchUp(), projector.catchUp(), projector.states()]);
    await projector.close();
    expect(readFileSync(`${home}/output/logonly.log`, 'utf8').trimEnd().split('\n')).toHaveLength(14);
    expect(reports[2]).toHaveLength(2);
  });

  test('states report the lag behind the head', async () => {
    const home = temporaryHome();
    const tape = tapeOf(4);
    const projector = projectorOn(home, tape, both(home));
    await projector.catchUp();
    tape.add('PhaseStarted', { phase: 'mid' }, { at: '2013-10-07T13:30:01.500Z' });
    expect(await projector.states()).toMatchObject([
      { lagEvents: 1, lagMs: 1500 },
      { lagEvents: 1, lagMs: 1500 },
    ]);
    await projector.close();
  });

  test('output files and folders are private to the owner', async () => {
    const home = temporaryHome();
    const projector = projectorOn(home, tapeOf(4), both(home));
    await projector.catchUp();
    await projector.close();
    for (const name of ['sample.db', 'sample.log', 'sample.json', 'sample.txt']) {
      expect(statSync(`${home}/output/${name}`).mode & 0o777).toBe(0o600);
    }
  });
});

describe('same journal, same bytes', () => {
  test('many small sessions, one pass and a rebuild give equal files, databases included', async () => {
    const small = temporaryHome();
    const growing = new Tape();
    for (const step of [1, 2, 3, 40, 3]) {
      grow(growing, step);
      const projector = projectorOn(small, growing, both(small), 9);
      await projector.catchUp();
      if (step % 2 === 1) await projector.publish();
      await projector.close();
    }
    const once = temporaryHome();
    const whole = projectorOn(once, tapeOf(growing.events.length), both(once));
    await whole.catchUp();
    await whole.close();
    expect(filesUnder(`${small}/output`)).toEqual(filesUnder(`${once}/output`));

    const before = filesUnder(`${small}/output`);
    const again = projectorOn(small, growing, both(small), 11);
    const report = await again.rebuild('all');
    await again.close();
    expect(report.rebuilt).toHaveLength(2);
    expect(filesUnder(`${small}/output`)).toEqual(before);
    expect(Object.keys(before).sort()).toEqual([
      'logonly.json',
      'logonly.log',
      'sample.csv',
      'sample.db',
      'sample.json',
      'sample.log',
      'sample.txt',
      'sample_of_close.txt',
      'sample_of_holdings.txt',
      'sample_of_mid.txt',
      'sample_of_open.txt',
    ]);
  });

  test('without events a published database is not touched', async () => {
    const home = temporaryHome();
    const tape = tapeOf(10);
    const first = projectorOn(home, tape, both(home));
    await first.catchUp();
    await first.close();
    const before = statSync(`${home}/output/sample.db`);
    const second = projectorOn(home, tape, both(home));
    await second.catchUp();
    await second.close();
    const after = statSync(`${home}/output/sample.db`);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test('rebuild all after deleting every output', async () => {
    const home = temporaryHome();
    const tape = tapeOf(30);
    const first = projectorOn(home, tape, both(home));
    await first.catchUp();
    await first.close();
    const before = filesUnder(`${home}/output`);
    rmSync(`${home}/output`, { recursive: true });
    const second = projectorOn(home, tape, both(home));
    const progress: string[] = [];
    await second.rebuild('all', (done, total) => progress.push(`${String(done)}/${String(total)}`));
    await second.close();
    expect(filesUnder(`${home}/output`)).toEqual(before);
    expect(progress.at(-1)).toBe('30/30');
  });
});

describe('missing, outdated or damaged outputs are rebuilt', () => {
  async function built(events = 20): Promise<{ home: string; tape: Tape; before: Readonly<Record<string, string>> }> {
    const home = temporaryHome();
    const tape = tapeOf(events);
    const projector = projectorOn(home, tape, both(home));
    await projector.catchUp();
    await projector.close();
    return { home, tape, before: filesUnder(`${home}/output`) };
  }

  const damages: readonly (readonly [string, (home: string) => void, string])[] = [
    ['a log is gone', (home) => rmSync(`${home}/output/sample.log`), 'output/sample.log is missing'],
    ['a log is cut', (home) => truncateSync(`${home}/output/sample.csv`, 20), 'a log was cut'],
    [
      'an emitted file is gone',
      (home) => rmSync(`${home}/output/sample_of_mid.txt`),
      'output/sample_of_mid.txt is missing',
    ],
    ['the database is gone', (home) => rmSync(`${home}/output/sample.db`), 'its database is missing'],
    [
      'the database is garbage',
      (home) => writeFileSync(`${home}/output/sample.db`, 'x'.repeat(9000)),
      'its database is damaged',
    ],
    ['the database is empty', (home) => writeFileSync(`${home}/output/sample.db`, ''), 'it was never built'],
  ];
  test.each(damages)('%s', async (_name, damage, reason) => {
    const { home, tape, before } = await built();
    damage(home);
    const projector = projectorOn(home, tape, both(home));
    const report = await projector.catchUp();
    await projector.close();
    expect(report.rebuilt).toEqual([{ name: 'sample', reason }]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test("F28: the kit's own database is disposable", async () => {
    const { home, tape, before } = await built();
    writeFileSync(`${home}/storage/projections.db`, 'not a database at all'.repeat(300));
    const projector = projectorOn(home, tape, both(home));
    await projector.catchUp();
    await projector.close();
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('a higher version is rebuilt, and its obsolete file is removed', async () => {
    const { home, tape } = await built();
    const older = sampleLogOnly(`${home}/output`);
    const newer = sampleProjection(`${home}/output`, { version: 2 });
    const narrower: Projection = { ...newer, start: (state) => ({ ...wrap(newer.start(state)) }) };
    const projector = projectorOn(home, tape, [narrower, older]);
    const report = await projector.catchUp();
    await projector.close();
    expect(report.rebuilt).toEqual([{ name: 'sample', reason: 'version 1 exists, version 2 is required' }]);
    expect(existsSync(`${home}/output/sample_of_mid.txt`)).toBe(false);
    expect(existsSync(`${home}/output/sample.txt`)).toBe(true);
  });

  test('a journal restored from an older backup', async () => {
    const { home } = await built(20);
    const shorter = tapeOf(12);
    const projector = projectorOn(home, shorter, both(home));
    const report = await projector.catchUp();
    await projector.close();
    expect(report.rebuilt.map((item) => item.reason)).toEqual(
      Array(2).fill('it is ahead of the journal, which was restored from a backup'),
    );
    expect(readFileSync(`${home}/output/logonly.log`, 'utf8').trimEnd().split('\n')).toHaveLength(8);
  });

  test('an incomplete line after the checkpoint is removed', async () => {
    const { home, tape, before } = await built();
    appendFileSync(`${home}/output/logonly.log`, 'half a li');
    appendFileSync(`${home}/output/logonly.json`, ',\n"half');
    const projector = projectorOn(home, tape, both(home));
    const report = await projector.catchUp();
    await projector.close();
    expect(report.rebuilt).toEqual([]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  function wrap(run: ReturnType<Projection['start']>): ReturnType<Projection['start']> {
    return {
      apply: (event) => run.apply(event),
      get dirty() {
        return run.dirty;
      },
      writeRows: (tx) => run.writeRows(tx),
      logLines: () => run.logLines(),
      outputFiles: () => [],
      keptFiles: () => [],
      stateFiles: (health) => run.stateFiles(health),
      stateText: () => run.stateText(),
      clear: () => run.clear(),
    };
  }
});

describe('JRN-24: an event that cannot be applied', () => {
  test('the projection stops before it with the reason; others continue; a fixed version resumes there', async () => {
    const home = temporaryHome();
    const tape = tapeOf(20);
    const failAt = tape.events[9]?.position ?? '';
    const projector = projectorOn(home, tape, [
      sampleProjection(`${home}/output`, { failAt }),
      sampleLogOnly(`${home}/output`),
    ]);
    const report = await projector.catchUp();
    expect(report.projections).toMatchObject([
      {
        name: 'sample',
        events: 9,
        lagEvents: 11,
        stopped: { position: failAt, type: 'PhaseStarted', reason: `cannot apply ${failAt}` },
      },
      { name: 'logonly', events: 20, stopped: null },
    ]);
    await projector.catchUp();
    await projector.close();
    const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
    expect([...targets.stops().keys()]).toEqual(['sample']);
    targets.close();

    const fixed = projectorOn(home, tape, both(home));
    await fixed.catchUp();
    await fixed.close();
    const whole = temporaryHome();
    const reference = projectorOn(whole, tape, both(whole));
    await reference.catchUp();
    await reference.close();
    expect(filesUnder(`${home}/output`)).toEqual(filesUnder(`${whole}/output`));
  });

  test('a row that the database refuses leaves out its own event, in every target, and a rebuild leaves out the same', async () => {
    const home = temporaryHome();
    const tape = tapeOf(10);
    tape.add('PhaseStarted', { phase: 'universe' });
    grow(tape, 5);
    const projector = projectorOn(home, tape, both(home));
    const report = await projector.catchUp();
    const { position, id: eventId } = tape.events[10]!;
    const reason = expect.stringContaining('CHECK constraint failed');
    const refused = { count: 1, first: [{ position, eventId, type: 'PhaseStarted', code: 'ROWS_REFUSED', reason }] };
    expect(report.projections[0]).toMatchObject({ events: 16, lagEvents: 0, stopped: null, refusals: refused });
    await projector.publish();
    const files = filesUnder(`${home}/output`);
    expect((await projector.rebuild('all')).projections[0]).toMatchObject({ stopped: null, refusals: refused });
    expect((await projector.check('all')).ok).toBe(true);
    await projector.close();
    expect(filesUnder(`${home}/output`)).toEqual(files);
    expect(JSON.parse(readFileSync(`${home}/output/sample.json`, 'utf8'))).toHaveLength(10);
  });

  test.each([0, 2])(
    'a file that cannot be written undoes the lines of its own event, after %d events',
    async (before) => {
      const home = temporaryHome();
      const all = sampleProjection(`${home}/output`);
      const fixed = all.claims.filter((claim) => !claim.includes('*'));
      const claims = [...fixed, `${home}/output/sample_of_open.txt`, `${home}/output/sample_of_mid.txt`];
      const tape = tapeOf(before);
      const projector = projectorOn(home, tape, [{ ...all, claims }]);
      await projector.catchUp();
      grow(tape, 20 - before);
      const report = await projector.catchUp();
      await projector.close();
      expect(report.projections[0]?.stopped?.reason).toContain('FILE_NOT_CLAIMED');
      const wanted = tape.events
        .slice(0, report.projections[0]?.events)
        .filter((event) => event.type === 'PhaseStarted');
      const lines = readFileSync(`${home}/output/sample.log`, 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { position: string }).position)).toEqual(
        wanted.map((event) => event.position),
      );
      expect(JSON.parse(readFileSync(`${home}/output/sample.json`, 'utf8'))).toHaveLength(wanted.length);
    },
  );

  test('a failed rebuild keeps the good files', async () => {
    const home = temporaryHome();
    const tape = tapeOf(20);
    const first = projectorOn(home, tape, both(home));
    await first.catchUp();
    await first.close();
    const before = filesUnder(`${home}/output`);
    const failAt = tape.events[3]?.position ?? '';
    const second = projectorOn(home, tape, [
      sampleProjection(`${home}/output`, { failAt }),
      sampleLogOnly(`${home}/output`),
    ]);
    await expect(second.rebuild('all')).rejects.toMatchObject({ code: 'PROJECTION_NOT_REBUILT' });
    await second.close();
    expect(filesUnder(`${home}/output`)).toEqual(before);
  });

  test('an unknown name is refused with the known ones', async () => {
    const home = temporaryHome();
    const projector = projectorOn(home, tapeOf(2), both(home));
    await expect(projector.rebuild('leger')).rejects.toMatchObject({
      code: 'UNKNOWN_PROJECTION',
      remedy: 'Name one of: sample, logonly, or all.',
    });
    await projector.close();
  });
});
