import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { evidenceJob } from '../../projections/kit/evidence-job.js';
import type { Projection } from '../../projections/kit/projection.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { readCheckpoint } from '../../src/adapters/projection-targets/read-checkpoint.js';
import { recordEvidence } from '../../src/app/health/record-evidence.js';
import { Projector } from '../../src/app/projector/projector.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { streamName, type EventData, type Position } from '../../src/events/event.js';
import { dataError, TradeBotError } from '../../src/kernel/errors.js';
import { toUtcText } from '../../src/kernel/time.js';
import { type OpenResult, type ProjectionTargets, OUTPUT_NOT_WRITABLE } from '../../src/ports/projection-targets.js';
import {
  ProjectorLoop,
  type ProjectorLoopDeps,
  type ProjectorTrouble,
} from '../../src/processes/projector/projector-loop.js';
import { BOT, START } from './support/journal-events.js';
import { ZEROS } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { sampleLogOnly, sampleProjection, type SampleOptions } from '../unit/support/sample-projection.js';
import { eventually } from '../support/eventually.js';

const STREAM = streamName('test');
const QUICK = { gatherMs: 1, retryMs: 2, longestRetryMs: 5 };

/** A home whose journal two processes use: one writes, the loop under test follows. */
class Bench {
  readonly home = temporaryHome();
  readonly clock = new VirtualClock(START);
  readonly path = `${this.home}/journal/journal.db`;
  readonly writer = SqliteJournal.open({ path: this.path, clock: this.clock });
  readonly reader = SqliteJournal.open({ path: this.path, clock: this.clock });
  readonly appender = new EventAppender({
    journal: this.writer,
    clock: this.clock,
    identity: BOT,
    actor: 'system:test',
  });
  readonly journal = this.writer;
  readonly troubles: ProjectorTrouble[] = [];
  /** How often the targets refuse, like a full disk. */
  refusals = 0;
  loop: ProjectorLoop | undefined;
  running: Promise<void> | undefined;

  start(sample: SampleOptions = {}, parts: Partial<ProjectorLoopDeps> = {}): ProjectorLoop {
    const loop = new ProjectorLoop({
      journal: this.reader,
      open: () => this.projector(sample),
      onTrouble: (trouble) => {
        this.troubles.push(trouble);
        return Promise.resolve();
      },
      onEvidence: (differences) => recordEvidence(this, differences).then(() => true),
      timing: QUICK,
      ...parts,
    });
    this.loop = loop;
    this.running = loop.run();
    this.running.catch(() => undefined);
    return loop;
  }

  projector(sample: SampleOptions): Projector {
    const projections = [sampleProjection(`${this.home}/output`, sample), sampleLogOnly(`${this.home}/output`)];
    const files = new FileProjectionTargets({ home: this.home, projectionsDb: `${this.home}/storage/projections.db` });
    return new Projector({ journal: this.reader, projections, targets: refusing(files, this) });
  }

  async phases(...phases: readonly EventData<'PhaseStarted'>['phase'][]): Promise<void> {
    for (const phase of phases) {
      await this.appender.append(STREAM, [
        { type: 'PhaseStarted', data: { phase }, correlationId: 'test', causationId: null },
      ]);
    }
  }

  async compared(): Promise<readonly EventData<'EvidenceCompared'>[]> {
    const events = await this.writer.readAll({ filter: { types: ['EvidenceCompared'] } });
    return events.map(({ data }) => data as EventData<'EvidenceCompared'>);
  }

  follows(): boolean {
    return this.loop?.figures()['at'] === 'following';
  }

  started(): number {
    const path = `${this.home}/output/sample.txt`;
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly started: number }).started : 0;
  }

  async close(): Promise<void> {
    this.loop?.stop();
    await this.running?.catch(() => undefined);
    await this.writer.close();
    await this.reader.close();
  }
}

/** One file that is written once, and compared from then on. */
function sealLike(path: string): Projection {
  return evidenceJob({
    name: 'sealed',
    version: 1,
    contexts: ['lifecycle'],
    claims: [path],
    types: ['PhaseStarted'],
    filesOf: () => [{ path, sha256: null, text: () => 'as journaled', earlier: null }],
  });
}

function filesOf({ home }: Bench): FileProjectionTargets {
  return new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
}

