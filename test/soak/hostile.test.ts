import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const HERE = dirname(fileURLToPath(import.meta.url));
const CHILD = join(HERE, '../simulation/support/hostile/child.mjs');
const LOADER = join(HERE, '../unit/support/typescript-loader.mjs');

/** `TRADEBOT_HOSTILE_SESSIONS=1000 TRADEBOT_HOSTILE_FROM=5001` plays the thousand seeds from 5001 on. */
const SESSIONS = Number(process.env['TRADEBOT_HOSTILE_SESSIONS'] ?? 1_000_000);
const FROM = Number(process.env['TRADEBOT_HOSTILE_FROM'] ?? 1);
const GOAL_A_CORE_MINUTE = 1_000;
const PRINT_MS = 10_000;
const ENOUGH_FAILURES = 20;

interface Progress {
  readonly played: number;
  readonly cpuMs: number;
  readonly failure?: string;
}

/** All seeds, spread over the processors of the machine; prints the rate, and each failure as it comes. */
async function playAll(): Promise<{
  readonly played: number;
  readonly perMinute: number;
  readonly failures: string[];
}> {
  const workers = availableParallelism();
  const progress = new Map<number, Progress>();
  const failures: string[] = [];
  const sum = (of: (one: Progress) => number): number => [...progress.values()].reduce((all, one) => all + of(one), 0);
  const rate = (): number =>
    (60_000 * sum(({ played }) => played)) /
    Math.max(
      1,
      sum(({ cpuMs }) => cpuMs),
    );
  const print = (text: string): void => void process.stderr.write(`${text}\n`);
  const printing = setInterval(() => {
    print(`${sum(({ played }) => played)} of ${SESSIONS} sessions, ${Math.round(rate())} a core-minute`);
  }, PRINT_MS);
  const children = Array.from({ length: workers }, (_, worker) => {
    const args = [FROM + worker, workers, FROM + SESSIONS - 1].map(String);
    const child = fork(CHILD, args, { execArgv: ['--import', LOADER] });
    child.on('message', (message) => {
      const news = message as Progress;
      progress.set(worker, news);
      if (news.failure === undefined) return;
      print(news.failure);
      failures.push(news.failure);
      if (failures.length >= ENOUGH_FAILURES) for (const one of children) one.kill('SIGKILL');
    });
    return child;
  });
  const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.on('exit', resolve))));
  clearInterval(printing);
  if (failures.length === 0) expect(codes).toEqual(codes.map(() => 0));
  return { played: sum(({ played }) => played), perMinute: rate(), failures };
}

test(
  `${SESSIONS} sessions against a hostile broker, by seed`,
  async () => {
    const { played, perMinute, failures } = await playAll();
    const rate = `${played} sessions, ${Math.round(perMinute)} a minute of processor time`;
    // a machine that other programs load is slow: that is no fault of the bot
    const warning = perMinute < GOAL_A_CORE_MINUTE ? `: below the goal of ${GOAL_A_CORE_MINUTE}` : '';
    process.stderr.write(`${rate}${warning}\n`);
    expect(failures).toEqual([]);
    expect(played).toBe(SESSIONS);
  },
  7 * 24 * 3_600_000,
);
