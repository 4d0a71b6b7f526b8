/** A process that plays the seeds which its parent sends it, and says which one it plays. */
import { failureOf } from './report-failure.js';
import type { PlayerNews, SeedRange } from './play-seeds.js';

function send(news: PlayerNews): void {
  process.send?.(news);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function play({ from, to }: SeedRange): Promise<void> {
  for (let seed = from; seed <= to; seed += 1) {
    send({ kind: 'plays', seed, cpuMs: cpuMs() });
    const failure = await failureOf(seed);
    if (failure !== undefined) send({ kind: 'failed', failure });
  }
  send({ kind: 'done', cpuMs: cpuMs() });
}

process.on('message', (range: SeedRange) => void play(range));
// Ctrl-C is for the parent, which ends its players
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
send({ kind: 'done', cpuMs: cpuMs() });
