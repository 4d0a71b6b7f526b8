import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedBrowser } from '../../e2e/support/browser.js';
import { logIn, type LiveBot } from '../../e2e/support/live-bot.js';
import { logInToApp } from '../../e2e/support/ui-bot.js';
import type { BenchRow } from '../bench.js';
import type { BareNest } from './bare.js';

const EVENTS = 40;
const PAINTS = 9;
const PATIENCE_MS = 20_000;
/** The page is at rest before each event. */
const BETWEEN_MS = 1_200;
const BARE_PAGE = '<!doctype html><html lang="en"><title>Bare</title><p>Log in</p></html>';

/** When the page first painted a cell with each text, by a clock that this process shares. */
const WATCH = `
window.paintedAt = {};
new MutationObserver(() => requestAnimationFrame(() => {
  const now = Date.now();
  for (const cell of document.querySelectorAll('tbody td')) window.paintedAt[cell.textContent] ??= now;
})).observe(document.body, { childList: true, subtree: true, characterData: true });
`;

/** From the commit of an event to its row on the page of a real browser; the yardstick is a bare listener of the same stream. */
export async function eventToPixel(bot: LiveBot, journalDb: string, browser: WatchedBrowser): Promise<BenchRow> {
  const { page } = await browser.visit(bot.address);
  await logInToApp(page, bot.address);
  await page.goto(`${bot.address}/app/events?follow=1`);
  await page.locator('tbody tr').first().waitFor();
  await page.evaluate(WATCH);
  const session = await logIn(bot);
  const heard = new Map<string, number>();
  const stop = new AbortController();
  const listening = listen(bot, session, { heard, signal: stop.signal });
  const journal = new Database(journalDb, { readonly: true });
  const newest = journal.prepare<[], number>('SELECT max(position) FROM events').pluck();
  const toPixel: number[] = [];
  const toListener: number[] = [];
  try {
    for (let turn = 0; turn < EVENTS; turn += 1) {
      const before = newest.get() ?? 0;
      const saved = changeSetting(bot, session, turn);
      const committed = await momentOf(() => (newest.get() ?? 0) > before);
      const position = await saved.then(() => String(newest.get()));
      toPixel.push((await paintOf(page, position)) - committed);
      toListener.push((heard.get(position) ?? Number.NaN) - committed);
      await sleep(BETWEEN_MS);
    }
  } finally {
    stop.abort();
    await listening;
    journal.close();
    await page.close();
  }
  const [ours, yardstick] = [at95(toPixel), at95(toListener)];
  return { what: 'event to pixel, p95, ms', ours, yardstick, ratio: ours / yardstick, goal: '< 100 ms' };
}

/** The first contentful paint of a browser that has nothing of the app, against a page of one line. */
export async function coldFirstPaint(bot: LiveBot, bare: BareNest, browser: WatchedBrowser): Promise<BenchRow> {
  const base64 = Buffer.from(BARE_PAGE).toString('base64');
  const path = await bare.serve({ name: 'page', kind: 'answer', type: 'text/html', encoding: null, base64 });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < PAINTS; turn += 1) {
    theirs.push(await firstPaint(browser, `http://127.0.0.1:${bare.port}`, path));
    ours.push(await firstPaint(browser, bot.address, '/app/'));
  }
  const [mine, yardstick] = [at50(ours), at50(theirs)];
  return { what: 'cold first paint, ms', ours: mine, yardstick, ratio: mine / yardstick, goal: '< 500 ms' };
}

async function firstPaint(browser: WatchedBrowser, base: string, path: string): Promise<number> {
  const { context, page } = await browser.visit(base);
  await page.goto(`${base}${path}`);
  const ask = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`;
  const painted = await valueOf(() => page.evaluate<number>(ask));
  await context.close();
  return painted;
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

/** A change that anybody sees at once: one event of the configuration. */
async function changeSetting(bot: LiveBot, { cookie, csrf }: Session, turn: number): Promise<void> {
  const before = bot.said.length;
  const headers = { cookie, 'x-csrf-token': csrf };
  await bot.call('GET', '/api/settings', undefined, headers);
  const etag = /^etag: (.+)$/m.exec(bot.said.slice(before).join('\n'))?.[1] ?? '';
  const changes = { MAX_OPEN_POSITIONS: String(3 + (turn % 2)) };
  const saved = await bot.call('PUT', '/api/settings', { changes }, { ...headers, 'if-match': etag });
  if (saved.status !== 200) throw new Error(`the setting was refused: ${saved.text}`);
}

async function momentOf(holds: () => boolean): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error('no event was journaled');
    await sleep(1);
  }
  return Date.now();
}

const paintOf = (page: Page, position: string): Promise<number> =>
  valueOf(() => page.evaluate<number>(`window.paintedAt[${JSON.stringify(position)}] ?? 0`));

async function valueOf(ask: () => Promise<number>): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (value > 0) return value;
    if (Date.now() > end) throw new Error('nothing was painted');
    await sleep(20);
  }
}

const at95 = (values: readonly number[]): number => sorted(values)[Math.floor(values.length * 0.95)] ?? Number.NaN;
const at50 = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;
const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);
