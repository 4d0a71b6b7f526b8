import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { BenchRow } from './bench.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GOALS = { median: 50_000, p99: 200_000, idle: 1 };
const IDLE_MS = 5_000;

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

/** From the call of `append` in the other process to the subscriber's callback here, in microseconds. */
async function latencies(journal: SqliteJournal, path: string, count: number, pauseMs: number): Promise<number[]> {
  const seen: number[] = [];
  const after = (await journal.head())?.position;
  const subscription = journal.subscribe(after === undefined ? {} : { after }).subscribe((event) => {
    if (event.type !== 'KillSwitchReset') return;
    seen.push(Number(process.hrtime.bigint() / 1_000n - BigInt(event.data.reason)));
  });
  const loader = join(ROOT, 'test/unit/support/typescript-loader.mjs');
  const args = ['--import', loader, join(ROOT, 'test/bench/paced-writer.ts'), path, String(count), String(pauseMs)];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: '' } });
  await new Promise((resolve) => child.on('close', resolve));
  for (let waited = 0; seen.length < count && waited < 5_000; waited += 50) await pause(50);
  subscription.unsubscribe();
  if (seen.length !== count) throw new Error(`${seen.length} of ${count} events were seen`);
  return seen;
}

/** Percent of one core that a process with a live subscription takes while nothing happens. */
async function idleCpu(journal: SqliteJournal): Promise<number> {
  const subscription = journal.subscribe().subscribe();
  await pause(200);
  const before = process.cpuUsage();
  await pause(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  subscription.unsubscribe();
  return ((user + system) / 1_000 / IDLE_MS) * 100;
}

function row(what: string, ours: number, limit: number, goal: string): BenchRow {
  return { what, ours, yardstick: limit, ratio: ours / limit, goal };
}

/** Goal 12: the yardstick is the limit itself, so a ratio below 1 is within it. */
export async function run(): Promise<readonly BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-subscribe-'));
  const path = join(dir, 'journal.db');
  const journal = SqliteJournal.open({ path, clock: new SystemClock() });
  try {
    const rare = await latencies(journal, path, 200, 20);
    const often = await latencies(journal, path, 2_000, 1);
    const idle = await idleCpu(journal);
    return [
      row('seen by another process, one at a time, median (us)', quantile(rare, 0.5), GOALS.median, '< 50 ms'),
      row('the same, p99 (us)', quantile(rare, 0.99), GOALS.p99, '< 200 ms'),
      row('seen in a stream of 2,000, median (us)', quantile(often, 0.5), GOALS.median, '< 50 ms'),
      row('the same, p99 (us)', quantile(often, 0.99), GOALS.p99, '< 200 ms'),
      row('idle subscriber (1/1000 % of a core)', idle * 1_000, GOALS.idle * 1_000, '< 1 %'),
    ];
  } finally {
    await journal.close();
    rmSync(dir, { recursive: true });
  }
}
