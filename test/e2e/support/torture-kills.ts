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

/** Boundaries of an undisturbed run, and what it leaves. */
export async function undisturbed(home: string): Promise<{ steps: number; files: Readonly<Record<string, string>> }> {
  let steps = 0;
  await workOn({ home, onStep: () => (steps += 1), onAcknowledged: () => undefined });
  return { steps, files: filesUnder(join(home, 'output')) };
}

export interface Kill {
  /** The n-th write boundary, or so many milliseconds after its first answer. */
  readonly dieAt?: number;
  readonly afterMs?: number;
}

/** Kills a process for each entry, each in a home of its own, then lets it go on there and compares. */
export async function killAt(kills: readonly Kill[], folder: string): Promise<KillResult> {
  const wanted = await undisturbed(join(folder, 'undisturbed'));
  const steps: string[] = [];
  const faults: string[] = [];
  let died = 0;
  for (const [index, kill] of kills.entries()) {
    const home = join(folder, `home-${index}`);
    const lines = await runAndKill(home, kill);
    const step = lines.find((line) => line.startsWith('died '))?.slice('died '.length);
    const where = `kill ${index} (${step ?? `${kill.afterMs ?? 0} ms`})`;
    if (step !== undefined) steps.push(step);
    if (!lines.some((line) => line.startsWith('steps '))) died += 1;
    try {
      await workOn({ home, onStep: () => undefined, onAcknowledged: () => undefined });
      const acknowledged = lines.filter((line) => /^[0-9a-f-]{36}$/.test(line));
      faults.push(...(await journalFaults(home, acknowledged)).map((fault) => `${fault}, ${where}`));
      const files = filesUnder(join(home, 'output'));
      if (JSON.stringify(files) !== JSON.stringify(wanted.files)) faults.push(`other outputs, ${where}`);
    } catch (error) {
      faults.push(`${String(error)}, ${where}`);
    }
  }
  return { kills: died, steps, faults };
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
