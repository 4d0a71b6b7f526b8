import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { EngineHome } from '../support/engine-home.js';
import { describeNeeding } from '../support/needs.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import type { LiveBot } from './support/live-bot.js';
import { looseFigures, type Allowed } from './support/loose-figures.js';
import { buildOnce, removeScratch, scratchFolder, tradebot } from './support/program.js';
import { botForPages, goWithin, logInToApp, OWN_PAGES, unexplainedFigures } from './support/ui-bot.js';

const SPEED = 20;
const SHORTLY_BEFORE_THE_CLOSE = '2013-10-07T19:59:30.000Z';

/** What is shown without an explanation on purpose, each with its reason. */
const ALLOWED: readonly Allowed[] = [
  { page: 'main', selector: '[data-limit]', reason: 'a limit of risk is a setting or a share of the float' },
  { page: 'main', selector: '.u-legend', reason: 'the legend of a chart repeats the axis at its end' },
  { page: 'performance', selector: '.u-legend', reason: 'the legend of a chart repeats the axis at its end' },
  {
    page: 'chart',
    selector: 'dl.facts',
    reason: 'prices of recorded bars of the market: no event of the bot has them',
  },
  { page: 'strategies', selector: 'td code', reason: 'values of settings, whose results stand next to them' },
  { page: 'settings', selector: 'form label ~ p', reason: 'the rule and the default of a setting' },
];

/** Views of pages that have figures of their own, besides the first view of each page. */
const VIEWS = [
  { page: 'ledger', search: '?legs=1' },
  { page: 'orders', search: '?tab=trades' },
  { page: 'performance', search: '?table=sessions' },
  { page: 'compare', search: '?mode=configurations' },
];

describeNeeding(chromiumBrowser)('figures of the browser app', () => {
  const browser = new WatchedBrowser();
  let bot: LiveBot;
  let home: EngineHome;
  let page: Page;

  beforeAll(async () => {
    await buildOnce();
    ({ bot, home } = await botForPages(scratchFolder(), SPEED));
    ({ page } = await browser.visit(bot.address));
    await logInToApp(page, bot.address);
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  /** Figures without an explanation on every page, with where they stand. */
  async function crawl(): Promise<readonly string[]> {
    const loose: string[] = [];
    const views = [...OWN_PAGES.map(({ id }) => ({ page: id, search: '' })), ...VIEWS];
    for (const view of views) {
      const own = OWN_PAGES.find(({ id }) => id === view.page)!;
      await goWithin(page, { path: `${own.path}${view.search}`, title: own.title });
      const allowed = ALLOWED.filter((one) => one.page === view.page);
      const unasked = await unexplainedFigures(page);
      loose.push(...unasked.map((text) => `${view.page}${view.search}: ${text} has no question`));
      const found = await looseFigures(page, allowed);
      loose.push(...found.map(({ text, at }) => `${view.page}${view.search}: ${text} in ${at}`));
    }
    return loose;
  }

  test('while positions are open, each amount, percentage and price leads to what it is made of', async () => {
    await goWithin(page, { path: '/', title: 'Overview' });
    await page.locator('[data-figure="open_positions.size"]').first().waitFor();
    expect(await crawl()).toEqual([]);
  });

  test('the same holds for an order and an event, and the crawler finds a figure that leads nowhere', async () => {
    await goWithin(page, { path: '/orders', title: 'Orders' });
    await page.locator('.data-table a[href*="/orders/"]').last().click();
    await page.locator('ol p', { hasText: 'Filled' }).first().waitFor();
    expect(await unexplainedFigures(page)).toEqual([]);
    expect(await looseFigures(page, [])).toEqual([]);
    await page.evaluate(`document.querySelector('.page-title').append(' \u22121.20% and $5')`);
    expect(await looseFigures(page, [])).toHaveLength(1);
  });

  test('when the session is over, its results lead there as well', async () => {
    expect((await tradebot('kill', '--home', home.made.home)).code).toBe(0);
    await page.close();
    await bot.stop();
    bot.clock.notBefore(new Date(SHORTLY_BEFORE_THE_CLOSE));
    await bot.start();
    await home.until('the end of the session', ({ type }) => type === 'SessionClosed');
    ({ page } = await browser.visit(bot.address));
    await logInToApp(page, bot.address);
    await goWithin(page, { path: '/day', title: 'Day close' });
    await page.locator('[data-explains^="gross:"]').first().waitFor();
    expect(await crawl()).toEqual([]);
  });
});
