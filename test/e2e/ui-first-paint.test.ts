import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { firstAdmin, startTestWeb, type TestWeb } from '../support/web.js';
import { axe } from './support/axe.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';

/** What the page starts with after its first paint. */
const APP = '**/app/assets/start-*.js';
const GROUNDS = { dark: 'rgb(13, 16, 20)', light: 'rgb(244, 246, 248)' };

describeNeeding(chromiumBrowser)('what the app shows before it is loaded', () => {
  const browser = new WatchedBrowser();
  let web: TestWeb;
  let base: string;

  beforeAll(async () => {
    await buildOnce();
    const home = scratchFolder();
    await provisionTestHome(home);
    web = await startTestWeb({ home });
    await firstAdmin(web);
    base = web.server.address;
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    await removeScratch();
  });

  /** A page whose app does not come until `load` is called. */
  async function pageWithoutApp(stored: Readonly<Record<string, string>>): Promise<{ page: Page; load: () => void }> {
    const { page } = await browser.visit(base);
    await page.goto(`${base}/assets/icon.svg`);
    await page.evaluate(`Object.assign(localStorage, ${JSON.stringify(stored)})`);
    let load = (): void => undefined;
    const loading = new Promise<void>((resolve) => (load = resolve));
    await page.route(APP, async (route) => {
      await loading;
      await route.continue();
    });
    await page.goto(`${base}/app/`, { waitUntil: 'commit' });
    await page.locator('#early').waitFor();
    return { page, load };
  }

  test.each(['dark', 'light'] as const)(
    'a card in the %s theme that was chosen, without figures or controls',
    async (theme) => {
      const { page, load } = await pageWithoutApp({ 'tradebot.scheme': theme });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(GROUNDS[theme]);
      expect(await page.locator('#early').innerText()).toBe('TradeBot\n\nConnecting to the bot');
      expect(await page.locator('#early').locator('button, input, a, select').count()).toBe(0);
      expect(await axe(page)).toEqual([]);
      expect(await fitsAPhone(page)).toBe(true);
      load();
      await page.getByLabel('User name').waitFor();
      expect(await page.locator('#early').isVisible()).toBe(false);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(GROUNDS[theme]);
      await page.close();
    },
  );

  test('the frame for a browser with a session, and the form when the session has ended', async () => {
    const { page, load } = await pageWithoutApp({ 'tradebot.session': 'ended' });
    expect(await page.locator('.early-bar').isVisible()).toBe(true);
    expect(await fitsAPhone(page)).toBe(true);
    load();
    await page.getByLabel('User name').waitFor();
    expect(await page.locator('#early').isVisible()).toBe(false);
    await page.close();
  });

  test('a part that cannot be loaded is reported', async () => {
    const { page } = await browser.visit(base);
    await page.route(APP, (route) => route.abort());
    await page.goto(`${base}/app/`);
    await page.getByText('TradeBot could not be loaded. Load the page again.').waitFor();
    await page.close();
  });
});
