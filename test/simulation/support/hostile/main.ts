/** `npm run soak -- hostile [--from SEED] [--count N]`: plays sessions by seed; ends with 1 when one broke a promise. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SeedPlay, summaryOf } from './play-seeds.js';

const MILLION = 1_000_000;
const STOPPED = 130;

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A whole number above 0. */
function numberOf(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Error(`--${name} "${text}" is not a whole number above 0: give one such as --${name} 1000`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { from: { type: 'string' }, count: { type: 'string' } } });
  const from = numberOf('from', values.from, 1);
  const count = numberOf('count', values.count, MILLION);
  const to = from + count - 1;
  const workers = Math.min(availableParallelism(), count);
  const play = new SeedPlay({ from, to, workers, print });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => play.stop());
  const { played, cpuMs, failures, next } = await play.run();
  print(`${played} sessions, ${failures.length} failed, ${summaryOf({ played, cpuMs })}`);
  if (next <= to) print(`continue with: npm run soak -- hostile --from ${next} --count ${to - next + 1}`);
  if (failures.length > 0) return 1;
  return next <= to ? STOPPED : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  print(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