/** Targets on a disk that refuses the configured number of times. */
function refusing(targets: FileProjectionTargets, bench: Bench): ProjectionTargets {
  const full = (): void => {
    if (bench.refusals === 0) return;
    bench.refusals -= 1;
    throw dataError({ code: OUTPUT_NOT_WRITABLE, message: 'no space left', remedy: 'Make room.' });
  };
  return {
    open: (projection): OpenResult => {
      const result = targets.open(projection);
      if (result.state === 'rebuild') return result;
      const commit = result.target.commit.bind(result.target);
      result.target.commit = (...batch): void => {
        full();
        commit(...batch);
      };
      return result;
    },
    openShadow: (projection) => targets.openShadow(projection),
    recordSwap: (projections) => targets.recordSwap(projections),
    finishSwaps: () => targets.finishSwaps(),
    fileNow: (path) => targets.fileNow(path),
    recordStop: (name, stop) => targets.recordStop(name, stop),
    stops: () => targets.stops(),
    close: () => targets.close(),
  };
}

const benches: Bench[] = [];

function bench(): Bench {
  const made = new Bench();
  benches.push(made);
  return made;
}

afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});
afterAll(removeTemporaryHomes);

describe('the projector follows the journal', () => {
  test('appends of another process appear in the files, and the checkpoint is readable from outside', async () => {
    const b = bench();
    await b.phases('open');
    b.start();
    await eventually('ready', () => b.follows());
    expect(b.started()).toBe(1);
    await b.phases('mid', 'close');
    await eventually('two more', () => b.started() === 3);
    const head = await b.writer.head();
    const database = `${b.home}/output/sample.db`;
    await eventually('the checkpoint', () => readCheckpoint(database, 'sample')?.position === head?.position);
    expect(readCheckpoint(database, 'sample')).toEqual({ position: head?.position, events: 3 });
    expect(readCheckpoint(database, 'other')).toBeUndefined();
    expect(readCheckpoint(`${b.home}/output/none.db`, 'sample')).toBeUndefined();
    expect(b.loop?.figures()).toMatchObject({ lagEvents: '0', 'lag.sample': '0', 'lag.logonly': '0' });
  });

  test('the projector waits while the journal is empty', async () => {
    const b = bench();
    b.start();
    await eventually('ready', () => b.follows());
    await b.phases('open');
    await eventually('the first', () => b.started() === 1);
  });

  test('a burst is processed in batches, each event once', async () => {
    const b = bench();
    b.start();
    await eventually('ready', () => b.follows());
    await Promise.all(Array.from({ length: 200 }, () => b.phases('open')));
    await eventually('all', () => b.started() === 200);
    b.loop?.stop();
    await b.running;
    expect(readFileSync(`${b.home}/output/logonly.log`, 'utf8').trimEnd().split('\n')).toHaveLength(200);
  });

  test('stop: all projections reach the head and the databases are published', async () => {
    const b = bench();
    b.start();
    await eventually('ready', () => b.follows());
    await b.phases('open', 'mid');
    b.loop?.stop();
    await b.running;
    expect(b.started()).toBe(2);
    expect(existsSync(`${b.home}/output/sample.db-wal`)).toBe(false);
    const left = filesUnder(`${b.home}/output`);
    const again = bench();
    await again.phases('open', 'mid');
    again.start();
    await eventually('ready', () => again.follows());
    again.loop?.stop();
    await again.running;
    expect(filesUnder(`${again.home}/output`)).toEqual(left);
  });
});

