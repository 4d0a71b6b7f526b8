import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { answersOf } from '../contract/web/support/worker-answers.js';
import { appendSessionOpened } from '../contract/support/session-opened.js';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { firstAdmin, PASSWORD, startTestWeb, type TestWeb } from '../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';

const HOUR_MS = 3_600_000;

describeNeeding(chromiumBrowser)('the settings page during a session (RUN-30)', () => {
  const browser = new WatchedBrowser();
  let web: TestWeb;
  let page: Page;

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

  beforeAll(async () => {
    const home = temporaryHome();
    const made = await provisionTestHome(home);
    web = await startTestWeb({ home, answer: answersOf(home) });
    await firstAdmin(web);
    const { journal, clock } = { journal: web.context.open().journal, clock: web.context.clock };
    await appendSessionOpened(journal, made.identity, clock.now() + HOUR_MS);
    ({ page } = await browser.visit(web.server.address));
    await page.goto(`${web.server.address}/login`);
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Log in');
    await page.locator('h1').first().waitFor();
    await page.goto(`${web.server.address}/settings`);
    await page.locator('h1', { hasText: 'Settings' }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    removeTemporaryHomes();
  });

  test('a cold change is saved as pending, shown with its author, and withdrawn', async () => {
    await page.locator('[name=TOTAL_ALLOCATION]').fill('0.03');
    await press('Review changes');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('with the next session').waitFor();
    await dialog.getByLabel('Reason').fill('more capital');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const pending = page.locator('#pending');
    await pending.waitFor();
    const text = await pending.innerText();
    for (const words of ['TOTAL_ALLOCATION', '0.02', '0.03', 'admin', 'more capital']) expect(text).toContain(words);
    expect(text).not.toContain('[object');
    expect(await page.locator('[data-key=TOTAL_ALLOCATION]').innerText()).toContain('0.03 from the next session');
    expect(await page.locator('[name=TOTAL_ALLOCATION]').inputValue()).toBe('0.02');
    expect(await fitsAPhone(page)).toBe(true);
    await press('Withdraw TOTAL_ALLOCATION');
    await dialog.getByText('pending change withdrawn').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await pending.waitFor({ state: 'detached' });
    await page.locator('#history', { hasText: 'pending change withdrawn' }).waitFor();
  });

  test('an end of all trading is saved only when it is confirmed in words', async () => {
    await page.locator('[name=DISABLE_ALL_TRADES]').selectOption('true');
    await press('Review changes');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('These settings end all trading').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('or go back and change the settings').waitFor();
    await dialog.getByLabel('Type NO TRADING to confirm').fill('no trading');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('#history', { hasText: 'confirmed: DISABLE_ALL_TRADES is true' }).waitFor();
    expect(browser.errors).toEqual([]);
  });
});
