/**
 * `npm run shots [-- page ...]`: screenshots of every page of the app, dark and light and at phone width, into
 * output/shots, of a bot that trades. A page is named by its id in src/ui/pages/table.ts; `states` is what a healthy bot
 * does not show (shots-states.mjs).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp, ROOT } from '../../src/processes/cli/setup.mjs';
import '../unit/support/typescript-loader.mjs';
import { shootStates } from './shots-states.mjs';

const SPEED = 20;
const VIEWS = [
  { name: 'dark', scheme: 'dark', viewport: { width: 1_360, height: 900 } },
  { name: 'light', scheme: 'light', viewport: { width: 1_360, height: 900 } },
  { name: 'phone', scheme: 'dark', viewport: { width: 390, height: 844 } },
];

await setUp();
const { WatchedBrowser } = await import('../e2e/support/browser.ts');
const { botForPages, logInToApp, OWN_PAGES, settled } = await import('../e2e/support/ui-bot.ts');

const wanted = process.argv.slice(2);
const states = wanted.includes('states');
const pages = OWN_PAGES.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
const target = join(ROOT, 'output/shots');
const home = mkdtempSync(join(tmpdir(), 'tradebot-shots-'));
mkdirSync(target, { recursive: true });
const browser = new WatchedBrowser();
const { bot, home: made, base } = await botForPages(home, SPEED);
try {
  for (const { name, scheme, viewport } of VIEWS) await shootAll(name, scheme, viewport);
  for (const fault of browser.errors) process.stderr.write(`${fault}\n`);
} finally {
  await browser.close();
  await bot.stop();
  rmSync(home, { recursive: true, force: true });
}
process.exit(0);

async function shootAll(name, scheme, viewport) {
  const { page } = await browser.visit(base);
  await page.addInitScript(`localStorage.setItem('tradebot.scheme', '${scheme}')`);
  await page.setViewportSize(viewport);
  const shoot = (what) => page.screenshot({ path: join(target, `${what}-${name}.png`) });
  await page.goto(`${base}/app/`);
  await page.getByLabel('User name').waitFor();
  await shoot('login');
  await logInToApp(page, base);
  for (const { id, path } of pages) {
    await page.goto(`${base}/app${path}`);
    await settled(page);
    await shoot(id);
  }
  const opened = states ? (await made.eventsOf('PositionOpened')).at(-1) : undefined;
  if (opened !== undefined) await shootStates({ page, base, here: opened.position, shoot, settled });
  await page.close();
}
