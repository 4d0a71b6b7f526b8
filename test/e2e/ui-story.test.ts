import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { EngineHome } from '../support/engine-home.js';
import { describeNeeding } from '../support/needs.js';
import { readOfx } from '../unit/support/ofx-reader.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import { LiveBot, PASSWORD, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { IN_THE_OPEN_WINDOW, LONG_ENTRIES } from './support/trading-bot.js';
import { fillLogIn, logInToApp, openWithin } from './support/ui-bot.js';

const BEFORE_THE_OPEN = '2013-10-07T12:30:00.000Z';
const DAY = '2013-10-07';
const SPEED = 20;
/** From a figure to the event behind it. */
const MOST_CLICKS = 2;

describeNeeding(chromiumBrowser)('a new user, from an empty home to the end of a day', () => {
  const folder = scratchFolder();
  const clock = new WorldClock(BEFORE_THE_OPEN, SPEED);
  const bot = new LiveBot(folder, clock);
  const browser = new WatchedBrowser();
  const home = EngineHome.at(folder);
  let page: Page;
  let base: string;

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const open = (path: string): Promise<void> => openWithin(page, path);
  const positions = (): ReturnType<Page['locator']> => page.locator('[data-figure="open_positions.size"]');

  beforeAll(async () => {
    await buildOnce();
    clock.slowDown();
    await bot.start();
    base = bot.address;
    ({ page } = await browser.visit(base));
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  test('one click sets up the simulator, and the first account leads to the overview', async () => {
    await page.goto(`${base}/app/`);
    await page.getByLabel('Set-up token', { exact: true }).fill(bot.setupToken);
    await press('Continue');
    await press('Start with the simulator');
    await page.getByRole('heading', { name: 'Create the first account' }).waitFor();
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Confirm password', { exact: true }).fill(PASSWORD);
    await press('Create account');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await fillLogIn(page, 'anna', PASSWORD);
    await page.locator('header.bar .environment', { hasText: 'SIM' }).waitFor();
  });

  test('settings are changed in one go, before the session', async () => {
    await open('/settings');
    await page.locator('#setting-SHORT_TYPE_OPEN').selectOption('ShortSell');
    for (const [key, value] of Object.entries(LONG_ENTRIES)) await page.locator(`#setting-${key}`).fill(value);
    await press('Review changes');
    await page.getByRole('dialog').getByLabel('Reason').fill('a longer open window');
    await press('Save');
    await page.getByText('4 settings saved.').waitFor();
  });

  test('trades appear on the open page while they happen', async () => {
    await page.close();
    await bot.stop();
    clock.notBefore(new Date(IN_THE_OPEN_WINDOW));
    clock.speedUp();
    await bot.start();
    base = bot.address;
    ({ page } = await browser.visit(base));
    await logInToApp(page, base);
    await page.evaluate('void (window.sameDocument = true)');
    await positions().first().waitFor();
    await home.until('a position', ({ type }) => type === 'PositionOpened');
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  test('a figure answers "why is this number what it is" down to its event, to the same digit', async () => {
    const figure = page.locator('[data-figure=cash]');
    let clicks = 0;
    const click = async (what: ReturnType<Page['locator']>): Promise<void> => {
      clicks += 1;
      await what.click();
    };
    await click(figure);
    const panel = page.getByRole('dialog', { name: 'Explain' });
    await panel.locator('.explanation-value').waitFor();
    const value = await panel.locator('.explanation-value').innerText();
    expect(value).toMatch(/^\$[\d,]+\.\d\d$/);
    await click(panel.locator('tbody tr').last().getByRole('button').first());
    await panel.getByText('Events').first().waitFor();
    expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
    await page.keyboard.press('Escape');
  });

  test('the ledger lists the legs of the day, and its debits equal its credits', async () => {
    await open('/ledger?legs=1');
    expect(await page.locator('table').first().locator('tbody tr').count()).toBeGreaterThan(2);
    const total = page.locator('tr', { has: page.getByRole('cell', { name: 'Total', exact: true }) });
    // Below each figure stands, for a screen reader, the question that it answers.
    const [, debit = '', credit] = (await total.locator('td').allInnerTexts()).map((text) => text.split('\n')[0]);
    expect(debit).toMatch(/^\$[\d,]*[1-9][\d,]*\.\d\d$/);
    expect(credit).toBe(debit);
  });

  test('a day is exported as OFX until now, and a reader takes the downloaded file', async () => {
    await open('/exports');
    await page.getByLabel('Range').selectOption('now');
    await page.getByLabel('First day').fill(DAY);
    await press('Export');
    await page.getByText('The export is ready.').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('tbody').getByRole('button', { name: /\.ofx/ }).first().click(),
    ]);
    const statement = await readOfx(readFileSync(await file.path(), 'utf8'));
    const filled = new Set((await home.eventsOf('OrderFilled')).map(({ data }) => data.symbol));
    expect(statement.transactions.length).toBeGreaterThan(0);
    for (const { symbol } of statement.transactions) if (symbol !== null) expect(filled).toContain(symbol);
  });

  test('the moment before the first trade has its own address, and the way back leads to now', async () => {
    const opened = (await home.eventsOf('SessionOpened'))[0]?.position ?? '';
    await page.goto(`${base}/app/?asof=${opened}`);
    await page.getByText('No positions are open.').waitFor();
    await press('Back to now');
    await page.locator('.banner-past').waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('asof');
  });

  test('stop and kill are typed, and show what is left until the bot is flat', async () => {
    for (const command of ['Stop', 'Kill']) {
      await page.locator('header.bar').getByRole('button', { name: command, exact: true }).click();
      const dialog = page.getByRole('dialog', { name: new RegExp(command) });
      await dialog.getByLabel(`Type ${command.toUpperCase()} to confirm`).fill(command.toUpperCase());
      await dialog.getByRole('button', { name: command, exact: true }).click();
      await dialog.getByText('Flat: no orders and no positions are open.').waitFor();
      await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
      await dialog.waitFor({ state: 'detached' });
    }
    expect(await bot.state()).toBe('stopped');
    expect(await positions().count()).toBe(0);
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });
});
