import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedBrowser } from '../../e2e/support/browser.js';
import { logIn, type LiveBot } from '../../e2e/support/live-bot.js';
import { logInToApp } from '../../e2e/support/ui-bot.js';
import { eventually } from '../../support/eventually.js';
import type { BenchRow } from '../bench.js';

const CHANGES = 40;
/** The page is at rest before each change. */
const BETWEEN_MS = 1_200;

/** When the page first painted a cell with each text, by a clock that this process shares. */
const WATCH = `
window.paintedAt = {};
new MutationObserver(() => requestAnimationFrame(() => {
  const now = Date.now();
  for (const cell of document.querySelectorAll('tbody td')) window.paintedAt[cell.textContent] ??= now;
})).observe(document.body, { childList: true, subtree: true, characterData: true });
`;

/** Moments by position, in milliseconds. */
type Moments = ReadonlyMap<string, number>;

/**
 * From the commit of each event to its row on the page of a real browser; the yardstick is a bare listener of the same
 * stream. A change of a setting is a burst of a few events.
 */
export async function eventToPixel(bot: LiveBot, journalDb: string, browser: WatchedBrowser): Promise<BenchRow> {
  const { page } = await browser.visit(bot.address);
  await logInToApp(page, bot.address);
  await page.goto(`${bot.address}/app/events?follow=1`);
  await page.locator('tbody tr').first().waitFor();
  await page.evaluate(WATCH);
  const session = await logIn(bot);
  const stop = new AbortController();
  const heard = new Map<string, number>();
  const following = [listen(bot, session, { heard, signal: stop.signal })];
  const committed = new Map<string, number>();
  following.push(watchCommits(journalDb, committed, stop.signal));
  try {
    for (let turn = 0; turn < CHANGES; turn += 1) {
      await changeSetting(bot, session, turn);
      await sleep(BETWEEN_MS);
    }
    const painted = await paintOf(page, [...heard.keys()]);
    const [ours, yardstick] = [at95(delays(committed, painted)), at95(delays(committed, heard))];
    return { what: 'event to pixel, p95, ms', ours, yardstick, ratio: ours / yardstick, goal: '< 100 ms' };
  } finally {
    stop.abort();
    await Promise.all(following);
    await page.close();
  }
}

interface Session {
  readonly cookie: string;
  readonly csrf: string;
}

async function listen(
  bot: LiveBot,
  { cookie, csrf }: Session,
  { heard, signal }: { readonly heard: Map<string, number>; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const answer = await fetch(`${bot.address}/api/events/live`, { headers: { cookie, 'x-csrf-token': csrf }, signal });
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      const now = Date.now();
      for (const [, id = ''] of decoder.decode(chunk as Uint8Array).matchAll(/^id: 0*(\d+)$/gm)) heard.set(id, now);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Looks each millisecond which events other processes can see by now. */
async function watchCommits(journalDb: string, committed: Map<string, number>, signal: AbortSignal): Promise<void> {
  const journal = new Database(journalDb, { readonly: true });
  const newest = journal.prepare<[], number>('SELECT max(position) FROM events').pluck();
  try {
    let last = newest.get() ?? 0;
    while (!signal.aborted) {
      const [now, head] = [Date.now(), newest.get() ?? 0];
      while (last < head) {
        last += 1;
        committed.set(String(last), now);
      }
      await sleep(1);
    }
  } finally {
    journal.close();
  }
}

/** A change that anybody sees at once. */
async function changeSetting(bot: LiveBot, { cookie, csrf }: Session, turn: number): Promise<void> {
  const before = bot.said.length;
  const headers = { cookie, 'x-csrf-token': csrf };
  await bot.call('GET', '/api/settings', undefined, headers);
  const etag = /^etag: (.+)$/m.exec(bot.said.slice(before).join('\n'))?.[1] ?? '';
  const changes = { MAX_OPEN_POSITIONS: String(3 + (turn % 2)) };
  const saved = await bot.call('PUT', '/api/settings', { changes }, { ...headers, 'if-match': etag });
  if (saved.status !== 200) throw new Error(`the setting was refused: ${saved.text}`);
}

/** The moments of all of these positions; the page is not asked while it is measured. */
async function paintOf(page: Page, positions: readonly string[]): Promise<Moments> {
  let painted: Readonly<Record<string, number>> = {};
  await eventually('every event on the page', async () => {
    painted = await page.evaluate<Readonly<Record<string, number>>>('window.paintedAt');
    return positions.every((position) => painted[position] !== undefined);
  });
  return new Map(
    positions.flatMap((position) => (painted[position] === undefined ? [] : [[position, painted[position]]])),
  );
}

/** Of the events that were streamed. */
function delays(committed: Moments, seen: Moments): readonly number[] {
  return [...committed].flatMap(([position, moment]) => {
    const at = seen.get(position);
    return at === undefined ? [] : [at - moment];
  });
}

function at95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
}
