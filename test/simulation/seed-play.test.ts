import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { SeedPlay, type Result } from './support/hostile/play-seeds.js';

afterAll(removeTemporaryHomes);

/** Plays no sessions: seed 7 breaks a promise, seed 12 never ends, seed 60 ends the process. */
const PLAYER = `
const send = (news) => process.send(news);
process.on('message', ({ from, to }) => {
  for (let seed = from; seed <= to; seed += 1) {
    send({ kind: 'plays', seed, cpuMs: 1 });
    if (seed === 7) send({ kind: 'failed', failure: 'seed=7\\n  an order was sent twice' });
    if (seed === 12) for (;;);
    if (seed === 60) process.exit(3);
  }
  send({ kind: 'done', cpuMs: 2 });
});
send({ kind: 'done', cpuMs: 0 });
`;

async function play(from: number, to: number): Promise<Result & { readonly printed: string }> {
  const player = join(temporaryHome(), 'player.mjs');
  writeFileSync(player, PLAYER);
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const seeds = new SeedPlay({ from, to, workers: 1, print, player, sessionMs: 2_000 });
  return { ...(await seeds.run()), printed: printed.join('\n') };
}

test('a session that breaks a promise, never ends or ends its process is a failure by seed, and the others are played', async () => {
  const { played, failures, next, printed } = await play(1, 120);
  expect([...failures].sort()).toEqual([
    'seed=12\n  the process ended with SIGKILL',
    'seed=60\n  the process ended with 3',
    'seed=7\n  an order was sent twice',
  ]);
  expect({ played, next }).toEqual({ played: 120, next: 121 });
  expect(printed).toContain('again: npm run soak -- hostile --from 12 --count 1');
});
