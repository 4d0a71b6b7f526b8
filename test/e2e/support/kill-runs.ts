import Database from 'better-sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, startTradebot, type Ended } from './program.js';

/** An event that was in the journal just before the process was killed: it is acknowledged, and must stay. */
export interface Acknowledged {
  readonly position: bigint;
  readonly hash: string;
}

export interface KillPlan {
  readonly args: readonly string[];
  /** The journal file of the home that `args` works on. */
  readonly journal: string;
  /** Seeded random numbers in [0, 1). */
  readonly random: () => number;
  readonly maxKills: number;
  /** A run is killed at the latest when the journal has grown by so many events. */
  readonly eventsBetween: number;
  /** Share of kills at a plain random time after the start instead, and the latest such time. */
  readonly blind: { readonly share: number; readonly withinMs: number };
}

export interface KillStory {
  readonly kills: number;
  /** Kills of a run that had written events before it died. */
  readonly killsAtWork: number;
  readonly acknowledged: readonly Acknowledged[];
  /** The completed run. */
  readonly last: Ended;
}

/** Starts the command, kills it with -9 at a random moment and restarts it, until it completes. */
export async function runThroughKills(plan: KillPlan): Promise<KillStory> {
  const acknowledged: Acknowledged[] = [];
  let kills = 0;
  let killsAtWork = 0;
  for (;;) {
    const before = headOf(plan.journal)?.position ?? 0n;
    const child = startTradebot(plan.args);
    let over = false;
    const ending = ended(child).finally(() => (over = true));
    if (kills < plan.maxKills) {
      await momentOf(plan, before, () => over);
      const head = headOf(plan.journal);
      if (head !== undefined) acknowledged.push(head);
      child.kill('SIGKILL');
    }
    const last = await ending;
    if (last.signal === null) return { kills, killsAtWork, acknowledged, last };
    kills += 1;
    if ((acknowledged.at(-1)?.position ?? 0n) > before) killsAtWork += 1;
  }
}

/** Waits for the moment of the next kill, or for the end of the run. */
async function momentOf(plan: KillPlan, before: bigint, over: () => boolean): Promise<void> {
  const { random, blind, eventsBetween } = plan;
  if (random() < blind.share) {
    await sleep(random() * blind.withinMs);
    return;
  }
  const target = before + 1n + BigInt(Math.floor(random() * eventsBetween));
  const delay = random() * 12;
  const watch = new JournalWatch(plan.journal);
  try {
    while (!over() && watch.position() < target) await sleep(1);
  } finally {
    watch.close();
  }
  await sleep(delay);
}

/** A second connection that only reads; the file may not be there yet. */
export class JournalWatch {
  private db: Database.Database | undefined;
  private ask: Database.Statement<[], { readonly position: bigint; readonly hash: string }> | undefined;

  constructor(private readonly path: string) {}

  head(): Acknowledged | undefined {
    try {
      this.db ??= new Database(this.path, { readonly: true, fileMustExist: true });
      this.ask ??= this.db
        .prepare<[], { position: bigint; hash: string }>(
          'SELECT position, hash FROM events ORDER BY position DESC LIMIT 1',
        )
        .safeIntegers(true);
      return this.ask.get();
    } catch {
      // not made yet, or just being made
      return undefined;
    }
  }

  position(): bigint {
    return this.head()?.position ?? 0n;
  }

  close(): void {
    this.db?.close();
  }
}

function headOf(path: string): Acknowledged | undefined {
  const watch = new JournalWatch(path);
  try {
    return watch.head();
  } finally {
    watch.close();
  }
}

export function hashesOf(path: string): ReadonlyMap<bigint, string> {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const rows = db
      .prepare<[], { position: bigint; hash: string }>('SELECT position, hash FROM events')
      .safeIntegers(true)
      .all();
    return new Map(rows.map(({ position, hash }) => [position, hash]));
  } finally {
    db.close();
  }
}
