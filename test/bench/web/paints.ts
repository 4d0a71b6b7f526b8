import type { WatchedBrowser } from '../../e2e/support/browser.js';
import type { LiveBot } from '../../e2e/support/live-bot.js';
import { eventually } from '../../support/eventually.js';
import { median, type BenchRow } from '../bench.js';
import type { BareNest } from './bare.js';

const PAINTS = 9;
const BARE_PAGE = '<!doctype html><html lang="en"><title>Bare</title><p>Log in</p></html>';

/** Notes when the form of the log-in is painted and takes what is typed. */
const WATCH_FORM = `
window.formAt = 0;
new MutationObserver((_all, observer) => {
  if (document.querySelector('input[autocomplete="username"]:enabled') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.formAt = performance.now())));
}).observe(document, { childList: true, subtree: true });
`;

interface Paint {
  readonly firstMs: number;
  readonly formMs: number;
}

/**
 * What a browser that has nothing of the app shows when, against a page of one line: the first contentful paint, and the
 * form of the log-in, which is what a person waits for.
 */
export async function coldPaints(bot: LiveBot, bare: BareNest, browser: WatchedBrowser): Promise<readonly BenchRow[]> {
  const base64 = Buffer.from(BARE_PAGE).toString('base64');
  const path = await bare.serve({ name: 'page', kind: 'answer', type: 'text/html', encoding: null, base64 });
  const ours: Paint[] = [];
  const theirs: Paint[] = [];
  for (let turn = 0; turn < PAINTS; turn += 1) {
    theirs.push(await paint(browser, `http://127.0.0.1:${bare.port}`, path, 'first'));
    ours.push(await paint(browser, bot.address, '/app/', 'form'));
  }
  const yardstick = median(theirs.map(({ firstMs }) => firstMs));
  const row = (what: string, of: (one: Paint) => number, goal: string): BenchRow => {
    const mine = median(ours.map(of));
    return { what, ours: mine, yardstick, ratio: mine / yardstick, goal };
  };
  return [
    row('cold first paint, ms', ({ firstMs }) => firstMs, '< 500 ms'),
    row('cold log-in form, ms', ({ formMs }) => formMs, ''),
  ];
}

/** `until`: what the page shows before the next turn. */
async function paint(browser: WatchedBrowser, base: string, path: string, until: 'first' | 'form'): Promise<Paint> {
  const { context, page } = await browser.visit(base);
  await page.addInitScript(WATCH_FORM);
  await page.goto(`${base}${path}`);
  const ask = `({
    firstMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    formMs: window.formAt,
  })`;
  let seen: Paint = { firstMs: 0, formMs: 0 };
  await eventually('a paint', async () => {
    seen = await page.evaluate<Paint>(ask);
    return seen.firstMs > 0 && (until === 'first' || seen.formMs > 0);
  });
  await context.close();
  return seen;
}
