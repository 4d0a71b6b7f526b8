import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { type NewEvent, type StreamName, streamName } from '../../../src/events/event.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { reset, START } from '../../contract/support/journal-events.js';

/** The files left by a process that dies now, and the events acknowledged so far. */
interface Moment {
  readonly step: string;
  readonly folder: string;
  /** Ids whose append had been answered. */
  readonly acknowledged: ReadonlySet<string>;
  /** Bytes of the log that an fsync had covered; behind them a power cut may leave anything. */
  readonly synced: number;
}

export interface TortureResult {
  readonly points: number;
  readonly byStep: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly faults: readonly string[];
}

interface Call {
  readonly stream: StreamName;
  readonly batch: readonly NewEvent[];
}

type Damage = 'cut' | 'garbage' | 'zeros';
const DAMAGES: readonly Damage[] = ['cut', 'garbage', 'zeros'];

function plan(random: SeededRandom, calls: number): readonly Call[] {
  return Array.from({ length: calls }, (_, call) => ({
    stream: streamName('torture', String(random.integer(0, 5))),
    batch: Array.from({ length: 1 + random.integer(0, 12) }, (__, n) =>
      reset(`c${call}-${n}`, 'x'.repeat(random.integer(0, 3_000))),
    ),
  }));
}

/**
 * Appends a seeded plan to a journal and, at `points` of its write boundaries, looks at what a crash there would leave:
 * the files are copied, their unsynced tail is spoilt as a power cut may, and a new process's view is opened on them.
 * There it continues with everything that was not acknowledged, twice for good measure. Nothing acknowledged may be
 * missing, nothing may be there twice, the chain must hold.
 */
export async function tortureJournal(seed: number, points: number, folder: string): Promise<TortureResult> {
  const random = SeededRandom.of('torture', seed);
  const result = {
    points: 0,
    byStep: {} as Record<string, number>,
    lost: [] as string[],
    doubled: [] as string[],
    faults: [] as string[],
  };
  for (let round = 0; result.points < points; round += 1) {
    const home = join(folder, `round-${round}`);
    const calls = plan(random, 25);
    const moments = await record(calls, home, random);
    for (const moment of moments.slice(0, points - result.points)) {
      const damage = DAMAGES[random.integer(0, DAMAGES.length)] ?? 'cut';
      if (moment.step === WITHIN) spoil(moment, damage, random);
      await goOn(moment, calls, result);
      rmSync(moment.folder, { recursive: true });
      result.points += 1;
      result.byStep[moment.step] = (result.byStep[moment.step] ?? 0) + 1;
    }
    rmSync(home, { recursive: true });
  }
  return result;
}

/** Where SQLite writes the log: the log as the commit left it, cut or spoilt behind what the commit before had synced. */
const WITHIN = 'within the commit';
const FILES = ['journal.db', 'journal.db-wal'] as const;

async function record(calls: readonly Call[], home: string, random: SeededRandom): Promise<readonly Moment[]> {
  const path = join(home, 'journal.db');
  const moments: Moment[] = [];
  const acknowledged = new Set<string>();
  let before = { main: 0, log: 0 };
  const take = (step: string, covered: number): void => {
    const folder = join(home, `at-${moments.length}`);
    mkdirSync(folder);
    for (const file of FILES) if (existsSync(join(home, file))) copyFileSync(join(home, file), join(folder, file));
    moments.push({ step, folder, acknowledged: new Set(acknowledged), synced: covered });
  };
  const look = (step: string): void => {
    const now = { main: changedAt(path), log: sizeOf(`${path}-wal`) };
    if (step === 'before the commit') before = now;
    // The log grew and the file is as it was: any part of what was added may be all that a power cut leaves.
    if (step === 'after the commit' && now.log > before.log && now.main === before.main) take(WITHIN, before.log);
    take(step, now.log);
  };
  mkdirSync(home, { recursive: true });
  let journal = open(path, look);
  let at = 0;
  while (at < calls.length) {
    const group = calls.slice(at, at + 1 + random.integer(0, 4));
    at += group.length;
    await Promise.all(
      group.map(async ({ stream, batch }) => {
        const answer = await journal.append(stream, batch, { expectedRevision: 'any' });
        for (const event of answer.events) acknowledged.add(event.id);
      }),
    );
    look('after the answer');
    if (random.integer(0, 8) === 0) {
      await journal.close();
      look('after the close');
      journal = open(path, look);
    }
  }
  await journal.close();
  return moments;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const changedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function open(path: string, onStep?: (step: string) => void): SqliteJournal {
  return SqliteJournal.open({ path, clock: new VirtualClock(START), ...(onStep === undefined ? {} : { onStep }) });
}

function spoil({ folder, synced }: Moment, damage: Damage, random: SeededRandom): void {
  const path = join(folder, 'journal.db-wal');
  const bytes = readFileSync(path);
  if (damage === 'cut') writeFileSync(path, bytes.subarray(0, synced + random.integer(0, bytes.length - synced + 1)));
  else {
    const from = synced + random.integer(0, bytes.length - synced + 1);
    const tail = Buffer.alloc(8_300, damage === 'zeros' ? 0 : 0x5a);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, from), tail]));
  }
}

async function goOn(
  moment: Moment,
  calls: readonly Call[],
  result: { lost: string[]; doubled: string[]; faults: string[] },
): Promise<void> {
  const where = `${moment.step} in ${moment.folder}`;
  try {
    const journal = open(join(moment.folder, 'journal.db'));
    const there = new Set<string>((await journal.readAll()).map((event) => event.id));
    for (const id of moment.acknowledged) if (!there.has(id)) result.lost.push(`${id} ${where}`);
    for (let again = 0; again < 2; again += 1) {
      await Promise.all(calls.map(({ stream, batch }) => journal.append(stream, batch, { expectedRevision: 'any' })));
    }
    const ids = (await journal.readAll()).map((event) => event.id);
    const wanted = calls.flatMap(({ batch }) => batch.map((event) => event.id));
    if (new Set(ids).size !== ids.length) result.doubled.push(where);
    if (ids.length !== wanted.length) result.faults.push(`${ids.length} events, ${wanted.length} wanted, ${where}`);
    const verified = await journal.verify();
    if (!verified.ok) result.faults.push(`${verified.message} ${where}`);
    await journal.close();
  } catch (error) {
    result.faults.push(`${String(error)} ${where}`);
  }
}
