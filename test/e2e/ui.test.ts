import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { EngineHome } from '../support/engine-home.js';
import { describeNeeding } from '../support/needs.js';
import { axe, axeWithin, contrast, contrastWithin } from './support/axe.js';
import { chromiumBrowser, fitsAPhone, tablesThatScroll, WatchedBrowser } from './support/browser.js';
import { logIn, type LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import {
  botForPages,
  goWithin,
  logInToApp,
  openWithin,
  OWN_PAGES,
  replacePassword,
  settled,
  unexplainedFigures,
} from './support/ui-bot.js';

const SPEED = 10;

/** As the switch of the theme in another tab does: charts are drawn again in its colours. */
async function showScheme(page: Page, scheme: 'dark' | 'light'): Promise<void> {
  await page.evaluate(`
    localStorage.setItem('tradebot.scheme', '${scheme}');
    dispatchEvent(
      new StorageEvent('storage', { key: 'tradebot.scheme', newValue: '${scheme}', storageArea: localStorage }),
    );
  `);
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

describeNeeding(chromiumBrowser)('the browser app', () => {
  const browser = new WatchedBrowser();
  let bot: LiveBot;
  let home: EngineHome;
  let base: string;
  let page: Page;

  beforeAll(async () => {
    await buildOnce();
    ({ bot, home, base } = await botForPages(scratchFolder(), SPEED));
    ({ page } = await browser.visit(base));
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  test('a wrong password is refused at the form, and the right one opens the page that was asked for', async () => {
    await page.goto(`${base}/app/status`);
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill('wrong-wrong-wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'The name or password is wrong.' }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await page.getByLabel('User name').inputValue()).toBe('anna');
    await logInToApp(page, base);
  });

  test.each(OWN_PAGES.map((one, at) => ({ ...one, first: at === 0 })))(
    'page $id: axe finds nothing in either theme, it fits a phone, and each figure has its explanation',
    async ({ first, ...one }) => {
      await goWithin(page, one);
      // The frame around the pages is looked at with the first of them.
      expect(await (first ? axe : axeWithin)(page)).toEqual([]);
      expect(await unexplainedFigures(page)).toEqual([]);
      expect(await fitsAPhone(page)).toBe(true);
      await showScheme(page, 'light');
      expect(await (first ? contrast : contrastWithin)(page)).toEqual([]);
      await showScheme(page, 'dark');
    },
  );

  test.each([
    { path: '/health', title: 'Health', table: 'Processes' },
    { path: '/strategies', title: 'Strategies', table: 'Results by setting' },
  ])('page $path at the width of a small screen: no table is wider than its card', async ({ table, ...one }) => {
    await page.setViewportSize({ width: 1_024, height: 768 });
    await goWithin(page, one);
    await page.getByRole('region', { name: table }).locator('tbody tr').first().waitFor();
    expect(await tablesThatScroll(page)).toEqual([]);
    await page.setViewportSize({ width: 1_280, height: 860 });
  });

  test('a figure opens its arithmetic, which has an address that another tab can open', async () => {
    await openWithin(page, '/');
    await page.locator('[data-figure=equity]').click();
    const panel = page.getByRole('dialog', { name: 'Explain' });
    await panel.locator('.explanation-value').waitFor();
    expect(page.url()).toContain('explain=equity');
    const value = await panel.locator('.explanation-value').innerText();
    expect(value).toMatch(/^\$[\d,]+\.\d\d$/);
    expect(await axe(page)).toEqual([]);
    await page.goto(page.url());
    await panel.locator('.explanation-value').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('explain=');
  });

  test('the palette finds a page and explains an id; the keys are shown on ?', async () => {
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: /Page, symbol/ });
    await search.fill('journal hist');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Events' }).waitFor();
    await page.keyboard.press('Control+k');
    await search.fill('cash');
    await page.getByRole('option', { name: /Explain cash/ }).click();
    await page.getByRole('dialog', { name: 'Explain' }).locator('.explanation-value').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('an order opens its life from the signal to the ledger; a filter has an address', async () => {
    await openWithin(page, '/orders');
    await page.locator('.data-table a').last().click();
    for (const title of ['Signal', 'Passed the gate', 'Sent to the broker', 'Filled', 'Position opened'])
      await page.locator('ol p', { hasText: title }).first().waitFor();
    await page
      .getByRole('region', { name: /Ledger entry/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Broker message' }).first().click();
    await page.getByText(/The simulator sends none/).waitFor();
    // A figure that the bar half covers is too small a target.
    await page.evaluate('scrollTo(0, 0)');
    expect(await axe(page)).toEqual([]);
    expect(await fitsAPhone(page)).toBe(true);
    await openWithin(page, '/orders');
    await page.getByLabel('Symbol').fill('none');
    await page.getByText('Nothing matches these filters').waitFor();
    expect(page.url()).toContain('symbol=none');
    await openWithin(page, '/orders?strategy=op');
    const strategy = page.getByRole('combobox', { name: 'Strategy' });
    await strategy.locator('option:checked', { hasText: 'op (no such strategy)' }).waitFor({ state: 'attached' });
    await strategy.selectOption('open');
    await page.locator('.data-table a').first().waitFor();
    expect(page.url()).toContain('strategy=open');
  });

  test('the past: the status of a position, a banner on each page, Stop and Kill of the present, and the way back', async () => {
    const opened = (await home.eventsOf('SessionOpened'))[0]?.position ?? '';
    await page.goto(`${base}/app/?asof=${opened}`);
    await page.locator('.banner-past').waitFor();
    await page.getByText('No positions are open.').waitFor();
    expect(await page.locator('.banner-past').innerText()).toContain('Stop and Kill act on the present');
    await page.getByRole('button', { name: 'Kill' }).and(page.locator(':enabled')).first().waitFor();
    await page.getByRole('link', { name: 'Status' }).click();
    await page.locator('h1', { hasText: 'Status' }).waitFor();
    expect(page.url()).toContain(`asof=${opened}`);
    await openWithin(page, `/events?asof=${opened}`);
    expect(await page.locator('tbody tr').first().innerText()).toContain('SessionOpened');
    await openWithin(page, `/settings?asof=${opened}`);
    await page.getByText('This page shows the present only.').waitFor();
    await openWithin(page, '/?asof=999999');
    await page.getByText('There is no position 999999 in the journal yet.').waitFor();
    await page.locator('.banner-past').waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await openWithin(page, '/orders?asof=abc');
    await page.getByText(/There is no position .abc./).waitFor();
    expect(await page.locator('.banner-past').count()).toBe(0);
    await page.getByRole('button', { name: 'Kill' }).and(page.locator(':enabled')).first().waitFor();
    await openWithin(page, '/?asof=999999');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('.banner-past').waitFor({ state: 'detached' });
    await page.locator('[data-figure="open_positions.size"]').first().waitFor();
  });

  test('why no trade: a rule shows its symbols, a symbol its steps, and the past has no symbols yet', async () => {
    await openWithin(page, '/decisions');
    const rule = page.locator('button[aria-pressed]').first();
    await rule.click();
    expect(await rule.getAttribute('aria-pressed')).toBe('true');
    const ended = await rule.getAttribute('title');
    expect(page.url()).toContain(`rule=${ended ?? ''}`);
    await page.getByRole('button', { name: 'Show all rules' }).click();
    const position = (await home.eventsOf('PositionOpened'))[0];
    const symbol = position?.data.symbol ?? '';
    await page.getByRole('textbox', { name: 'Symbol' }).fill(symbol.toLowerCase());
    await page.locator('tbody tr', { hasText: symbol }).first().getByRole('button', { name: symbol }).click();
    const steps = page.getByRole('dialog', { name: `${symbol} in open` });
    await steps.getByRole('button', { name: 'The position was opened' }).waitFor();
    expect(await axe(page)).toEqual([]);
    const opened = (await home.eventsOf('SessionOpened'))[0]?.position ?? '';
    await openWithin(page, `/decisions?asof=${opened}`);
    await page.locator('tbody tr', { hasText: 'Has not started yet' }).first().waitFor();
    await openWithin(page, '/decisions?asof=1');
    await page.getByText('No session yet.').waitFor();
  });

  test('an event of a strategy leads to its line in the log, and the line back to the event', async () => {
    await openWithin(page, '/events?type=PositionOpened');
    await page.getByRole('link', { name: 'Lines' }).first().click();
    const line = page.locator('tbody tr', { hasText: 'PositionOpened' });
    await line.waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    await line.getByRole('button', { name: 'PositionOpened' }).click();
    await page.getByRole('dialog', { name: 'Explain' }).getByText('Events').waitFor();
    expect(page.url()).toContain('explain=');
    await openWithin(page, '/log?log=open&search=no+such+text');
    await page.getByText('No line contains "no such text".').waitFor();
    await openWithin(page, '/log?log=main_bot');
    const botTime = page.getByRole('columnheader', { name: 'Bot time (UTC)' });
    expect(await botTime.getAttribute('title')).toContain('clock of the bot');
    await page.locator('tbody td time', { hasText: '-10-07' }).first().waitFor();
  });

  test('following adds an event that is not sent as it happens', async () => {
    await openWithin(page, '/events?type=LoginSucceeded&follow=1');
    const known = await page.locator('tbody tr').count();
    await logIn(bot);
    await page.locator('tbody tr').nth(known).waitFor();
    expect(await page.locator('tbody tr').first().innerText()).toContain('LoginSucceeded');
  });

  test('an event has its page: data, cause, effects and proof; the chain is verified from there', async () => {
    await openWithin(page, '/events?type=OrderSubmitted');
    await page.locator('tbody').getByRole('link', { name: 'OrderSubmitted' }).first().click();
    await page.getByText('Hash chain intact').waitFor();
    await page.getByRole('link', { name: 'OrderIntended' }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await fitsAPhone(page)).toBe(true);
    await page.getByRole('button', { name: 'Verify the whole journal' }).click();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
    await page.locator('header.bar').getByText('Verified to').waitFor();
  });

  test('a viewer sees no commands and no pages of others', async () => {
    const own = await replacePassword(bot, 'victor');
    const { page: other } = await browser.visit(base);
    await logInToApp(other, base, 'victor', own);
    await settled(other);
    expect(await other.getByRole('button', { name: 'Kill' }).count()).toBe(0);
    expect(await other.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await other.close();
  });

  const pidOfWeb = async (): Promise<number> => {
    const { cookie, csrf } = await logIn(bot);
    const { body } = await bot.call('GET', '/api/processes', undefined, { cookie, 'x-csrf-token': csrf });
    const all = body['processes'] as readonly { readonly process: string; readonly pid: number }[];
    return all.find((one) => one.process === 'web')!.pid;
  };

  test('a web process that stands still is shown as a lost connection, until it runs again', async () => {
    await openWithin(page, '/');
    const web = await pidOfWeb();
    process.kill(web, 'SIGSTOP');
    try {
      await page.locator('.banner-warn', { hasText: 'Connection lost' }).waitFor();
      await page.locator('header.bar .chip-warn', { hasText: 'Feed not known' }).waitFor();
    } finally {
      process.kill(web, 'SIGCONT');
    }
    await page.locator('.banner-warn', { hasText: 'Connection lost' }).waitFor({ state: 'detached' });
    await page.getByText('Feed not known').waitFor({ state: 'detached' });
  });

  test('kill needs the typed word, shows what is left, and ends flat', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.thumb-bar').getByRole('button', { name: 'Kill' }).click();
    const dialog = page.getByRole('dialog', { name: /Kill/ });
    await dialog.getByLabel('Type KILL to confirm').fill('kill');
    await dialog.getByRole('button', { name: 'Kill' }).click();
    await dialog.getByText('Type KILL in capital letters.').waitFor();
    expect(await bot.state()).not.toBe('stopped');
    await dialog.getByLabel('Type KILL to confirm').fill('KILL');
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Kill' }).click();
    await dialog.getByText('Flat: no orders and no positions are open.').waitFor();
    expect(await bot.state()).toBe('stopped');
    await page.setViewportSize({ width: 1_280, height: 860 });
  });

  test('no error and no request to another host occurred', () => {
    expect(browser.errors).toEqual([]);
    expect(browser.elsewhere).toEqual([]);
  });
});
