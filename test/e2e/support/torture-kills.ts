import { join } from 'node:path';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { childEnd, startChild } from '../../contract/support/children.js';
import { START } from '../../contract/support/journal-events.js';
import { filesUnder } from '../../unit/support/home.js';
import { journalPath, workOn } from './torture-home.js';

export interface KillResult {
  readonly kills: number;
  /** Names of the boundaries at which it died. */
  readonly steps: readonly string[];
  readonly faults: readonly string[];
}

/** Boundaries of an undisturbed run, and its result. */
export async function undisturbed(home: string): Promise<{ steps: number; files: Readonly<Record<string, string>> }> {
  let steps = 0;
  await workOn({ home, onStep: () => (steps += 1), onAcknowledged: () => undefined });
  return { steps, files: filesUnder(join(home, 'output')) };
}

export interface Kill {
  /** The n-th write boundary, or milliseconds after its first acknowledgement. */
  readonly dieAt?: number;
  readonly afterMs?: number;
}

const AT_ONCE = 2;

/** Kills a process for each entry in a separate home, then lets it continue there and compares. */
export async function killAt(kills: readonly Kill[], folder: string): Promise<KillResult> {
  const wanted = await undisturbed(join(folder, 'undisturbed'));
  const steps: string[] = [];
  const faults: string[] = [];
  let died = 0;
  const one = async (kill: Kill, index: number): Promise<void> => {
    const home = join(folder, `home-${index}`);
    const lines = await runAndKill(home, kill);
    const step = lines.find((line) => line.startsWith('died '))?.slice('died '.length);
    if (step !== undefined) steps.push(step);
    if (!lines.some((line) => line.startsWith('steps '))) died += 1;
    const acknowledged = lines.filter((line) => /^[0-9a-f-]{36}$/.test(line));
    const found = await faultsAfter(home, acknowledged, wanted.files);
    faults.push(...found.map((fault) => `${fault}, kill ${index} (${step ?? `after ${kill.afterMs ?? 0} ms`})`));
  };
  for (let at = 0; at < kills.length; at += AT_ONCE) {
    await Promise.all(kills.slice(at, at + AT_ONCE).map((kill, n) => one(kill, at + n)));
  }
  return { kills: died, steps, faults };
}

/** Continues where the kill left it. */
async function faultsAfter(
  home: string,
  acknowledged: readonly string[],
  wanted: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  try {
    await workOn({ home, onStep: () => undefined, onAcknowledged: () => undefined });
    const files = filesUnder(join(home, 'output'));
    const other = JSON.stringify(files) === JSON.stringify(wanted) ? [] : ['other outputs'];
    return [...(await journalFaults(home, acknowledged)), ...other];
  } catch (error) {
    return [String(error)];
  }
}

async function runAndKill(home: string, { dieAt = 0, afterMs }: Kill): Promise<readonly string[]> {
  const child = startChild('test/e2e/support/torture-child.ts', home, String(dieAt));
  if (afterMs !== undefined) child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
  return (await childEnd(child)).out.split('\n');
}

async function journalFaults(home: string, acknowledged: readonly string[]): Promise<readonly string[]> {
  const journal = SqliteJournal.open({ path: journalPath(home), clock: new VirtualClock(START) });
  try {
    const ids = (await journal.readAll()).map((event) => event.id);
    const there = new Set<string>(ids);
    const faults = acknowledged.filter((id) => !there.has(id)).map((id) => `${id} is lost`);
    if (there.size !== ids.length) faults.push('an event is doubled');
    const verified = await journal.verify();
    if (!verified.ok) faults.push(verified.message);
    return faults;
  } finally {
    await journal.close();
  }
}
