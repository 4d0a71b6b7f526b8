import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WatchedBrowser } from '../e2e/support/browser.js';
import { logIn, type LiveBot } from '../e2e/support/live-bot.js';
import { botForPages } from '../e2e/support/ui-bot.js';
import { builtManifest, gzipSize, SHELL_BYTES, shellOf } from '../support/ui-sizes.js';
import { median, type BenchRow } from './bench.js';
import { BareNest } from './web/bare.js';
import { captured, type Captured } from './web/capture.js';
import { load, type Load, type Target } from './web/load.js';
import { coldPaints } from './web/paints.js';
import { eventToPixel } from './web/pixels.js';

const SPEED = 20;
const ROUNDS = 5;
const CONNECTIONS = 16;
/** A user may have eight. */
const STREAMS = 4;
/** The bot runs while it is measured: an answer that changed meanwhile is measured again. */
const MOST_TRIES = 5;
const LOOKS = 100;
const LOOK_MS = 50;

/** One thing that both sides serve. */
interface Subject {
  readonly what: string;
  readonly path: string;
  readonly count: number;
  readonly encoding?: 'gzip';
  readonly stream?: true;
}

const SUBJECTS: readonly Subject[] = [
  { what: 'status', path: '/api/status', count: 3_000 },
  { what: 'page of 100 events', path: '/api/journal/events?limit=100', count: 600 },
  { what: 'ledger page', path: '/api/ledger/entries?limit=100', count: 3_000 },
  { what: 'event stream, resumed', path: '/api/events/live', count: 400, stream: true },
  { what: 'static shell', path: '/app/', count: 3_000, encoding: 'gzip' },
];

/** The web of a whole bot against bare NestJS routes that serve the same bytes, and what a person waits for. */
export async function run(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tradebot-bench-web-'));
  const bare = await BareNest.start();
  const browser = new WatchedBrowser();
  const { bot, home } = await botForPages(folder, SPEED);
  try {
    // From here on the world is as slow as ours: a bot that is looked at has no more to do than that.
    await bot.stop();
    bot.clock.slowDown();
    await bot.start();
    const since = (await home.events())[0]?.position ?? '';
    const rows: BenchRow[] = [];
    for (const subject of SUBJECTS) rows.push(...(await compared(subject, { bot, bare, since })));
    rows.push(await eventToPixel(bot, home.made.paths.storage.journalDb, browser));
    rows.push(...(await coldPaints(bot, bare, browser)), shellSize());
    return rows;
  } finally {
    await browser.close();
    await bot.stop();
    bare.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sides {
  readonly bot: LiveBot;
  readonly bare: BareNest;
  readonly since: string;
}

interface Pair {
  readonly ours: Target;
  readonly theirs: Target;
}

async function compared(subject: Subject, { bot, bare, since }: Sides): Promise<readonly BenchRow[]> {
  const { what, path, count, encoding = 'identity', stream } = subject;
  const { cookie, csrf } = await logIn(bot);
  const session = { cookie, 'x-csrf-token': csrf, 'accept-encoding': encoding };
  const headers = stream === undefined ? session : { ...session, 'last-event-id': since };
  const asked = { port: Number(new URL(bot.address).port), path, headers, status: 200 };
  const { served, etag, bytes } = stream === undefined ? await settled(asked) : await captured(asked, 'stream');
  const whole = stream === undefined ? {} : { streamBytes: bytes };
  const given = await bare.serve({ name: what.replaceAll(/\W+/g, '-'), ...served });
  const pair = {
    ours: { ...asked, ...whole },
    theirs: { port: bare.port, path: given, headers: {}, status: 200, ...whole },
  };
  const connections = stream === undefined ? CONNECTIONS : STREAMS;
  const rows = await measured(what, '0.70', pair, { count, connections });
  if (etag === null) return rows;
  const theirEtag = (await captured(pair.theirs, 'answer')).etag ?? '';
  const theirs = { ...pair.theirs, headers: { 'if-none-match': theirEtag }, status: 304 };
  for (let tries = 1; ; tries += 1) {
    const tag = (await settled(asked)).etag ?? '';
    const ours = { ...asked, headers: { ...headers, 'if-none-match': tag }, status: 304 };
    try {
      const same = await measured(`${what}, unchanged (304)`, '0.95', { ours, theirs }, { count, connections });
      return [...rows, ...same];
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}

/** The answer with the tag that it is kept by: one of the ledger has it once the ledger has the last event. */
async function settled(asked: Target): Promise<Captured> {
  for (let looks = 1; ; looks += 1) {
    const found = await captured(asked, 'answer');
    if (found.etag?.startsWith('W/') !== true || looks === LOOKS) return found;
    await sleep(LOOK_MS);
  }
}

/** Both sides in turn, after one round to warm up that does not count. */
async function measured(
  what: string,
  goal: string,
  { ours, theirs }: Pair,
  { count, connections }: { readonly count: number; readonly connections: number },
): Promise<readonly BenchRow[]> {
  const rounds: { readonly ours: Load; readonly theirs: Load }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const theirLoad = await load(theirs, count, connections);
    const ourLoad = await load(ours, count, connections);
    if (round >= 0) rounds.push({ ours: ourLoad, theirs: theirLoad });
  }
  const row = (unit: string, rowGoal: string, of: (side: Load) => number): BenchRow => ({
    what: `${what}, ${unit}`,
    ours: median(rounds.map((round) => of(round.ours))),
    yardstick: median(rounds.map((round) => of(round.theirs))),
    ratio: median(rounds.map((round) => of(round.ours) / of(round.theirs))),
    goal: rowGoal,
  });
  return [
    row('requests a second', goal, ({ rate }) => rate),
    row('p99 in microseconds', '', ({ p99Ms }) => p99Ms * 1_000),
  ];
}

function shellSize(): BenchRow {
  const bytes = [...shellOf(builtManifest())].reduce((sum, file) => sum + gzipSize(file), 0);
  const row = { ours: bytes / 1_024, yardstick: SHELL_BYTES / 1_024, ratio: bytes / SHELL_BYTES };
  return { what: 'shell, kB gzip', ...row, goal: '< 1.00' };
}