describe('projector failures', () => {
  test('a full disk: the projector retries, reports it once, and neither loses nor duplicates anything', async () => {
    const b = bench();
    await b.phases('open');
    b.start();
    await eventually('ready', () => b.follows());
    // Seven rounds of two projections.
    b.refusals = 14;
    await b.phases('mid');
    await eventually('the report', () => b.troubles.length === 1);
    expect(b.loop?.figures()).toMatchObject({ disk: expect.stringContaining(OUTPUT_NOT_WRITABLE) });
    await b.phases('close');
    await eventually('room again', () => b.started() === 3);
    await eventually('at rest', () => b.loop?.figures()['disk'] === undefined);
    expect(b.troubles).toMatchObject([{ kind: 'disk', fault: { code: OUTPUT_NOT_WRITABLE } }]);
    b.loop?.stop();
    await b.running;
    expect(readFileSync(`${b.home}/output/sample.csv`, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  });

  test('a projection that cannot apply an event stops and is reported once; the others continue', async () => {
    const b = bench();
    b.start({ failAt: '2'.padStart(16, '0') });
    await eventually('ready', () => b.follows());
    await b.phases('open', 'mid', 'close');
    const log = `${b.home}/output/logonly.log`;
    await eventually('the other', () => readFileSync(log, 'utf8').trimEnd().split('\n').length === 3);
    expect(b.started()).toBe(1);
    expect(b.troubles).toMatchObject([{ kind: 'stopped', name: 'sample', reason: 'cannot apply 0000000000000002' }]);
    await eventually('no lag', () => b.loop?.figures()['lag.logonly'] === '0');
    expect(b.loop?.figures()).toMatchObject({ 'stopped.sample': 'cannot apply 0000000000000002', 'lag.logonly': '0' });
  });

  test('evidence that differs is reported once, and stands until the file fits again', async () => {
    const b = bench();
    const path = `${b.home}/output/sealed.txt`;
    const open = (): Projector =>
      new Projector({ journal: b.reader, projections: [sealLike(path)], targets: filesOf(b) });
    mkdirSync(`${b.home}/output`, { recursive: true });
    writeFileSync(path, 'forged');
    let refused = 0;
    b.start(
      {},
      {
        open,
        timing: { ...QUICK, evidenceMs: 20 },
        onEvidence: (differences) => {
          refused += 1;
          return refused === 1 ? Promise.resolve(false) : recordEvidence(b, differences).then(() => true);
        },
      },
    );
    await b.phases('open', 'mid');
    await eventually('the report', async () => (await b.compared()).length === 1);
    expect(b.troubles).toEqual([{ kind: 'evidence', difference: expect.stringContaining('output/sealed.txt') }]);
    expect(b.loop?.figures()).toMatchObject({ evidence: expect.stringContaining('output/sealed.txt') });
    expect(readFileSync(path, 'utf8')).toBe('forged');
    expect(await b.compared()).toEqual([
      { ok: false, files: 1, differences: [expect.stringContaining('output/sealed.txt')] },
    ]);
    rmSync(path);
    await eventually('the file fits again', async () => (await b.compared()).length === 2);
    expect((await b.compared()).at(-1)).toEqual({ ok: true, files: 0, differences: [] });
    expect(readFileSync(path, 'utf8')).toBe('as journaled');
    expect(b.loop?.figures()).not.toHaveProperty('evidence');
    expect(b.troubles).toHaveLength(1);
  });

  test('a successor ends what its predecessor reported', async () => {
    const b = bench();
    const path = `${b.home}/output/sealed.txt`;
    await b.phases('open');
    await recordEvidence(b, ['output/sealed.txt: it differs']);
    await recordEvidence(b, ['output/sealed.txt: it differs']);
    expect(await b.compared()).toHaveLength(1);
    b.start(
      {},
      { open: () => new Projector({ journal: b.reader, projections: [sealLike(path)], targets: filesOf(b) }) },
    );
    await eventually('all fits', async () => (await b.compared()).length === 2);
    expect((await b.compared()).at(-1)).toMatchObject({ ok: true });
    expect(b.troubles).toEqual([]);
  });

  test('a fault that does not pass by waiting ends the loop', async () => {
    const b = bench();
    b.start(
      {},
      {
        open: () => {
          throw new TradeBotError('JournalError', 'stop', { code: 'JOURNAL_CORRUPT', message: 'x', remedy: 'y' });
        },
      },
    );
    await expect(b.running).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect(b.troubles).toEqual([]);
  });
});

describe('the end of a session', () => {
  test('the databases are published in their final form and updated from there', async () => {
    const b = bench();
    b.start();
    await eventually('ready', () => b.follows());
    await b.phases('open');
    await eventually('live', () => existsSync(`${b.home}/output/sample.db-wal`));
    await b.appender.append(STREAM, [sealDraft()]);
    await eventually('published', () => !existsSync(`${b.home}/output/sample.db-wal`));
    await b.phases('mid');
    await eventually('the restart', () => b.started() === 2);
  });
});

function sealDraft(): Parameters<EventAppender['append']>[1][number] {
  return {
    type: 'JournalSealed',
    data: {
      sealId: '2013-10-07',
      position: '0000000000000001' as Position,
      count: 1,
      hash: ZEROS,
      merkleRoot: ZEROS,
      sealedAt: toUtcText(START),
    },
    correlationId: 'test',
    causationId: null,
  };
}
