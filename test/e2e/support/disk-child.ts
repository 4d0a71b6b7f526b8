/**
 * Child of the disk tests: runs in a mount namespace of its own (`unshare -rm`), on a small file system that nobody else
 * sees and that disappears with it. Prints one JSON object.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { backUpJournal } from '../../../src/adapters/backup/back-up.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { ALPHA, reset, START } from '../../contract/support/journal-events.js';
import { Tape } from '../../unit/support/events.js';
import { filesUnder } from '../../unit/support/home.js';
import { sampleProjection } from '../../unit/support/sample-projection.js';

const [scenario = '', disk = '', ballastBytes = '0'] = process.argv.slice(2);
const ANY = { expectedRevision: 'any' } as const;
const path = `${disk}/journal/journal.db`;
const ballast = `${disk}/ballast`;
const open = (): SqliteJournal => SqliteJournal.open({ path, clock: new VirtualClock(START) });
const big = (n: number): ReturnType<typeof reset> => reset(`e${n}`, 'x'.repeat(4_000));

async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    const { code, callerMust } = error as { readonly code?: string; readonly callerMust?: string };
    return `${String(code)} ${String(callerMust)}`;
  }
}

/** Appends until the disk is full, looks at what can still be done, frees space, and continues. */
async function fullJournal(): Promise<object> {
  const journal = open();
  const acknowledged: string[] = [];
  let refused = 'never';
  let n = 0;
  for (; n < 5_000 && refused === 'never'; n += 1) {
    const answer = await outcome(() => journal.append(ALPHA, [big(n)], ANY));
    if (answer === 'done') acknowledged.push(big(n).id);
    else refused = answer;
  }
  const next = await outcome(() => journal.append(ALPHA, [big(9_999)], ANY));
  const readable = (await journal.readAll()).length;
  const copied = await outcome(() => backUpJournal({ journal: path, folder: `${disk}/backups`, pid: process.pid }));
  rmSync(ballast);
  // The handle that met the full disk writes again, as soon as it looks at the file again.
  let repeated = next;
  for (let tries = 0; repeated !== 'done' && tries < 100; tries += 1) {
    await pause(50);
    repeated = await outcome(() => journal.append(ALPHA, [big(n - 1)], ANY));
  }
  const ids = (await journal.readAll()).map((event) => event.id as string);
  const { ok } = await journal.verify();
  await journal.close();
  const lost = acknowledged.filter((id) => !ids.includes(id)).length;
  const extra = ids.length - acknowledged.length;
  return { refused, next, readable: readable - acknowledged.length, copied, repeated, lost, extra, ok };
}

async function feed(home: string, tape: Tape): Promise<string> {
  return outcome(async () => {
    const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
    try {
      const projector = new Projector({
        journal: tape,
        projections: [sampleProjection(`${home}/output`)],
        targets,
        pageSize: 50,
      });
      const { projections } = await projector.catchUp();
      await projector.publish();
      if (projections.some((one) => one.stopped !== null))
        throw Object.assign(new Error('stopped'), { code: 'STOPPED' });
    } finally {
      targets.close();
    }
  });
}

function tapeOf(events: number): Tape {
  const tape = new Tape();
  for (let n = 0; n < events; n += 1) tape.add('PhaseStarted', { phase: n % 2 === 0 ? 'open' : 'mid' });
  return tape;
}

/** Feeds projections until the disk is full, frees space and starts again; compares with an undisturbed disk. */
async function fullProjections(elsewhere: string): Promise<object> {
  const [small, whole] = [tapeOf(100), tapeOf(20_000)];
  const first = await feed(disk, small);
  const full = await feed(disk, whole);
  rmSync(ballast);
  const after = await feed(disk, whole);
  await feed(elsewhere, whole);
  const same = JSON.stringify(filesUnder(`${disk}/output`)) === JSON.stringify(filesUnder(`${elsewhere}/output`));
  return { first, full, after, same };
}

/** A disk that becomes read-only under a running journal, and one that is read-only from the start. */
async function readOnly(): Promise<object> {
  const journal = open();
  await journal.append(ALPHA, [big(1)], ANY);
  await journal.close();
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const opened = await outcome(() => open());
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  const again = open();
  const appended = await outcome(() => again.append(ALPHA, [big(1), big(2)].slice(1), ANY));
  const count = (await again.head())?.count;
  await again.close();
  return { opened, appended, count };
}

mkdirSync(`${disk}/backups`, { recursive: true });
writeFileSync(ballast, Buffer.alloc(Number(ballastBytes)));
const run = { journal: fullJournal, projections: () => fullProjections(`${disk}-whole`), readonly: readOnly }[scenario];
process.stdout.write(JSON.stringify(await run?.()));
